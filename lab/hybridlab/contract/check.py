# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binding a call to the published contract of one version of a product: Exchange Server, unless another is named.

A cmdlet or parameter that the version does not have is answered like one that never existed: that is how the version filter
appears to a client.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import typing as t

from hybridlab.contract import refusals
from hybridlab.contract.arguments import Argument, convert

VERSIONS = ("2010", "2013", "2016", "2019", "SE")
ONLINE = "Online"
"""The contract of Exchange Online, which is no version of the server."""
EXCHANGE = "exchange"
SKYPE = "skype"
"""Skype for Business Server, with Lync Server 2013 as its first version."""
ADFS = "adfs"
"""AD FS of a Windows Server."""
WAP = "wap"
"""Web Application Proxy of a Windows Server, whose cmdlets ask nothing."""
_WINDOWS = ("2016", "2019", "2022", "2025")
PRODUCTS = {EXCHANGE: (*VERSIONS, ONLINE), SKYPE: ("2013", "2015", "2019"), ADFS: _WINDOWS, WAP: _WINDOWS}
_EXCERPTS = {EXCHANGE: "cmdlets", SKYPE: "skype", ADFS: "adfs", WAP: "wap"}
_COMMON = (
    "Verbose Debug ErrorAction WarningAction InformationAction ProgressAction ErrorVariable WarningVariable InformationVariable "
    "OutVariable OutBuffer PipelineVariable"
)
_COMMON_ALIASES = "vb db ea wa infa proga ev wv iv ov ob pv"
COMMON = {name.lower(): name for name in _COMMON.split()} | dict(zip(_COMMON_ALIASES.split(), _COMMON.split(), strict=True))
# Cmdlets whose impact is high: they ask before they act unless Confirm is false.
_ASKING = ("Remove-", "Disable-", "Move-Cs")


@dataclasses.dataclass(frozen=True)
class Bound:
    """A call that the shell accepts: names in the reference's spelling, values in the parameters' types."""

    cmdlet: str
    parameters: dict[str, t.Any]
    common: dict[str, t.Any]
    what_if: bool


@functools.cache
def _document(product: str = EXCHANGE) -> dict[str, t.Any]:
    text = pathlib.Path(__file__).with_name(f"{_EXCERPTS[product]}.json").read_text(encoding="utf-8")
    return {name: entry for name, entry in json.loads(text).items() if name != "_"}


@functools.cache
def _kept(version: str, product: str) -> frozenset[str]:
    """The cmdlets that the lab has of a version: all of the excerpt, unless a list of the version's own names fewer."""
    path = pathlib.Path(__file__).with_name(f"{_EXCERPTS[product]}_{version}.txt")
    if not path.is_file():
        return frozenset(_document(product))
    return frozenset(line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))


@functools.cache
def _names(product: str) -> dict[str, str]:
    return {name.lower(): name for name in _document(product)}


class Contract:
    """The excerpt as one version has it.  ``version`` is one of the product's in `PRODUCTS`."""

    def __init__(self, version: str, product: str = EXCHANGE) -> None:
        if version not in PRODUCTS[product]:
            there = ", ".join(one for one in PRODUCTS[product] if one != ONLINE)
            raise ValueError(f"there is no {product.capitalize()} Server {version!r}; there are: {there}")
        self.version = version
        self._product = product
        self._document = _document(product)

    def has(self, cmdlet: str, parameter: str | None = None) -> bool:
        """Whether this version has the cmdlet, or the parameter of the cmdlet."""
        entry = self._document.get(cmdlet)
        if entry is None or self.version not in entry["applicable"].split():
            return False
        return parameter is None or parameter in self._parameters(cmdlet)

    def parameters(self, cmdlet: str) -> dict[str, dict[str, t.Any]]:
        """The rows of the parameters this version has."""
        return self._parameters(cmdlet)

    @functools.lru_cache(maxsize=256)  # noqa: B019 - a handful of contracts per process, and each lives as long as it
    def _parameters(self, cmdlet: str) -> dict[str, dict[str, t.Any]]:
        entry = self._document[cmdlet]
        return {name: row for name, row in entry["parameters"].items() if self.version in row.get("applicable", entry["applicable"]).split()}

    def bind(self, cmdlet: str, given: t.Mapping[str, t.Any]) -> Bound:
        """Raises `Terminating` with what PowerShell would say."""
        name = _names(self._product).get(cmdlet.lower())
        if name is None or not self.has(name) or name not in _kept(self.version, self._product):
            raise refusals.command_not_found(cmdlet)
        parameters: dict[str, t.Any] = {}
        common: dict[str, t.Any] = {}
        rows = self._parameters(name)
        for written, value in given.items():
            found, is_common = self._resolve(name, rows, written)
            target = common if is_common else parameters
            if found in target:
                raise refusals.parameter_twice(name, found)
            target[found] = value if is_common else convert(Argument(name, found, rows[found]), value)
        self._check_sets(name, rows, parameters)
        self._check_empty(name, rows, parameters)
        what_if = bool(parameters.pop("WhatIf", False))
        self._check_confirmation(name, parameters, what_if)
        return Bound(name, parameters, common, what_if)

    def _resolve(self, cmdlet: str, rows: dict[str, dict[str, t.Any]], written: str) -> tuple[str, bool]:
        """The parameter that a name, an alias or an unambiguous beginning means, and whether it is a common one."""
        low = written.lstrip("-").rstrip(":").lower()
        exact = self._spellings(cmdlet)
        if low in exact:
            return exact[low], False
        if low in COMMON:
            return COMMON[low], True
        # PowerShell would take another version's parameter for the beginning of a longer one; a call so unlucky is a mistake.
        if low in {name.lower() for name in self._document[cmdlet]["parameters"]}:
            raise refusals.parameter_not_found(cmdlet, written)
        matches = sorted({name for key, name in exact.items() if key.startswith(low)})
        if len(matches) == 1 and low:
            return matches[0], False
        if matches and low:
            raise refusals.parameter_ambiguous(cmdlet, written, matches)
        raise refusals.parameter_not_found(cmdlet, written)

    @functools.lru_cache(maxsize=256)  # noqa: B019 - as for the parameters
    def _spellings(self, cmdlet: str) -> dict[str, str]:
        """Names and aliases of parameters in small letters."""
        rows = self._parameters(cmdlet)
        return {name.lower(): name for name in rows} | {alias.lower(): name for name, row in rows.items() for alias in row.get("aliases", [])}

    def _check_sets(self, cmdlet: str, rows: dict[str, dict[str, t.Any]], given: t.Mapping[str, t.Any]) -> None:
        sets = self._sets(cmdlet)
        asked = [name for name in given if name not in ("WhatIf", "Confirm") and rows[name].get("sets", sets)]
        fitting = [name for name in sets if all(name in rows[parameter].get("sets", sets) for parameter in asked)]
        if not fitting:
            raise refusals.no_parameter_set(cmdlet)
        missing = [[name for name in sets[chosen] if given.get(name) is None] for chosen in fitting]
        least = min(missing, key=len)
        if least:
            raise refusals.mandatory_missing(cmdlet, least)

    @functools.lru_cache(maxsize=256)  # noqa: B019 - as for the parameters
    def _sets(self, cmdlet: str) -> dict[str, list[str]]:
        """Parameter set → what it cannot do without.

        The reference shows the switch that selects a set (``-Shared``) as optional in the syntax and as required in the
        description: it is required.  A set that needs a parameter this version lacks does not exist in it.
        """
        rows = self._parameters(cmdlet)
        entry = self._document[cmdlet]
        sets: dict[str, list[str]] = {}
        for chosen, mandatory in entry["sets"].items():
            selecting = [
                name
                for name, row in entry["parameters"].items()
                if row["type"] == "SwitchParameter" and row.get("required") and name not in mandatory and _selects(entry, name, row, chosen)
            ]
            needed = [*mandatory, *selecting]
            if all(name in rows for name in needed):
                sets[chosen] = needed
        return sets

    def _check_empty(self, cmdlet: str, rows: dict[str, dict[str, t.Any]], given: t.Mapping[str, t.Any]) -> None:
        for name, value in given.items():
            if value == "" and (rows[name].get("required") or name == "Identity"):
                raise refusals.empty_refused(cmdlet, name)

    def _check_confirmation(self, cmdlet: str, given: dict[str, t.Any], what_if: bool) -> None:
        confirm = given.pop("Confirm", None)
        if confirm is None:  # -Force is the answer to cmdlets that have no -Confirm
            confirm = self._product != WAP and cmdlet.startswith(_ASKING) and ("Confirm" in self._parameters(cmdlet) or not given.get("Force"))
        if confirm and not what_if:
            target = given.get("Identity", given.get("Name", ""))
            raise refusals.no_host(cmdlet, f'Are you sure you want to perform this action? Performing operation "{cmdlet}" on target "{target}".')


def _selects(entry: dict[str, t.Any], name: str, row: dict[str, t.Any], chosen: str) -> bool:
    """Whether a required switch tells that set from the others: it is not in all of them, and not the namesake of another one."""
    return chosen in row.get("sets", ()) and (name == chosen or name not in entry["sets"])
