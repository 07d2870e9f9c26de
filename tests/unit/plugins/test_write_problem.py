# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why nothing can be written at a path."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.m365.hybrid.plugins.filter.write_problem import FilterModule

problem = FilterModule().filters()["write_problem"]


@pytest.fixture(autouse=True)
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(("path", "folder"), [("new", False), ("file", False), ("folder/new", False), ("folder", True), ("new", True), ("new/newer", True)])
def test_what_can_be_written(path: str, folder: bool) -> None:
    assert problem(path, folder=folder) == ""


@pytest.mark.parametrize(
    ("path", "folder", "says"),
    [
        ("folder", False, "{}/folder is a folder"),
        ("none/new", False, "the folder {}/none does not exist"),
        ("file/new", False, "{}/file is no folder"),
        ("file", True, "{}/file is no folder"),
        ("file/new", True, "{}/file is no folder"),
        ("~/new", False, "the folder {}/home does not exist"),
    ],
)
def test_what_cannot(path: str, folder: bool, says: str, place: pathlib.Path) -> None:
    assert problem(path, folder=folder) == says.format(place)


@pytest.mark.parametrize(("path", "folder"), [("folder/new", False), ("folder/new/newer", True)])
def test_a_folder_that_is_closed_to_this_user(path: str, folder: bool, place: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(place / "folder") or not mode & os.W_OK)
    assert problem(path, folder=folder) == f"this user may not write to {place}/folder"
