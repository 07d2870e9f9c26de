# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipients that are not mailboxes, and mailboxes seen as recipients or users."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import MultiValued, Obj
from hybridlab.exchange import addresses, failures
from hybridlab.exchange.call import Call, listed, valid_name
from hybridlab.exchange.directory import Entry, escape_rdn, seen
from hybridlab.exchange.mailbox_create import LEGACY, unlink
from hybridlab.exchange.mailbox_table import PROPERTIES
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, PROXY_LIST, RECIPIENT_BASE, identification, read, rendered
from hybridlab.exchange.mailbox_write import valid_alias
from hybridlab.exchange.opath import compiled
from hybridlab.records import Output, Record

_MANAGEMENT = "Microsoft.Exchange.Data.Directory.Management"
_GROUPS = ("MailUniversalDistributionGroup", "MailUniversalSecurityGroup", "DynamicDistributionGroup")
MAIL_ENABLED = (*MAILBOX_KINDS, "MailContact", "MailUser", *_GROUPS)
# Properties of each view, besides what identifies an object.
_ATTRIBUTES = [f"CustomAttribute{number}" for number in range(1, 16)]
_RECIPIENT = (
    "Alias DisplayName PrimarySmtpAddress EmailAddresses ExternalEmailAddress RecipientType RecipientTypeDetails HiddenFromAddressListsEnabled Database "
    "ServerName ExchangeGuid ArchiveGuid ArchiveState EmailAddressPolicyEnabled SamAccountName FirstName LastName Office Phone ResourceType "
    "LitigationHoldEnabled MailboxMoveStatus ManagedBy Capabilities ObjectClass"
).split() + _ATTRIBUTES
_USER = (
    "SamAccountName UserPrincipalName DisplayName FirstName LastName Initials Office Phone AccountDisabled RecipientType RecipientTypeDetails "
    "WindowsEmailAddress ResetPasswordOnNextLogon LinkedMasterAccount Department Title Company City StateOrProvince CountryOrRegion Manager MobilePhone "
    "UserAccountControl ObjectClass"
).split()
_MAIL = (
    "Alias DisplayName PrimarySmtpAddress EmailAddresses ExternalEmailAddress RecipientType RecipientTypeDetails HiddenFromAddressListsEnabled "
    "EmailAddressPolicyEnabled LegacyExchangeDN MaxSendSize MaxReceiveSize ModeratedBy ModerationEnabled MailTip RequireSenderAuthenticationEnabled "
    "AcceptMessagesOnlyFrom RejectMessagesFrom GrantSendOnBehalfTo WindowsEmailAddress ObjectClass"
).split() + _ATTRIBUTES
_FORMATS = {"MessageFormat": "Mime", "MessageBodyFormat": "TextAndHtml", "MacAttachmentFormat": "BinHex", "UsePreferMessageFormat": False}
_WORDS = {**_FORMATS, "GroupType": "Universal", "MemberJoinRestriction": "Closed", "MemberDepartRestriction": "Open"}
_CONTACT = [*_MAIL, *_FORMATS]
_GROUP = [*_MAIL, "GroupType", "SamAccountName", "ManagedBy", "MemberJoinRestriction", "MemberDepartRestriction"]
_GROUP.remove("ExternalEmailAddress")
_EXTRA_LISTS = ("ManagedBy", "Capabilities")
RECIPIENT_TYPES = {"MailContact": "MailContact", "MailUser": "MailUser", "User": "User", **dict.fromkeys(MAILBOX_KINDS, "UserMailbox")}


def _value(entry: Entry, name: str) -> t.Any:
    if name == "RecipientTypeDetails":
        return entry.kind
    if name == "RecipientType":
        return RECIPIENT_TYPES.get(entry.kind, entry.kind)
    if name in _EXTRA_LISTS:
        return MultiValued(entry.values.get(name, []))
    if name == "EmailAddresses":
        return MultiValued(entry.values.get(name, []), PROXY_LIST)
    value = entry.values.get(name, _WORDS.get(name))
    row = PROPERTIES.get(name)
    if row is not None:
        return rendered(row.kind, read(entry, name))
    return "" if value is None and name != "ExternalEmailAddress" else value


def _viewed(noun: str, names: t.Iterable[str]) -> t.Callable[[Entry], Obj]:
    types = (f"{_MANAGEMENT}.{noun}", *RECIPIENT_BASE)

    def view(entry: Entry) -> Obj:
        properties = {name: _value(entry, name) for name in names}
        properties.update(identification(entry), OriginatingServer="dc01.contoso.com", IsValid=True, ObjectState="Unchanged", OrganizationId="")
        return Obj(types, properties, string=entry.canonical)

    return view


def _get(kinds: t.Sequence[str], noun: str, names: t.Sequence[str]) -> t.Callable[[Call], t.Iterable[Record]]:
    view = _viewed(noun, names)
    filterable = {*names, "Name", "Guid", "DistinguishedName", "Identity"}
    emulated = ("Identity", "Anr", "ANR", "Filter", "OrganizationalUnit", "RecipientType", "RecipientTypeDetails", "ResultSize", "DomainController")

    def handler(call: Call) -> t.Iterable[Record]:
        for name in call.parameters:
            if name not in (*emulated, "IgnoreDefaultScope", "ReadFromDomainController"):
                raise failures.not_emulated(call.cmdlet, f"-{name}")
        store = call.server.recipients
        candidates = [entry for entry in store if seen(entry)] if call.identity is None else store.match(str(call.identity))
        entries = [entry for entry in candidates if entry.kind in kinds]
        if call.identity is not None and not entries and "*" not in str(call.identity):
            raise failures.not_found(call.identity)
        return listed(call, _filtered(call, entries, filterable), view)

    return handler


def _filtered(call: Call, entries: list[Entry], filterable: t.Collection[str]) -> list[Entry]:
    given = call.parameters
    if given.get("Filter") is not None:
        matches = compiled(given["Filter"], filterable, _plain)
        entries = [entry for entry in entries if matches(entry)]
    if given.get("OrganizationalUnit"):
        container, _ = call.server.container(given["OrganizationalUnit"])
        entries = [entry for entry in entries if entry.container == container]
    if given.get("RecipientTypeDetails"):
        entries = [entry for entry in entries if entry.kind in given["RecipientTypeDetails"]]
    if given.get("RecipientType"):
        entries = [entry for entry in entries if RECIPIENT_TYPES.get(entry.kind, entry.kind) in given["RecipientType"]]
    beginning = given.get("Anr") or given.get("ANR")
    if beginning:
        entries = [entry for entry in entries if any(str(read(entry, name)).lower().startswith(beginning.lower()) for name in ("Name", "Alias", "DisplayName"))]
    return entries


def _plain(entry: Entry, name: str) -> t.Any:
    if name in ("RecipientType", "RecipientTypeDetails"):
        return _value(entry, name)
    return read(entry, name)


def new_mail_contact(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    name = valid_name(given["Name"])
    container, parent_dn = call.server.container(given.get("OrganizationalUnit") or "Users")
    dn = f"CN={escape_rdn(name)},{parent_dn}"
    store = call.server.recipients
    if store.known(dn):
        raise failures.already_exists(dn)
    alias = valid_alias(given.get("Alias") or "".join(character if character.isascii() and character.isalnum() else "_" for character in name))
    external = addresses.bare(given["ExternalEmailAddress"])
    if "@" not in external:
        raise failures.invalid(f"The address '{external}' is invalid: it isn't a valid SMTP address.")
    entry = contact(name, container, parent_dn, alias, external, uuid.uuid4(), datetime.datetime.now(datetime.UTC).replace(microsecond=0))
    entry.values["DisplayName"] = given.get("DisplayName") or name
    for address in entry.values["EmailAddresses"]:
        for owner in store.known(addresses.bare(address)):
            if address.lower() in {known.lower() for known in owner.values.get("EmailAddresses", ())}:
                raise failures.proxy_in_use(address, owner.canonical)
    if call.what_if:
        return []
    store.add(entry)
    records = [Output(_viewed("MailContact", _CONTACT)(entry))]
    call.fresh(entry)
    return records


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


def remove_mail_contact(call: Call) -> t.Iterable[Record]:
    found = [entry for entry in call.server.recipients.find(call.identity) if entry.kind == "MailContact"]
    if not found:
        raise failures.not_found(call.identity)
    if len(found) > 1:
        raise failures.ambiguous(call.identity)
    if not call.what_if:
        unlink(call, found[0])
        call.server.recipients.remove(found[0])
    return []


HANDLERS = {
    "Get-Recipient": _get(MAIL_ENABLED, "ReducedRecipient", _RECIPIENT),
    "Get-User": _get((*MAILBOX_KINDS, "User", "MailUser"), "User", _USER),
    "Get-MailContact": _get(("MailContact",), "MailContact", _CONTACT),
    "Get-MailUser": _get(("MailUser",), "MailUser", _MAIL),
    "Get-DistributionGroup": _get(_GROUPS[:2], "DistributionGroup", _GROUP),
    "New-MailContact": new_mail_contact,
    "Remove-MailContact": remove_mail_contact,
}
