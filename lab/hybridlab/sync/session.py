# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows PowerShell session on a machine that synchronises: what the default session configuration knows, and the tools of its generation.

Entra Connect and AAD Sync bring the module ADSync, which is loaded when one of its cmdlets is called; AAD Sync has no cmdlet that begins a cycle but
a program.  DirSync's commands are known once a session has loaded its snap-in or, in later releases, its module.  All generations tell their
history through WMI.  What the program says is not known from a capture; the lab's says nothing.
"""

from __future__ import annotations

import contextlib
import re
import typing as t

from hybridlab.clixml import Obj
from hybridlab.contract import refusals
from hybridlab.exchange.server import masked
from hybridlab.records import ErrorRecord, Output, Record, Terminating
from hybridlab.sync import cmdlets
from hybridlab.sync.machine import Busy, Machine

FOLDER = "C:\\Program Files\\Microsoft Azure AD Sync\\Bin"
PROGRAM = f"{FOLDER}\\DirectorySyncClientCmd.exe"
ENGINE = f"{FOLDER}\\miiserver.exe"
SNAPIN, MODULE = "Coexistence-Configuration", "DirSync"
TRIGGER_MODULE = "Microsoft.Online.Coexistence.PS.Config"
"""Where the command is that the module DirSync brings."""
TRIGGER = "Start-OnlineCoexistenceSync"
SERVICES = {
    "connect": {"ADSync": "Microsoft Azure AD Sync"},
    "aadsync": {"ADSync": "Microsoft Azure AD Sync"},
    "dirsync": {
        "MSOnlineSyncScheduler": "Windows Azure Active Directory Sync Service",
        "FIMSynchronizationService": "Forefront Identity Manager Synchronization Service",
    },
}
VERSION = "1.0.0.0"
"""Of every release's PowerShell module, whatever the release."""
NAMESPACE = "root/microsoftidentityintegrationserver"
PARAMETERS: dict[str, tuple[str, ...]] = {
    "Add-PSSnapin": ("Name",),
    "Get-CimInstance": ("ClassName", "Namespace", "Filter"),
    "Get-Command": ("Name", "Module"),
    "Get-Item": ("Path",),
    "Get-Module": ("Name", "ListAvailable"),
    "Get-PSSnapin": ("Name", "Registered"),
    "Get-Service": ("Name",),
    "Get-WmiObject": ("Class", "Namespace", "Filter"),
    "Import-Module": ("Name",),
    "Start-Process": ("FilePath", "ArgumentList"),
    "Test-Path": ("Path", "PathType"),
}
_AUTOMATION = "System.Management.Automation"
_COMMANDS = "Microsoft.PowerShell.Commands"
_CONDITION = re.compile(r"\s*(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))\s*")
Given = dict[str, t.Any]


class Session:
    """One session, `hybridlab.records.Product` for the calls of its pipelines.

    ``unrecorded`` is what no published contract of the emulated product knows.
    """

    name = "adsync"
    unrecorded = frozenset((*(name.lower() for name in PARAMETERS), *cmdlets.UNDOCUMENTED, TRIGGER.lower(), PROGRAM.lower()))

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.loaded: set[str] = set()

    @property
    def calls(self) -> list[tuple[str, Given]]:
        """The calls of all sessions on the machine."""
        return self._machine.calls

    def invoke(self, cmdlet: str, parameters: Given) -> t.Iterator[Record]:
        """Run one cmdlet.  Raises `Terminating`."""
        self._machine.calls.append((cmdlet, {name: masked(value) for name, value in parameters.items()}))
        self._machine.look()
        known = next((name for name in (*PARAMETERS, *self._commands()) if name.lower() == cmdlet.lower()), None)
        if cmdlet.lower() == PROGRAM.lower() and self._machine.generation == "aadsync":
            yield from self._program(parameters)
        elif known in PARAMETERS:
            yield from self._own(str(known), parameters)
        elif known == TRIGGER:
            yield from self._trigger(parameters)
        elif known in cmdlets.HANDLERS:
            yield from cmdlets.HANDLERS[str(known)](self._machine, cmdlets.bound(str(known), parameters))
        elif known is not None:
            raise cmdlets.not_emulated(known)
        else:
            raise refusals.command_not_found(cmdlet)

    def _commands(self) -> tuple[str, ...]:
        """The commands of the product that this session knows."""
        if self._machine.generation == "connect":
            return (*cmdlets.HANDLERS, *cmdlets.OTHERS)
        if self._machine.generation == "aadsync":
            return ("Get-ADSyncConnector",)
        return (TRIGGER,) if self.loaded else ()

    # --- what begins a cycle on older machines ---

    def _trigger(self, parameters: Given) -> t.Iterator[Record]:
        given = self._given(TRIGGER, ("FullSync",), parameters)
        try:
            self._machine.start("Initial" if given.get("FullSync") else "Delta")
        except Busy as busy:
            yield ErrorRecord(str(busy), "System.InvalidOperationException", f"{TRIGGER},{TRIGGER}", "InvalidOperation", TRIGGER)

    def _program(self, parameters: Given) -> t.Iterator[Record]:
        """``delta``, ``initial`` or ``staging``; it ends when the cycle ends."""
        how = str(parameters.get("Identity") or "delta").lower()
        if how not in ("delta", "initial", "staging"):
            yield _native(f"Unknown argument: {how}")
            return
        staging, self._machine.engine.staging = self._machine.engine.staging, how == "staging"
        try:
            self._machine.run("Initial" if how == "initial" else "Delta")
        except Busy as busy:
            yield _native(str(busy))
        finally:
            self._machine.engine.staging = staging

    # --- Windows ---

    @staticmethod
    def _given(cmdlet: str, names: t.Sequence[str], parameters: Given) -> Given:
        known = {name.lower(): name for name in names}
        given = {}
        for written, value in parameters.items():
            name = known.get(written.lower()) or (names[0] if written == "Identity" and names else None)
            if name is None and written.lower() not in ("erroraction", "warningaction"):
                raise refusals.parameter_not_found(cmdlet, written)
            given[str(name)] = value
        return given

    def _own(self, cmdlet: str, parameters: Given) -> t.Iterator[Record]:
        given = self._given(cmdlet, PARAMETERS[cmdlet], parameters)
        if cmdlet in ("Get-CimInstance", "Get-WmiObject"):
            return self._wmi(cmdlet, given)
        name = str(given.get(PARAMETERS[cmdlet][0]) or "")
        return {
            "Add-PSSnapin": self._add_snapin,
            "Get-Command": lambda wanted: self._get_command(wanted, given.get("Module")),
            "Get-Item": self._get_item,
            "Get-Module": lambda wanted: self._get_module(wanted, bool(given.get("ListAvailable"))),
            "Get-PSSnapin": lambda wanted: self._get_snapin(wanted, bool(given.get("Registered"))),
            "Get-Service": self._get_service,
            "Import-Module": self._import_module,
            "Start-Process": lambda path: self._start_process(path, given.get("ArgumentList")),
            "Test-Path": self._test_path,
        }[cmdlet](name)

    @property
    def _module(self) -> str | None:
        """The module that is installed, if the release has one."""
        if self._machine.generation != "dirsync":
            return "ADSync"
        return None if self._machine.snapin else MODULE

    def _add_snapin(self, name: str) -> t.Iterator[Record]:
        if name.lower() == SNAPIN.lower() and self._machine.generation == "dirsync" and self._machine.snapin:
            self.loaded.add(SNAPIN)
            return
        text = f"The Windows PowerShell snap-in '{name}' is not installed on this computer."
        error_id = f"AddPSSnapInRead,{_COMMANDS}.AddPSSnapinCommand"
        yield ErrorRecord(text, f"{_AUTOMATION}.PSArgumentException", error_id, "InvalidArgument", "Add-PSSnapin", name, "String")

    def _import_module(self, name: str) -> t.Iterator[Record]:
        if self._module and name.rpartition("\\")[2].lower().removesuffix(".psd1") == self._module.lower():
            self.loaded.add(self._module)
            return
        text = f"The specified module '{name}' was not loaded because no valid module file was found in any module directory."
        error_id = f"Modules_ModuleNotFound,{_COMMANDS}.ImportModuleCommand"
        yield ErrorRecord(text, "System.IO.FileNotFoundException", error_id, "ResourceUnavailable", "Import-Module", name, "String")

    def _get_module(self, name: str, available: bool) -> t.Iterator[Record]:
        module = self._module
        if module and (available or module in self.loaded) and (not name or name.lower() == module.lower()):
            path = f"{FOLDER}\\{module}\\{module}.psd1"
            yield Output(
                Obj(
                    (f"{_AUTOMATION}.PSModuleInfo", "System.Object"),
                    {"Name": module, "Version": VERSION, "Path": path},
                    string=module,
                )
            )

    def _get_snapin(self, name: str, registered: bool) -> t.Iterator[Record]:
        there = self._machine.generation == "dirsync" and self._machine.snapin
        if there and (registered or SNAPIN in self.loaded) and (not name or name.lower() == SNAPIN.lower()):
            yield Output(Obj((f"{_AUTOMATION}.PSSnapInInfo", "System.Object"), {"Name": SNAPIN, "Version": VERSION}, string=SNAPIN))

    def _get_command(self, name: str, module: str | None) -> t.Iterator[Record]:
        if name.lower() == ENGINE.lower() and self._machine.generation != "dirsync":
            file = {"Name": ENGINE.rpartition("\\")[2], "CommandType": "Application", "Version": self._machine.version, "Path": ENGINE}
            yield Output(Obj((f"{_AUTOMATION}.ApplicationInfo", f"{_AUTOMATION}.CommandInfo", "System.Object"), file, string=ENGINE))
            return
        places = dict.fromkeys(PARAMETERS, "Microsoft.PowerShell") | {one: TRIGGER_MODULE if one == TRIGGER else "ADSync" for one in self._commands()}
        found = [(one, place) for one, place in places.items() if name.lower() in ("", one.lower()) and str(module or place).lower() == place.lower()]
        if not found and name:
            record = refusals.command_not_found(name).record
            yield ErrorRecord(record.message, record.exception_type, f"CommandNotFoundException,{_COMMANDS}.GetCommandCommand", "ObjectNotFound", "Get-Command")
            return
        for one, place in found:
            shown = {"Name": one, "CommandType": "Cmdlet", "ModuleName": place}
            yield Output(Obj((f"{_AUTOMATION}.CmdletInfo", f"{_AUTOMATION}.CommandInfo", "System.Object"), shown, string=one))

    def _get_service(self, name: str) -> t.Iterator[Record]:
        services = SERVICES[self._machine.generation]
        found = [one for one in services if not name or one.lower() == name.lower()]
        if not found:
            text = f"Cannot find any service with service name '{name}'."
            error_id = f"NoServiceFoundForGivenName,{_COMMANDS}.GetServiceCommand"
            yield ErrorRecord(text, f"{_COMMANDS}.ServiceCommandException", error_id, "ObjectNotFound", "Get-Service")
        for one in found:
            properties = {"Name": one, "ServiceName": one, "DisplayName": services[one], "Status": "Running", "StartType": "Automatic"}
            yield Output(Obj(("System.ServiceProcess.ServiceController", "System.Object"), properties, string=one))

    def _start_process(self, path: str, arguments: t.Any) -> t.Iterator[Record]:
        """The program goes on by itself; what it says is lost, and so is that it could not begin a cycle."""
        if path.lower() != PROGRAM.lower() or self._machine.generation != "aadsync":
            text = "This command cannot be run due to the error: The system cannot find the file specified."
            error_id = f"InvalidOperationException,{_COMMANDS}.StartProcessCommand"
            yield ErrorRecord(text, "System.InvalidOperationException", error_id, "InvalidOperation", "Start-Process")
            return
        given = [str(one).lower() for one in (arguments if isinstance(arguments, list) else [arguments or "delta"])]
        if given in (["delta"], ["initial"]):
            with contextlib.suppress(Busy):
                self._machine.start(given[0].capitalize())

    def _test_path(self, path: str) -> t.Iterator[Record]:
        yield Output(path.lower() == PROGRAM.lower() and self._machine.generation == "aadsync")

    def _get_item(self, path: str) -> t.Iterator[Record]:
        if path.lower().replace("\\", "") != "env:computername":
            text = f"Cannot find path '{path}' because it does not exist."
            yield ErrorRecord(text, f"{_AUTOMATION}.ItemNotFoundException", f"PathNotFound,{_COMMANDS}.GetItemCommand", "ObjectNotFound", "Get-Item")
            return
        shown = {"Key": "COMPUTERNAME", "Value": self._machine.machine, "Name": "COMPUTERNAME"}
        yield Output(Obj(("System.Collections.DictionaryEntry", "System.ValueType", "System.Object"), shown, string="System.Collections.DictionaryEntry"))

    # --- WMI ---

    def _wmi(self, cmdlet: str, given: Given) -> t.Iterator[Record]:
        wanted = str(given.get(PARAMETERS[cmdlet][0]) or "").lower()
        if str(given.get("Namespace")).lower().replace("\\", "/") != NAMESPACE or wanted not in ("miis_runhistory", "miis_managementagent"):
            what = f'Invalid class "{given.get(PARAMETERS[cmdlet][0])}"'
            raise Terminating(
                ErrorRecord(what, "System.Management.ManagementException", f"GetWMIManagementException,{_COMMANDS}.{cmdlet}", "InvalidType", cmdlet)
            )
        rows = self._histories() if wanted == "miis_runhistory" else self._agents()
        conditions = _conditions(cmdlet, str(given.get("Filter") or ""))
        for row in rows:
            if all(str(row.get(name, "")).lower() == value.lower() for name, value in conditions):
                yield Output(Obj((f"System.Management.ManagementObject#{NAMESPACE}\\{wanted}", "System.Object"), row, string=wanted))

    def _histories(self) -> t.Iterator[Given]:
        """The newest first; times are UTC."""
        for run in list(self._machine.engine.history):
            identifier = f"{{{str(run.connector.id).upper()}}}"
            yield {
                "Key": f"{identifier}{run.number}",
                "MaGuid": identifier,
                "MaName": run.connector.name,
                "RunEndTime": f"{run.ended:%Y-%m-%d %H:%M:%S}.{run.ended.microsecond // 1000:03}" if run.ended else "",
                "RunNumber": str(run.number),
                "RunProfile": run.profile,
                "RunStartTime": f"{run.started:%Y-%m-%d %H:%M:%S}.{run.started.microsecond // 1000:03}",
                "RunStatus": run.result,
            }

    def _agents(self) -> t.Iterator[Given]:
        for one in self._machine.engine.connectors:
            yield {"Guid": f"{{{str(one.id).upper()}}}", "Name": one.name, "Type": "Active Directory" if one.kind == "AD" else "Extensible"}


def _conditions(cmdlet: str, text: str) -> list[tuple[str, str]]:
    """Equalities joined by AND.  Raises `Terminating` for any other filter."""
    found = []
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []:
        match = _CONDITION.fullmatch(part)
        if match is None:
            raise cmdlets.not_emulated(f"{cmdlet} -Filter {text}")
        found.append((match[1][:1].upper() + match[1][1:], next(value for value in match.groups()[1:] if value is not None)))
    return found


def _native(text: str) -> ErrorRecord:
    """What a program writes to its error stream."""
    return ErrorRecord(text, f"{_AUTOMATION}.RemoteException", "NativeCommandError", "NotSpecified", PROGRAM.rpartition("\\")[2])
