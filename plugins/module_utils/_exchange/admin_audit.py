# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The administrator audit log of an organization on-premises: read as a whole or not at all, with what its settings leave out of it.

Sources: Microsoft's references of Search-AdminAuditLog and Get-AdminAuditLogConfig, and its description of the log's structure.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, entries, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotRecorded, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, single
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.unified_audit import span

CMDLET, SETTINGS = "Search-AdminAuditLog", "Get-AdminAuditLogConfig"
LARGEST = 250_000
"""How many entries a search returns at most."""
PAGE = 5000
"""How many are asked for at a time where they go to a file."""
_FILTERS = {
    "cmdlets": "Cmdlets",
    "parameters": "Parameters",
    "object_ids": "ObjectIds",
    "user_ids": "UserIds",
    "is_success": "IsSuccess",
    "external_access": "ExternalAccess",
}
_PROPERTIES = tuple(
    "objectmodified modifiedobjectresolvedname cmdletname cmdletparameters modifiedproperties caller externalaccess succeeded error rundate "
    "originatingserver identity".split()
)
_SETTINGS: dict[str, tuple[str, values.Codec]] = {
    "enabled": ("adminauditlogenabled", values.CODECS["bool"]),
    "level": ("loglevel", values.Codec(lambda value: values.snake(values.text(value)) or None)),
    "cmdlets": ("adminauditlogcmdlets", values.CODECS["texts"]),
    "parameters": ("adminauditlogparameters", values.CODECS["texts"]),
    "excluded_cmdlets": ("adminauditlogexcludedcmdlets", values.CODECS["texts"]),
    "age_limit": ("adminauditlogagelimit", values.CODECS["timespan"]),
    "test_cmdlets": ("testcmdletloggingenabled", values.CODECS["bool"]),
}
_NARROW = "Make the time between start_date and end_date shorter, name cmdlets, objects or users, or raise max_results"
_ENABLE = "Set-AdminAuditLogConfig -AdminAuditLogEnabled $true turns it on; what happens before that is not recorded"


@dataclasses.dataclass(frozen=True)
class AdminAuditLogInfo(Module):
    """Entries of the log, the newest first, and the settings that decide what gets into it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        start, end = span(options)
        if start >= end:
            raise UsageError(f"start_date is {start}, which is not before end_date, {end}")
        if options.get("parameters") and not options.get("cmdlets"):
            raise UsageError("parameters needs cmdlets: Exchange looks for parameters only of cmdlets that are named")
        for name in _FILTERS:
            given = options.get(name)
            if isinstance(given, list) and not (given and all(str(one).strip() for one in given)):
                raise UsageError(f"{name} is empty, or has an empty member; leave it out to take all entries")
        if not 1 <= options["max_results"] < LARGEST:
            raise UsageError(f"max_results is {options['max_results']}; it must be 1 to {LARGEST - 1}")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        log = settings(session, task.options)
        with entries.kept(task) as found:
            search(session, task.options, found)
        if not found.count and log["enabled"] is False:
            text = "the administrator audit log is turned off, so that nothing is found"
            raise NotRecorded(text, cmdlet=SETTINGS, target=session.target, advice=_ENABLE)
        return {**found.result(lambda one: one["time"]), "log": log, "warnings": list(doubts(log, *span(task.options)))}


def settings(session: engine.Tally, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The log's settings.  Raises HybridError."""
    answer = session.invoke(SETTINGS, common(options), properties=[read for read, _codec in _SETTINGS.values()])
    found = {values.fold(name): value for name, value in single(answer, SETTINGS, session.target, "the settings of the audit log").items()}
    return {name: codec.load(found[read]) if read in found else None for name, (read, codec) in _SETTINGS.items()}


def search(session: engine.Tally, options: t.Mapping[str, t.Any], found: entries.Entries) -> None:
    """Add the entries.  One more than is welcome is asked for: that is how a search shows that there are more.  Raises Truncated.

    Pages are counted from the newest entry, so one that arrives late moves others onto the next page: it comes twice then, and none is lost.
    """
    start, end = span(options)
    filters = {written: options[name] for name, written in _FILTERS.items() if options.get(name) is not None}
    given = {"StartDate": start, "EndDate": end, **filters, **common(options)}
    most, read = options["max_results"], 0
    while True:
        size = min(PAGE, most + 1 - read) if found.streamed else most + 1
        answer = session.invoke(CMDLET, {**given, "ResultSize": size, **({"StartIndex": read} if read else {})}, properties=_PROPERTIES)
        try:
            page = [row({values.fold(name): value for name, value in one.items()}) for one in answer.output]
        except (AttributeError, KeyError, ValueError) as error:
            raise HybridError(f"an entry of the log cannot be understood: {error}", cmdlet=CMDLET, target=session.target) from None
        found.add(page[: most - read])
        read += len(page)
        if read > most or (answer.truncated and len(page) < size):
            raise Truncated(f"there are more than {min(read, most)} entries", cmdlet=CMDLET, target=session.target, advice=_NARROW)
        if len(page) < size:
            return


def row(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """One entry as it is returned.  Raises KeyError for a property that is not there, ValueError for one that cannot be read."""
    error = values.text(found["error"])
    return {
        "time": _moment(found["rundate"]),
        "cmdlet": values.text(found["cmdletname"]),
        "parameters": {name: values.text(parts.get("value")) for name, parts in _named(found["cmdletparameters"])},
        "object": values.text(found["objectmodified"]),
        "object_name": values.text(found.get("modifiedobjectresolvedname")),
        "modified": {name: {"before": parts.get("oldvalue"), "after": parts.get("newvalue")} for name, parts in _named(found["modifiedproperties"])},
        "caller": values.text(found["caller"]),
        "external_access": values.boolean(found.get("externalaccess")),
        "succeeded": values.boolean(found["succeeded"]),
        "error": None if error.casefold() in ("", "none") else error,
        "originating_server": values.text(found["originatingserver"]),
        "id": values.text(found["identity"]),
    }


def _moment(value: t.Any) -> str:
    moment = values.timestamp(value)
    if moment is None:
        raise ValueError("it has no time")
    return moment


def _named(listed: t.Any) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """The members of a list of names with values; a member that arrives as its name alone has no value."""
    for one in listed or ():
        parts = {values.fold(str(name)): value for name, value in one.items()} if isinstance(one, t.Mapping) else {"name": one}
        yield values.text(parts["name"]), parts


def doubts(log: t.Mapping[str, t.Any], start: str, end: str) -> t.Iterator[str]:
    """What the settings say about entries that are not there."""
    if log["enabled"] is False:
        yield f"The administrator audit log is turned off: nothing new gets into it. {_ENABLE}."
    if log["cmdlets"] not in (None, ["*"]) or log["excluded_cmdlets"]:
        yield "The administrator audit log does not record every cmdlet; its settings in the result say which."
    days = int((log["age_limit"] or "").partition(".")[0] or 0)
    oldest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    if days and start < oldest.strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield f"Entries are kept for {days} days; those before {oldest:%Y-%m-%d} may be gone."
