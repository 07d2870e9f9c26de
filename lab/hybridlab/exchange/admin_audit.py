# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The administrator audit log of a server's organisation: what changed something, by whom, with which parameters.

What is done in the lab gets into it, and it begins with what is written here.  The log is kept in an arbitration mailbox, as far back as the age limit;
with log level Verbose it has the properties that were changed, with their old values.  What only reads is not logged.
"""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import itertools
import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.exchange import failures, values
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import DOMAIN, derived_guid
from hybridlab.exchange.settings import merge
from hybridlab.records import PLAIN_SECRETS, Credential, Output, Record, SecureString, Warned

LARGEST, DEFAULT = 250_000, 1000
"""How many entries a search returns at most, and where nothing is said."""
READING = ("Get-", "Search-", "Test-", "Set-ADServerSettings")
_TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks"
_TYPES = ("Microsoft.Exchange.Management.SystemConfigurationTasks.AdminAuditLogEvent", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_CALLER = f"{DOMAIN}/Users/Administrator"
_DAY = datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Event:
    """One entry; ``changed`` are properties with their new and their old value, which only log level Verbose keeps."""

    time: datetime.datetime
    cmdlet: str
    thing: str
    given: dict[str, str]
    error: str | None = None
    caller: str = _CALLER
    changed: tuple[tuple[str, str, str], ...] = ()
    number: int = 0


SEED = (
    Event(_DAY, "Set-Mailbox", f"{DOMAIN}/Users/User 0", {"Identity": "user0", "HiddenFromAddressListsEnabled": "True"}),
    Event(
        _DAY + datetime.timedelta(minutes=5),
        "Set-RemoteDomain",
        "Default",
        {"Identity": "Default", "AutoForwardEnabled": "False"},
        changed=(("AutoForwardEnabled", "False", "True"),),
    ),
    Event(_DAY + datetime.timedelta(minutes=9), "Remove-Mailbox", "nobody", {"Identity": "nobody"}, "The object 'nobody' couldn't be found.", "CONTOSO\\bob"),
)


@dataclasses.dataclass
class AdminAudit:
    """The log and its settings."""

    events: list[Event] = dataclasses.field(default_factory=lambda: list(SEED))
    settings: dict[str, t.Any] = dataclasses.field(
        default_factory=lambda: {
            "AdminAuditLogEnabled": True,
            "LogLevel": "None",
            "TestCmdletLoggingEnabled": False,
            "AdminAuditLogCmdlets": ["*"],
            "AdminAuditLogParameters": ["*"],
            "AdminAuditLogExcludedCmdlets": [],
            "AdminAuditLogAgeLimit": "90.00:00:00",
        }
    )
    numbers: t.Iterator[int] = dataclasses.field(default_factory=lambda: itertools.count(1))

    def keep(self, call: Call, error: str | None = None, changed: tuple[tuple[str, str, str], ...] = ()) -> None:
        """Note a call that may have changed something, unless the settings say not to."""
        kept = self.settings
        named = any(fnmatch.fnmatch(call.cmdlet.lower(), one.lower()) for one in kept["AdminAuditLogCmdlets"])
        left_out = any(fnmatch.fnmatch(call.cmdlet.lower(), one.lower()) for one in kept["AdminAuditLogExcludedCmdlets"])
        always = call.cmdlet == "Set-AdminAuditLogConfig"  # whoever turns the log off is in it
        if call.what_if or call.cmdlet.startswith(READING) or not (always or (kept["AdminAuditLogEnabled"] and named and not left_out)):
            return
        parameters = given(call)
        thing = parameters.get("Identity") or parameters.get("Name") or ""
        self.events.append(Event(datetime.datetime.now(datetime.UTC), call.cmdlet, thing, parameters, error, changed=changed, number=next(self.numbers)))


def difference(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> tuple[tuple[str, str, str], ...]:
    """The properties of an object that a call changed, with their new and their old value; not when that was."""
    names = [name for name in before if name in after and not name.startswith("WhenChanged")]
    shown = [(name, shown_value(name, after[name]), shown_value(name, before[name])) for name in names]
    return tuple(one for one in shown if one[1] != one[2])


def given(call: Call) -> dict[str, str]:
    """A call's parameters as a log shows them."""
    return {name: shown_value(name, value) for name, value in call.parameters.items()}


def shown_value(name: str, value: t.Any) -> str:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, MultiValued):
        return shown_value(name, value.items)
    if isinstance(value, Obj):
        return value.string or ""
    if isinstance(value, (SecureString, Credential)) or name.lower() in PLAIN_SECRETS:
        return "*****"
    if isinstance(value, dict):
        return ", ".join(f"{how}: {shown_value('', members)}" for how, members in value.items())
    return ";".join(shown_value("", one) for one in value) if isinstance(value, list) else str(value)


def config(call: Call) -> t.Iterable[Record]:
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.AdminAuditLogConfig", "System.Object")
    shown = {name: MultiValued(value) if isinstance(value, list) else value for name, value in call.server.admin_audit.settings.items()}
    return [Output(Obj(types, {"Name": "Admin Audit Log Settings", **shown}))]


def set_config(call: Call) -> t.Iterable[Record]:
    kept = call.server.admin_audit.settings
    wanted = {name: value for name, value in call.settings.items() if name in kept}
    if set(call.settings) - set(wanted):
        raise failures.not_emulated(call.cmdlet, f"-{min(set(call.settings) - set(wanted))}")
    changes: dict[str, t.Any] = {name: merge(kept[name], value, str) if isinstance(kept[name], list) else value for name, value in wanted.items()}
    if "AdminAuditLogAgeLimit" in changes:
        changes["AdminAuditLogAgeLimit"] = values.print_span(changes["AdminAuditLogAgeLimit"])
    if all(kept[name] == value for name, value in changes.items()):
        return [Warned(failures.unchanged("Admin Audit Log Settings"))]
    if not call.what_if:
        kept.update(changes)
    return []


def search(call: Call) -> t.Iterable[Record]:
    """The newest first."""
    given = call.parameters
    size, start = given.get("ResultSize", DEFAULT), given.get("StartIndex", 0)
    if not 1 <= size <= LARGEST:
        raise failures.invalid(f"The value of parameter 'ResultSize' must be between 1 and {LARGEST}; it is {size}.")
    if given.get("Parameters") and not given.get("Cmdlets"):
        raise failures.refused("The Parameters parameter can be used only with the Cmdlets parameter.", "ArgumentException", "InvalidArgument")
    if "StartDate" in given and "EndDate" in given and given["StartDate"] > given["EndDate"]:
        raise failures.refused("The start date must be earlier than the end date.", "ArgumentException", "InvalidArgument")
    found = sorted((one for one in call.server.admin_audit.events if _fits(one, given)), key=lambda one: (one.time, one.number), reverse=True)
    return [Output(_view(one, call.server.admin_audit.settings["LogLevel"])) for one in found[start : start + size]]


def _fits(one: Event, given: t.Mapping[str, t.Any]) -> bool:
    if ("StartDate" in given and one.time < given["StartDate"]) or ("EndDate" in given and one.time >= given["EndDate"]):
        return False
    if given.get("IsSuccess") is not None and given["IsSuccess"] != (one.error is None):
        return False
    if given.get("ExternalAccess"):
        return False
    compared = {"Cmdlets": [one.cmdlet], "Parameters": list(one.given), "ObjectIds": [one.thing], "UserIds": [one.caller]}
    for name, there in compared.items():
        wanted = [str(each).lower() for each in given.get(name) or ()]
        if wanted and not {each.lower() for each in there} & set(wanted):
            return False
    return True


def _view(one: Event, level: str) -> Obj:
    named = (f"{_TASKS}.AdminAuditLogCmdletParameter", "System.Object")
    modified = (f"{_TASKS}.AdminAuditLogModifiedProperty", "System.Object")
    changed = one.changed if level == "Verbose" or not one.number else ()
    identity = str(derived_guid("admin audit", f"{one.time} {one.number} {one.cmdlet}"))
    properties = {
        "ObjectModified": one.thing,
        "ModifiedObjectResolvedName": one.thing,
        "CmdletName": one.cmdlet,
        "CmdletParameters": MultiValued([Obj(named, {"Name": name, "Value": value}, string=name) for name, value in one.given.items()]),
        "ModifiedProperties": MultiValued([Obj(modified, {"Name": name, "NewValue": new, "OldValue": old}, string=name) for name, new, old in changed]),
        "Caller": one.caller,
        "ExternalAccess": False,
        "Succeeded": one.error is None,
        "Error": one.error or "None",
        "RunDate": values.local(one.time),
        "OriginatingServer": f"{failures.SERVER} (15.02.1748.010)",
        "Identity": identity,
        "IsValid": True,
        "ObjectState": "New",
    }
    return Obj(_TYPES, properties, string=identity)


HANDLERS: dict[str, Handler] = {"Search-AdminAuditLog": search}
