# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the scenarios: what a module does, told once in `tests/scenarios/<module>.yml`.

A scenario is a list of steps; each gives ``task`` (the module's options) and ``expect`` (changed, ok or failed).  The runner adds what
holds for every step: check mode predicts the same diff and sends no write, and a second run changes nothing.

A step may also have: ``message`` (a regular expression that a failure's text holds), ``error`` (the class of the error), ``diff``
(before and after hold at least these values), ``calls`` (cmdlets that the real run sends, in order, reads left out), ``returns`` (the
result holds at least these values), ``server`` (``{cmdlet, parameters, properties}`` or ``{path, properties}``: what the server itself shows afterwards),
``fault`` (a fault of the lab, armed for the real run), ``again`` (what a second run is, where it is not ok), ``module`` (another module
than the scenario's), ``change`` (what is made of the lab from outside before the step, as its control endpoint takes it), ``samba``: false skips
it there, ``online``: true runs it only on Exchange Online, false only on the server, and a dictionary
replaces what is different online, key by key (null takes a key away).  Without it the step is the same on both, but for canonical names, which are names there.
"""

from __future__ import annotations

import dataclasses
import importlib
import pathlib
import re
import typing as t

import yaml

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor, engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, failure
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import Worker, named
from hybridlab.adfs.session import Session
from hybridlab.exchange import Exchange, windows
from hybridlab.faults import Faults
from hybridlab.graph import Graph
from hybridlab.skype import Skype
from hybridlab.sync.machine import Machine
from tests.fake_directory import DirectoryOnWire

AROUND = Worker(censor.Censor(()), lambda text: None)
"""What the worker of a task does for its module."""
OPENING = ("Set-ADServerSettings", "Add-PSSnapin")
"""What a session begins with; it changes nothing but the session."""
PROBES = ("Invoke-MonitoringProbe",)
"""What does something and changes nothing that stays: not for check mode, and no change the second time."""
SEARCHES = ("/v1.0/security/auditLog/queries",)
"""Where a POST has the service search, which changes nothing else."""
FOLDER = pathlib.Path(__file__).parent / "scenarios"
MODULES = FOLDER.parent.parent / "plugins" / "modules"


@dataclasses.dataclass
class Lab:
    """Where a scenario runs: the emulated organization, a session's side of an Edge Transport server or a Skype pool, and a session to it."""

    product: Exchange | windows.Session | Skype | Graph | DirectoryOnWire | Machine | Session
    faults: Faults
    session: t.Any
    """A `Session` or a `RestSession`."""


def files() -> list[pathlib.Path]:
    return sorted(FOLDER.glob("*.yml"))


def load(path: pathlib.Path) -> dict[str, t.Any]:
    return t.cast(dict[str, t.Any], yaml.safe_load(path.read_text(encoding="utf-8")))


def module(name: str) -> Module:
    loaded = importlib.import_module(f"ansible_collections.m365.hybrid.plugins.modules.{name}")
    return t.cast(Module, loaded.MODULE)


_KEPT = ("organizational_unit", "OrganizationalUnit", "distribution_group_default_ou", "DistributionGroupDefaultOU", "object")
"""Where canonical names are of places, or what the task itself said."""
GRAPH = (("graph", "graph"),)
SYNC = ("powershell", "windows")
"""Where the modules of directory synchronisation work, before others."""
FEDERATION = ("adfs_", "wap_")
"""How the names of modules for AD FS and its proxies begin; they work there, too."""
LDAP = (("ldap", "ldap"),)
ONLINE = ("exchange_online", "exchange_online")


def online() -> list[pathlib.Path]:
    """The scenarios of modules that work on Exchange Online."""
    return [path for path in files() if ONLINE in module(path.stem).wires and load(path).get("online", True)]


def on_premises() -> list[pathlib.Path]:
    """The scenarios of modules that work on a server."""
    return [path for path in files() if any(wire == "powershell" for wire, _endpoint in module(path.stem).wires)]


def entra() -> list[pathlib.Path]:
    """The scenarios of modules that work on Microsoft Graph."""
    return [path for path in files() if module(path.stem).wires == GRAPH]


def directory() -> list[pathlib.Path]:
    """The scenarios of modules that work on Active Directory."""
    return [path for path in files() if module(path.stem).wires == LDAP]


def run(scenario: dict[str, t.Any], lab: Lab, online: bool = False) -> None:
    """Run all steps; an AssertionError names the step."""
    for number, step in enumerate(scenario["steps"], 1):
        where = step.get("online")
        if where is (not online):
            continue
        if online:
            step = as_online(replaced(step, where if isinstance(where, dict) else {}))
        try:
            Step(module(step.get("module", scenario["module"])), step, lab).run()
        except AssertionError as error:
            raise AssertionError(f"step {number}, {step['name']}: {error}") from error


def replaced(found: dict[str, t.Any], changes: dict[str, t.Any]) -> dict[str, t.Any]:
    """A dictionary with changes at any depth; None takes a key away."""
    result = {key: value for key, value in found.items() if key not in changes}
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(found.get(key), dict):
            result[key] = replaced(found[key], value)
        elif value is not None:
            result[key] = value
    return result


def as_online(expected: t.Any, key: str = "") -> t.Any:
    """What a step expects, with names where the server shows canonical names; places, and what the task itself said, stay what they are."""
    if isinstance(expected, dict):
        return {name: value if name in ("task", "fault") else as_online(value, name) for name, value in expected.items()}
    if isinstance(expected, list):
        return [as_online(one, key) for one in expected]
    if not isinstance(expected, str) or key in _KEPT:
        return expected
    return re.sub(r"contoso\.com/(?:Users|Contacts|Sales|Resources)/", "", expected)


@dataclasses.dataclass
class Step:
    """One step of a scenario."""

    module: Module
    step: dict[str, t.Any]
    lab: Lab

    def run(self) -> None:
        expected = self.step["expect"]
        if "change" in self.step:
            self.lab.product.change(self.step["change"])  # type: ignore[union-attr]
        predicted, sent = self.once(check_mode=True)
        assert not sent, f"check mode sent {sent}"
        if "fault" in self.step:
            self.lab.faults.arm(**self.step["fault"])
        result, sent = self.once()
        self.lab.faults.clear(None)
        self.compare(result, sent)
        if expected == "failed":
            return
        assert not predicted.get("failed"), f"check mode failed: {predicted.get('msg')}"
        assert predicted["changed"] == result["changed"], f"check mode predicted changed={predicted['changed']}"
        assert predicted.get("diff") == result.get("diff"), f"check mode predicted {predicted.get('diff')}, the run did {result.get('diff')}"
        again, sent = self.once()
        assert kind(again) == self.step.get("again", "ok"), f"the second run was {kind(again)}: {again.get('msg') or again.get('diff')}"
        changing = [one for one in sent if one not in PROBES]
        assert kind(again) != "ok" or not changing, f"the second run sent {changing}"

    def once(self, check_mode: bool = False) -> tuple[Result, list[str]]:
        """The result of one run, and the writes that reached the server."""
        before = len(self.lab.product.calls)
        try:
            bound = self.module.bound(self.step["task"], named)
            options = bound.validate(self.step["task"])
        except HybridError as error:
            return failure(error), []
        result = bound.run(lambda: self.lab.session, Task(options, check_mode, diff=True, verbosity=1, surroundings=AROUND))
        return result, writes(self.lab.product.calls[before:])

    def compare(self, result: Result, sent: list[str]) -> None:
        assert kind(result) == self.step["expect"], f"{kind(result)} instead of {self.step['expect']}: {result.get('msg') or result.get('diff')}"
        message = self.step.get("message", "")
        assert re.search(message, result.get("msg", "")), f"{result.get('msg')!r} does not say {message!r}"
        assert self.step.get("error") in (None, (result.get("error") or {}).get("class")), f"the error is {result.get('error')}"
        for side, values in self.step.get("diff", {}).items():
            holds(result["diff"][side], values, f"diff.{side}")
        holds(result, self.step.get("returns", {}), "result")
        assert not list(foreign(result)), f"the result holds {list(foreign(result))}, which no variable can"
        assert self.step.get("calls") in (None, sent), f"sent {sent}"
        if "server" in self.step:
            asked = self.step["server"]
            session = self.lab.session
            shown = (session.request("GET", asked["path"]) if "path" in asked else session.invoke(asked["cmdlet"], asked.get("parameters"))).output
            assert len(shown) == 1, f"the server shows {len(shown)} objects"
            holds(shown[0], asked["properties"], "server")


def foreign(value: t.Any) -> t.Iterator[t.Any]:
    """What in a result is of no type that Ansible keeps as a variable."""
    if isinstance(value, dict):
        for one in (*value, *value.values()):
            yield from foreign(one)
    elif isinstance(value, list):
        for one in value:
            yield from foreign(one)
    elif type(value) not in (str, int, float, bool, type(None)):
        yield f"{type(value).__name__} {value!r}"


def kind(result: Result) -> str:
    return "failed" if result.get("failed") or result.get("unreachable") else "changed" if result["changed"] else "ok"


def writes(calls: t.Sequence[tuple[t.Any, ...]]) -> list[str]:
    """The calls that may change something: cmdlets, or for a REST service methods with their paths."""
    made = [" ".join(call[:2]) for call in calls if len(call) == 3 and call[0] != "GET" and call[1] not in SEARCHES]
    return made or [call[0] for call in calls if len(call) == 2 and not engine.reads(call[0]) and call[0] not in OPENING]


def holds(found: t.Any, wanted: t.Any, where: str) -> None:
    """Every wanted key is found with its value; lists and scalars are equal."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert isinstance(found, dict) and key in found, f"{where} has no {key}: {found}"
            holds(found[key], value, f"{where}.{key}")
    else:
        assert found == wanted, f"{where} is {found!r} instead of {wanted!r}"
