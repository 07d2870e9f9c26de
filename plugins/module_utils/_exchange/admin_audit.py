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
LARGEST, PAGE = 250_000, 5000
"""How many entries a search returns at most, and how many are asked for at a time."""
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
        with entries.collected(task) as collected:
            log = settings(session, task.options)
            for one in search(session, task.options):
                collected.put(one)
            if not collected.count and log["enabled"] is not True:
                raise NotRecorded(f"{_off(log)}, so that finding nothing says nothing", cmdlet=SETTINGS, target=session.target, advice=_ENABLE)
        return collected.result(lambda one: one["time"]) | {"log": log, "warnings": list(doubts(log, *span(task.options)))}


def _off(log: t.Mapping[str, t.Any]) -> str:
    return f"the administrator audit log is {'turned off' if log['enabled'] is False else 'perhaps turned off, its settings do not say'}"


def settings(session: engine.Tally, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The log's settings.  Raises HybridError."""
    answer = session.invoke(SETTINGS, common(options), properties=[read for read, _codec in _SETTINGS.values()])
    found = {values.fold(name): value for name, value in single(answer, SETTINGS, session.target, "the settings of the audit log").items()}
    return {name: codec.load(found[read]) if read in found else None for name, (read, codec) in _SETTINGS.items()}


def search(session: engine.Tally, options: t.Mapping[str, t.Any]) -> t.Iterator[entries.Entry]:
    """The entries, page by page.  One more than is welcome is asked for: that is how a search shows that there are more.

    What gets into the log in the meantime, late, moves the others: an entry may come twice, and none is lost.  Raises Truncated and HybridError.
    """
    most, received, known = options["max_results"], 0, set[str]()
    while True:
        size = min(PAGE, most + 1 - len(known))
        page = _page(session, options, received, size)
        received += len(page)
        new = [one for one in page if one["id"] not in known]
        known.update(one["id"] for one in new)
        if len(known) > most:
            raise Truncated(f"there are more than {most} entries", cmdlet=CMDLET, target=session.target, advice=_NARROW)
        yield from new
        if len(page) < size:
            return
        if not new:
            text = "what the log holds is not known: the server delivered entries a second time instead of further ones"
            raise HybridError(text, cmdlet=CMDLET, target=session.target, advice="Run the task again; if it fails again, make the time shorter")


def _page(session: engine.Tally, options: t.Mapping[str, t.Any], start_index: int, size: int) -> list[entries.Entry]:
    start, end = span(options)
    filters = {written: options[name] for name, written in _FILTERS.items() if options.get(name) is not None}
    place = {"StartIndex": start_index} if start_index else {}
    given = {"StartDate": start, "EndDate": end, **filters, **place, "ResultSize": size, **common(options)}
    answer = session.invoke(CMDLET, given, properties=_PROPERTIES)
    if answer.truncated or len(answer.output) > size:
        raise Truncated(f"a page was cut after {len(answer.output)} entries", cmdlet=CMDLET, target=session.target, advice=_NARROW)
    try:
        return [row({values.fold(name): value for name, value in one.items()}) for one in answer.output]
    except (AttributeError, KeyError, ValueError) as error:
        raise HybridError(f"an entry of the log cannot be understood: {error}", cmdlet=CMDLET, target=session.target) from None


def row(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """One entry as it is returned.  Raises KeyError for a property that is not there, ValueError for one that cannot be read."""
    error = values.text(found["error"])
    return {
        "time": _moment(found["rundate"]),
        "cmdlet": values.text(found["cmdletname"]),
        "parameters": {name: values.text(parts["value"]) if "value" in parts else None for name, parts in _named(found["cmdletparameters"])},
        "object": values.text(found["objectmodified"]),
        "object_name": values.text(found.get("modifiedobjectresolvedname")),
        "modified": {name: _sides(parts) for name, parts in _named(found["modifiedproperties"])},
        "caller": values.text(found["caller"]),
        "external_access": values.boolean(found.get("externalaccess")),
        "succeeded": values.boolean(found["succeeded"]),
        "error": None if error.casefold() in ("", "none") else error,
        "originating_server": values.text(found["originatingserver"]),
        "id": values.text(found["identity"]),
    }


def _sides(parts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The values before and after, those of them that the entry tells: what it does not tell was not empty."""
    return {side: parts[name] for side, name in (("before", "oldvalue"), ("after", "newvalue")) if name in parts}


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
    if log["enabled"] is not True:
        yield f"T{_off(log)[1:]}: entries may be missing. {_ENABLE}."
    if log["cmdlets"] not in (None, ["*"]) or log["excluded_cmdlets"]:
        yield "The administrator audit log does not record every cmdlet; its settings in the result say which."
    days = int((log["age_limit"] or "").partition(".")[0] or 0)
    oldest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    if days and start < oldest.strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield f"Entries are kept for {days} days; those before {oldest:%Y-%m-%d} may be gone."
