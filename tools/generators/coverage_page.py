# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docs/coverage.md``: every module with its object, where it works and how it is checked; which cmdlets it calls, and which versions have them.

The calls are those that reach the lab when the scenarios run (`tests/cmdlet_calls.py`), the versions those of the contract excerpt.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import typing as t

from tools.generators import Skipped
from tools.generators import _coverage_overview as overview
from tools.generators.runtime import SERVICES

PAGE = "docs/coverage.md"
CONTRACT = pathlib.Path("lab/hybridlab/contract/cmdlets.json")
GRAPH_CONTRACT = CONTRACT.with_name("graph.json")
SKYPE_CONTRACT = CONTRACT.with_name("skype.json")
FEDERATION_CONTRACTS = (CONTRACT.with_name("adfs.json"), CONTRACT.with_name("wap.json"))
COLLECTION = pathlib.Path("build/collections/ansible_collections/m365/hybrid")
VERSIONS = ("2010", "2013", "2016", "2019", "SE", "Online")
SKYPE_VERSIONS = ("2013", "2015", "2019")
WINDOWS_VERSIONS = ("2016", "2019", "2022", "2025")
OF_THE_WAY = {"DomainController", "ResultSize"}
"""Parameters that say how to work: a module leaves them out where they do not exist, or sends them only when a task asks for it."""
HEAD = """\
<!-- Written by tools/generators/coverage_page.py from the scenarios and the contract excerpt; renew with: make generate -->

# Coverage: modules, cmdlets, versions

"""
CMDLETS = """\
A row is a cmdlet that the module calls when its scenario runs on the lab; `bulk`, `export` and `cmdlet` call what they are told to.
A column says whether the published reference has the cmdlet in that version of Exchange Server or in Exchange Online: **yes**, **part** where it lacks
parameters that the module can send (the second table names them), or **–**.

What the reference has is not yet what a module supports: its own documentation says with what it works.
"""

WINDOWS_NOTE = "Of Windows Server. The published reference has nothing older; what Windows Server 2012 R2 lacks, the modules find out."
Calls = t.Mapping[str, t.Mapping[str, t.Sequence[str]]]


def outputs(root: pathlib.Path) -> dict[str, str]:
    """The page.  Raises `Skipped` where Ansible cannot find the collection yet."""
    if not (root / COLLECTION).exists():
        raise Skipped(f"{COLLECTION} is not here; make arranges it")
    contract, skype, *federation = (json.loads((root / path).read_text(encoding="utf-8")) for path in (CONTRACT, SKYPE_CONTRACT, *FEDERATION_CONTRACTS))
    told = asked(root)
    calls = told["calls"]
    graph = json.loads((root / GRAPH_CONTRACT).read_text(encoding="utf-8"))
    paths = {f"{version}{path}" for version in ("v1.0", "beta") for path in graph[version]["paths"]}
    beside = other(calls, skype, "Skype for Business Server", "Lync Server 2013, and Skype for Business Server of the later years.", SKYPE_VERSIONS)
    beside += other(calls, federation[0] | federation[1], "AD FS and Web Application Proxy", WINDOWS_NOTE, WINDOWS_VERSIONS)
    known = {*contract, *skype, *federation[0], *federation[1]}
    return {PAGE: HEAD + overview.section(told["modules"], {**calls, **told["requests"]}, known, paths) + page(calls, contract) + beside}


def asked(root: pathlib.Path) -> dict[str, t.Any]:
    """What ``tests.cmdlet_calls`` says, from a process of its own: nothing of plugins or lab is loaded into this one."""
    path = ":".join(str(root / part) for part in ("build/collections", "lab", "."))
    command = [sys.executable, "-m", "tests.cmdlet_calls"]
    done = subprocess.run(command, cwd=root, env={"PYTHONPATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return t.cast(dict[str, t.Any], json.loads(done.stdout))


def of_exchange(calls: Calls, contract: t.Collection[str]) -> Calls:
    """The calls of the services' modules to one product; cmdlets of PowerShell itself, such as Add-PSSnapin, are no matter of versions."""
    ours = {name: found for name, found in calls.items() if name.partition("_")[0] in SERVICES}
    return {name: {cmdlet: parameters for cmdlet, parameters in found.items() if cmdlet in contract} for name, found in ours.items()}


def page(calls: Calls, contract: dict[str, t.Any]) -> str:
    ours = of_exchange(calls, contract)
    lines = ["## Cmdlets", "", CMDLETS, *table(("module", "cmdlet", *VERSIONS))]
    for name, cmdlets in ours.items():
        for cmdlet, parameters in cmdlets.items():
            marks = (mark(contract[cmdlet], {*parameters} - OF_THE_WAY, version) for version in VERSIONS)
            lines.append(row(f"`{name}`", f"`{cmdlet}`", *marks))
    lines += ["", "## Parameters that not every version has", "", *table(("module", "cmdlet", "versions", "parameters that only these versions have"))]
    for name, cmdlets in ours.items():
        for cmdlet, parameters in cmdlets.items():
            groups: dict[str, list[str]] = {}
            for one, versions in limited(contract[cmdlet], {*parameters} - OF_THE_WAY):
                groups.setdefault(versions, []).append(f"`{one}`")
            lines += [row(f"`{name}`", f"`{cmdlet}`", versions, ", ".join(found)) for versions, found in groups.items()]
    return "\n".join(lines) + "\n"


def other(calls: Calls, contract: dict[str, t.Any], title: str, note: str, versions: t.Sequence[str]) -> str:
    """The section of a product that is not Exchange."""
    lines = ["", f"## {title}", "", note, "", *table(("module", "cmdlet", *versions))]
    for name, cmdlets in of_exchange(calls, contract).items():
        for cmdlet, parameters in cmdlets.items():
            marks = (mark(contract[cmdlet], {*parameters} - OF_THE_WAY, version) for version in versions)
            lines.append(row(f"`{name}`", f"`{cmdlet}`", *marks))
    return "\n".join(lines) + "\n"


def table(names: t.Sequence[str]) -> list[str]:
    return [row(*names), "|" + "---|" * len(names)]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def mark(cmdlet: dict[str, t.Any], parameters: t.Iterable[str], version: str) -> str:
    if version not in cmdlet["applicable"].split():
        return "–"
    return "part" if any(version not in versions.split(", ") for _, versions in limited(cmdlet, parameters)) else "yes"


def limited(cmdlet: dict[str, t.Any], parameters: t.Iterable[str]) -> list[tuple[str, str]]:
    """The parameters that a version which has the cmdlet does not have, with the versions that do.

    Servers ignore the case of a name.  What no version has is a mistake that the lab refused.
    """
    sent = {one.lower() for one in parameters}
    used = {name: entry.get("applicable", cmdlet["applicable"]).split() for name, entry in cmdlet["parameters"].items() if name.lower() in sent}
    return [(name, ", ".join(found)) for name, found in sorted(used.items()) if set(cmdlet["applicable"].split()) - set(found)]
