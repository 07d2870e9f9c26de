# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Get-CASMailbox and Set-CASMailbox do otherwise than the rule says."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import availability
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

MIME_FORMATS = (
    "text_only",
    "html_only",
    "html_and_text_alternative",
    "text_enriched_only",
    "text_enriched_and_text_alternative",
    "best_body_format",
    "tnef",
)
"""In the order of the numbers that Set-CASMailbox takes; Get-CASMailbox shows the names."""

APPLICATION_LISTS = {"ews_allow_list": "enforce_allow_list", "ews_block_list": "enforce_block_list"}
"""A list of applications, and the policy that goes with it.  Active Directory has one attribute for both lists, and the policy alone says which it is:
a server that gets one list without a word of the policy changes the policy, too."""

SHOWN_BY = {
    "active_sync_suppress_read_receipt": "ActiveSyncSuppressReadReceipt",
    "is_optimized_for_accessibility": "ReadIsOptimizedForAccessibility",
}
"""Options that live in the mailbox itself: Get-CASMailbox opens it for them only when this switch says so, and shows false otherwise."""

_NAMES = values.choice(MIME_FORMATS)
MIME_FORMAT = values.Codec(_NAMES.load, _NAMES.key, lambda value: MIME_FORMATS.index(value) if value in MIME_FORMATS else value)

FIELDS = (
    Field("active_sync_mailbox_policy", codec="name"),
    Field("owa_mailbox_policy", codec="name"),
    *(Field(f"{protocol}_messages_retrieval_mime_format", codec=MIME_FORMAT) for protocol in ("imap", "pop")),
    *(Field(name, codec="tristate") for name in ("ews_enabled", "ews_allow_entourage", "ews_allow_mac_outlook", "ews_allow_outlook", "mapi_http_enabled")),
)


class CasMailbox(CmdletResource):
    """The protocols and clients of one mailbox."""

    unlisted = ("active_sync_suppress_read_receipt", "is_optimized_for_accessibility")
    _DEFAULTED = "activesyncmailboxpolicyisdefaulted"

    def properties(self) -> list[str]:
        return sorted({*super().properties(), self._DEFAULTED})

    def selection(self, options: Options) -> dict[str, t.Any]:
        return super().selection(options) | {switch: True for option, switch in SHOWN_BY.items() if options.get(option) is not None}

    def read(self, session: Session, options: Options) -> engine.Reading:
        try:
            found = super().read(session, options)
        except BadParameter as error:
            raise availability.explain(error, engine.Call(f"Get-{self.noun}", self.selection(options))) from None
        unasked = {option for option in SHOWN_BY if options.get(option) is None}
        return engine.Reading({name: value for name, value in (found.state or {}).items() if name not in unasked})

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        """A mailbox without an ActiveSync policy shows the default one and says so in another property."""
        state = super().state(found)
        if any(values.fold(name) == self._DEFAULTED and value for name, value in found.items()):
            state["active_sync_mailbox_policy"] = ""
        return state

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        policy = wanted.get("ews_application_access_policy", (current or {}).get("ews_application_access_policy"))
        for name, needed in APPLICATION_LISTS.items():
            request = wanted.get(name)
            if request is not None and (request.exact or request.add) and policy != needed:
                raise UsageError(f"{name} needs ews_application_access_policy: {needed}, and it is {policy or 'not set'}", target=session.target)
        return wanted

    def dump(self, changes: t.Mapping[str, plan.Change]) -> dict[str, t.Any]:
        """With another policy a list is written as a whole: what is added to the one attribute would join the members of the other list."""
        parameters = super().dump(changes)
        for name in APPLICATION_LISTS.keys() & changes.keys() if "ews_application_access_policy" in changes else ():
            parameters[self.attributes[name].write] = self.attributes[name].codec.dump(changes[name].after)
        return parameters
