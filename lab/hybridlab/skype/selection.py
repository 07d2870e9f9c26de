# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Get- cmdlets of accounts select: a filter over properties, an organizational unit, so many of them."""

from __future__ import annotations

import typing as t
import uuid

from hybridlab.clixml import Obj, ValueObj
from hybridlab.exchange import failures as exchange_failures
from hybridlab.exchange import opath
from hybridlab.exchange.directory import Entry
from hybridlab.records import Output, Record
from hybridlab.skype import failures

if t.TYPE_CHECKING:
    from hybridlab.skype.server import Call


def selected(call: Call, shown: t.Sequence[Obj], names: t.Collection[str]) -> t.Iterator[Record]:
    """``names`` are the properties that can be filtered by.  Raises `failures.Refused` for a filter that is not understood."""
    call.only("Identity", "Filter", "OU", "ResultSize")
    fits = _filter(call.parameters.get("Filter"), names)
    unit = str(call.parameters.get("OU", "")).lower()
    found = [one for one in shown if fits(one) and (one.string or "").lower().endswith(unit)]
    limit = call.parameters.get("ResultSize", "Unlimited")
    for one in found if limit == "Unlimited" else found[: int(limit)]:
        yield Output(one)


def _filter(text: t.Any, names: t.Collection[str]) -> t.Callable[[Obj], bool]:
    if text is None:
        return lambda one: True
    try:
        predicate = opath.compiled(str(text), names, lambda entry, name: entry.values[name])
    except exchange_failures.Refused as refused:
        raise failures.invalid(refused.text) from None
    return lambda one: predicate(Entry("", "", "", "", uuid.UUID(int=0), {name: _plain(value) for name, value in one.props.items()}))


def _plain(value: t.Any) -> t.Any:
    return value.string if isinstance(value, ValueObj) else value
