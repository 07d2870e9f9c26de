# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's EXAMPLES run, in order, on a fresh organization."""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from tests import scenarios
from tests.fake_lab import lab

PREFIX = "m365.hybrid."
NAMES = sorted(path.stem for path in scenarios.MODULES.glob("*.py") if path.stem != "__init__")
TASK_KEYS = {"name", "register", "delegate_to", "loop", "when", "changed_when", "no_log", "vars"}


def tasks(name: str) -> list[dict[str, t.Any]]:
    loaded = importlib.import_module(f"ansible_collections.m365.hybrid.plugins.modules.{name}")
    return t.cast(list[dict[str, t.Any]], yaml.safe_load(loaded.EXAMPLES))


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where files without a folder go
    session = lab(name).session
    for task in tasks(name):
        (action,) = set(task) - TASK_KEYS
        assert action.startswith(PREFIX), f"{action} is not named in full"
        module = scenarios.module(action.removeprefix(PREFIX)).bound(given := task[action] or {}, named)
        result = module.run(lambda: session, Task(module.validate(given)))
        assert not result.get("failed"), f"{task['name']}: {result['msg']}"


@pytest.mark.parametrize("name", NAMES)
def test_every_module_has_examples(name: str) -> None:
    assert any(PREFIX + name in task for task in tasks(name))
