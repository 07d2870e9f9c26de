# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an object of Active Directory is brought to the tenant, under the names that it has there.

Sources: "Attributes synchronized by Microsoft Entra Connect", "Plan and design: userPrincipalName population", "Topologies: sourceAnchor".
"""

from __future__ import annotations

import base64
import typing as t
import uuid

from hybridlab.ad import syntaxes
from hybridlab.ad.directory import DirectoryObject
from hybridlab.graph.tenant import Tenant, Values

DISABLED = 0x2
SECURITY = 0x80000000
CONSISTENCY = "mS-DS-ConsistencyGuid"
_PLAIN = {
    "displayName": "displayName",
    "givenName": "givenName",
    "surname": "sn",
    "jobTitle": "title",
    "department": "department",
    "companyName": "company",
    "officeLocation": "physicalDeliveryOfficeName",
    "mobilePhone": "mobile",
    "city": "l",
    "state": "st",
    "country": "c",
    "postalCode": "postalCode",
    "streetAddress": "streetAddress",
    "preferredLanguage": "preferredLanguage",
    "employeeId": "employeeID",
    "faxNumber": "facsimileTelephoneNumber",
    "mail": "mail",
    "onPremisesSamAccountName": "sAMAccountName",
    "onPremisesUserPrincipalName": "userPrincipalName",
}
"""Properties of users, and the attributes that they come from."""
_NUMBERS = range(1, 16)


def anchor(one: DirectoryObject, consistency: bool) -> str:
    """What identifies an object for good: its objectGUID, or what was written down as such in mS-DS-ConsistencyGuid."""
    kept = one.raw(CONSISTENCY) if consistency else None
    return base64.b64encode(kept or one.guid.bytes_le).decode()


def initial_domain(tenant: Tenant) -> str:
    return next(str(one["id"]) for one in tenant.domains.values() if one["isInitial"])


def user(one: DirectoryObject, tenant: Tenant, source_anchor: str) -> Values:
    found: Values = {name: one.text(attribute) or None for name, attribute in _PLAIN.items()}
    alias = _alias(one)
    return found | {
        "accountEnabled": not one.number("userAccountControl") & DISABLED,
        "businessPhones": [one.text("telephoneNumber")] if one.text("telephoneNumber") else [],
        "displayName": one.text("displayName") or one.name,
        "mailNickname": alias,
        "onPremisesDistinguishedName": one.dn,
        "onPremisesDomainName": _domain(one),
        "onPremisesExtensionAttributes": {f"extensionAttribute{number}": one.text(f"extensionAttribute{number}") or None for number in _NUMBERS},
        "onPremisesImmutableId": source_anchor,
        "onPremisesSecurityIdentifier": _sid(one),
        "onPremisesSyncEnabled": True,
        "proxyAddresses": one.texts("proxyAddresses"),
        "usageLocation": one.text("msExchUsageLocation") or one.text("c") or None,
        "userPrincipalName": principal(one, tenant, alias),
    }


def principal(one: DirectoryObject, tenant: Tenant, alias: str) -> str:
    """The name that a user signs in with: the one of Active Directory where its domain is verified, else one in the initial domain."""
    name = one.text("userPrincipalName")
    domain = tenant.domains.get(name.rpartition("@")[2].casefold())
    return name if name and domain and domain["isVerified"] else f"{alias}@{initial_domain(tenant)}"


def group(one: DirectoryObject) -> Values:
    kind = one.number("groupType") & 0xFFFFFFFF
    mail = one.text("mail") or next((value[5:] for value in one.texts("proxyAddresses") if value.startswith("SMTP:")), None)
    return {
        "description": one.text("description") or None,
        "displayName": one.text("displayName") or one.name,
        "groupTypes": [],
        "mail": mail,
        "mailEnabled": mail is not None,
        "mailNickname": one.text("mailNickname") or one.text("sAMAccountName"),
        "onPremisesDomainName": _domain(one),
        "onPremisesSamAccountName": one.text("sAMAccountName"),
        "onPremisesSecurityIdentifier": _sid(one),
        "onPremisesSyncEnabled": True,
        "proxyAddresses": one.texts("proxyAddresses"),
        "securityEnabled": bool(kind & SECURITY),
    }


def contact(one: DirectoryObject) -> Values:
    names = ("givenName", "surname", "jobTitle", "department", "companyName", "mail")
    found: Values = {name: one.text(_PLAIN[name]) or None for name in names}
    known = {"displayName": one.text("displayName") or one.name, "mailNickname": _alias(one)}
    return found | known | {"onPremisesSyncEnabled": True, "proxyAddresses": one.texts("proxyAddresses")}


def recipient(one: DirectoryObject) -> Values:
    """What is brought for Exchange Online alone, which needs a mailNickname; names are those of Exchange."""
    if not one.text("mailNickname"):
        return {}
    mailbox = one.raw("msExchMailboxGuid")
    return {
        "RecipientTypeDetails": one.number("msExchRecipientTypeDetails"),
        "RemoteRecipientType": one.number("msExchRemoteRecipientType"),
        "ExchangeGuid": uuid.UUID(bytes_le=mailbox) if mailbox else None,
        "ExternalEmailAddress": one.text("targetAddress") or None,
        "HiddenFromAddressListsEnabled": one.truth("msExchHideFromAddressLists"),
        **{f"CustomAttribute{number}": one.text(f"extensionAttribute{number}") for number in _NUMBERS},
    }


def _alias(one: DirectoryObject) -> str:
    """The mail nickname as the tenant works it out where Active Directory has none."""
    addresses = one.texts("proxyAddresses")
    primary = next((value[5:] for value in addresses if value.startswith("SMTP:")), "")
    candidates: t.Iterable[str] = (one.text("mailNickname"), primary, one.text("mail"), one.text("userPrincipalName"), one.text("sAMAccountName"))
    return next(name.partition("@")[0] for name in candidates if name)


def _domain(one: DirectoryObject) -> str:
    return ".".join(part[3:] for part in one.dn.split(",") if part.upper().startswith("DC="))


def _sid(one: DirectoryObject) -> str | None:
    raw = one.raw("objectSid")
    return syntaxes.sid_text(raw) if raw else None
