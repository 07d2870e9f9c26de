# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cmdlets a module calls, with which parameters: what reaches the lab when its scenario runs, and what its table can write.

Run as a program it prints JSON for the page of what is covered: ``calls``, ``{module: {cmdlet: [parameters]}}``; ``requests``, what goes to Microsoft
Graph; ``modules``, what `module_facts` says.
"""

from __future__ import annotations

import json
import sys
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from hybridlab.contract.check import ONLINE, VERSIONS, Contract
from tests import fake_lab, module_facts, scenarios

Calls = dict[str, dict[str, set[str]]]


def recorded(scenario: dict[str, t.Any], version: str, calls: Calls) -> None:
    """Run the steps once, without their faults, and note the calls of each step's module.  Whether a step does what it says is for the tests."""
    lab = fake_lab.lab(scenario["module"], version)
    for step in scenario["steps"]:
        name, before = step.get("module", scenario["module"]), len(lab.product.calls)
        scenarios.Step(scenarios.module(name), step, lab).once()
        for cmdlet, parameters, *_body in lab.product.calls[before:]:
            calls.setdefault(name, {}).setdefault(cmdlet, set()).update(parameters)


def writable(name: str, calls: Calls) -> None:
    """Add the parameters that a module's options write, whether its scenario gives them all or not."""
    module = scenarios.module(name)
    if not isinstance(module, CmdletModule):
        return
    for cmdlet in (f"{verb}-{module.noun}" for verb in ("New", "Set", "Add")):
        having = [Contract(version) for version in VERSIONS if Contract(version).has(cmdlet)]
        if not having and Contract(ONLINE).has(cmdlet):
            having = [Contract(ONLINE)]
        known = {values.fold(one): one for contract in having for one in contract.parameters(cmdlet)}
        written = {known[folded] for one in module.attributes.values() if (folded := values.fold(one.write)) in known}
        if cmdlet in calls.get(name, {}):
            calls[name][cmdlet] |= written


def every() -> Calls:
    calls: Calls = {}
    for path in scenarios.files():
        scenario = scenarios.load(path)
        if scenarios.module(scenario["module"]).wires in (scenarios.GRAPH, scenarios.LDAP):
            continue  # requests and operations, not cmdlets
        cloud = [ONLINE.lower()] if scenarios.ONLINE in scenarios.module(scenario["module"]).wires else []
        for version in (VERSIONS[0], *scenario.get("versions", ["2019"]), *cloud):  # some cmdlets work on the oldest version only
            recorded(scenario, str(version), calls)
        writable(scenario["module"], calls)
    return calls


def requests() -> dict[str, set[str]]:
    """Module → the methods and paths of Microsoft Graph that its scenario sends, the version first: ``GET v1.0/users/dave``."""
    found: dict[str, set[str]] = {}
    for path in scenarios.files():
        scenario = scenarios.load(path)
        name = scenario["module"]
        if scenarios.module(name).wires != scenarios.GRAPH:
            continue
        lab = fake_lab.lab(name)
        for step in scenario["steps"]:
            scenarios.Step(scenarios.module(step.get("module", name)), step, lab).once()
        sent = [(str(one[0]), str(one[1]).partition("?")[0].strip("/")) for one in lab.product.calls]
        found[name] = {f"{method} {where}" for method, where in sent if not where.endswith("$batch")}
    return found


if __name__ == "__main__":
    calls = {name: {cmdlet: sorted(found) for cmdlet, found in sorted(one.items())} for name, one in sorted(every().items())}
    sent = {name: sorted(found) for name, found in sorted(requests().items())}
    json.dump({"calls": calls, "requests": sent, "modules": module_facts.every()}, sys.stdout)
