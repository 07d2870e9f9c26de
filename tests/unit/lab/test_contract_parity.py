# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab refuses at least what the shared checker of recorded calls refuses."""

from __future__ import annotations

import importlib.util
import pathlib
import typing as t

import pytest

from hybridlab.contract import check
from hybridlab.contract.check import Contract
from hybridlab.exchange.server import masked
from hybridlab.records import SecureString, Terminating

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHECKER = ROOT.parent / "shared" / "contract" / "check_calls.py"
pytestmark = pytest.mark.skipif(not CHECKER.is_file(), reason="../shared is not beside this checkout")
ODD: tuple[t.Any, ...] = (
    True, 0, 1, 7, -1, 2**40, 1.5, "", "abc", "true", "5", "50GB", "Unlimited", "14.00:00:00", "user0@contoso.com", "2026-01-01", None, [], ["a", "b"],
    [1], [None], {}, {"Add": ["a"]}, {"Add": "a", "Remove": ["b"]}, {"Replace": ["a"]}, SecureString("Passw0rd!"), "7b1b2c3d-0000-1111-2222-333344445555",
)  # fmt: skip


class Collected(t.Protocol):
    items: list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def checker() -> t.Any:
    spec = importlib.util.spec_from_file_location("check_calls", CHECKER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documented(checker: t.Any) -> t.Any:
    return checker.Cmdlets(str(CHECKER.parent))


WITHOUT_SWITCHES = ("UsageType", "NonRecovery", "SMTPTemplateWithCustomFilter", "SecurityGroup")
"""Parameter sets of cmdlets whose shortest set needs a switch, or is not the server's."""

WITH_NAMES = {"Get-HostedOutboundSpamFilterPolicy": {"Identity": "x"}}
"""Cmdlets that the syntax of the reference gives a name, and its examples do not."""


def version_for(cmdlet: str) -> str:
    return "2019" if Contract("2019").has(cmdlet) or not Contract(check.ONLINE).has(cmdlet) else check.ONLINE


def needed(cmdlet: str) -> dict[str, t.Any]:
    """Arguments that make the simplest complete call."""
    sets = check._document()[cmdlet]["sets"]
    shortest = min(sets.values(), key=len) if "Shared" not in sets else ["Name" if cmdlet.startswith("New-") else "Identity"]
    simplest = next((sets[name] for name in WITHOUT_SWITCHES if name in sets), shortest)
    values: dict[str, t.Any] = {
        "DomainName": "tail.example",
        "ExternalEmailAddress": "a@adatum.com",
        "FileData": [48],
        "Sender": "user0@contoso.com",
        "Services": "IIS",
        "Usage": "Custom",
        "StartDate": "2026-03-01",
        "EndDate": "2026-04-01",
        "State": "Active",
    }
    call = {name: values.get(name, "x") for name in simplest}
    return {**call, **({"Shared": True} if "Shared" in sets else {}), **_answered(cmdlet)}


def _answered(cmdlet: str) -> dict[str, t.Any]:
    """What keeps a cmdlet from asking."""
    if not cmdlet.startswith(("Remove-", "Disable-")):
        return {}
    return {"Confirm": False} if "Confirm" in check._document()[cmdlet]["parameters"] else {"Force": True}


@pytest.mark.parametrize(("version", "values"), [("2013", (True, "abc")), ("2019", ODD), (check.ONLINE, (True, "abc"))])  # types are the same in every version
def test_whatever_the_checker_calls_an_error_the_lab_refuses(version: str, values: tuple[t.Any, ...], checker: t.Any, documented: t.Any) -> None:
    contract = Contract(version)
    looser = []
    for cmdlet, entry in check._document().items():
        for parameter in entry["parameters"]:
            for value in values:
                given = {**needed(cmdlet), parameter: value}
                found: Collected = checker.V()
                documented.check({"target": f"exchange-{version.lower()}", "cmdlet": cmdlet, "parameters": masked(given)}, found)
                if any(level == "error" for level, _, _ in found.items) and accepted(contract, cmdlet, given):
                    looser.append((cmdlet, parameter, value, found.items))
    assert looser == []


def accepted(contract: Contract, cmdlet: str, given: dict[str, t.Any]) -> bool:
    try:
        contract.bind(cmdlet, given)
    except Terminating:
        return False
    return True


ODD_ONES = {
    ("Get-CsUser", "OnLyncServer"): "a parameter of its own once, an alias of OnModernServer later, and the checker looks for names first",
    ("Set-CsMeetingRoom", "AcpInfo"): "a list, of which the checker reads the name of its members; no value of it gets further than the contract",
}


@pytest.mark.parametrize("version", check.PRODUCTS[check.SKYPE])
def test_so_does_the_lab_s_skype_for_business_server(version: str, checker: t.Any, documented: t.Any) -> None:
    contract, target = Contract(version, check.SKYPE), {"2013": "lync-2013"}.get(version, f"skype-{version}")
    looser = []
    for cmdlet, entry in check._document(check.SKYPE).items():
        mandatory: list[str] = min(entry["sets"].values(), key=len)
        shortest = dict.fromkeys(mandatory, "x") | ({"Confirm": False} if "Confirm" in entry["parameters"] else {})
        Contract(version, check.SKYPE).bind(cmdlet, shortest)
        for parameter in (one for one in entry["parameters"] if (cmdlet, one) not in ODD_ONES):
            for value in ODD:
                given = {**shortest, parameter: value}
                found: Collected = checker.V()
                documented.check({"target": target, "cmdlet": cmdlet, "parameters": masked(given)}, found)
                if any(level == "error" for level, _, _ in found.items) and accepted(contract, cmdlet, given):
                    looser.append((cmdlet, parameter, value, found.items))
    assert looser == []


@pytest.mark.parametrize("cmdlet", sorted(check._document()))
def test_the_simplest_call_of_every_cmdlet_passes_both(cmdlet: str, checker: t.Any, documented: t.Any) -> None:
    found: Collected = checker.V()
    version, call = version_for(cmdlet), needed(cmdlet) or WITH_NAMES.get(cmdlet, {})
    documented.check({"target": f"exchange-{version.lower()}", "cmdlet": cmdlet, "parameters": call}, found)
    assert [item for item in found.items if item[0] == "error"] == []
    Contract(version).bind(cmdlet, call)
