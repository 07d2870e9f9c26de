# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's scenario on the emulated product in this process."""

from __future__ import annotations

import os
import pathlib

import pytest

from tests import scenarios
from tests.fake_lab import lab


@pytest.mark.parametrize("path", scenarios.files(), ids=lambda path: path.stem)
def test_scenario(path: pathlib.Path) -> None:
    scenario = scenarios.load(path)
    for version in scenario.get("versions", ["2019"])[: 1 if os.environ.get("FIRST_VERSION_ONLY") else None]:
        scenarios.run(scenario, lab(scenario["module"], str(version)))


def test_every_module_has_a_scenario() -> None:
    names = {path.stem for path in scenarios.MODULES.glob("*.py")} - {"__init__"}
    assert names == {path.stem for path in scenarios.files()}
