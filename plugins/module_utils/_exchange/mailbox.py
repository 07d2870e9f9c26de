# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of mailboxes: kinds, accounts without one, archives, addresses."""

from __future__ import annotations

import dataclasses
import html
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import proxy_addresses
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

SWITCHES = {"shared": "Shared", "room": "Room", "equipment": "Equipment", "public_folder": "PublicFolder"}
"""The switch of New-Mailbox and Enable-Mailbox for each type; a user's mailbox needs none."""

CONVERTIBLE = frozenset(("user", "shared", "room", "equipment"))
"""Set-Mailbox -Type makes one of these of another; linked, discovery and other mailboxes are not touched."""

ENABLE_WITH = ("database", "display_name", "alias", "primary_smtp_address")
"""What Enable-Mailbox takes for every type; the rest is set right after."""

_NAMED_OTHERWISE = re.compile(r"(?i)^(cn|ou)=|/|^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$|[\\*]")
_HTML_AROUND = re.compile(r"(?is)^\s*<html>\s*<body>\s*(.*?)\s*</body>\s*</html>\s*$")


def _type(value: t.Any) -> str:
    """``user`` for UserMailbox, ``room`` for RoomMailbox …; what a mailbox cannot be declared as keeps its name."""
    folded = values.fold(str(value)).removesuffix("mailbox")
    return {"regular": "user", "publicfolder": "public_folder"}.get(folded, folded)


def _has_archive(value: t.Any) -> bool:
    """An option's value, or the archive's GUID: all zeros mean that there is none."""
    return value if isinstance(value, bool) else bool(str(value or "").strip("0-"))


def _mail_tip_key(value: str) -> str:
    """Exchange may keep ``a < b`` as ``a &lt; b``, and lines ended as HTML ends them."""
    return html.unescape(value).replace("\r\n", "\n")


def _mail_tip(value: t.Any) -> str:
    """The text without the HTML that Exchange puts around it."""
    found = values.text(value)
    match = _HTML_AROUND.match(found)
    return match.group(1) if match else found


TYPE = values.Codec(_type, dump=lambda value: "Regular" if value == "user" else values.pascal(value))
ARCHIVE = values.Codec(_has_archive)
POLICY = dataclasses.replace(values.NAME, load=lambda value: values.text(value).removeprefix("\\"))  # an address book's name comes with a backslash
MAIL_TIP = values.Codec(_mail_tip, _mail_tip_key, lambda value: value or None)


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
    Field("type", read="RecipientTypeDetails", codec=TYPE),
    Field("enable_room_mailbox_account", read="RoomMailboxAccountEnabled"),
    Field("first_name", read=""),
    Field("last_name", read=""),
    Field("initials", read=""),
    Field("organizational_unit", read=""),
    Field("password", secret=True),
    Field("reset_password_on_next_logon", read=""),
    Field("database", codec="name", immutable=True),
    Field("primary_smtp_address", codec="address"),
    Field("email_addresses", codec="proxy_addresses"),
    Field("forwarding_address", codec="recipient"),
    Field("forwarding_smtp_address", codec="address"),
    Field("recipient_limits", codec="count"),
    Field("archive", read="ArchiveGuid", codec=ARCHIVE),
    Field("litigation_hold_duration", codec="timespan_or_unlimited"),
    Field("retain_deleted_items_for", codec="timespan"),
    Field("default_public_folder_mailbox", codec="recipient"),
    Field("grant_send_on_behalf_to", codec="recipients"),
    Field("accept_messages_only_from_senders_or_members", codec="recipients"),
    Field("reject_messages_from_senders_or_members", codec="recipients"),
    Field("bypass_moderation_from_senders_or_members", codec="recipients"),
    Field("moderated_by", codec="recipients"),
    Field("mail_tip", codec=MAIL_TIP),
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


class Mailbox(CmdletResource):
    """A mailbox, whether its account exists already or not."""

    context = ("type", "email_addresses", "primary_smtp_address", "email_address_policy_enabled")
    scopes = ({}, {"PublicFolder": True})
    facts = (*CmdletResource.facts, "exchange_guid", "recipient_type_details")

    # reading

    def identity(self, options: Options) -> dict[str, t.Any]:
        return super().identity(options) | self._scope(options)

    @staticmethod
    def _scope(options: Options) -> dict[str, t.Any]:
        """Public folder mailboxes are seen only by cmdlets that are told to look for them."""
        return {"PublicFolder": True} if options.get("type") == "public_folder" else {}

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = super().read(session, options)
        if found.state is not None:
            return found
        if options.get("state", "present") == "present":
            return engine.Reading(None, self._account(session, options))
        if options.get("type") is None:
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

    def _account(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The account that would get the mailbox; an account that is some other recipient is refused."""
        try:
            answer = session.invoke(
                "Get-User", {"Identity": options["identity"]} | common(options), properties=("DistinguishedName", "RecipientTypeDetails", "Name")
            )
        except NotFound:
            return None
        return single(answer, "Get-User", session.target, f"account '{options['identity']}'")

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("archive") is False and current is None:
            del wanted["archive"]
        if current is not None:
            self._refuse_conversion(options, wanted.get("type"), str(current.get("type")))
        if "email_addresses" in wanted:
            shown = [] if current is None else current.get("email_addresses") or []
            primary = wanted.get("primary_smtp_address")
            wanted["email_addresses"] = proxy_addresses.request("email_addresses", wanted["email_addresses"], shown, primary)
        self._refuse_against_policy(options, wanted, current or {})
        named = _primary_in_list(wanted)
        if named and current is None:
            wanted["primary_smtp_address"] = named  # made with it, no policy sets it and the list can follow
        elif named:
            wanted.pop("primary_smtp_address", None)  # Set-Mailbox refuses both; the list says it already
        return wanted

    def _refuse_against_policy(self, options: Options, wanted: plan.State, current: plan.State) -> None:
        """A primary address that an email address policy sets would be accepted with a warning and not change."""
        primary = _primary_in_list(wanted) or wanted.get("primary_smtp_address")
        enabled = wanted.get("email_address_policy_enabled", current.get("email_address_policy_enabled"))
        if primary and enabled and primary.casefold() != str(current.get("primary_smtp_address")).casefold():
            advice = "Set email_address_policy_enabled: false as well, or leave the primary address to the policy"
            raise UsageError(f"the primary address of {self.label(options)} is set by an email address policy", advice=advice)

    def _refuse_conversion(self, options: Options, wanted: str | None, present: str) -> None:
        if wanted and wanted != present and not {wanted, present} <= CONVERTIBLE:
            raise UsageError(f"{self.label(options)} is a mailbox of type {present} and cannot become one of type {wanted}")

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "delete":
            verb = "Disable" if options.get("state") == "disabled" else "Remove"
            return [self.call(verb, options, self.identity(options))]
        if todo.action == "create":
            return self.create(todo, options, found)
        return self._set(todo.changes, options, self.identity(options))

    def _set(self, changes: t.Mapping[str, plan.Change], options: Options, identity: dict[str, t.Any]) -> list[engine.Call]:
        """An archive is enabled before and disabled after its settings are written."""
        archive = changes.get("archive")
        rest = {name: change for name, change in changes.items() if name != "archive"}
        calls = [self.call("Set", options, identity | self.dump(rest))] if rest else []
        if archive and archive.after:
            calls.insert(0, self.call("Enable", options, {"Identity": identity["Identity"], "Archive": True}))
        elif archive:
            calls.append(self.call("Disable", options, {"Identity": identity["Identity"], "Archive": True}))
        return calls

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        switch = {SWITCHES[options["type"]]: True} if options.get("type") in SWITCHES else {}
        account = found.background
        if account:
            _refuse_recipient(options, str(account.get("RecipientTypeDetails")))
            return [self.call("Enable", options, {"Identity": account["DistinguishedName"]} | switch | self._taken(todo, ENABLE_WITH))]
        return [self.call("New", options, self._names(options) | switch | self._taken(todo, self.create_with))]

    def _taken(self, todo: plan.Plan, names: t.Collection[str]) -> dict[str, t.Any]:
        return self.dump({name: change for name, change in todo.changes.items() if name in names})

    def _names(self, options: Options) -> dict[str, t.Any]:
        """Name and user principal name of a new mailbox, which must answer to the identity it was asked for by."""
        identity = str(options["identity"])
        address = identity if "@" in identity else None
        names = {"Name": options.get("name") or identity.partition("@")[0]}
        principal = options.get("user_principal_name") or address
        if principal and options.get("type") != "public_folder":
            names["UserPrincipalName"] = principal
        answers = {str(one).casefold() for one in (*names.values(), options.get("alias"), options.get("primary_smtp_address")) if one}
        if _NAMED_OTHERWISE.search(identity) or identity.casefold() not in answers:
            raise UsageError(
                f"no mailbox and no account answers to '{identity}', and a new mailbox would not either",
                advice="Name a new mailbox by its name, alias, user principal name or primary address",
            )
        if options.get("type") in (None, "user") and not (options.get("password") and principal):
            raise UsageError(
                f"no mailbox and no account answers to '{identity}', and a new user's mailbox needs password and user_principal_name",
                advice="Give both, or name an existing account",
            )
        return names


def _refuse_recipient(options: Options, kind: str) -> None:
    if kind not in ("User", "DisabledUser", "LinkedUser"):
        advice = "Say type: public_folder" if kind == "PublicFolderMailbox" else "Name another account, or end what that recipient is now"
        raise UsageError(f"'{options['identity']}' is a recipient of type {kind}, so it cannot get another mailbox", advice=advice)


def _primary_in_list(wanted: plan.State) -> str | None:
    request = wanted.get("email_addresses")
    return proxy_addresses.primary_of(request.exact) if isinstance(request, Wanted) and request.exact is not None else None
