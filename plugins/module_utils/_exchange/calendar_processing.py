# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Get-CalendarProcessing and Set-CalendarProcessing do otherwise than the rule says."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import html_text, recipients
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

PEOPLE = ("book_in_policy", "request_in_policy", "request_out_of_policy", "resource_delegates")

OF_RESOURCES = ("automate_processing", "add_new_requests_tentatively", "process_external_meeting_messages", "resource_delegates")
"""What Exchange lets nobody change for a mailbox that is no resource (ResourceOnlyException)."""

BETWEEN = {
    "booking_window_in_days": (0, 1080),
    "conflict_percentage_allowed": (0, 100),
    "maximum_conflict_instances": (0, 2**31 - 1),
    "maximum_duration_in_minutes": (0, 2**31 - 1),
}
"""The smallest and the largest value of numbers, according to their reference."""

FIELDS = (
    *(Field(name, codec="recipients") for name in PEOPLE),
    Field("additional_response", codec=html_text.MESSAGE),
)


class CalendarProcessing(CmdletResource):
    """How one mailbox answers meeting requests."""

    facts = ()
    owners = ("Mailbox",)

    def read(self, session: Session, options: Options) -> engine.Reading:
        """The policies list people by their legacy names (``/o=…/cn=…``); those that the task is about are compared by their present ones."""
        found = super().read(session, options)
        state = dict(found.state or {})
        for option in PEOPLE:
            if options.get(option) is not None and option in state:
                state[option] = [name for name in (self._present(session, option, one, options) for one in state[option]) if name]
        return engine.Reading(state, found.background)

    def _present(self, session: Session, option: str, name: str, options: Options) -> str | None:
        """The present name; None for someone who is no more, whom Set-CalendarProcessing would not take again."""
        if not name.startswith("/o="):
            return name
        if name.casefold() not in self.recipients:
            found = recipients.lookup(session, option, name, common(options), must_exist=False)
            if found is None:
                return None
            self.recipients[name.casefold()] = found
        return self.recipients[name.casefold()]

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted, before = super().wanted(session, options, current), current or {}
        for name, (low, high) in BETWEEN.items():
            if name in wanted and not low <= wanted[name] <= high:
                raise UsageError(f"{name} is {wanted[name]}; it must be between {low} and {high}")
        changed = plan.make(self.attributes, True, {name: wanted[name] for name in OF_RESOURCES if name in wanted}, before).changes
        if changed:
            answer = session.invoke("Get-Mailbox", self.identity(options) | common(options), properties=("IsResource",))
            if not single(answer, "Get-Mailbox", session.target, self.label(options))["IsResource"]:
                text = f"{', '.join(changed)} can be changed only for a resource, a room or equipment, and the mailbox is none"
                raise UsageError(text, advice="Leave the option out, or make it a resource with the type of exchange_mailbox")
        return wanted

    def dump(self, changes: t.Mapping[str, plan.Change]) -> dict[str, t.Any]:
        """Lists are arrays of recipients: the cmdlet takes them whole only."""
        return {self.attributes[name].write: self.attributes[name].codec.dump(change.after) for name, change in changes.items()}
