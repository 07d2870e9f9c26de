# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of mailboxes: kinds, accounts without one, archives, addresses."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_enabled, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.mail_enabled import ARCHIVE
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options

SWITCHES = {"shared": "Shared", "room": "Room", "equipment": "Equipment", "public_folder": "PublicFolder"}
"""The switch of New-Mailbox and Enable-Mailbox for each type; a user's mailbox needs none."""

CONVERTIBLE = frozenset(("user", "shared", "room", "equipment"))
"""Set-Mailbox -Type makes one of these of another; linked, discovery and other mailboxes are not touched."""

RESOURCES = ("room", "equipment")

ENABLE_WITH = ("database", "display_name", "alias", "primary_smtp_address")
"""What Enable-Mailbox takes for every type; the rest is set right after."""


def _type(value: t.Any) -> str:
    """``user`` for UserMailbox, ``room`` for RoomMailbox …; what a mailbox cannot be declared as keeps its name."""
    folded = values.fold(str(value)).removesuffix("mailbox")
    return {"regular": "user", "publicfolder": "public_folder"}.get(folded, folded)


TYPE = values.Codec(_type, dump=lambda value: "Regular" if value == "user" else values.pascal(value))
POLICY = dataclasses.replace(values.NAME, load=lambda value: values.text(value).removeprefix("\\"))  # an address book's name comes with a backslash

ARCHIVED_WITH = ("archive_database", "archive_domain")
"""What says where an archive is: in a database here, or in Exchange Online."""

SIZES = (
    "issue_warning_quota",
    "prohibit_send_quota",
    "prohibit_send_receive_quota",
    "recoverable_items_quota",
    "recoverable_items_warning_quota",
    "calendar_logging_quota",
    "rules_quota",
    "max_send_size",
    "max_receive_size",
    "archive_quota",
    "archive_warning_quota",
)

FIELDS = (
    *mail_enabled.FIELDS,
    *mail_enabled.ACCOUNT,
    Field("type", read="RecipientTypeDetails", codec=TYPE),
    Field("enable_room_mailbox_account", read="RoomMailboxAccountEnabled"),
    Field("database", codec="name", immutable=True, instead="Move the mailbox with New-MoveRequest; leave the option as it is"),
    Field("forwarding_address", codec="recipient"),
    Field("forwarding_smtp_address", codec="address"),
    Field("recipient_limits", codec="count"),
    Field("archive", read="ArchiveGuid", codec=ARCHIVE),
    *(Field(name, codec="name") for name in ARCHIVED_WITH),
    Field("room_mailbox_password", secret=True),
    Field("litigation_hold_duration", codec="timespan_or_unlimited"),
    Field("retain_deleted_items_for", codec="timespan"),
    Field("default_public_folder_mailbox", codec="recipient"),
    Field("grant_send_on_behalf_to", codec="recipients"),
    Field("audit_log_age_limit", codec="timespan"),
    Field("languages", codec="ordered_names"),  # the first one is preferred
    *(Field(name, codec="size") for name in SIZES),
    *(
        Field(name, codec=POLICY)
        for name in ("retention_policy", "role_assignment_policy", "sharing_policy", "address_book_policy", "offline_address_book", "throttling_policy")
    ),
    *(Field(name, codec="tristate") for name in ("scl_delete_enabled", "scl_reject_enabled", "scl_quarantine_enabled", "scl_junk_enabled")),
    *(Field(name, codec="timestamp") for name in ("start_date_for_retention_hold", "end_date_for_retention_hold")),
)

_OFF = (
    "account_disabled",
    "antispam_bypass_enabled",
    "archive",
    "audit_enabled",
    "calendar_repair_disabled",
    "calendar_version_store_disabled",
    "deliver_to_mailbox_and_forward",
    "downgrade_high_priority_messages_enabled",
    "hidden_from_address_lists_enabled",
    "is_excluded_from_serving_hierarchy",
    "litigation_hold_enabled",
    "message_copy_for_send_on_behalf_enabled",
    "message_copy_for_sent_as_enabled",
    "moderation_enabled",
    "require_sender_authentication_enabled",
    "retain_deleted_items_until_backup",
    "retention_hold_enabled",
    "single_item_recovery_enabled",
)
_UNLIMITED = (
    "issue_warning_quota",
    "litigation_hold_duration",
    "max_receive_size",
    "max_send_size",
    "prohibit_send_quota",
    "prohibit_send_receive_quota",
    "recipient_limits",
)
DEFAULTS: dict[str, t.Any] = {
    **dict.fromkeys(_OFF, False),
    **dict.fromkeys(_UNLIMITED, values.UNLIMITED),
    "archive_quota": "100GB",
    "archive_warning_quota": "90GB",
    "audit_admin": ["Update", "Move", "MoveToDeletedItems", "SoftDelete", "HardDelete", "FolderBind", "SendAs", "SendOnBehalf", "Create"],
    "audit_delegate": ["Update", "SoftDelete", "HardDelete", "SendAs", "Create"],
    "audit_log_age_limit": "90.00:00:00",
    "calendar_logging_quota": "6GB",
    "email_address_policy_enabled": True,
    "external_oof_options": "external",
    "message_tracking_read_status_enabled": True,
    "recoverable_items_quota": "30GB",
    "recoverable_items_warning_quota": "20GB",
    "retain_deleted_items_for": "14.00:00:00",
    "role_assignment_policy": "Default Role Assignment Policy",
    "rules_quota": "256KB",
    "send_moderation_notifications": "always",
    "sharing_policy": "Default Sharing Policy",
    "use_database_quota_defaults": True,
    "use_database_retention_defaults": True,
}
"""What a new mailbox has; quotas and policies as Exchange Server 2016 and later give them."""


class Mailbox(mail_enabled.WithMailbox):
    """A mailbox, whether its account exists already or not."""

    context = ("type", "litigation_hold_enabled", "email_addresses", "primary_smtp_address", "email_address_policy_enabled", "archive", *ARCHIVED_WITH)
    scopes = ({}, {"type": "public_folder"})
    facts = (*mail_enabled.WithMailbox.facts, "exchange_guid")
    switches = SWITCHES
    enable_with = ENABLE_WITH
    archive_with = ARCHIVED_WITH

    # reading

    def identity(self, options: Options) -> dict[str, t.Any]:
        return super().identity(options) | self.scope(options)

    def scope(self, options: Options) -> dict[str, t.Any]:
        """Public folder mailboxes are seen only by cmdlets that are told to look for them."""
        return {"PublicFolder": True} if options.get("type") == "public_folder" else {}

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = super().read(session, options)
        if found.state is None and options.get("state", "present") != "present" and options.get("type") is None:
            self._refuse_public_folders(session, options)
        return found

    def _refuse_public_folders(self, session: Session, options: Options) -> None:
        """Without a type nothing is proven yet about public folder mailboxes."""
        try:
            found = super().read(session, {**options, "type": "public_folder"})
        except BadParameter:
            return  # Exchange 2010 has none
        if found.state is not None:
            raise UsageError(f"{self.label(options)} is a public folder mailbox", target=session.target, advice="Say type: public_folder to end it")

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if current is not None:
            self._refuse_conversion(options, wanted.get("type"), str(current.get("type")))
        self._check_resource(options, wanted, current or {})
        for name in (name for name in ARCHIVED_WITH if name in wanted):
            self._check_archive(options, wanted, current or {}, name)
        switched_on = wanted.get("enable_room_mailbox_account") and not (current or {}).get("enable_room_mailbox_account")
        made_online = current is None and online.is_online(session)  # Microsoft Graph sets the password there
        if switched_on and not made_online and not options.get("room_mailbox_password"):
            raise UsageError("enable_room_mailbox_account needs room_mailbox_password: the account of a room has no password that anybody knows")
        if current is None and not switched_on:  # New-Mailbox takes both or none of them
            wanted = {name: value for name, value in wanted.items() if name not in ("enable_room_mailbox_account", "room_mailbox_password")}
        return wanted

    def _check_resource(self, options: Options, wanted: plan.State, current: plan.State) -> None:
        """What describes a room or equipment goes when the mailbox becomes another."""
        kind = wanted.get("type") or current.get("type") or "user"
        for name in ("resource_capacity", "resource_custom"):
            given = wanted.get(name)
            if kind not in RESOURCES and (given.exact or given.add if isinstance(given, Wanted) else given is not None):
                raise UsageError(f"{name} is for a room or equipment, and {self.label(options)} is of type {kind}")

    def _check_archive(self, options: Options, wanted: plan.State, current: plan.State, name: str) -> None:
        """An archive gets its place when it is made."""
        key, present = self.attributes[name].codec.key, values.text(current.get(name))
        if key(wanted[name]) == key(present):
            return
        if current.get("archive"):
            raise UsageError(
                f"{name} of {self.label(options)} is {present!r} and cannot be changed to {wanted[name]!r}",
                advice="Move the archive with New-MoveRequest -ArchiveOnly; leave the option as it is",
            )
        if not wanted.get("archive"):
            raise UsageError(f"{name} says where an archive is made, and {self.label(options)} has none", advice="Say archive: true as well")
        if all(wanted.get(one) for one in ARCHIVED_WITH):
            raise UsageError("archive_database is for an archive here, archive_domain for one in Exchange Online", advice="Leave one of them out")

    def _refuse_conversion(self, options: Options, wanted: str | None, present: str) -> None:
        if wanted and wanted != present and not {wanted, present} <= CONVERTIBLE:
            raise UsageError(f"{self.label(options)} is a mailbox of type {present} and cannot become one of type {wanted}")

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """Exchange keeps a mailbox that is on litigation hold, and so does check mode."""
        calls = super().calls(todo, options, found)
        if todo.action == "delete" and (found.state or {}).get("litigation_hold_enabled"):
            advice = "End the hold first, with litigation_hold_enabled: false"
            raise UsageError(f"{self.label(options)} is on litigation hold, so it is neither disabled nor removed", advice=advice)
        return calls

    def update(self, changes: t.Mapping[str, plan.Change], options: Options, found: engine.Reading) -> list[engine.Call]:
        """A room's account is enabled with its password."""
        room = changes.get("enable_room_mailbox_account")
        if room and room.after:
            changes = {**changes, "room_mailbox_password": plan.Change(None, options["room_mailbox_password"], secret=True)}
        return super().update(changes, options, found)

    def archive_switch(self, archive: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {"RemoteArchive" if archive.get("archive_domain") else "Archive": True}

    def _instead(self, kind: str) -> str:
        return "Say type: public_folder" if kind == "PublicFolderMailbox" else super()._instead(kind)
