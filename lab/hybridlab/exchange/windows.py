# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows PowerShell session on an Edge Transport server: what the default session configuration knows, and the loaded snap-in."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.contract import refusals
from hybridlab.records import ErrorRecord, Output, Record

if t.TYPE_CHECKING:
    from hybridlab.exchange.edge import Edge

# What each of PowerShell's own cmdlets takes here; the first parameter cannot be left out.
PARAMETERS = {"Add-PSSnapin": ("Name",), "Get-Item": ("Path",), "Restart-Service": ("Name", "Force")}
OWN = frozenset(name.lower() for name in PARAMETERS)
_AUTOMATION = "System.Management.Automation"
_COMMANDS = "Microsoft.PowerShell.Commands"


class Session:
    """One session, `hybridlab.records.Product` for the calls of its pipelines.

    ``unrecorded`` are PowerShell's own cmdlets: no published contract of the emulated product knows them, so records leave them out.
    """

    unrecorded = OWN

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.name = edge.name
        self.loaded: set[str] = set()

    @property
    def calls(self) -> list[tuple[str, dict[str, t.Any]]]:
        """The calls of all sessions on the server."""
        return self._edge.calls

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        """Run one cmdlet.  Raises `Terminating`."""
        self._edge.note(cmdlet, parameters)
        if cmdlet.lower() in OWN:
            yield from self._own(cmdlet, parameters)
        elif not self.loaded:
            raise refusals.command_not_found(cmdlet)
        else:
            yield from self._edge.exchange(cmdlet, parameters)

    def _own(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        name = next(one for one in PARAMETERS if one.lower() == cmdlet.lower())
        known = {one.lower(): one for one in PARAMETERS[name]}
        given = {}
        for written, value in parameters.items():
            if written.lower() not in known:
                raise refusals.parameter_not_found(name, written)
            given[known[written.lower()]] = value
        first = PARAMETERS[name][0]
        if first not in given:
            raise refusals.mandatory_missing(name, [first])
        yield from {"Add-PSSnapin": self._add_snapin, "Get-Item": self._get_item, "Restart-Service": self._restart}[name](str(given[first]))

    def _add_snapin(self, name: str) -> t.Iterator[Record]:
        """The texts are those of AddPSSnapinCommand in PowerShell 5.1; it writes both refusals under one error id."""
        registered = {one.lower(): one for one in self._edge.snapins}
        if not registered:
            yield _refused("No snap-ins have been registered for Windows PowerShell version 5.", name)
        elif name.lower() not in registered:
            yield _refused(f"The Windows PowerShell snap-in '{name}' is not installed on this computer.", name)
        elif name.lower() in self.loaded:
            yield _refused(f"Cannot add Windows PowerShell snap-in {name} because it is already added. Verify the name of the snap-in and try again.", name)
        else:
            self.loaded.add(name.lower())

    def _get_item(self, path: str) -> t.Iterator[Record]:
        if path.lower().replace("\\", "") != "env:computername":
            text = f"Cannot find path '{path}' because it does not exist."
            yield ErrorRecord(text, f"{_AUTOMATION}.ItemNotFoundException", f"PathNotFound,{_COMMANDS}.GetItemCommand", "ObjectNotFound", "Get-Item")
            return
        shown = {"Key": "COMPUTERNAME", "Value": self._edge.machine, "Name": "COMPUTERNAME"}
        yield Output(Obj(("System.Collections.DictionaryEntry", "System.ValueType", "System.Object"), shown, string="System.Collections.DictionaryEntry"))

    def _restart(self, name: str) -> t.Iterator[Record]:
        if name.lower() == "msexchangetransport":
            self._edge.restart()
            return
        text = f"Cannot find any service with service name '{name}'."
        kind = f"{_COMMANDS}.ServiceCommandException"
        yield ErrorRecord(text, kind, f"NoServiceFoundForGivenName,{_COMMANDS}.RestartServiceCommand", "ObjectNotFound", "Restart-Service")


def _refused(text: str, name: str) -> ErrorRecord:
    error_id = f"AddPSSnapInRead,{_COMMANDS}.AddPSSnapinCommand"
    return ErrorRecord(text, f"{_AUTOMATION}.PSArgumentException", error_id, "InvalidArgument", "Add-PSSnapin", name, "String")
