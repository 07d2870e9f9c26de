# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of modules for Windows: what roles name has a stand-in, and no stand-in is there for nothing."""

from __future__ import annotations

import pathlib

import pytest

from hybridlab.windows import stand_ins
from tools import project
from tools.generators import windows_modules

ROLE = """
- name: Look
  ansible.windows.win_service_info:
    name: "{{ item }}"
- when: false
  microsoft.iis.website: {name: x}
"""


@pytest.fixture(name="root")
def small_project(tmp_path: pathlib.Path) -> pathlib.Path:
    tasks, folder = tmp_path / "roles" / "one" / "tasks", tmp_path / windows_modules.STAND_INS
    tasks.mkdir(parents=True)
    folder.mkdir(parents=True)
    (tasks / "main.yml").write_text(ROLE)
    (folder / "a.py").write_text('STAND_INS = {"ansible.windows.win_service_info": x, "microsoft.iis.website": y}\n')
    return tmp_path


def test_the_list_says_who_names_a_module(root: pathlib.Path) -> None:
    assert windows_modules.named(root) == {"ansible.windows.win_service_info": ["one"], "microsoft.iis.website": ["one"]}
    assert "| `ansible.windows.win_service_info` | one |" in windows_modules.outputs(root)[windows_modules.OUTPUT]


def test_a_role_cannot_name_a_module_that_the_lab_does_not_know(root: pathlib.Path) -> None:
    (root / "roles" / "one" / "tasks" / "more.yml").write_text("- ansible.windows.win_hosts:\n")
    with pytest.raises(ValueError, match=r"ansible.windows.win_hosts: named by one, and the lab has no stand-in"):
        windows_modules.outputs(root)


def test_no_stand_in_is_there_for_nothing_and_none_twice(root: pathlib.Path) -> None:
    (root / windows_modules.STAND_INS / "b.py").write_text('STAND_INS = {"ansible.windows.win_hosts": x}\n')
    with pytest.raises(ValueError, match="no role names it"):
        windows_modules.outputs(root)
    (root / windows_modules.STAND_INS / "b.py").write_text('STAND_INS = {"microsoft.iis.website": x}\n')
    with pytest.raises(ValueError, match=r"there are two stand-ins for microsoft.iis.website"):
        windows_modules.outputs(root)


def test_the_tables_are_read_as_the_lab_reads_them() -> None:
    assert windows_modules.stand_ins(project.ROOT) == sorted(stand_ins.known())
    assert set(stand_ins.known()) >= windows_modules.FOR_PLAYS
