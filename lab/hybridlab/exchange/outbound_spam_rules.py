# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outbound spam filter rules of Exchange Online: for which senders a policy holds.

Microsoft's reference says that a rule takes neither the default policy nor one that another rule has.  Its object is not published:
it is taken to look like a transport rule, whose lists are null when they are empty and show recipients by their addresses.
"""

from __future__ import annotations

import typing as t

from hybridlab.clixml import MultiValued, Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.ordered import OrderedRules, refused
from hybridlab.exchange.settings import recipient
from hybridlab.exchange.shapes import configuration_identification

CONDITIONS = ("From", "FromMemberOf", "SenderDomainIs")
LISTS = (*CONDITIONS, *(f"ExceptIf{name}" for name in CONDITIONS))
POLICY = "HostedOutboundSpamFilterPolicy"
ROWS = table("""
HostedOutboundSpamFilterPolicy   text    ""
From                             texts
FromMemberOf                     texts
SenderDomainIs                   texts
ExceptIfFrom                     texts
ExceptIfFromMemberOf             texts
ExceptIfSenderDomainIs           texts
Comments                         text    ""
State                            =text   Enabled
Priority                         =int    0
""")
_LONGEST_COMMENT = 1024


class OutboundSpamRules(OrderedRules):
    noun = "HostedOutboundSpamFilterRule"
    parent = f"CN=HostedOutboundSpamFilterVersioned,CN=Rules,CN=Transport Settings,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.MessagingPolicies.Rules.Tasks.HostedOutboundSpamFilterRule", "System.Object")

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found = super().special(call, settings, entry)
        if POLICY in settings:
            found[POLICY] = self._policy(call, settings.pop(POLICY), entry)
        for name in LISTS:
            if name in settings:
                members = [_member(call, name, one) for one in settings.pop(name) or []]
                found[name] = list(dict.fromkeys(members))
        return found

    def _policy(self, call: Call, name: t.Any, entry: Entry | None) -> str:
        matches = call.server.objects[POLICY].find(name)
        if not matches:
            raise failures.reference_not_found("outbound spam filter policy", name)
        policy = matches[0]
        if policy.values["IsDefault"]:
            raise refused(f"The default outbound spam filter policy '{policy.name}' can't be used in a rule.")
        if any(one is not entry and one.values[POLICY] == policy.name for one in self.store(call)):
            raise refused(f"The outbound spam filter policy '{policy.name}' is already associated with another rule.")
        return policy.name

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        if not any(values[name] for name in CONDITIONS):
            raise refused("The rule has no condition. Specify at least one of From, FromMemberOf and SenderDomainIs.")
        if len(values["Comments"]) > _LONGEST_COMMENT:
            raise failures.invalid(f"The comment is longer than {_LONGEST_COMMENT} characters.")

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = {name: entry.values[name] for name in ROWS} | {name: MultiValued(entry.values[name]) if entry.values[name] else None for name in LISTS}
        identified = configuration_identification(entry)
        shown |= {name: identified[name] for name in ("DistinguishedName", "Guid", "Name", "IsValid", "WhenChanged")}
        return Obj(self.types, shown | {"Identity": entry.name, "ImmutableId": entry.guid}, string=entry.name)


SORT = OutboundSpamRules()


def _member(call: Call, name: str, value: t.Any) -> str:
    if name.endswith("SenderDomainIs"):
        if not str(value).strip() or "." not in str(value) or "@" in str(value):
            raise failures.invalid(f"'{value}' isn't a valid domain.")
        return str(value)
    kind = "groups" if name.endswith("MemberOf") else "senders"
    return str(recipient(call.server.recipients, value, kind).values["PrimarySmtpAddress"])
