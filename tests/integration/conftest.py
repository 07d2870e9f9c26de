# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal
import typing as t

import pytest

from tests.integration import play

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and then by everything that the tests start


@pytest.fixture(scope="module")
def module_lab() -> t.Iterator[play.Lab]:
    with play.lab() as lab:
        yield lab
        lab.rest()
    play.clear()


@pytest.fixture
def lab(module_lab: play.Lab) -> t.Iterator[play.Lab]:
    """The lab that the tests of a file share, without faults."""
    module_lab.client.clear()
    yield module_lab
    module_lab.client.clear()
