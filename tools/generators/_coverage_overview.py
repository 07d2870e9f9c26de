# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first table of ``docs/coverage.md``: every module with its object, where it works and how it is checked."""

from __future__ import annotations

import typing as t

ENDPOINTS = {"exchange": "Exchange Server", "exchange_online": "Exchange Online", "graph": "Graph", "ldap": "LDAP"}
"""Endpoint → its column; any other is named in the last of them."""
OTHERS = "other"
TOLD = {"bulk", "export", "cmdlet", "graph_request"}
"""What works on the object that a task names."""
NOTE = """\
A row is a module. *Object* is the noun of its cmdlets, its path in Microsoft Graph or its kind of object in the directory. The columns of places say
where it works. *Check* and *diff* are what its documentation says; the tests hold it to that. *Scenario*: its behaviour is told in `tests/scenarios`.
*Contract*: what its scenario sends is in the published reference that the lab checks; what is not in it, such as cmdlets of PowerShell itself, is
named. LDAP has none.
"""

Facts = t.Mapping[str, t.Any]


def objects(name: str, fact: Facts, cmdlets: t.Iterable[str], known: t.Collection[str]) -> str:
    """What a module manages or reads: its own word for it, or the nouns of what it calls."""
    if name in TOLD:
        return "what the task names"
    published = [one for one in cmdlets if one in known] or list(cmdlets)
    nouns = list(dict.fromkeys(one.partition("-")[2] for one in published))
    return ", ".join(f"`{one}`" for one in ([fact["object"]] if fact["object"] else nouns)) or "–"


def is_known(request: str, paths: t.Iterable[str]) -> bool:
    """Whether a request, ``GET v1.0/users/dave``, goes to a path of the reference: ``v1.0/users/{user-id}``."""
    parts = request.partition(" ")[2].split("/")
    return any(
        len(parts) == len(pattern) and all(wanted == part or wanted.startswith("{") for wanted, part in zip(pattern, parts, strict=True))
        for pattern in (path.split("/") for path in paths)
    )


def in_contract(name: str, fact: Facts, sent: t.Collection[str], known: t.Collection[str], paths: t.Collection[str]) -> str:
    """Whether the published reference has what the module sends; – where there is none, or where the task says what is sent."""
    if not sent or name in TOLD or fact["endpoints"] == ["ldap"]:
        return "–"
    missing = [one for one in sent if not (is_known(one, paths) if " " in one else one in known)]
    return f"not in it: {', '.join(f'`{one}`' for one in missing)}" if missing else "yes"


def row(name: str, fact: Facts, cmdlets: t.Collection[str], known: t.Collection[str], paths: t.Collection[str]) -> list[str]:
    places = ["yes" if one in fact["endpoints"] else "–" for one in ENDPOINTS]
    other = ", ".join(one for one in fact["endpoints"] if one not in ENDPOINTS) or "–"
    scenario = "yes" if fact["scenario"] else "–"
    return [
        f"`{name}`",
        objects(name, fact, cmdlets, known),
        *places,
        other,
        fact["check"],
        fact["diff"],
        scenario,
        in_contract(name, fact, cmdlets, known, paths),
    ]


def section(facts: t.Mapping[str, Facts], calls: t.Mapping[str, t.Collection[str]], known: t.Collection[str], paths: t.Collection[str]) -> str:
    """The table.

    ``calls``: the cmdlets or requests that a module sends; ``known``: the cmdlets of the contract excerpt; ``paths``: those of Microsoft Graph, after the
    version: ``v1.0/users``.
    """
    head = ("module", "object", *ENDPOINTS.values(), OTHERS, "check", "diff", "scenario", "contract")
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(row(name, fact, calls.get(name, ()), known, paths))} |" for name, fact in facts.items()]
    return "\n".join(["## Modules", "", NOTE, *lines, "", ""])
