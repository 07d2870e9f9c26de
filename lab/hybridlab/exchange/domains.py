# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote and accepted domains."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.contract import refusals
from hybridlab.contract.check import ONLINE
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, commit, found, listed, valid_name
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, escape_rdn
from hybridlab.exchange.mailbox_view import exists
from hybridlab.exchange.shapes import ACCEPTED_DOMAIN, CONFIGURATION_TYPES, ENUMERATIONS, configuration_identification, defaults, shaped
from hybridlab.exchange.values import count
from hybridlab.records import Output, Record

REMOTE_DN = f"CN=Internet Message Formats,CN=Global Settings,{CONFIGURATION_DN}"
ACCEPTED_DN = f"CN=Accepted Domains,CN=Transport Settings,{CONFIGURATION_DN}"
_REMOTE_TYPES = (
    "Microsoft.Exchange.Data.Directory.Management.RemoteDomain",
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.DomainContentConfig",
    *CONFIGURATION_TYPES,
)
REMOTE_DEFAULTS: dict[str, t.Any] = {
    "DomainName": "*",
    "IsInternal": False,
    "TargetDeliveryDomain": False,
    "IsCoexistenceDomain": False,
    "ByteEncoderTypeFor7BitCharsets": "Undefined",
    "CharacterSet": "iso-8859-1",
    "NonMimeCharacterSet": "iso-8859-1",
    "AllowedOOFType": "External",
    "AutoReplyEnabled": False,
    "AutoForwardEnabled": False,
    "DeliveryReportEnabled": True,
    "NDREnabled": True,
    "MeetingForwardNotificationEnabled": False,
    "ContentType": "MimeHtmlText",
    "DisplaySenderName": True,
    "PreferredInternetCodePageForShiftJis": "Undefined",
    "RequiredCharsetCoverage": None,
    "TNEFEnabled": None,
    "LineWrapSize": "Unlimited",
    "TrustedMailOutboundEnabled": False,
    "TrustedMailInboundEnabled": False,
    "UseSimpleDisplayName": False,
    "NDRDiagnosticInfoEnabled": True,
    "MessageCountThreshold": 2147483647,
    "AdminDisplayName": "",
}
# Microsoft's reference of Set-RemoteDomain: in Exchange Online both are on for Default and for new ones, on a server both are off.
ONLINE_DEFAULTS = {"AutoForwardEnabled": True, "AutoReplyEnabled": True}
# Enumerations that travel as objects: type and numbers.
_REMOTE_ENUMERATIONS = {
    "AllowedOOFType": {"InternalLegacy": 0, "ExternalLegacy": 1, "External": 2, "None": 3},
    "ContentType": {"MimeHtmlText": 0, "MimeText": 1, "MimeHtml": 2},
}


def remote_entry(name: str, domain: str, guid: uuid.UUID, when: datetime.datetime, online: bool = False) -> Entry:
    settings = {**REMOTE_DEFAULTS, **(ONLINE_DEFAULTS if online else {}), "DomainName": domain}
    return Entry(name, "", REMOTE_DN, "RemoteDomain", guid, settings, when, when)


def accepted_entry(domain: str, name: str, guid: uuid.UUID, when: datetime.datetime, **values: t.Any) -> Entry:
    known = {**defaults(ACCEPTED_DOMAIN), "DomainName": domain, "AddressBookEnabled": True, **values}
    return Entry(name, "", ACCEPTED_DN, "AcceptedDomain", guid, known, when, when)


def _remote_view(call: Call, entry: Entry) -> Obj:
    properties = {name: value for name, value in entry.values.items() if exists(call.contract, "Set-RemoteDomain", name)}
    for name, numbers in _REMOTE_ENUMERATIONS.items():
        types = (f"Microsoft.Exchange.Data.Directory.SystemConfiguration.{name}", "System.Enum", "System.ValueType", "System.Object")
        properties[name] = Enum(types, numbers[entry.values[name]], entry.values[name])
    properties.update(configuration_identification(entry))
    properties["ObjectClass"] = MultiValued(["top", "msExchDomainContentConfig"])
    return Obj(_REMOTE_TYPES, properties, string=entry.name)


def _accepted_view(call: Call, entry: Entry) -> Obj:
    hidden = [name for name in entry.values if not exists(call.contract, "Set-AcceptedDomain", name)]
    return shaped(ACCEPTED_DOMAIN, entry, hidden)


def get_remote_domain(call: Call) -> t.Iterable[Record]:
    return listed(call, found(call, call.server.remote_domains), lambda entry: _remote_view(call, entry))


def new_remote_domain(call: Call) -> t.Iterable[Record]:
    name, domain = valid_name(call.parameters["Name"]), call.parameters["DomainName"]
    store = call.server.remote_domains
    _refuse_known(store.known(name), REMOTE_DN, name)
    if any(entry.values["DomainName"].lower() == domain.lower() for entry in store):
        raise failures.refused(f"A remote domain with the domain name '{domain}' already exists.", "DuplicateRemoteDomainException", "ResourceExists")
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    entry = remote_entry(name, domain, uuid.uuid4(), now, call.contract.version == ONLINE)
    if call.what_if:
        return []
    store.add(entry)
    records = [Output(_remote_view(call, entry))]
    call.fresh(entry)
    return records


def set_remote_domain(call: Call) -> t.Iterable[Record]:
    entry = call.server.remote_domains.one(call.identity)
    changes, name = dict(call.settings), None
    if "Name" in changes:
        name = _new_name(entry, changes.pop("Name"), call.server.remote_domains.known, REMOTE_DN)
    if "LineWrapSize" in changes:
        changes["LineWrapSize"] = count(changes["LineWrapSize"])
    if "TargetDeliveryDomain" in changes and changes["TargetDeliveryDomain"] and entry.values["DomainName"] == "*":
        raise failures.invalid("The remote domain '*' can't be the target delivery domain.")
    for text in ("CharacterSet", "NonMimeCharacterSet"):
        if changes.get(text, "") is None:
            changes[text] = ""
    return commit(call, call.server.remote_domains, entry, changes, name)


def remove_remote_domain(call: Call) -> t.Iterable[Record]:
    entry = call.server.remote_domains.one(call.identity)
    if entry.values["DomainName"] == "*":
        raise failures.refused("The default remote domain can't be removed.", "CannotRemoveDefaultRemoteDomainException")
    if not call.what_if:
        call.server.remote_domains.remove(entry)
    return []


def get_accepted_domain(call: Call) -> t.Iterable[Record]:
    return listed(call, found(call, call.server.accepted_domains), lambda entry: _accepted_view(call, entry))


def new_accepted_domain(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    name, domain = valid_name(given["Name"]), given["DomainName"]
    store = call.server.accepted_domains
    _refuse_known(store.known(name), ACCEPTED_DN, name)
    if any(entry.values["DomainName"].lower() == domain.lower() for entry in store):
        raise failures.refused(f"The domain '{domain}' is already an accepted domain.", "DuplicateAcceptedDomainException", "ResourceExists")
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    entry = accepted_entry(domain, name, uuid.uuid4(), now, DomainType=_domain_type(call, given.get("DomainType") or "Authoritative"))
    _check_star(entry, entry.values["DomainType"])
    if call.what_if:
        return []
    store.add(entry)
    records = [Output(_accepted_view(call, entry))]
    call.fresh(entry)
    return records


def set_accepted_domain(call: Call) -> t.Iterable[Record]:
    store = call.server.accepted_domains
    entry = store.one(call.identity)
    changes, name = dict(call.settings), None
    if "Name" in changes:
        name = _new_name(entry, changes.pop("Name"), store.known, ACCEPTED_DN)
    if "DomainType" in changes:
        changes["DomainType"] = _domain_type(call, changes["DomainType"])
        _check_star(entry, changes["DomainType"])
    if "MatchSubDomains" in changes and changes["MatchSubDomains"] and entry.values["DomainName"].startswith("*"):
        raise failures.invalid("MatchSubDomains can't be set on a domain name that already contains a wildcard.")
    make_default = changes.pop("MakeDefault", False)
    if make_default:
        _check_default(entry, changes.get("DomainType", entry.values["DomainType"]))
        changes["Default"] = True
    former = [other for other in store if other.values["Default"] and other is not entry]
    yield from commit(call, store, entry, changes, name)
    if make_default and not call.what_if:
        for other in former:
            store.change(other, {"Default": False})


def remove_accepted_domain(call: Call) -> t.Iterable[Record]:
    store = call.server.accepted_domains
    entry = store.one(call.identity)
    if entry.values["Default"]:
        text = f"The domain '{entry.values['DomainName']}' can't be removed because it's the default domain of the organization."
        raise failures.refused(text, "CannotRemoveDefaultAcceptedDomainException")
    ending = f"@{entry.values['DomainName']}".lower()
    for policy in call.server.objects["EmailAddressPolicy"]:
        used = [one for one in policy.values["EnabledEmailAddressTemplates"] if one.lower().endswith(ending)]
        if used:
            text = f"The domain '{entry.values['DomainName']}' can't be removed because the email address template '{used[0]}' of '{policy.name}' uses it."
            raise failures.refused(text, "CannotRemoveAcceptedDomainException")
    if not call.what_if:
        store.remove(entry)
    return []


def _domain_type(call: Call, value: str | None) -> str:
    known = {name.lower(): name for name in ENUMERATIONS["AcceptedDomainType"]}
    if value is None or value.lower() not in known:
        raise refusals.not_an_enumerator(call.cmdlet, "DomainType", value, "AcceptedDomainType", known.values())
    return known[value.lower()]


def _check_star(entry: Entry, domain_type: str) -> None:
    if entry.values["DomainName"] == "*" and domain_type == "Authoritative":
        raise failures.invalid("The accepted domain '*' can't be authoritative; it must be a relay domain.")


def _check_default(entry: Entry, domain_type: str) -> None:
    if entry.values["DomainName"].startswith("*") or domain_type == "ExternalRelay":
        raise failures.refused(f"The domain '{entry.values['DomainName']}' can't be the default domain: it has a wildcard or is an external relay domain.")


def _refuse_known(known: list[Entry], parent: str, name: str) -> None:
    if known:
        raise failures.already_exists(f"CN={escape_rdn(name)},{parent}")


def _new_name(entry: Entry, name: str, known: t.Callable[[str], list[Entry]], parent: str) -> str:
    _refuse_known([other for other in known(valid_name(name)) if other is not entry], parent, name)
    return name
