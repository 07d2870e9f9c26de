# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of migration endpoints, and what is sent for each type."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

SECRET = "opens the door"
KEY = '{"private_key": "opens the door"}'
MOVE: dict[str, t.Any] = {
    "name": "Fabrikam",
    "type": "exchange_remote_move",
    "remote_server": "mail.fabrikam.com",
    "user": "FABRIKAM\\migration",
    "password": SECRET,
}
GOOGLE: dict[str, t.Any] = {"name": "Google", "type": "gmail", "email_address": "admin@fabrikam.com", "service_account_key": KEY}


class Noting(FakeSession):
    """Keeps the keys that are sent."""

    def __init__(self, product: Exchange) -> None:
        super().__init__(product)
        self.keys: list[t.Any] = []

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        self.keys.append((parameters or {}).get("ServiceAccountKeyFileData"))
        return super().invoke(cmdlet, parameters, properties=properties)


def run(session: FakeSession, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module("exchange_migration_endpoint")
    return module.run(lambda: session, Task(module.validate(options), check_mode, diff=True, verbosity=4))


def calls(session: FakeSession, verb: str) -> list[dict[str, t.Any]]:
    return [given for cmdlet, given in session.product.calls if cmdlet == f"{verb}-MigrationEndpoint"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("options", [MOVE, MOVE | {"remote_server": "mail.unreachable.example"}, GOOGLE], ids=["made", "refused", "google"])
def test_no_secret_gets_anywhere(options: dict[str, t.Any], check_mode: bool) -> None:
    session = FakeSession(Exchange("online" if options is GOOGLE else "2019"))
    results = [run(session, check_mode, **options), run(session, check_mode, **options, update_password="always")]
    assert SECRET not in repr(results) and SECRET not in repr(session.product.calls)
    assert check_mode or options.get("remote_server") == "mail.unreachable.example" or [one["changed"] for one in results] == [True, True]


def test_the_type_is_a_switch_and_the_credential_goes_with_it() -> None:
    session = FakeSession(Exchange())
    assert run(session, **MOVE)["changed"]
    (given,) = calls(session, "New")
    assert given["ExchangeRemoteMove"] is True and given["Credentials"] == {"$any": True} and "Autodiscover" not in given and "" not in given


def test_the_secret_goes_once() -> None:
    session = FakeSession(Exchange())
    assert run(session, **MOVE, update_password="always")["changed"]
    assert len(calls(session, "New")) == 1 and calls(session, "Set") == []


def test_a_key_is_sent_as_the_bytes_of_its_file() -> None:
    session = Noting(Exchange("online"))
    assert run(session, **GOOGLE)["changed"]
    assert KEY.encode() in session.keys


def test_a_test_in_check_mode_needs_an_endpoint_as_it_shall_be() -> None:
    session = FakeSession(Exchange())
    assert run(session, True, **MOVE, test=True)["test"] is None
    assert run(session, True, name="Hybrid Endpoint", test=True)["test"]["passed"] is True
