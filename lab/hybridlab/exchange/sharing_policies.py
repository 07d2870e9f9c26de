# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sharing policies: with which domains users may share calendars and contacts, and how much of them."""

from __future__ import annotations

import re

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.settings import merge

ACTIONS = ("CalendarSharingFreeBusySimple", "CalendarSharingFreeBusyDetail", "CalendarSharingFreeBusyReviewer", "ContactsSharing")
ROWS = table("""
Default  =bool  false
Domains  texts
Enabled  bool   true
""")
_DOMAIN = re.compile(r"\*|Anonymous|([\w-]+\.)+[\w-]{2,}", re.IGNORECASE)


class SharingPolicies(Sort):
    noun = "SharingPolicy"
    parent = f"CN=Federation Policies,CN=Federation,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.SharingPolicy",)

    def seed(self, store: Store) -> None:
        everybody = ["Anonymous:CalendarSharingFreeBusyReviewer", "*:CalendarSharingFreeBusySimple"]
        store.add(self.entry("Default Sharing Policy", Domains=everybody, Default=True))
        store.add(self.entry("Partners", Domains=["adatum.com:CalendarSharingFreeBusyDetail, ContactsSharing"]))

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found: Values = {}
        if "Domains" in settings:
            found["Domains"] = merge(entry.values["Domains"] if entry else [], settings.pop("Domains"), _printed)
        if settings.pop("Default", False):
            found["Default"] = True
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        domains = [one.partition(":")[0].lower() for one in values["Domains"]]
        twice = sorted({one for one in domains if domains.count(one) > 1})
        if twice:
            raise failures.invalid(f"The domain '{twice[0]}' is listed more than once in the sharing policy.")
        if not domains:
            raise failures.invalid("The property Domains must have at least one value.")
        if values["Default"] and not call.what_if:
            for other in self.store(call):
                if other is not entry and other.values["Default"]:
                    self.store(call).change(other, {"Default": False})

    def removable(self, call: Call, entry: Entry) -> None:
        if entry.values["Default"]:
            raise failures.refused("The default sharing policy can't be removed.", "CannotRemoveDefaultSharingPolicyException")
        if any(one.values.get("SharingPolicy") == entry.name for one in call.server.recipients):
            raise failures.refused(f"The sharing policy '{entry.name}' can't be removed because users have it.", "CannotRemoveSharingPolicyInUseException")


SORT = SharingPolicies()


def _printed(text: str) -> str:
    """``adatum.com:ContactsSharing, CalendarSharingFreeBusySimple`` in the product's order.  Raises `failures.Refused`."""
    domain, colon, rest = str(text).partition(":")
    asked = [one.strip().lower() for one in rest.split(",")]
    known = [one for one in ACTIONS if one.lower() in asked]
    if not colon or not _DOMAIN.fullmatch(domain.strip()) or len(known) != len(set(asked)):
        raise failures.invalid(f"The sharing policy domain '{text}' isn't valid. Use the format <domain>: <action>[, <action>].")
    if sum(one.startswith("Calendar") for one in known) > 1:
        raise failures.invalid(f"The sharing policy domain '{text}' has more than one calendar action.")
    if domain.strip().lower() == "anonymous" and "ContactsSharing" in known:
        raise failures.invalid("Contacts can't be shared with Anonymous.")
    return f"{domain.strip()}:{', '.join(known)}"
