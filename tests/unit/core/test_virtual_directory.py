# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each type of virtual directory has, by the reference of its cmdlets."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.virtual_directory import INSTRUCTIONS, KINDS
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.virtual_directory_module import VirtualDirectoryModule
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.contract.check import VERSIONS, Contract
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core.bulk_runs import Sessions

MODULE = t.cast(VirtualDirectoryModule, scenarios.module("exchange_virtual_directory"))
every_kind = pytest.mark.parametrize("kind", KINDS)


def run(session: FakeSession, **options: t.Any) -> Result:
    return MODULE.run(lambda: session, Task(MODULE.validate(options), diff=True))


@every_kind
def test_every_option_of_a_type_is_a_parameter_of_its_cmdlet(kind: str) -> None:
    cmdlet = f"Set-{KINDS[kind].noun}"
    known = {values.fold(name) for version in VERSIONS[1:] if Contract(version).has(cmdlet) for name in Contract(version).parameters(cmdlet)}
    assert [name for name, one in MODULE.of(kind).attributes.items() if values.fold(one.write) not in known] == []


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


# many of them


def many(session: FakeSession, task: str, **options: t.Any) -> Result:
    module = scenarios.module(task).bound({"module": "exchange_virtual_directory", **options}, named)
    return module.run(lambda: session, Task(module.validate({"module": "exchange_virtual_directory", **options}), diff=True))


@pytest.mark.parametrize("full", [False, True], ids=["lean", "full"])
def test_what_is_exported_changes_nothing(full: bool) -> None:
    session = FakeSession(Exchange("se"))
    run(session, type="ews", server="EX02", external_url="https://mail.contoso.com/EWS/Exchange.asmx", mrs_proxy_enabled=True, gzip_level="low")
    run(session, type="outlook_anywhere", server="EX01", external_hostname="mail.contoso.com", external_clients_require_ssl=True)
    found = many(session, "export", full=full)["objects"]
    assert {(one["type"], one["server"]) for one in found} == {(kind, server) for kind in KINDS for server in ("EX01", "EX02")}
    assert not [one for one in found if "web_site" in one], "all are in the site that is the default"
    done = many(session, "bulk", objects=json.loads(json.dumps(found)), read="list")
    assert not done.get("failed") and done["counts"]["unchanged"] == len(found), done["msg"]


def test_what_is_exported_makes_another_organization_the_same() -> None:
    session, other = FakeSession(Exchange("se")), FakeSession(Exchange("se"))
    run(session, type="ews", server="EX02", external_url="https://mail.contoso.com/EWS/Exchange.asmx", mrs_proxy_enabled=True, gzip_level="low")
    run(session, type="outlook_anywhere", server="EX01", external_hostname="mail.contoso.com", external_clients_require_ssl=True)
    run(other, type="oab", server="EX01", state="absent")
    found = many(session, "export")["objects"]
    assert many(other, "bulk", objects=found)["counts"] == {"created": 1, "updated": 2, "deleted": 0, "unchanged": 15, "failed": 0, "skipped": 0}
    assert many(other, "export")["objects"] == found


def test_an_export_of_one_server() -> None:
    found = many(FakeSession(Exchange("se")), "export", server="EX02")["objects"]
    assert [(one["type"], one["server"]) for one in found] == [(kind, "EX02") for kind in KINDS]


@pytest.mark.parametrize("name", ["identity", "filter", "database", "organizational_unit"])
def test_what_selects_no_directories_is_refused(name: str) -> None:
    found = many(FakeSession(Exchange()), "export", **{name: ["EX01"] if name == "identity" else "EX01"})
    assert found["failed"] and f"{name} selects no virtual directories" in found["msg"]


def test_a_type_that_cannot_be_read_makes_the_export_fail_and_the_others_are_there() -> None:
    def denied(cmdlet: str, _parameters: dict[str, t.Any]) -> HybridError | None:
        return AccessDenied("not allowed", cmdlet=cmdlet) if cmdlet == "Get-OabVirtualDirectory" else None

    found = many(Sessions(Exchange(), before=denied), "export")
    assert found["failed"] and "the first is 'oab'" in found["msg"].lower() and {one["type"] for one in found["objects"]} == {*KINDS} - {"oab"}


class CutShort(FakeSession):
    """Each list has more than it shows."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return dataclasses.replace(super().invoke(cmdlet, parameters, properties=properties), truncated=True)


class Elsewhere(FakeSession):
    """Shows directories without what says where they are, or in another web site."""

    shown: t.ClassVar[dict[str, t.Any]] = {}

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        answer = super().invoke(cmdlet, parameters, properties=properties)
        return dataclasses.replace(answer, output=[{**one, **self.shown} for one in answer.output])


@pytest.mark.parametrize("shown", [{"Name": "owa"}, {"Server": None}])
def test_a_directory_that_is_nowhere_makes_the_export_fail(shown: dict[str, t.Any]) -> None:
    session = Elsewhere(Exchange())
    session.shown = shown  # type: ignore[misc]
    found = many(session, "export")
    assert found["failed"] and "does not say where it is" in found["msg"] and not found["objects"]


def test_another_web_site_is_said() -> None:
    session = Elsewhere(Exchange())
    session.shown = {"Name": "owa (Second Site)"}  # type: ignore[misc]
    assert {one["web_site"] for one in many(session, "export", server="EX01")["objects"]} == {"Second Site"}


def test_a_list_that_was_cut_short_is_no_export() -> None:
    found = many(CutShort(Exchange()), "export")
    assert found["failed"] and found["error"]["class"] == "Truncated" and not found["objects"]


def test_one_server_by_two_names_is_one_directory() -> None:
    given = [{"type": "owa", "server": name, "internal_url": f"https://{name}/owa"} for name in ("EX01", "ex01.contoso.com")]
    found = many(FakeSession(Exchange()), "bulk", objects=given)
    assert found["failed"] and not found["changed"] and "same object" in found["msg"]


def test_directories_of_one_server_are_worked_on_one_after_the_other() -> None:
    given = [{"type": kind, "server": server, "web_site": "Default Web Site"} for kind in ("owa", "ecp") for server in ("EX01", "ex02.contoso.com", "ex01")]
    lanes = MODULE.lanes(given)
    assert lanes[0] == lanes[2] == lanes[3] == lanes[5] != lanes[1] == lanes[4]


def test_a_list_makes_no_directory_anew_and_keeps_that_of_the_session() -> None:
    session = FakeSession(Exchange())
    session.target = "exchange on ex01.contoso.com"
    given = [{"type": "oab", "server": "EX01", "recreate": True}, {"type": "powershell", "server": "EX01", "state": "absent"}]
    found = many(session, "bulk", objects=given)
    assert found["counts"]["failed"] == 2 and not found["changed"]
    assert "not for a list" in found["outcomes"][0]["msg"] and "session itself" in found["outcomes"][1]["msg"]
