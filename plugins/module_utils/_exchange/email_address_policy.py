# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of email address policies: they have a place in an order, and take effect when they are applied."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import online, opath
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.containers import CONTAINER
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

RECIPIENTS = ("all_recipients", "mailbox_users", "mail_contacts", "mail_groups", "mail_users", "resources")
ATTRIBUTES = tuple(f"conditional_custom_attribute_{number}" for number in range(1, 16))
CONDITIONS = ("conditional_company", "conditional_department", "conditional_state_or_province", *ATTRIBUTES)
FIELDS = (
    *(Field(name, codec="proxy_addresses") for name in ("enabled_email_address_templates", "disabled_email_address_templates")),
    Field("enabled_primary_smtp_address_template", codec="address"),
    Field("included_recipients", codec=values.flags(RECIPIENTS)),
    Field("recipient_container", codec=CONTAINER),
    Field("recipient_filter", codec=values.Codec(values.text, opath.key)),
    Field("include_unified_group_recipients", read=""),
    Field("managed_by_filter", codec=values.Codec(values.text, opath.key), immutable=True, instead="remove the policy and make it anew"),
    Field("priority", codec="int"),
    Field("applied", read="RecipientFilterApplied"),
)
CREATE_WITH = (
    "enabled_email_address_templates",
    "enabled_primary_smtp_address_template",
    "included_recipients",
    "recipient_container",
    "recipient_filter",
    "include_unified_group_recipients",
    "managed_by_filter",
    "priority",
    *CONDITIONS,
)


_WHOM = ("included_recipients", "recipient_filter", "include_unified_group_recipients")


class EmailAddressPolicy(CmdletResource):
    """A policy.  ``applied`` is what Update-EmailAddressPolicy makes true and every change makes false again."""

    facts = (*CmdletResource.facts, "recipient_filter_type")
    needed = ()

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        """The default policy has no place, and a filter that Exchange made of the conditions is none of the user's."""
        folded = {values.fold(name): value for name, value in found.items()}
        if str(folded.get("priority")).casefold() == "lowest":
            folded["priority"] = None
        if str(folded.get("recipientfiltertype")).casefold() == "precanned":
            folded["recipientfilter"] = None
        return super().state(folded)

    def admit(self, session: Session, options: Options) -> None:
        """Raises UsageError for the option that nothing on a server shows, so that a policy which is there would seem to be as declared."""
        super().admit(session, options)
        if options.get("include_unified_group_recipients") is not None and not online.is_online(session):
            text = "include_unified_group_recipients: Exchange Server has no New-EmailAddressPolicy -IncludeUnifiedGroupRecipients"
            raise UsageError(text, target=session.target, advice="Leave it out for this host; Microsoft 365 groups are in Exchange Online only")

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        return wanted if wanted.get("applied") else {name: value for name, value in wanted.items() if name != "applied"}

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        for either in (("enabled_email_address_templates", "enabled_primary_smtp_address_template"), _WHOM):
            if not any(name in todo.changes and todo.changes[name].after for name in either):
                raise UsageError(f"{self.label(options)} does not exist, and {' or '.join(either)} is needed to create it")
        return super().create(todo, options, found)

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action != "update":
            return super().calls(todo, options, found)
        changes = {name: change for name, change in todo.changes.items() if name != "applied"}
        made = super().calls(dataclasses.replace(todo, changes=changes), options, found) if changes else []
        return [*made, self.call("Update", options, self.identity(options))] if options.get("applied") else made
