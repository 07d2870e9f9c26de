# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts here whose mailboxes are in Exchange Online."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_enabled, units
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.mail_contact import TARGET
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options


def _type(value: t.Any) -> str:
    """``user`` for RemoteUserMailbox, ``room`` for RemoteRoomMailbox …"""
    folded = values.fold(str(value)).removeprefix("remote").removesuffix("mailbox")
    return "user" if folded == "regular" else folded


def _has_archive(value: t.Any) -> bool:
    """An option's value, or the archive's state: None, HostedPending, HostedProvisioned …"""
    return value if isinstance(value, bool) else values.fold(str(value or "none")) != "none"


TYPE = values.Codec(_type, dump=lambda value: "Regular" if value == "user" else values.pascal(value))
ARCHIVE = values.Codec(_has_archive)
FIELDS = (
    *mail_enabled.FIELDS,
    *(field for field in mail_enabled.ACCOUNT if field.option != "organizational_unit"),
    Field("on_premises_organizational_unit", codec=units.UNIT, immutable=True, instead=units.INSTEAD),
    Field("account_disabled", read=""),
    Field("type", read="RecipientTypeDetails", codec=TYPE),
    Field("remote_routing_address", codec=TARGET),
    Field("exchange_guid", codec="guid"),
    Field("archive_guid", codec="guid"),
    Field("archive", read="ArchiveState", codec=ARCHIVE),
    Field("grant_send_on_behalf_to", codec="recipients"),
    Field("recoverable_items_quota", codec="size"),
    Field("recoverable_items_warning_quota", codec="size"),
)


class RemoteMailbox(mail_enabled.WithMailbox):
    """A remote mailbox, whether its account exists already or not."""

    unit = "on_premises_organizational_unit"
    enable_with = ("display_name", "alias", "primary_smtp_address", "remote_routing_address")

    def signs_in(self, options: Options) -> bool:
        return super().signs_in(options) and not options.get("account_disabled")

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """The switch for a disabled account stands alone; accounts of rooms and of other types are disabled without it."""
        disabled = options.get("account_disabled")
        if disabled is False and self.switch(options) and not found.background:
            raise UsageError(f"the account of a new mailbox of type {options['type']} is disabled", advice="Enable it in Active Directory afterwards")
        if not disabled or self.switch(options):
            todo = dataclasses.replace(todo, changes={name: change for name, change in todo.changes.items() if name != "account_disabled"})
        return super().create(todo, options, found)
