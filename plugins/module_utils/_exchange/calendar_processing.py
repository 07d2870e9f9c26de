# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Get-CalendarProcessing and Set-CalendarProcessing do otherwise than the rule says."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import html_text, recipients
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

PEOPLE = ("book_in_policy", "request_in_policy", "request_out_of_policy", "resource_delegates")

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

    def dump(self, changes: t.Mapping[str, plan.Change]) -> dict[str, t.Any]:
        """Lists are arrays of recipients: the cmdlet takes them whole only."""
        return {self.attributes[name].write: self.attributes[name].codec.dump(change.after) for name, change in changes.items()}
