# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site: links lead from page to page, and one that leads to nothing is found."""

from __future__ import annotations

import pathlib

import pytest

from tools.docs import html, pages
from tools.docs.links import BrokenLink, Repository, link, rewritten

ADDRESS = "https://git.example/it"


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> Repository:
    for path in ("README.md", "docs/guides/a.md", "docs/guides/b.md", "roles/shared/README.md", "plugins/modules/mail.py", "lab/data.txt", "playbooks/go.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("", encoding="utf-8")
    return Repository(tmp_path, ADDRESS, {"module": ["mail", "shared"], "role": ["shared"]})


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("b.md#part", "b.md#part"),
        ("#part", "#part"),
        ("../../README.md", "../overview.md"),
        (f"{ADDRESS}/blob/main/docs/guides/b.md#part", "b.md#part"),
        ("../../roles/shared/README.md", "../reference/shared_role.rst"),
        ("../../plugins/modules/mail.py", "../reference/mail_module.rst"),
        ("../../playbooks/go.yml", "../playbooks/go.md"),
        ("../../lab/data.txt", f"{ADDRESS}/blob/main/lab/data.txt"),
        ("../../lab", f"{ADDRESS}/tree/main/lab"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_a_link_leads_to_the_page_that_shows_the_file(repository: Repository, target: str, wanted: str) -> None:
    assert link(target, "docs/guides/a.md", "guides/a.md", repository) == wanted


@pytest.mark.parametrize("target", ["c.md", f"{ADDRESS}/blob/main/docs/none.md", "../../../outside"])
def test_a_link_to_nothing_is_refused(repository: Repository, target: str) -> None:
    with pytest.raises(BrokenLink, match=r"docs/guides/a\.md"):
        link(target, "docs/guides/a.md", "guides/a.md", repository)


def test_names_become_links_and_code_stays(repository: Repository) -> None:
    text = "`mail` and `shared`\n\n```yaml\n# `mail` [x](gone.md)\n```\n\n| role | x |\n|---|---|\n| `shared` | [`mail`](../../plugins/modules/mail.py) |\n"
    path = "../../plugins/modules/mail.py"
    module, role = "../reference/mail_module.rst", "../reference/shared_role.rst"
    wanted = text.replace("`mail` and", f"[`mail`]({module}) and").replace("| `shared`", f"| [`shared`]({role})").replace(path, module)
    assert rewritten(text, "docs/guides/a.md", "guides/a.md", repository) == wanted


def test_a_finished_page_leads_nowhere_in_vain(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"></p><a href="b.html#there"></a><a href="#here"></a><a href="https://x.example/"></a>', encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="there"></p>', encoding="utf-8")
    assert html.broken(tmp_path) == []
    (tmp_path / "b.html").write_text('<img src="gone.png"><a href="a.html#gone"></a>', encoding="utf-8")
    assert [line.split(": ")[1].split()[0] for line in html.broken(tmp_path)] == ["b.html#there", "a.html#gone", "gone.png"]


def test_what_a_role_is_about_stands_above_its_variables(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "it_role.rst"
    page.write_text("Title\n\n.. _ansible_collections.m365.hybrid.it_role__entrypoint-main:\n\nVariables\n", encoding="utf-8")
    pages.add_about(tmp_path, ["it"])
    text = page.read_text(encoding="utf-8")
    assert text.index("Title") < text.index("include:: about/it.txt") < text.index("entrypoint-main")
