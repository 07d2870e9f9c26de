# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test of the IRM configuration in check mode."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


def run(session: FakeSession, check_mode: bool, **options: t.Any) -> Result:
    module = scenarios.module("exchange_irm_configuration")
    return module.run(lambda: session, Task(module.validate({"test_sender": "user0@contoso.com", **options}), check_mode))


def test_check_mode_tests_what_is_there_and_nothing_that_would_be() -> None:
    session = FakeSession(Exchange())
    assert run(session, True)["test"]["passed"]
    assert run(session, True, search_enabled=not run(session, True)["resource"]["search_enabled"])["test"] is None
