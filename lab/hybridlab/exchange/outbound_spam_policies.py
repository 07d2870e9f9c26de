# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outbound spam filter policies of Exchange Online: what a sender may send, and what becomes of one who sends too much.  No message is sent.

Defaults and limits are those of Microsoft's reference of New-HostedOutboundSpamFilterPolicy.
"""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.settings import merge

ROWS = table("""
AdminDisplayName                            text    ""
RecipientLimitExternalPerHour               int     0
RecipientLimitInternalPerHour               int     0
RecipientLimitPerDay                        int     0
ActionWhenThresholdReached                  enum    BlockUserForToday:Alert,BlockUserForToday,BlockUser
AutoForwardingMode                          enum    Automatic:Automatic,Off,On
BccSuspiciousOutboundMail                   bool    false
BccSuspiciousOutboundAdditionalRecipients   texts
NotifyOutboundSpam                          bool    false
NotifyOutboundSpamRecipients                texts
IsDefault                                   =bool   false
Enabled                                     =bool   true
""")
LIMITS = ("RecipientLimitExternalPerHour", "RecipientLimitInternalPerHour", "RecipientLimitPerDay")
MOST = 10000
ADDRESSES = ("BccSuspiciousOutboundAdditionalRecipients", "NotifyOutboundSpamRecipients")


class OutboundSpamPolicies(Sort):
    noun = "HostedOutboundSpamFilterPolicy"
    parent = f"CN=Hosted Outbound Spam Filter,CN=Transport Settings,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.HostedOutboundSpamFilterPolicy",)

    def seed(self, store: Store) -> None:
        store.add(self.entry("Default", IsDefault=True))
        store.add(self.entry("Executives", RecipientLimitPerDay=800, ActionWhenThresholdReached="BlockUser"))

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        if "RecommendedPolicyType" in settings:
            raise failures.not_emulated(call.cmdlet, "-RecommendedPolicyType")
        return {name: merge(entry.values[name] if entry else [], settings.pop(name), _address) for name in ADDRESSES if name in settings}

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        for name in LIMITS:
            if not 0 <= int(values[name]) <= MOST:
                raise failures.invalid(f"The value of property '{name}' must be between 0 and {MOST}; it is {values[name]}.")

    def removable(self, call: Call, entry: Entry) -> None:
        if entry.values["IsDefault"]:
            raise failures.refused("The default outbound spam filter policy can't be removed.", "CannotRemoveDefaultPolicyException")


SORT = OutboundSpamPolicies()


def _address(text: t.Any) -> str:
    name, at, domain = str(text).partition("@")
    if not (name and at and "." in domain) or " " in str(text):
        raise failures.invalid(f"The email address '{text}' isn't correct. Please use this format: user name, the @ sign, followed by the domain name.")
    return str(text)
