# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New-, Enable-, Disable- and Remove-Mailbox."""

from __future__ import annotations

import datetime
import re
import typing as t
import uuid

from hybridlab.contract.check import ONLINE
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, valid_name
from hybridlab.exchange.directory import Entry, escape_rdn
from hybridlab.exchange.mailbox_read import chosen, shown
from hybridlab.exchange.mailbox_write import SPECIAL, TRAITS, Change, apply, check, follow_policy, make_primary, online_name, valid_alias
from hybridlab.exchange.settings import database, provisioned
from hybridlab.records import Record, SecureString

LEGACY = "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn="
NO_ARCHIVE = "00000000-0000-0000-0000-000000000000"
_KINDS = {"Shared": "SharedMailbox", "Room": "RoomMailbox", "Equipment": "EquipmentMailbox", "PublicFolder": "PublicFolderMailbox"}
# What an account keeps when its mailbox goes.
ACCOUNT = (
    "DisplayName", "UserPrincipalName", "SamAccountName", "FirstName", "LastName", "Initials", "Office", "Phone", "AccountDisabled",
    "ExternalDirectoryObjectId", "IsDirSynced", "MicrosoftOnlineServicesID", "WindowsLiveID",
)  # fmt: skip
_ONLY_ACCOUNT = ("FirstName", "LastName", "Initials", "Phone")
_HANDLED = {
    *_KINDS, "Name", "Password", "UserPrincipalName", "SamAccountName", "Alias", "DisplayName", "PrimarySmtpAddress", "Archive", "ArchiveDatabase", "Database",
    "OrganizationalUnit", "AccountDisabled", "EnableRoomMailboxAccount", "RoomMailboxPassword", "ResetPasswordOnNextLogon", "RemotePowerShellEnabled",
    "ActiveSyncMailboxPolicy", "HoldForMigration", "ArchiveGuid", "ArchiveName", "IsExcludedFromServingHierarchy", "MicrosoftOnlineServicesID", *_ONLY_ACCOUNT,
}  # fmt: skip


def new_mailbox(call: Call) -> t.Iterator[Record]:
    given = call.parameters
    kind = _kind(given)
    name = valid_name(given["Name"])
    check_password(given.get("Password"))
    check_password(given.get("RoomMailboxPassword"))
    if given.get("EnableRoomMailboxAccount") and not given.get("RoomMailboxPassword") and call.contract.version != ONLINE:
        raise failures.refused("The parameter 'RoomMailboxPassword' is needed when 'EnableRoomMailboxAccount' is $true.")
    container, parent_dn = call.server.container(given.get("OrganizationalUnit") or "Users")
    dn = f"CN={escape_rdn(name)},{parent_dn}"
    if call.server.recipients.known(dn):
        raise failures.already_exists(dn)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    entry = Entry(name, container, parent_dn, kind, uuid.uuid4(), {"OrganizationalUnit": container}, now, now)
    change = Change(call, entry)
    principal = given.get("UserPrincipalName") or given.get("MicrosoftOnlineServicesID")
    alias = given.get("Alias") or free_alias(call, derived_alias(principal or name))
    # A resource or shared mailbox has an account nobody logs on to.
    change.values["AccountDisabled"] = bool(given.get("AccountDisabled")) or (kind != "UserMailbox" and not given.get("EnableRoomMailboxAccount"))
    account_name(change, principal or f"{alias}@{call.server.default_domain}")
    SPECIAL["SamAccountName"](change, given.get("SamAccountName") or free_account(call, alias[:20]))
    change.values.update({key: given[key] for key in _ONLY_ACCOUNT if given.get(key)})
    if given.get("EnableRoomMailboxAccount"):
        change.values["RoomMailboxAccountEnabled"] = True
    _mail_enable(change, alias, kind, now)
    yield from _finish(change)


def account_name(change: Change, principal: str) -> None:
    """The user principal name of a new account, and in a tenant the identifier of its user, which mailboxes of public folders have none of."""
    if change.call.contract.version != ONLINE or change.entry.kind == "PublicFolderMailbox":
        SPECIAL["UserPrincipalName"](change, principal)
        return
    online_name(change, principal)
    change.values["ExternalDirectoryObjectId"] = str(uuid.uuid4())


def enable_mailbox(call: Call) -> t.Iterator[Record]:
    given = call.parameters
    entry = call.server.recipients.one(call.identity)
    if given.get("AuditLog"):
        raise failures.not_emulated(call.cmdlet, "-AuditLog")
    change = Change(call, entry)
    if (given.get("Archive") or given.get("RemoteArchive")) and entry.kind != "User":
        _require_mailbox(entry)
        if change.now("ArchiveState") != "None":
            raise failures.refused(f"The user '{entry.canonical}' already has an archive.")
        if given.get("RemoteArchive"):
            _enable_remote_archive(change)
        else:
            _enable_archive(change)
        yield from _finish(change)
        return
    if entry.kind != "User":
        raise failures.refused(
            f"This task does not support recipients of this type. The specified recipient {entry.canonical} is of type {entry.kind}. "
            "Please make sure that this recipient matches the required recipient type for this task."
        )
    alias = given.get("Alias") or free_alias(call, derived_alias(entry.values.get("UserPrincipalName") or entry.name))
    _mail_enable(change, alias, _kind(given), datetime.datetime.now(datetime.UTC).replace(microsecond=0))
    yield from _finish(change)


def _kind(given: dict[str, t.Any]) -> str:
    for name in ("Arbitration", "Discovery", "LinkedRoom", "LinkedMasterAccount", "AuditLog", "AuxAuditLog", "Migration", "SupervisoryReviewPolicy"):
        if given.get(name):
            raise failures.not_emulated("New-Mailbox", f"-{name}")
    return next((kind for name, kind in _KINDS.items() if given.get(name)), "UserMailbox")


def _mail_enable(change: Change, alias: str, kind: str, now: datetime.datetime) -> None:
    """Everything that makes a mailbox of an account, and the parameters New- and Enable-Mailbox share with Set-Mailbox."""
    given = change.call.parameters
    valid_alias(alias)
    change.kind = kind
    display = given.get("DisplayName") or change.entry.values.get("DisplayName") or change.entry.name
    guid = uuid.uuid4()
    kept_in = database(change.call.server, given.get("Database")) or provisioned(change.call.server)
    change.values.update(TRAITS[kind])
    change.values.update(
        RecipientTypeDetails=kind,
        DisplayName=display,
        WhenMailboxCreated=now,
        ExchangeGuid=guid,
        MailboxContainerGuid=guid,
        LegacyExchangeDN=f"{LEGACY}{guid.hex}-{alias}",
        Database=kept_in,
        ServerName=str(change.call.server.databases.one(kept_in).values["Server"]).lower(),
        EmailAddressPolicyEnabled=change.call.policies and not given.get("PrimarySmtpAddress"),
    )
    _own_addresses(change, alias)
    if kind == "PublicFolderMailbox":
        change.values["IsRootPublicFolderMailbox"] = change.call.server.hierarchy is None
        change.values["IsExcludedFromServingHierarchy"] = bool(given.get("IsExcludedFromServingHierarchy"))
    if given.get("Archive"):
        _enable_archive(change)
    for name, value in change.call.settings.items():
        if name not in _HANDLED and value is not None:
            apply(change, name, value)


def _own_addresses(change: Change, alias: str) -> None:
    SPECIAL["Alias"](change, alias)
    change.values["EmailAddresses"] = []
    asked = change.call.parameters.get("PrimarySmtpAddress") or change.call.parameters.get("MicrosoftOnlineServicesID")
    if asked:
        make_primary(change, asked)
    else:
        follow_policy(change)


def _enable_archive(change: Change) -> None:
    given = change.call.parameters
    change.values.update(
        ArchiveGuid=given.get("ArchiveGuid") or uuid.uuid4(),
        ArchiveName=given.get("ArchiveName") or [f"In-Place Archive - {change.now('DisplayName')}"],
        ArchiveDatabase=database(change.call.server, given.get("ArchiveDatabase")) or change.now("Database"),
        ArchiveState="Local",
    )


def _enable_remote_archive(change: Change) -> None:
    """An archive that Exchange Online makes after the next synchronization."""
    domain = change.call.parameters.get("ArchiveDomain")
    if not domain:
        raise failures.not_emulated(change.call.cmdlet, "-RemoteArchive without -ArchiveDomain")
    change.values.update(
        ArchiveGuid=uuid.uuid4(),
        ArchiveName=[f"In-Place Archive - {change.now('DisplayName')}"],
        ArchiveDomain=str(domain),
        ArchiveState="HostedPending",
        RemoteRecipientType="ProvisionArchive",
    )


def _finish(change: Change) -> t.Iterator[Record]:
    check(change)
    if change.call.what_if:
        return
    store = change.call.server.recipients
    if change.entry.guid in store.entries:
        store.change(change.entry, change.values, kind=change.kind)
    else:
        change.entry.values.update(change.values)
        store.add(change.entry)
        set_password(change)
    yield shown(change.call, change.entry)
    if change.kind:
        change.call.fresh(change.entry)


def derived_alias(name: str) -> str:
    """From the part of a user principal name before the @, or a name: what an alias cannot hold goes or becomes an underscore."""
    text = re.sub(r"\s+", "", name.partition("@")[0])
    text = re.sub(r"[^A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u00a1-\u00ff]", "_", text)
    return re.sub(r"\.{2,}", ".", text).strip(".")[:64] or "mailbox"


def free_alias(call: Call, alias: str) -> str:
    return _free(call, "Alias", alias)


def free_account(call: Call, account: str) -> str:
    return _free(call, "SamAccountName", re.sub(r'["/\\\[\]:;|=,+*?<>@]', "_", account))


def _free(call: Call, name: str, wanted: str) -> str:
    """The value, with a number behind it when it is taken."""
    number, candidate = 0, wanted
    while any(other.values.get(name, "").lower() == candidate.lower() for other in call.server.recipients.known(candidate)):
        number += 1
        candidate = f"{wanted[: 20 - len(str(number))]}{number}"
    return candidate


def set_password(change: Change) -> None:
    """The new account's password, where the call gives one."""
    given = change.call.parameters
    password = given.get("Password") or given.get("RoomMailboxPassword")
    if password:
        change.call.server.recipients.set_password(change.entry, str(password))


def check_password(password: SecureString | None) -> None:
    if password is not None and len(password) < 7:
        raise failures.refused(
            "The password doesn't meet the password policy requirements. Check the minimum password length, password complexity and "
            "password history requirements."
        )


def _require_mailbox(entry: Entry) -> None:
    if entry.kind not in TRAITS:
        raise failures.not_found(entry.canonical)


def disable_mailbox(call: Call) -> t.Iterable[Record]:
    entry = chosen(call)
    if call.parameters.get("Archive") or call.parameters.get("RemoteArchive"):
        change = Change(call, entry)
        states = ("Local",) if call.parameters.get("Archive") else ("HostedPending", "HostedProvisioned")
        if change.now("ArchiveState") not in states:
            raise failures.refused(f"The mailbox '{entry.canonical}' doesn't have an archive to disable.")
        gone: dict[str, t.Any] = {"ArchiveGuid": NO_ARCHIVE, "ArchiveName": [], "ArchiveDatabase": None, "ArchiveDomain": None, "ArchiveState": "None"}
        disabled = {"DisabledArchiveGuid": change.now("ArchiveGuid"), "DisabledArchiveDatabase": change.now("ArchiveDatabase")}
        if not call.what_if:
            call.server.recipients.change(entry, {**gone, **disabled})
        return []
    _check_removable(call, entry)
    if not call.what_if:
        unlink(call, entry)
        call.server.recipients.reduce(entry, {name: entry.values[name] for name in ACCOUNT if name in entry.values}, "User")
    return []


def remove_mailbox(call: Call) -> t.Iterable[Record]:
    if call.identity is None:
        raise failures.not_emulated(call.cmdlet, "-Database with -StoreMailboxIdentity")
    entry = chosen(call)
    _check_removable(call, entry)
    if not call.what_if:
        unlink(call, entry)
        call.server.recipients.remove(entry)
    return []


def _check_removable(call: Call, entry: Entry) -> None:
    if entry.values.get("LitigationHoldEnabled") and not call.parameters.get("IgnoreLegalHold"):
        raise failures.refused(
            f"The mailbox '{entry.canonical}' is on litigation hold. Use the IgnoreLegalHold parameter to disable or remove it all the same."
        )
    others = [other for other in call.server.recipients if other.kind == "PublicFolderMailbox" and other is not entry]
    if entry.kind == "PublicFolderMailbox" and entry.values.get("IsRootPublicFolderMailbox") and others:
        raise failures.refused(
            f"The primary public folder mailbox '{entry.canonical}' can't be removed while other public folder mailboxes exist. Remove these first."
        )


def unlink(call: Call, gone: Entry) -> None:
    """Links to an object vanish with it, as Active Directory's do."""
    for entry in call.server.recipients:
        changed: dict[str, t.Any] = {}
        for name, value in entry.values.items():
            if value is gone:
                changed[name] = None
            elif type(value) is list and gone in value:
                changed[name] = [item for item in value if item is not gone]
        if changed:
            call.server.recipients.change(entry, changed)
