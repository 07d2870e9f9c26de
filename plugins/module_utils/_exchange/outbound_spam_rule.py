# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of outbound spam filter rules: they are switched, and name at least one sender.

Sources: Microsoft's reference of New-, Set-, Enable- and Disable-HostedOutboundSpamFilterRule.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.transport_rule import LINES, STATE, both

PEOPLE, DOMAINS = both("from", "from_member_of"), both("sender_domain_is")
CONDITIONS = ("from", "from_member_of", "sender_domain_is")
FIELDS = (
    Field("enabled", read="State", codec=STATE),
    Field("comments", codec=LINES),
    Field("hosted_outbound_spam_filter_policy", codec="name"),
    *(Field(name, codec="recipient_addresses") for name in PEOPLE),
    *(Field(name, codec=values.array(values.NAME)) for name in DOMAINS),
)


class OutboundSpamRule(CmdletResource):
    """A rule.  Set- does not switch it: Enable- and Disable- do."""

    needed = ("hosted_outbound_spam_filter_policy",)

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, tuple(attributes))  # half a rule would hold for the wrong senders at once

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action != "delete" and not any((todo.after or {}).get(name) for name in CONDITIONS):
            text = f"{self.label(options)} would be for no sender; it needs at least one of {', '.join(CONDITIONS)}"
            raise UsageError(text, advice="Nothing was written; to suspend a rule set enabled to false, and to end it state to absent")
        if todo.action != "update":
            return super().calls(todo, options, found)
        changes = dict(todo.changes)
        switch = changes.pop("enabled", None)
        made = [self.call("Set", options, self.identity(options) | self.dump(changes))] if changes else []
        if switch is None:
            return made
        # a rule is off while it is changed
        return [*made, self.call("Enable", options, self.identity(options))] if switch.after else [self.call("Disable", options, self.identity(options)), *made]
