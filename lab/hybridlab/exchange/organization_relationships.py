# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organization relationships: what another organisation may see of this one."""

from __future__ import annotations

import re
import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.settings import merge, recipient

ROWS = table("""
ArchiveAccessEnabled     bool   false
DeliveryReportEnabled    bool   false
DomainNames              texts
Enabled                  bool   true
FreeBusyAccessEnabled    bool   false
FreeBusyAccessLevel      enum   None:None,AvailabilityOnly,LimitedDetails
FreeBusyAccessScope      ref    -
MailTipsAccessEnabled    bool   false
MailTipsAccessLevel      enum   None:None,All,Limited
MailTipsAccessScope      ref    -
MailboxMoveEnabled       bool   false
OrganizationContact      text?  -
PhotosEnabled            bool   false
TargetApplicationUri     text?  -
TargetAutodiscoverEpr    text?  -
TargetOwaURL             text?  -
TargetSharingEpr         text?  -
""")
_ADDRESSES = ("TargetApplicationUri", "TargetAutodiscoverEpr", "TargetOwaURL", "TargetSharingEpr")
_DOMAIN = re.compile(r"([\w-]+\.)+[\w-]{2,}")


class OrganizationRelationships(Sort):
    noun = "OrganizationRelationship"
    parent = f"CN=Federation,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.OrganizationRelationship",)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        settings.pop("Force", None)
        found: Values = {}
        for name in _ADDRESSES:
            if name in settings:
                found[name] = printed_uri(settings.pop(name))
        for name in ("FreeBusyAccessScope", "MailTipsAccessScope"):
            if settings.get(name):
                found[name] = recipient(call.server.recipients, settings.pop(name), "groups")
        if "DomainNames" in settings:
            found["DomainNames"] = merge(entry.values["DomainNames"] if entry else [], settings.pop("DomainNames"), _domain)
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        if not values["DomainNames"]:
            raise failures.invalid("The property DomainNames must have at least one value.")
        for other in self.store(call):
            shared = {one.lower() for one in other.values["DomainNames"]} & {one.lower() for one in values["DomainNames"]}
            if other is not entry and shared:
                text = f"The domain name '{sorted(shared)[0]}' is already used by the organization relationship '{other.name}'."
                raise failures.refused(text, "DuplicateOrganizationRelationshipDomainException", "ResourceExists")
        if values["FreeBusyAccessScope"] and not values["FreeBusyAccessEnabled"]:
            raise failures.invalid("FreeBusyAccessScope can be set only when FreeBusyAccessEnabled is $true.")
        if values["MailTipsAccessScope"] and not values["MailTipsAccessEnabled"]:
            raise failures.invalid("MailTipsAccessScope can be set only when MailTipsAccessEnabled is $true.")


SORT = OrganizationRelationships()


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(str(text)):
        raise failures.invalid(f"'{text}' isn't a valid SMTP domain.")
    return str(text)


def printed_uri(text: t.Any) -> str | None:
    """As a System.Uri prints itself: a host alone ends with a slash."""
    if not text:
        return None
    return f"{text}/" if re.fullmatch(r"https?://[^/]+", str(text)) else str(text)
