# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One tenant of two services: the people and mail-enabled groups of the directory are those of Exchange Online, and what changes here changes there.

A user of the directory and a recipient are one object when the recipient's ExternalDirectoryObjectId is the user's id.  A user without a
mailbox is a plain user of Exchange, as Get-User shows it.  A licence with an Exchange plan makes the mailbox of a user that has none; when it goes, the
mailbox is disconnected and comes back with the next one.  Room, equipment and shared mailboxes need no licence, and seeded mailboxes have
none: Exchange Online leaves a mailbox without one alone for 30 days.  Sources: the references of New-Mailbox and Remove-Mailbox, "Delete or
restore user mailboxes in Exchange Online", "How the proxyAddresses attribute is populated in Microsoft Entra ID".
"""

from __future__ import annotations

import base64
import datetime
import typing as t
import uuid

from hybridlab.exchange import Exchange, addresses
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_create import ACCOUNT, LEGACY, derived_alias, unlink
from hybridlab.exchange.mailbox_write import TRAITS
from hybridlab.exchange.seed import CONTAINERS
from hybridlab.exchange.settings import provisioned
from hybridlab.graph import Graph
from hybridlab.graph.tenant import Object, Values
from hybridlab.graph.users import bury

ACTOR = "Office 365 Exchange Online"
PEOPLE = ("User", "UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox", "MailUser")
GROUPS = ("MailUniversalDistributionGroup", "MailUniversalSecurityGroup", "RoomList")
CONTACT = "MailContact"
SIGN_IN = ("UserPrincipalName", "MicrosoftOnlineServicesID", "WindowsLiveID")
"""What Exchange calls the name that somebody signs in with."""
_ACCOUNT = {
    "userPrincipalName": "UserPrincipalName",
    "displayName": "DisplayName",
    "givenName": "FirstName",
    "surname": "LastName",
    "officeLocation": "Office",
}
"""Properties of users and what they are called in Exchange."""
_MAIL = {"mail": "PrimarySmtpAddress", "mailNickname": "Alias"}
_NEW: Values = {"userType": "Member", "assignedLicenses": [], "businessPhones": [], "onPremisesSyncEnabled": None}
_REMOTE = {8589934592: "RoomMailbox", 17179869184: "EquipmentMailbox", 34359738368: "SharedMailbox"}
"""What an object of Active Directory whose msExchRecipientTypeDetails says that its mailbox is remote is in Exchange Online."""
_PROVISION = 1
"""The bit of msExchRemoteRecipientType that asks for a mailbox."""
_LEFT = (*ACCOUNT, "EmailAddresses")
"""What is left in Exchange of a mailbox that lost its licence: its addresses, too, which nobody else can take."""


class Link:
    """Keeps both sides of a tenant alike; both take their turns under one lock.  ``entries`` are the recipients by the ids of their users."""

    def __init__(self, directory: Graph, exchange: Exchange) -> None:
        self._tenant, self._exchange, self._faults = directory.tenant, exchange, directory.faults
        self.entries: dict[str, Entry] = {}
        self._licensed: set[str] = set()
        self._disconnected: dict[str, tuple[str, dict[str, t.Any]]] = {}
        self._deleted: dict[str, Entry] = {}
        self._own = False
        exchange.lock = directory.lock
        exchange.settled = self.from_exchange
        exchange.soft_deleted = lambda: [entry for entry in self._deleted.values() if entry.kind in TRAITS]
        self._tenant.listeners.append(self.from_directory)

    # --- what Exchange did ---

    def from_exchange(self) -> None:
        """Bring to the directory what has changed in Exchange since the last time."""
        recipients = self._exchange.recipients
        touched = list(recipients.touched.values())
        self._own = True
        try:
            for entry in touched:
                if entry.guid not in recipients.entries:
                    self._gone(entry)
                elif entry.kind in PEOPLE:
                    self._person(entry)
                elif entry.kind in GROUPS:
                    self._group(entry)
                elif entry.kind == CONTACT:
                    self._write(entry, self._object(entry), "orgContact", self._mail_of(entry))
        finally:
            self._own = False
            recipients.touched.clear()

    def _person(self, entry: Entry) -> None:
        found = self._object(entry)
        new: Values = {name: entry.values.get(own) or None for name, own in _ACCOUNT.items()}
        new["accountEnabled"] = not entry.values.get("AccountDisabled", False)
        mail: Values = {"proxyAddresses": list(entry.values.get("EmailAddresses", ()))}
        if entry.kind != "User":
            mail |= {name: entry.values.get(own) for name, own in _MAIL.items()}
        elif found is None or (found.values.get("proxyAddresses") and not mail["proxyAddresses"]):
            mail["mail"] = None
        if found is not None and entry.values.get("IsDirSynced") and not entry.values.get("IsExchangeCloudManaged"):
            mail = {name: item for name, item in mail.items() if item and not found.values.get(name)}  # the rest comes from on-premises
        new |= mail
        self._write(entry, found, "user", new)

    def _group(self, entry: Entry) -> None:
        new = self._mail_of(entry) | {"mailEnabled": True, "securityEnabled": entry.kind == "MailUniversalSecurityGroup", "groupTypes": []}
        group = self._write(entry, self._object(entry), "group", new)
        if not entry.values.get("IsDirSynced"):  # else it may have members that are no recipients
            group.members = self._ids(entry.values.get("Members", ()))
        group.owners = self._ids(entry.values.get("ManagedBy", ()))

    @staticmethod
    def _mail_of(entry: Entry) -> Values:
        """What the directory shows of a group or a contact."""
        mail: Values = {name: entry.values.get(own) for name, own in _MAIL.items()}
        return mail | {"displayName": entry.values.get("DisplayName"), "proxyAddresses": list(entry.values["EmailAddresses"])}

    def _write(self, entry: Entry, found: Object | None, kind: str, new: Values) -> Object:
        """Write what differs into the directory, and into its log."""
        if found is None:
            found = self._added(entry, kind)
            found.values |= new
            self._tenant.note(ACTOR, "Add", found, {}, new)
            return found
        old = {name: found.values.get(name) for name in new if (found.values.get(name) or None) != (new[name] or None)}
        if old:
            changed = {name: new[name] for name in old}
            found.values |= changed
            self._tenant.note(ACTOR, "Update", found, old, changed)
        return found

    def _added(self, entry: Entry, kind: str) -> Object:
        """The object of a recipient that the directory does not know."""
        identifier = str(entry.values.get("ExternalDirectoryObjectId") or uuid.uuid4())
        known: Values = {"createdDateTime": entry.created.strftime("%Y-%m-%dT%H:%M:%SZ"), **(_NEW if kind == "user" else {})}
        if entry.values.get("IsDirSynced"):
            known |= {"onPremisesSyncEnabled": True, "onPremisesSamAccountName": entry.values.get("SamAccountName")}
            known |= {"onPremisesImmutableId": base64.b64encode(entry.guid.bytes_le).decode()} if kind == "user" else {}
        if not entry.values.get("ExternalDirectoryObjectId"):
            self._exchange.recipients.change(entry, {"ExternalDirectoryObjectId": identifier})
        self.entries[identifier] = entry
        return self._tenant.add(kind, known, identifier)

    def _gone(self, entry: Entry) -> None:
        found = self._object(entry)
        if found is None:
            return
        del self.entries[found.id]
        if found.kind == "user":
            self._deleted[found.id] = _soft_deleted(entry)
            bury(self._tenant, found, ACTOR)
        else:
            self._tenant.forget(found.id)
            del self._tenant.objects[found.id]
            self._tenant.note(ACTOR, "Delete", found, {}, {})

    def _object(self, entry: Entry) -> Object | None:
        found = self._tenant.objects.get(str(entry.values.get("ExternalDirectoryObjectId")))
        return None if found is None or found.deleted else found

    def _ids(self, entries: t.Iterable[t.Any]) -> list[str]:
        """Those of them that the directory knows, by id."""
        known = [one.values.get("ExternalDirectoryObjectId") for one in entries if isinstance(one, Entry)]
        return [str(one) for one in known if one in self._tenant.objects]

    # --- what the directory did ---

    def from_directory(self, found: Object) -> None:
        """Bring to Exchange what has become of a user, or of a group that synchronisation brings."""
        if self._own:
            return
        if found.kind != "user":
            (self._follow_group if found.kind == "group" else self._follow_contact)(found)
            self.from_exchange()
            return
        entry = self.entries.get(found.id)
        if found.deleted:
            if entry is not None:
                self._delete(found, entry)
        else:
            entry = entry or self._restored(found) or self._new_user(found)
            self._follow(found, entry)
            self._follow_synchronization(found, entry)
            self._follow_licence(found, entry)
        self.from_exchange()

    def _new_user(self, found: Object) -> Entry:
        """A user of the directory whom Exchange does not know yet; its name there is the identifier."""
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        entry = Entry(found.id, "contoso.com/Users", CONTAINERS["Users"], "User", uuid.uuid4(), {"ExternalDirectoryObjectId": found.id}, now, now)
        self._exchange.recipients.add(entry)
        self.entries[found.id] = entry
        return entry

    def _delete(self, found: Object, entry: Entry) -> None:
        unlink(Call(self._exchange, "Remove-Mailbox", {}, what_if=False), entry)
        self._exchange.recipients.remove(entry)
        self._deleted[found.id] = _soft_deleted(self.entries.pop(found.id))

    def _restored(self, found: Object) -> Entry | None:
        """What the user was before it was deleted, without addresses that others have taken since."""
        entry = self._deleted.pop(found.id, None)
        if entry is not None:
            entry.values |= {"WhenSoftDeleted": None, "IsSoftDeletedByRemove": False}
            entry.values["EmailAddresses"] = [one for one in entry.values.get("EmailAddresses", ()) if self._free(one, entry)]
            if found.values.get("proxyAddresses"):
                found.values["proxyAddresses"] = [one for one in found.values["proxyAddresses"] if self._free(one, entry)]
            self._exchange.recipients.add(entry)
            self.entries[found.id] = entry
        return entry

    def _free(self, address: str, owner: Entry) -> bool:
        others = (one for one in self._exchange.recipients.known(addresses.bare(address)) if one is not owner)
        return not any(address.lower() in map(str.lower, one.values.get("EmailAddresses", ())) for one in others)

    def _follow(self, found: Object, entry: Entry) -> None:
        """What a user and a recipient have in common.  Whether a room's account is enabled is said of the room, too."""
        new: dict[str, t.Any] = {own: found.values.get(name) or "" for name, own in _ACCOUNT.items()}
        new |= dict.fromkeys(SIGN_IN, found.values["userPrincipalName"])
        new |= {"AccountDisabled": not found.values.get("accountEnabled"), "IsDirSynced": bool(found.values.get("onPremisesSyncEnabled"))}
        if entry.kind == "RoomMailbox":
            new["RoomMailboxAccountEnabled"] = bool(found.values.get("accountEnabled"))
        if entry.kind != "User":
            new |= self._addresses(found, entry)
            alias = found.values.get("mailNickname")
            if alias and not any(one is not entry and one.values.get("Alias", "").lower() == alias.lower() for one in self._exchange.recipients.known(alias)):
                new["Alias"] = alias
        different = {name: item for name, item in new.items() if (entry.values.get(name) or None) != (item or None)}
        if different:
            self._exchange.recipients.change(entry, different)

    def _addresses(self, found: Object, entry: Entry) -> dict[str, t.Any]:
        """Synchronisation writes the addresses; anybody else only ``mail``, which becomes the primary one."""
        old: list[str] = entry.values["EmailAddresses"]
        new = list(found.values.get("proxyAddresses") or old)
        mail = found.values.get("mail") or entry.values["PrimarySmtpAddress"]
        if new == old and mail.lower() != entry.values["PrimarySmtpAddress"].lower() and not found.synchronized:
            new = addresses.with_primary(old, mail)
        primary = addresses.primary_of(new) or entry.values["PrimarySmtpAddress"]
        return {"EmailAddresses": new, "PrimarySmtpAddress": primary, "WindowsEmailAddress": primary}

    def _follow_licence(self, found: Object, entry: Entry) -> None:
        plans = found.values.get("assignedPlans") or ()
        licensed = any(plan["service"] == "exchange" and plan["capabilityStatus"] == "Enabled" for plan in plans)
        without = entry.kind == "User" or (entry.kind == "MailUser" and not entry.values.get("ExchangeGuid"))  # else the mailbox is on-premises
        if licensed and without:
            self._give_mailbox(found, entry)
        elif not licensed and found.id in self._licensed and entry.kind == "UserMailbox":
            self._disconnect(found, entry)
        (self._licensed.add if licensed else self._licensed.discard)(found.id)

    def _give_mailbox(self, found: Object, entry: Entry) -> None:
        kind, values = self._disconnected.pop(found.id, ("UserMailbox", {}))
        if not values:
            values = self._new_mailbox(found, entry, kind)
        self._exchange.recipients.change(entry, {**values, **{name: entry.values[name] for name in ACCOUNT if name in entry.values}}, kind=kind)
        entry.unseen = int((self._faults.take("mailbox-lag") or {}).get("reads", 0))

    def _new_mailbox(self, found: Object, entry: Entry, kind: str) -> dict[str, t.Any]:
        store = uuid.uuid4()
        return {
            **TRAITS[kind],
            **self._new_addresses(found, entry),
            "RecipientTypeDetails": kind,
            "EmailAddressPolicyEnabled": False,
            "ExchangeGuid": store,
            "MailboxContainerGuid": store,
            "WhenMailboxCreated": datetime.datetime.now(datetime.UTC).replace(microsecond=0),
            "Database": provisioned(self._exchange),
        }

    def _new_addresses(self, found: Object, entry: Entry) -> dict[str, t.Any]:
        """The addresses that the directory knows; else the name that its user signs in with, and one in the initial domain beside it."""
        alias = derived_alias(found.values.get("mailNickname") or found.name)
        number, free = 0, alias
        while any(one is not entry and one.values.get("Alias", "").lower() == free.lower() for one in self._exchange.recipients.known(free)):
            number += 1
            free = f"{alias}{number}"
        initial = next(one["id"] for one in self._tenant.domains.values() if one["isInitial"])
        wanted = found.values.get("proxyAddresses") or (f"SMTP:{found.name}", f"smtp:{free}@{initial}")
        proxies = [one for one in wanted if self._free(one, entry)]
        primary = addresses.primary_of(proxies) or f"{free}@{initial}"
        return {
            "Alias": free,
            "EmailAddresses": addresses.with_primary(proxies, primary),
            "PrimarySmtpAddress": primary,
            "WindowsEmailAddress": primary,
            "LegacyExchangeDN": f"{LEGACY}{uuid.uuid4().hex}-{free}",
        }

    # --- what synchronisation did ---

    def _follow_synchronization(self, found: Object, entry: Entry) -> None:
        """A user with an alias on-premises is a mail user here, or the mailbox that was asked for there."""
        brought = dict(found.exchange)
        if not brought:
            if found.synchronized and entry.kind == "MailUser":
                self._exchange.recipients.reduce(entry, {name: entry.values[name] for name in ACCOUNT if name in entry.values}, "User")
            return
        remote, asked = _REMOTE.get(brought.pop("RecipientTypeDetails")), brought.pop("RemoteRecipientType")
        guid, target = brought.pop("ExchangeGuid"), brought.pop("ExternalEmailAddress")
        if entry.kind == "User" and found.id not in self._disconnected:
            if remote and asked & _PROVISION and guid is None:
                self._exchange.recipients.change(entry, self._new_mailbox(found, entry, remote), kind=remote)
            elif found.values.get("proxyAddresses"):
                new = self._new_addresses(found, entry) | {"ExchangeGuid": guid, "ObjectClass": ["top", "person", "organizationalPerson", "user"]}
                self._exchange.recipients.change(entry, new, kind="MailUser")
        if entry.kind == "MailUser":
            brought |= {"ExternalEmailAddress": target or f"SMTP:{entry.values['PrimarySmtpAddress']}", "ExchangeGuid": guid}
        different = {name: item for name, item in brought.items() if (entry.values.get(name) or None) != (item or None)}
        if different and entry.kind != "User":
            self._exchange.recipients.change(entry, different)

    def _follow_group(self, found: Object) -> None:
        """A mail-enabled group that synchronisation brings is a distribution group."""
        entry = self.entries.get(found.id)
        if self._ended(found, entry) or not found.values.get("mailEnabled") or not found.values.get("onPremisesSyncEnabled"):
            return
        if entry is None:
            entry = self._new_user(found)
            kind = "MailUniversalSecurityGroup" if found.values["securityEnabled"] else "MailUniversalDistributionGroup"
            self._exchange.recipients.change(entry, {"ObjectClass": ["top", "group"], "IsDirSynced": True, **self._new_addresses(found, entry)}, kind=kind)
        members = [self.entries[one] for one in found.members if one in self.entries]
        new = {"DisplayName": found.values["displayName"], "Members": members, "IsDirSynced": True, **(self._addresses(found, entry))}
        different = {name: item for name, item in new.items() if (entry.values.get(name) or None) != (item or None)}
        if different:
            self._exchange.recipients.change(entry, different)

    def _disconnect(self, found: Object, entry: Entry) -> None:
        self._disconnected[found.id] = entry.kind, dict(entry.values)
        self._exchange.recipients.reduce(entry, {name: entry.values[name] for name in _LEFT if name in entry.values}, "User")

    def _follow_contact(self, found: Object) -> None:
        """A contact that synchronisation brings is a mail contact."""
        entry = self.entries.get(found.id)
        if self._ended(found, entry):
            return
        if entry is None:
            entry = self._new_user(found)
            traits = {"ObjectClass": ["top", "person", "organizationalPerson", "contact"], "IsDirSynced": True, "EmailAddressPolicyEnabled": False}
            self._exchange.recipients.change(entry, traits | self._new_addresses(found, entry), kind=CONTACT)
        external = f"SMTP:{found.values['mail']}"
        new = {"DisplayName": found.values["displayName"], "ExternalEmailAddress": external, "IsDirSynced": found.synchronized, **self._addresses(found, entry)}
        different = {name: item for name, item in new.items() if (entry.values.get(name) or None) != (item or None)}
        if different:
            self._exchange.recipients.change(entry, different)

    def _ended(self, found: Object, entry: Entry | None) -> bool:
        """Whether a group or a contact was deleted; then it is no recipient any more."""
        if found.deleted and entry is not None:
            unlink(Call(self._exchange, "Remove-DistributionGroup", {}, what_if=False), entry)
            self._exchange.recipients.remove(self.entries.pop(found.id))
        return bool(found.deleted)


def _soft_deleted(entry: Entry) -> Entry:
    entry.values |= {"WhenSoftDeleted": datetime.datetime.now(datetime.UTC).replace(microsecond=0), "IsSoftDeletedByRemove": True}
    return entry
