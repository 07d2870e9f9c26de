# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each type of virtual directory has, by the reference of its cmdlets."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.virtual_directory import INSTRUCTIONS, KINDS, VirtualDirectoryModule
from hybridlab.contract.check import VERSIONS, Contract
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

MODULE = t.cast(VirtualDirectoryModule, scenarios.module("exchange_virtual_directory"))
every_kind = pytest.mark.parametrize("kind", KINDS)


def run(session: FakeSession, **options: t.Any) -> Result:
    return MODULE.run(lambda: session, Task(MODULE.validate(options), diff=True))


@every_kind
def test_every_option_of_a_type_is_a_parameter_of_its_cmdlet(kind: str) -> None:
    cmdlet = f"Set-{KINDS[kind].noun}"
    known = {values.fold(name) for version in VERSIONS[1:] if Contract(version).has(cmdlet) for name in Contract(version).parameters(cmdlet)}
    assert [name for name, one in MODULE.attributes(kind).items() if values.fold(one.write) not in known] == []


@every_kind
def test_choices_are_those_of_the_reference(kind: str) -> None:
    rows = Contract("SE").parameters(f"Set-{KINDS[kind].noun}")
    accepted = {values.fold(name): {values.fold(one) for one in row.get("accepted_values") or ()} for name, row in rows.items()}
    chosen = {name: {values.fold(one) for one in MODULE.docs.options[name].get("choices", ())} for name in KINDS[kind].options}
    assert {name for name, own in chosen.items() if own and accepted.get(values.fold(name)) and own != accepted[values.fold(name)]} == set()


def test_every_option_belongs_to_a_type() -> None:
    assert {name for kind in KINDS.values() for name in kind.options} == MODULE.docs.properties - set(INSTRUCTIONS)


@every_kind
def test_a_server_has_one_of_each_type_and_nothing_to_change(kind: str) -> None:
    found = run(FakeSession(Exchange("se")), type=kind, server="EX02")
    assert not found.get("failed") and not found["changed"] and set(KINDS[kind].options) <= set(found["resource"])


def test_what_the_server_warns_of_is_passed_on() -> None:
    found = run(FakeSession(Exchange()), type="owa", server="EX01", external_url="https://owa.contoso.com/owa")
    assert any("ECP virtual directory" in one for one in found["warnings"])


def test_the_directory_that_the_session_comes_through_is_not_taken_away() -> None:
    session = FakeSession(Exchange())
    session.target = "exchange on ex01.contoso.com"
    for options in ({"state": "absent"}, {"recreate": True}):
        found = run(session, type="powershell", server="EX01", **options)
        assert found["failed"] and not found["changed"] and "session itself" in found["msg"]
    assert run(session, type="powershell", server="EX02", recreate=True)["changed"]


def test_an_option_that_a_version_lacks_is_refused_with_those_that_have_it() -> None:
    found = run(FakeSession(Exchange("2016")), type="ecp", server="EX01", oauth_authentication=True)
    assert found["failed"] and "oauth_authentication" in found["msg"] and "2019" in found["msg"]
