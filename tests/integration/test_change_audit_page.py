# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a timeline in a browser: it filters, sorts, asks nothing of the network, runs nothing that entries hold, and can be read without scripts."""

from __future__ import annotations

import collections
import html.parser
import json
import pathlib
import re
import shutil
import typing as t

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from ansible_collections.m365.hybrid.plugins.module_utils._audit import page_script, page_style
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from tests import audit_entries, scenarios
from tools import project

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
SCREENSHOTS = project.BUILD / "change_audit"
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">' \u202eexe.gnp مرحبا 😀 https://example.com/"
COUNT = 1000

needs_chromium = pytest.mark.skipif(not shutil.which(CHROMIUM) or not shutil.which(DRIVER), reason="Chromium and its driver are not installed")


def entries() -> dict[str, t.Iterable[dict[str, t.Any]]]:
    """A thousand of them, of four kinds of sources, one of them hostile."""
    people = ("contoso.com/Admins/Grace Hopper", "contoso.com/Admins/Konrad Zuse", "contoso.com/Users/Administrator")
    made = collections.defaultdict[str, list[dict[str, t.Any]]](list)
    for number in range(COUNT - 1):
        named = {"id": f"{number}", "time": audit_entries.at(17 * number)}
        if number % 5 < 2:
            old = {"AutoForwardEnabled": {"before": "False", "after": "True"}} if number % 5 else {}
            given = {"Identity": f"Partner {number}", "AutoForwardEnabled": "True"}
            failed = {"succeeded": False, "error": "The object 'Partner' couldn't be found on 'dc01.contoso.com'."} if number % 40 == 0 else {}
            about = {"object": f"Partner {number}", "object_name": f"Partner {number}", "caller": people[number % 3]}
            made["admin_audit_log"].append(audit_entries.admin(parameters=given, modified=old, **about, **failed, **named))
        elif number % 5 == 2:
            made["unified_audit_log"].append(audit_entries.unified(Parameters=[{"Name": "ForwardingSmtpAddress", "Value": "smtp:a@adatum.com"}]) | named)
        elif number % 5 == 3:
            made["directory_audits"].append(audit_entries.directory(**named))
        else:
            earlier = {"time": audit_entries.at(17 * (number - 3)), "run": named["id"]}
            made["records"].append(audit_entries.record(object=f"Partner {number - 3}", **earlier))
    hostile = audit_entries.record(user=HOSTILE, object=HOSTILE, changes=[{"property": HOSTILE, "before": HOSTILE, "after": [HOSTILE]}])
    made["records"].append(hostile | {"time": audit_entries.at(1)})
    return dict(made)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The page, with a source that was refused and one that has more."""
    folder = tmp_path_factory.mktemp("timeline")
    names = {"admin_audit_log": "Exchange ex01", "unified_audit_log": "Microsoft 365 exo01", "directory_audits": "Entra ID entra01", "records": "Records"}
    sources = [one | {"name": names[one["kind"]]} for one in audit_entries.written(folder, entries())]
    sources[0]["result"] = {"count": 400, "log": {"enabled": True, "level": "none"}}
    reason = "Search-UnifiedAuditLog failed on Exchange Online of fabrikam.example: Give the caller the role View-Only Audit Logs or Audit Logs."
    sources.append({"name": "Microsoft 365 exo02", "kind": "unified_audit_log", "result": {"msg": reason, "error": {"class": "AccessDenied"}}})
    module, html = scenarios.module("audit_timeline"), folder / "timeline.html"
    result = module.run(audit_entries.nobody, Task(module.validate({"sources": sources, "html_file": str(html), "since": "2026-01-01"})))
    assert result["count"] == COUNT
    return html


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    for one in (*quiet.split(), "--headless", "--window-size=1440,1000", f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def shown(browser: webdriver.Chrome) -> list[dict[str, str]]:
    """The data of the rows that can be seen, in their order."""
    return t.cast(
        list[dict[str, str]],
        browser.execute_script(
            "return Array.from(document.querySelectorAll('#timeline tbody tr')).filter((row) => row.offsetParent).map((row) => ({...row.dataset}))"
        ),
    )


def settled(browser: webdriver.Chrome, count: int) -> None:
    WebDriverWait(browser, 10).until(lambda driver: driver.find_element(By.ID, "shown").text == f"{count:,} of {COUNT:,} rows")


@needs_chromium
def test_the_page_filters_and_sorts_and_asks_nothing_of_the_network(browser: webdriver.Chrome, path: pathlib.Path) -> None:
    browser.get(path.as_uri())
    whole = shown(browser)
    assert len(whole) == COUNT and [one["time"] for one in whole] == sorted((one["time"] for one in whole), reverse=True)

    Select(browser.find_element(By.ID, "who")).select_by_value("contoso.com/Admins/Grace Hopper")
    settled(browser, count := sum(one["who"] == "contoso.com/Admins/Grace Hopper" for one in whole))
    assert 0 < count < COUNT and {one["who"] for one in shown(browser)} == {"contoso.com/Admins/Grace Hopper"}
    browser.find_element(By.ID, "reset").click()
    for name, value in (("kind", "user"), ("source", "Entra ID entra01"), ("operation", "change")):
        Select(browser.find_element(By.ID, name)).select_by_value(value)
    settled(browser, sum(one["kind"] == "user" for one in whole))
    browser.find_element(By.ID, "reset").click()
    browser.find_element(By.ID, "since").send_keys("2026-03-01")
    browser.find_element(By.ID, "until").send_keys("2026-03-01")
    settled(browser, sum(one["time"].startswith("2026-03-01") for one in whole))
    browser.find_element(By.ID, "text").send_keys("no row has this")
    settled(browser, 0)
    assert browser.find_element(By.ID, "nothing").is_displayed()
    browser.find_element(By.ID, "reset").click()
    settled(browser, COUNT)

    head = browser.find_element(By.CSS_SELECTOR, "th[data-sort=object]")
    head.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)  # by keyboard
    partners = [int(one["object"].partition(" ")[2]) for one in shown(browser) if one["object"].startswith("Partner ")]
    assert head.get_attribute("aria-sort") == "ascending" and partners == sorted(partners)
    head.find_element(By.TAG_NAME, "button").click()
    assert head.get_attribute("aria-sort") == "descending" and shown(browser)[0]["object"] == "user0"
    assert len(browser.find_elements(By.CSS_SELECTOR, "[aria-sort]")) == 1

    assert browser.title == "Who changed what"  # no entry has run
    assert not browser.get_log("browser")  # type: ignore[no-untyped-call]
    events = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    sent = [one["params"] for one in events if one["method"] == "Network.requestWillBeSent"]
    asked = [one["request"]["url"] for one in sent if one["documentURL"] == path.as_uri()]  # others are of the browser's own first page
    assert set(asked) == {path.as_uri()}


@needs_chromium
def test_the_page_says_what_is_missing_in_light_in_dark_and_on_paper(browser: webdriver.Chrome, path: pathlib.Path) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    backs = set()
    for theme in ("light", "dark"):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
        browser.get(path.as_uri())
        assert "1 of 5 sources is not complete" in browser.find_element(By.CLASS_NAME, "warning").text
        assert "permission refused" in browser.find_element(By.CLASS_NAME, "sources").text
        backs.add(browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
        assert browser.save_screenshot(str(SCREENSHOTS / f"{theme}.png"))
    assert len(backs) == 2
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not browser.find_element(By.CLASS_NAME, "controls").is_displayed() and browser.find_element(By.CLASS_NAME, "sources").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})


@needs_chromium
def test_without_scripts_the_page_is_a_table(browser: webdriver.Chrome, path: pathlib.Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(path.as_uri())
        assert not browser.find_element(By.CLASS_NAME, "controls").is_displayed()
        assert browser.find_element(By.CSS_SELECTOR, "#timeline tbody tr:last-child").is_displayed()
        assert not browser.find_elements(By.CSS_SELECTOR, "#timeline th button")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_needs_nothing_from_elsewhere(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = Elements(text).found
    tags = collections.Counter(tag for tag, _attributes in found)
    assert tags["script"] == tags["style"] == 1 and not tags.keys() & {"link", "img", "iframe", "object", "embed", "base", "form", "svg", "video", "audio"}
    given = {(name, value) for _tag, attributes in found for name, value in attributes.items() if not name.startswith("data-")}
    assert not [name for name, _value in given if name == "style" or name.startswith("on")]
    assert [value for name, value in given if name in ("src", "href", "action", "srcset", "poster", "data", "background")] == ["#timeline"]
    assert not re.search(r"url\(|@import", page_style.STYLE) and not re.search(r"https?:", page_style.STYLE + page_script.SCRIPT)
    policy = next(attributes["content"] for tag, attributes in found if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "http" not in policy
    assert "\u202e" not in text and "\\u202e" in text


PAIRS = [(one, back) for one in ("text", "soft", "link") for back in ("back", "panel")]
PAIRS += [(one, f"{one}-back") for one in ("good", "bad", "note", "old", "new", "blue")]


def luminance(colour: str) -> float:
    """The relative luminance of a colour, by the Web Content Accessibility Guidelines."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [(one, back) for one in ("text", "soft", "link") for back in ("back", "panel")]
    + [(one, f"{one}-back") for one in ("good", "bad", "note", "old", "new", "blue")],
)
def test_every_text_can_be_read(theme: int, front: str, back: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", page_style.STYLE.split("@media (prefers-color-scheme: dark)")[theme].partition("* {")[0]))
    light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
