# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that have an order from 0 and are switched on and off, whatever they are about."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, commit
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import Entry
from hybridlab.records import Record


class OrderedRules(Sort):
    """Rules of one kind: State and Priority are properties of each, and Enable- and Disable- switch it."""

    def handlers(self) -> dict[str, Handler]:
        return {**super().handlers(), f"Enable-{self.noun}": self.enable, f"Disable-{self.noun}": self.disable}

    # order

    def listing(self, call: Call) -> list[Entry]:
        for name in ("Filter", "DlpPolicy"):
            if name in call.parameters:
                raise failures.not_emulated(call.cmdlet, f"-{name}")
        state = call.parameters.get("State")
        rules = sorted(super().listing(call), key=lambda entry: int(entry.values["Priority"]))
        return [entry for entry in rules if state is None or entry.values["State"] == state]

    def _others(self, call: Call, entry: Entry | None) -> list[Entry]:
        return sorted((one for one in self.store(call) if one is not entry), key=lambda one: int(one.values["Priority"]))

    def _placed(self, call: Call, wanted: t.Any, entry: Entry | None) -> int:
        """The rule's place.  Raises `failures.Refused`."""
        lowest = len(self._others(call, entry))
        if wanted is None:
            return lowest
        if not 0 <= int(wanted) <= lowest:
            raise refused(f"The specified rule priority is invalid. Use a value between '0' (highest priority), and '{lowest}' (lowest priority).")
        return int(wanted)

    def _make_room(self, call: Call, entry: Entry) -> None:
        """The other rules keep their order around this one."""
        for number, one in enumerate(self._others(call, entry)):
            place = number + (number >= entry.values["Priority"])
            if one.values["Priority"] != place:
                self.store(call).change(one, {"Priority": place})

    def added(self, call: Call, entry: Entry) -> None:
        self._make_room(call, entry)

    def set(self, call: Call) -> t.Iterable[Record]:
        entry = self.store(call).one(call.identity)
        records = list(super().set(call))
        if not call.what_if:
            self._make_room(call, entry)
        return records

    def remove(self, call: Call) -> t.Iterable[Record]:
        records = super().remove(call)
        for number, one in enumerate(self._others(call, None)):
            self.store(call).change(one, {"Priority": number})
        return records

    # states

    def enable(self, call: Call) -> t.Iterable[Record]:
        mode = call.parameters.get("Mode")
        return self._switched(call, {"State": "Enabled"} | ({"Mode": mode} if mode else {}))

    def disable(self, call: Call) -> t.Iterable[Record]:
        return self._switched(call, {"State": "Disabled"})

    def _switched(self, call: Call, changes: Values) -> t.Iterable[Record]:
        store = self.store(call)
        return list(commit(call, store, store.one(call.identity), changes))

    # properties

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found: Values = {}
        if entry is None:
            found["State"] = "Disabled" if settings.pop("Enabled", True) is False else "Enabled"
        if "Priority" in settings or entry is None:
            found["Priority"] = self._placed(call, settings.pop("Priority", None), entry)
        return found


def refused(text: str) -> failures.Refused:
    return failures.refused(text, "ArgumentException", "InvalidArgument")
