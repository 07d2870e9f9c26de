# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New-, Enable-, Disable- and Remove- of contacts, mail users and remote mailboxes."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.exchange import addresses, failures
from hybridlab.exchange.call import Call, Handler, valid_name
from hybridlab.exchange.directory import Entry, escape_rdn
from hybridlab.exchange.mailbox_create import (
    ACCOUNT,
    LEGACY,
    NO_ARCHIVE,
    account_name,
    check_password,
    derived_alias,
    free_account,
    free_alias,
    set_password,
    unlink,
)
from hybridlab.exchange.mailbox_write import SPECIAL, apply, check, follow_policy, make_primary, valid_alias
from hybridlab.exchange.recipient_view import shown
from hybridlab.exchange.recipient_write import OUTSIDE, RecipientChange, chosen, outside_address, remote_type
from hybridlab.records import Output, Record

_PERSON = ("FirstName", "LastName", "Initials")
# Handled here; all other parameters of New- and Enable- are those of Set-.
_HANDLED = {
    *_PERSON, "Name", "Alias", "DisplayName", "PrimarySmtpAddress", "OrganizationalUnit", "OnPremisesOrganizationalUnit", "ExternalEmailAddress",
    "RemoteRoutingAddress", "Password", "UserPrincipalName", "SamAccountName", "ResetPasswordOnNextLogon", "RemotePowerShellEnabled", "AccountDisabled",
    "Room", "Shared", "Equipment", "Archive", "ArchiveName", "MicrosoftOnlineServicesID",
}  # fmt: skip
_REMOTE = {"Shared": "RemoteSharedMailbox", "Room": "RemoteRoomMailbox", "Equipment": "RemoteEquipmentMailbox"}


def new_entry(call: Call, kind: str, object_class: str) -> Entry:
    """An object that is in no store yet.  Raises `failures.Refused` when its name is taken."""
    given = call.parameters
    name = valid_name(given["Name"])
    container, parent_dn = call.server.container(given.get("OrganizationalUnit") or given.get("OnPremisesOrganizationalUnit") or "Users")
    dn = f"CN={escape_rdn(name)},{parent_dn}"
    if call.server.recipients.known(dn):
        raise failures.already_exists(dn)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    person = ["top", "person", "organizationalPerson", object_class] if object_class != "group" else ["top", "group"]
    return Entry(name, container, parent_dn, kind, uuid.uuid4(), {"ObjectClass": person, "OrganizationalUnit": container}, now, now)


def mail_enable(change: RecipientChange, primary: str | None) -> None:
    """Alias, addresses and what else makes a recipient of an object; ``primary`` where neither a parameter nor the policy says it."""
    given, entry, call = change.call.parameters, change.entry, change.call
    alias = given.get("Alias")
    if alias is None:
        alias = free_alias(call, derived_alias(entry.values.get("UserPrincipalName") or entry.name))
    SPECIAL["Alias"](change, valid_alias(alias))
    asked = given.get("PrimarySmtpAddress") or primary
    change.values.update(
        DisplayName=given.get("DisplayName") or entry.values.get("DisplayName") or entry.name,
        EmailAddressPolicyEnabled=call.policies and not asked,
        EmailAddresses=[],
        LegacyExchangeDN=f"{LEGACY}{entry.guid.hex}-{alias}",
    )
    if asked:
        make_primary(change, asked)
    else:
        follow_policy(change)
    target = OUTSIDE.get(change.noun)
    outside = addresses.bare(change.now(target) or "") if target else ""
    if outside and outside.lower() not in {addresses.bare(one).lower() for one in change.now("EmailAddresses")}:
        change.values["EmailAddresses"] = [*change.now("EmailAddresses"), f"smtp:{outside}"]


def settle(change: RecipientChange, handled: t.Container[str] = _HANDLED) -> None:
    """The parameters that New- and Enable- share with Set-."""
    for name, value in change.call.settings.items():
        if name not in handled and value is not None:
            apply(change, name, value)


def finish(change: RecipientChange) -> t.Iterable[Record]:
    check(change)
    if change.call.what_if:
        return []
    store = change.call.server.recipients
    if change.entry.guid in store.entries:
        store.change(change.entry, change.values, kind=change.kind)
    else:
        change.entry.values.update(change.values)
        change.entry.kind = change.kind or change.entry.kind
        store.add(change.entry)
        set_password(change)
    records = [Output(shown(change.call, change.noun, change.entry))]
    change.call.fresh(change.entry)
    return records


def bearing(call: Call, kind: str) -> Entry:
    """The account, contact or group that an Enable- cmdlet means.  Raises `failures.Refused` for what is a recipient already."""
    entry = call.server.recipients.one(call.identity)
    if entry.kind != kind:
        raise failures.refused(
            f"This task does not support recipients of this type. The specified recipient {entry.canonical} is of type {entry.kind}. "
            "Please make sure that this recipient matches the required recipient type for this task."
        )
    return entry


def _account(change: RecipientChange) -> None:
    """The account of a new mail user or remote mailbox."""
    given, call = change.call.parameters, change.call
    check_password(given.get("Password"))
    name = given.get("UserPrincipalName") or given.get("MicrosoftOnlineServicesID")
    name = name or f"{derived_alias(given.get('Alias') or change.entry.name)}@{call.server.default_domain}"
    account_name(change, name)
    SPECIAL["SamAccountName"](change, given.get("SamAccountName") or free_account(call, name.partition("@")[0][:20]))
    change.values["AccountDisabled"] = bool(given.get("AccountDisabled")) or not given.get("Password")
    change.entry.values["UserPrincipalName"] = name  # the alias comes from it


def _person(change: RecipientChange) -> None:
    change.values.update({name: change.call.parameters[name] for name in _PERSON if change.call.parameters.get(name)})


def _external(change: RecipientChange) -> str:
    address = outside_address(change.call.parameters["ExternalEmailAddress"])
    change.values["ExternalEmailAddress"] = f"SMTP:{address}"
    change.outside.add(address.lower())
    return address


def new_mail_contact(call: Call) -> t.Iterable[Record]:
    change = RecipientChange(call, new_entry(call, "MailContact", "contact"))
    _person(change)
    mail_enable(change, _external(change))
    settle(change)
    return finish(change)


def enable_mail_contact(call: Call) -> t.Iterable[Record]:
    change = RecipientChange(call, bearing(call, "Contact"))
    change.kind = "MailContact"
    mail_enable(change, _external(change))
    settle(change)
    return finish(change)


def new_mail_user(call: Call) -> t.Iterable[Record]:
    change = RecipientChange(call, new_entry(call, "MailUser", "user"))
    _person(change)
    _account(change)
    _external(change)
    mail_enable(change, None)
    settle(change)
    return finish(change)


def enable_mail_user(call: Call) -> t.Iterable[Record]:
    change = RecipientChange(call, bearing(call, "User"))
    change.kind = "MailUser"
    _external(change)
    mail_enable(change, None)
    settle(change)
    return finish(change)


def new_remote_mailbox(call: Call) -> t.Iterable[Record]:
    change = RecipientChange(call, new_entry(call, _remote_kind(call), "user"))
    _person(change)
    _account(change)
    change.values["OnPremisesOrganizationalUnit"] = change.entry.container
    _remote(change)
    return finish(change)


def enable_remote_mailbox(call: Call) -> t.Iterable[Record]:
    entry = call.server.recipients.one(call.identity)
    if call.parameters.get("Archive") and entry.kind != "User":
        change = RecipientChange(call, chosen(call))
        if change.now("ArchiveState") != "None":
            raise failures.refused(f"The user '{entry.canonical}' already has an archive.")
        _archive(change)
        return finish(change)
    change = RecipientChange(call, bearing(call, "User"))
    change.kind = _remote_kind(call)
    change.values["OnPremisesOrganizationalUnit"] = entry.container
    _remote(change)
    return finish(change)


def _remote_kind(call: Call) -> str:
    return next((kind for name, kind in _REMOTE.items() if call.parameters.get(name)), "RemoteUserMailbox")


def _remote(change: RecipientChange) -> None:
    given = change.call.parameters
    alias = given.get("Alias") or derived_alias(change.now("UserPrincipalName") or change.entry.name)
    address = outside_address(given.get("RemoteRoutingAddress") or f"{alias}@{_delivery_domain(change.call)}")
    change.outside.add(address.lower())
    change.values.update(RemoteRoutingAddress=f"SMTP:{address}", RemoteRecipientType=remote_type("ProvisionMailbox", change.kind or change.entry.kind))
    mail_enable(change, None)
    if given.get("Archive"):
        _archive(change)
    settle(change)


def _delivery_domain(call: Call) -> str:
    """The domain of the remote domain that is the target of a hybrid deployment."""
    found = [entry.values["DomainName"] for entry in call.server.remote_domains if entry.values.get("TargetDeliveryDomain")]
    if not found:
        raise failures.refused("The remote routing address can't be made because no remote domain is the target delivery domain. Specify RemoteRoutingAddress.")
    return str(found[0])


def _archive(change: RecipientChange) -> None:
    name = change.call.parameters.get("ArchiveName") or [f"In-Place Archive - {change.now('DisplayName')}"]
    wanted = remote_type("ProvisionMailbox, ProvisionArchive", change.kind or change.entry.kind)
    change.values.update(ArchiveState="HostedPending", ArchiveGuid=uuid.uuid4(), ArchiveName=name, RemoteRecipientType=wanted)


def disable(plain: str, kept: t.Sequence[str]) -> Handler:
    """The object stays, what made it a recipient goes."""

    def handler(call: Call) -> t.Iterable[Record]:
        entry = chosen(call)
        if call.parameters.get("Archive"):
            if entry.values.get("ArchiveState", "None") == "None":
                raise failures.refused(f"The mailbox '{entry.canonical}' doesn't have an archive to disable.")
            if not call.what_if:
                call.server.recipients.change(entry, {"ArchiveState": "None", "ArchiveGuid": uuid.UUID(NO_ARCHIVE), "ArchiveName": []})
        elif not call.what_if:
            unlink(call, entry)
            call.server.recipients.reduce(entry, {name: entry.values[name] for name in kept if name in entry.values}, plain)
        return []

    return handler


def remove(call: Call) -> t.Iterable[Record]:
    entry = chosen(call)
    if not call.what_if:
        unlink(call, entry)
        call.server.recipients.remove(entry)
    return []


def contact(name: str, container: str, parent_dn: str, alias: str, external: str, guid: uuid.UUID, when: datetime.datetime) -> Entry:
    """A mail contact: known inside by its outside address."""
    values = {
        "Alias": alias,
        "DisplayName": name,
        "PrimarySmtpAddress": external,
        "WindowsEmailAddress": external,
        "EmailAddresses": [f"SMTP:{external}"],
        "ExternalEmailAddress": f"SMTP:{external}",
        "EmailAddressPolicyEnabled": False,
        "LegacyExchangeDN": f"{LEGACY}{guid.hex}",
        "ObjectClass": ["top", "person", "organizationalPerson", "contact"],
    }
    return Entry(name, container, parent_dn, "MailContact", guid, values, when, when)


_CONTACT_KEEPS = ("DisplayName", *_PERSON, "ObjectClass", "OrganizationalUnit")
HANDLERS: dict[str, Handler] = {
    "New-MailContact": new_mail_contact,
    "Enable-MailContact": enable_mail_contact,
    "Disable-MailContact": disable("Contact", _CONTACT_KEEPS),
    "Remove-MailContact": remove,
    "New-MailUser": new_mail_user,
    "Enable-MailUser": enable_mail_user,
    "Disable-MailUser": disable("User", ACCOUNT),
    "Remove-MailUser": remove,
    "New-RemoteMailbox": new_remote_mailbox,
    "Enable-RemoteMailbox": enable_remote_mailbox,
    "Disable-RemoteMailbox": disable("User", ACCOUNT),
    "Remove-RemoteMailbox": remove,
}
