# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build of Exchange Server is, until when it is supported, and the report about many servers."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.exchange_build import described
from ansible_collections.m365.hybrid.plugins.filter.exchange_lifecycle import reported
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _builds, build, lifecycle
from tools import project
from tools.generators import exchange_builds

FACTS = project.ROOT / exchange_builds.SOURCE
VERSION_NUMBER = 7 << 28 | 15 << 22 | 2 << 16 | 1 << 15 | 1748


def told(value: t.Any, today: str = "2026-03-01") -> tuple[t.Any, ...]:
    found = described(value, today)
    return found["product"], found["cumulative_update"], found["security_update"], found["security_update_known"]


@pytest.mark.parametrize(
    "value",
    [
        "Version 15.2 (Build 1748.10)",
        "version 15.02 (build 01748.010)",
        "Version 15.2 (Build 31748.10)",
        "15.2.31748.10",
        VERSION_NUMBER,
        str(VERSION_NUMBER),
        "15.2.1748",
    ],
)
def test_what_the_directory_shows_names_the_cumulative_update_alone(value: t.Any) -> None:
    assert told(value) == ("Exchange Server 2019", "CU15", None, False)
    assert described(value)["build"] in ("15.2.1748.10", "15.2.1748")


@pytest.mark.parametrize(
    ("value", "update"),
    [("15.2.1748.10", None), ("15.02.1748.010", None), (" 15.02.1748.039 ", "Oct25SU"), ("15.2.1748.53", "Sep26SUv2"), ("15.2.1748.24", "Apr25HU")],
)
def test_the_version_of_a_file_tells_the_security_update(value: str, update: str | None) -> None:
    assert told(value) == ("Exchange Server 2019", "CU15", update, True)


@pytest.mark.parametrize(
    ("value", "product", "cumulative"),
    [
        ("Version 14.3 (Build 30123.4)", "Exchange Server 2010", "SP3"),
        ("14.3.513.0", "Exchange Server 2010", "SP3"),
        ("15.0.847.32", "Exchange Server 2013", "SP1 (CU4)"),
        ("15.0.1497.48", "Exchange Server 2013", "CU23"),
        ("15.1.225.16", "Exchange Server 2016", "Preview"),
        ("15.1.225.42", "Exchange Server 2016", "RTM"),
        ("15.1.225", "Exchange Server 2016", "RTM"),
        ("15.1.2507.6", "Exchange Server 2016", "CU23"),
        ("15.2.858.2", "Exchange Server 2019", "CU9"),
        ("Version 15.2 (Build 32562.17)", "Exchange Server SE", "RTM"),
    ],
)
def test_every_product_is_known(value: str, product: str, cumulative: str) -> None:
    assert told(value)[:2] == (product, cumulative)


@pytest.mark.parametrize(
    ("value", "product", "cumulative"),
    [
        ("15.2.1748.99", "Exchange Server 2019", "CU15"),  # a security update that came after the list
        ("14.3.999.1", "Exchange Server 2010", "SP3"),
        ("15.2.900.1", "Exchange Server 2019", None),
        ("15.2.2561.1", "Exchange Server 2019", None),
        ("15.2.2999.1", "Exchange Server SE", None),
        ("15.1.225.20", "Exchange Server 2016", None),  # between a preview and the first edition
        ("8.3.83.6", "Exchange Server 2007", None),
    ],
)
def test_a_build_that_the_list_does_not_have_is_told_by_its_product(value: str, product: str, cumulative: str | None) -> None:
    assert told(value) == (product, cumulative, None, False)
    assert described(value)["release_date"] is None


def test_a_build_newer_than_the_list_is_not_known_to_be_supported() -> None:
    found = described("15.2.2999.1", "2026-12-01")
    assert (found["status"], found["supported"], found["supported_until"]) == ("unknown", None, None)
    assert "does not have" in found["why"] and build.newest() in found["why"]
    assert described("15.2.900.1", "2026-12-01")["status"] == "unsupported"  # its product has ended, whatever the build is


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "there is no version to look up"),
        ("15.2", "is no build; it must be like 15.02.1748.010"),
        ("Exchange 2019", "is no build"),
        ("15.2.1748.10.1", "is no build"),
        ("-15.2.1748.10", "is no build"),
        ("Version 15.2 (Build )", "is no build"),
        ("15.2.1748.10\n15.2.1748.10", "is no build"),
        (None, "there is no version to look up"),
        (True, "True is no build"),
        (15.2, "15.2 is no build"),
        (["15.2.1748.10"], "is no build"),
        (88218628259840, r"msExchVersion.*take serialNumber or versionNumber"),
        (1748, "1748 is no versionNumber"),
        (7 << 28 | 15 << 22, "is no versionNumber"),
        ("15.20.9320.17", "is Exchange Online, whose builds have no support of their own"),
        ("6.5.7638.1", "6.5.7638.1 is no version of Exchange Server since 2007"),
        ("99.0.1.2", "is no version of Exchange Server"),
    ],
)
def test_what_is_no_build_is_refused(value: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"exchange_build: .*{message}"):
        described(value)


@pytest.mark.parametrize("today", ["soon", "2026-13-01", "2026-3-1", 20261, "01.03.2026"])
def test_a_day_that_is_none_is_refused(today: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="is not a date such as 2026-03-01"):
        described("15.2.1748.10", today)


def test_the_day_is_today_unless_one_is_given() -> None:
    assert lifecycle.day(None) == lifecycle.day("") == datetime.datetime.now(datetime.UTC).date()
    given = datetime.datetime(2026, 3, 1, 23, 0, tzinfo=datetime.UTC)
    assert lifecycle.day(given) == lifecycle.day(given.date()) == lifecycle.day(" 2026-03-01 ") == given.date()


@pytest.mark.parametrize(
    ("value", "last", "why"),
    [
        # three months after the next one, until 2021
        ("15.0.516.32", "2013-07-02", "RTM is supported until 3 months after the next cumulative update, CU1 of 2013-04-02"),
        ("15.0.847.32", "2015-05-27", "12 months after the next cumulative update, CU5 of 2014-05-27"),
        ("15.2.792.3", "2021-06-16", "CU9 of 2021-03-16"),
        ("15.1.1913.5", "2020-06-17", "CU16 of 2020-03-17"),
        # the newest two since
        ("15.2.922.7", "2022-04-20", "only the newest cumulative update and the one before are supported, and CU12 came on 2022-04-20"),
        ("15.2.1258.12", "2025-02-10", "CU15 came on 2025-02-10"),
        ("15.1.2375.7", "2023-01-10", "updates for CU22 ended"),
        # until the product ends
        ("15.2.1544.4", "2025-10-14", "CU14 is the cumulative update before the newest"),
        ("15.2.1748.10", "2025-10-14", "CU15 is the newest cumulative update"),
        ("15.0.1497.2", "2023-04-11", "Exchange Server 2013 is supported until 2023-04-11"),
        ("14.2.247.5", "2014-04-08", "updates for SP2 ended"),
        ("15.2.2562.17", "2035-12-31", "Exchange Server SE is supported until at least 2035-12-31"),
    ],
)
def test_a_cumulative_update_is_supported_until_its_last_day(value: str, last: str, why: str) -> None:
    day = datetime.date.fromisoformat(last)
    found = described(value, day)
    assert (found["status"], found["supported"], found["supported_until"], found["extended_until"]) == ("supported", True, last, None)
    assert why in found["why"]
    after = described(value, day + datetime.timedelta(days=1))
    assert (after["status"], after["supported"], after["supported_until"]) == ("unsupported" if last != "2025-10-14" else "extended", False, last)


@pytest.mark.parametrize(
    ("value", "today", "status", "until"),
    [
        ("15.2.1748.10", "2026-04-14", "extended", "2026-04-14"),
        ("15.2.1748.10", "2026-04-15", "unsupported", None),
        ("15.2.1544.4", "2026-05-01", "extended", "2026-10-31"),
        ("15.1.2507.6", "2026-10-31", "extended", "2026-10-31"),
        ("15.1.2507.6", "2026-11-01", "unsupported", None),
        ("15.2.1258.12", "2026-06-01", "unsupported", None),
        ("15.1.2375.7", "2026-06-01", "unsupported", None),
    ],
)
def test_extended_security_updates_are_for_the_last_cumulative_updates_and_no_support(value: str, today: str, status: str, until: str | None) -> None:
    found = described(value, today)
    assert (found["status"], found["extended_until"], found["supported"]) == (status, until, False)


def test_the_reason_names_the_end_of_the_product_of_the_update_and_of_what_was_bought() -> None:
    assert "and of CU13 on 2025-02-10" in described("15.2.1258.12", "2026-06-01")["why"]
    assert "ended on 2026-10-31" in described("15.2.1748.10", "2027-01-01")["why"]
    assert "previews were never supported" in described("15.1.225.16", "2026-01-01")["why"]
    assert described("15.2.196.0", "2018-08-01")["status"] == "unsupported"


def test_a_list_of_builds_that_has_grown_old_says_so() -> None:
    assert "renew the collection" not in described("15.2.2562.17", "2026-12-01")["why"]
    assert "there may be a newer one: renew the collection" in described("15.2.2562.17", "2027-12-01")["why"]
    assert "renew" not in described("15.2.1258.12", "2024-12-01")["why"]


def test_what_came_after_is_named() -> None:
    found = described("15.2.1544.4", "2026-01-01")
    assert (found["superseded_by"], found["superseded_on"], found["latest_security_update"]) == ("CU15", "2025-02-10", "Sep26SUv2")
    assert described("15.2.196.0", "2026-01-01")["superseded_by"] == "RTM"
    newest = described("15.2.2562.17", "2026-01-01")
    assert (newest["superseded_by"], newest["superseded_on"]) == (None, None)


def test_no_public_update_came_after_the_end_of_support() -> None:
    """The rule and the list agree: since the pace changed, updates of a cumulative update stop where the rule says, until the product ends."""
    for product in _builds.PRODUCTS:
        for cumulative in (one for one in build.cumulatives(product["name"]) if one.day >= datetime.date(2021, 6, 29)):
            end, last = build.end_of(product, cumulative.cumulative), datetime.date.fromisoformat(product["end"])
            rows = [one for one in build.known() if one.product == product["name"] and one.cumulative == cumulative.cumulative and one.day <= last]
            assert max(one.day for one in rows) <= end.day, cumulative


SERVERS: list[dict[str, t.Any]] = [
    {"name": "EX02", "version": "15.2.2562.17", "site": "Vienna"},
    {"name": "ex01", "admin_display_version": "Version 15.2 (Build 1748.10)"},
    {"name": "EX03", "version": "{{ nothing }}"},
]


def test_a_server_whose_version_is_no_build_does_not_stop_the_others() -> None:
    found = reported(SERVERS, "2035-12-01", 60)
    assert [(one["name"], one["status"]) for one in found["servers"]] == [("ex01", "unsupported"), ("EX02", "supported"), ("EX03", "unknown")]
    assert found["counts"] == {"supported": 1, "extended": 0, "unsupported": 1, "unknown": 1}
    assert found["servers"][1]["site"] == "Vienna" and found["servers"][1]["days_left"] == 30
    assert found["ending"] == ["EX02"] and reported(SERVERS, "2035-12-01", 30)["ending"] == []
    assert "is no build" in found["servers"][2]["why"]
    json.dumps(found)


def test_the_table_has_a_line_for_each_server_and_shows_what_is_not_known() -> None:
    head, *lines = reported(SERVERS, "2026-12-01")["table"].splitlines()
    assert head.split() == ["server", "product", "CU", "SU", "status", "until", "why"]
    assert [line.split("  ")[0].strip() for line in lines] == ["ex01", "EX02", "EX03"]
    assert "CU15     unknown  unsupported  2025-10-14" in lines[0] and "RTM      none" in lines[1] and "unknown  unknown  unknown      -" in lines[2]


@pytest.mark.parametrize(
    "servers", [None, "EX01", {"name": "EX01"}, [{"name": "EX01"}], [{"version": "15.2.1748.10"}], [{"name": " ", "version": ""}], ["EX01"]]
)
def test_what_are_no_servers_is_refused(servers: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"exchange_lifecycle: (the servers must be a list|server 1 must be a dictionary)"):
        reported(servers)


def asked(server: str, version: str = "", **more: t.Any) -> dict[str, t.Any]:
    names = ("file_major_part", "file_minor_part", "file_build_part", "file_private_part")
    shown = {"win_file_version": dict(zip(names, version.split("."), strict=True))} if version else {"win_file_version": {}}
    return {"item": {"server": server, "host": f"{server}-windows"}} | shown | more


def test_the_file_on_the_server_tells_the_security_update_that_the_directory_does_not_show() -> None:
    servers = [{"name": name, "admin_display_version": "Version 15.2 (Build 1748.10)"} for name in ("EX01", "EX02", "EX03", "EX04")]
    files = [
        asked("ex01.contoso.com", "15.02.1748.039"),
        asked("EX02", unreachable=True, msg="no route to host"),
        asked("EX03", "6.1.7601.17514"),
    ]
    one, two, three, four = reported(servers, "2026-12-01", files=files)["servers"]
    assert (one["security_update"], one["security_update_known"], one["security_update_why"]) == ("Oct25SU", True, None)
    assert [(row["cumulative_update"], row["security_update_known"]) for row in (two, three, four)] == [("CU15", False)] * 3
    assert two["security_update_why"] == "ExSetup.exe was not read on EX02-windows: no route to host"
    assert three["security_update_why"] == "ExSetup.exe was not read on EX03-windows: it has version 6.1.7601.17514"
    assert "exchange_lifecycle_windows_hosts" in four["security_update_why"]


def test_a_file_of_a_server_that_is_not_reported_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="exchange_lifecycle_windows_hosts: there is no server ex09"):
        reported(SERVERS, files=[asked("EX09", "15.02.1748.039")])


def test_no_server_is_a_report_of_none() -> None:
    assert reported([])["counts"] == dict.fromkeys(lifecycle.STATES, 0)


@pytest.mark.skipif(not FACTS.is_file(), reason="../shared is not beside this checkout")
def test_the_list_has_every_build_of_its_source() -> None:
    rows = [row for row in json.loads(FACTS.read_text(encoding="utf-8")) if "note" not in row]
    assert {(row["product"], row["build"], row["release_date"]) for row in rows} == {
        (one.product, ".".join(map(str, one.parts)), one.date) for one in build.known()
    }


def test_a_name_without_a_cumulative_update_belongs_to_the_first_edition() -> None:
    row = {"product": "Exchange Server 2019", "name": "Exchange Version 2019   +  KB4471389"}
    assert exchange_builds.named(row) == ("RTM", "KB4471389")
    with pytest.raises(ValueError, match="names no cumulative update"):
        exchange_builds.named({"product": "Exchange Server 2019", "name": "Something else"})
