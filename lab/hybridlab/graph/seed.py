# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant as it is when the lab starts: Contoso's, or another of the same kind."""

from __future__ import annotations

import copy
import typing as t

from hybridlab.graph.authentication import PHONE, PHONES
from hybridlab.graph.tenant import Tenant, Values, derived

_PLANS = {
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "MCOSTANDARD": "0feaeb32-d00e-4d66-bd5a-43b5b83db82c",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
    "SHAREPOINTENTERPRISE": "5dbe027f-2339-4123-9542-606e4d348a72",
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "MFA_PREMIUM": "8a256a2b-b617-496d-b51b-e76466e88db0",
}
_SKUS = (
    ("ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", 25, ("EXCHANGE_S_ENTERPRISE", "MCOSTANDARD", "TEAMS1", "SHAREPOINTENTERPRISE")),
    ("EXCHANGESTANDARD", "4b9405b0-7788-4568-add1-99614e613b69", 5, ("EXCHANGE_S_STANDARD",)),
    ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", 25, ("AAD_PREMIUM", "MFA_PREMIUM")),
    ("Microsoft_Teams_Rooms_Pro", "6af4b3d6-14bb-4a2a-960c-6c902aad34f3", 2, ("TEAMS1", "MCOSTANDARD")),
)
"""Part number, identifier, seats, plans: from the published list of product names and service plan identifiers."""
_METHODS = (
    ("MicrosoftAuthenticator", "microsoftAuthenticatorAuthenticationMethodConfiguration", "enabled"),
    ("Sms", "smsAuthenticationMethodConfiguration", "disabled"),
    ("Voice", "voiceAuthenticationMethodConfiguration", "disabled"),
    ("SoftwareOath", "softwareOathAuthenticationMethodConfiguration", "disabled"),
    ("HardwareOath", "hardwareOathAuthenticationMethodConfiguration", "disabled"),
    ("Fido2", "fido2AuthenticationMethodConfiguration", "disabled"),
    ("TemporaryAccessPass", "temporaryAccessPassAuthenticationMethodConfiguration", "disabled"),
    ("Email", "emailAuthenticationMethodConfiguration", "enabled"),
    ("X509Certificate", "x509CertificateAuthenticationMethodConfiguration", "disabled"),
    ("QRCodePin", "qrCodePinAuthenticationMethodConfiguration", "disabled"),
)
_OWN: dict[str, Values] = {
    "Fido2": {"isAttestationEnforced": False, "isSelfServiceRegistrationAllowed": True, "keyRestrictions": None},
    "Voice": {"isOfficePhoneAllowed": False},
    "MicrosoftAuthenticator": {"isSoftwareOathEnabled": False, "featureSettings": None},
    "TemporaryAccessPass": {
        "defaultLength": 8,
        "defaultLifetimeInMinutes": 60,
        "isUsableOnce": False,
        "maximumLifetimeInMinutes": 480,
        "minimumLifetimeInMinutes": 60,
    },
    "Email": {"allowExternalIdToUseEmailOtp": "default"},
    "QRCodePin": {"pinLength": 8, "standardQRCodeLifetimeInDays": 365},
    "X509Certificate": {
        "authenticationModeConfiguration": {"x509CertificateAuthenticationDefaultMode": "x509CertificateSingleFactor", "rules": []},
        "issuerHintsConfiguration": {"state": "disabled"},
        "crlValidationConfiguration": {"state": "disabled", "exemptedCertificateAuthoritiesSubjectKeyIdentifiers": []},
    },
}
_AIMED: dict[str, Values] = {"Sms": {"isUsableForSignIn": False}, "MicrosoftAuthenticator": {"authenticationMode": "any"}}
"""What a target of a method has of its own."""
_STRENGTHS = (("2", "Multifactor authentication"), ("3", "Passwordless MFA"), ("4", "Phishing-resistant MFA"))
"""The built-in strengths: their identifiers end with these digits in every tenant."""
_APPLICATIONS = (
    ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
    ("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000"),
    ("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013"),
)
"""Published applications of the vendor that every tenant has."""
_ALL_USERS = {"targetType": "group", "id": "all_users", "isRegistrationRequired": False}
_PEOPLE = (
    ("Ada Lovelace", "Engineering", "+49 3012345678"),
    ("Grace Hopper", "Engineering", None),
    ("Alan Turing", "Research", "+44 2071234567"),
    ("Konrad Zuse", "Research", None),
)
_NOT_IN_EVERY_USER: Values = {
    "accountEnabled": True,
    "assignedLicenses": [],
    "businessPhones": [],
    "createdDateTime": "2026-03-01T09:00:00Z",
    "onPremisesSyncEnabled": None,
    "proxyAddresses": [],
    "userType": "Member",
}


def tenant(name: str = "contoso", users: int = 0, identifier: str = "") -> Tenant:
    """A tenant of this name with a few people, and ``users`` more called ``user0`` and so on."""
    found = Tenant(identifier or derived(name), f"{name}.com")
    found.domains = {one["id"]: one for one in _domains(name)}
    found.skus = [
        {"skuPartNumber": part, "skuId": sku, "seats": seats, "servicePlans": [{"servicePlanId": _PLANS[plan], "servicePlanName": plan} for plan in plans]}
        for part, sku, seats, plans in _SKUS
    ]
    for person, department, mobile in _PEOPLE:
        given, surname = person.split()
        values = {"givenName": given, "surname": surname, "department": department, "mobilePhone": mobile, "usageLocation": "DE"}
        _user(found, given.lower(), person, values)
    _synchronized(found)
    for number in range(users):
        _user(found, f"user{number}", f"User {number}", {"department": "Staff"})
    _groups(found)
    _settings(found)
    return found


def _domains(name: str) -> t.Iterator[Values]:
    for prefix, verified in (("", True), ("new.", False), ("fed.", True), ("sales.", True)):
        yield domain(f"{prefix}{name}.com", isVerified=verified, isDefault=not prefix)
    yield domain(f"{name}.onmicrosoft.com", isVerified=True, isInitial=True)
    if name == "contoso":
        yield domain("fabrikam.com", isVerified=True)


def domain(identifier: str, **values: bool) -> Values:
    """A domain with the properties that are not given as they are by default; ``isVerified`` is needed."""
    return {
        "id": identifier,
        "authenticationType": "Managed",
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": False,
        "isInitial": False,
        "isRoot": identifier.count(".") == 1,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"] if values["isVerified"] else [],
        **values,
    }


def _user(found: Tenant, alias: str, name: str, values: Values) -> None:
    principal = f"{alias}@{found.domain}"
    named = {"userPrincipalName": principal, "displayName": name, "mailNickname": alias, "mail": principal}
    found.add("user", copy.deepcopy(_NOT_IN_EVERY_USER) | named | values, derived(principal))


def _synchronized(found: Tenant) -> None:
    values = {"onPremisesSyncEnabled": True, "onPremisesImmutableId": "7vVyL0X1QkqgU9oL0f3b1A==", "onPremisesSamAccountName": "hedy", "usageLocation": "DE"}
    _user(found, "hedy", "Hedy Lamarr", values)
    phone = {"@odata.type": PHONE, "id": PHONES["mobile"], "phoneNumber": "+49 3087654321", "phoneType": "mobile", "smsSignInState": "notAllowedByPolicy"}
    found.get("user", f"hedy@{found.domain}").methods.append(phone)


def _groups(found: Tenant) -> None:
    base: Values = {"mailEnabled": False, "securityEnabled": True, "groupTypes": [], "description": None, "proxyAddresses": []}
    for name, members, synchronized in (("Break Glass", (), None), ("Engineering", ("ada", "grace"), None), ("Sync Staff", ("hedy",), True)):
        own = {"displayName": name, "mailNickname": name.replace(" ", "").lower(), "onPremisesSyncEnabled": synchronized}
        group = found.add("group", base | own, derived(found.domain, name))
        group.members = [found.get("user", f"{member}@{found.domain}").id for member in members]


def _access(found: Tenant) -> None:
    for digit, name in _STRENGTHS:
        identifier = f"00000000-0000-0000-0000-00000000000{digit}"
        found.strengths[identifier] = {"id": identifier, "displayName": name, "policyType": "builtIn", "requirementsSatisfied": "mfa"}
    for name, identifier in (*_APPLICATIONS, ("Payroll", derived(found.domain, "Payroll", "application"))):
        found.applications.append({"id": derived(found.domain, name), "appId": identifier, "displayName": name})


def _configuration(name: str, kind: str, state: str) -> Values:
    aimed = [_ALL_USERS | _AIMED.get(name, {})]
    common = {"@odata.type": f"#microsoft.graph.{kind}", "id": name, "state": state, "excludeTargets": [], "includeTargets": aimed}
    return common | copy.deepcopy(_OWN.get(name, {}))


def _settings(found: Tenant) -> None:
    _access(found)
    found.security_defaults = {
        "id": "00000000-0000-0000-0000-000000000005",
        "displayName": "Security Defaults",
        "description": "Security defaults is a set of basic identity security mechanisms recommended by Microsoft.",
        "isEnabled": False,
    }
    configurations = [_configuration(*method) for method in _METHODS]
    campaign = {"snoozeDurationInDays": 1, "state": "default", "excludeTargets": [], "includeTargets": []}
    found.methods_policy = {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant.",
        "lastModifiedDateTime": "2026-03-01T09:00:00Z",
        "policyVersion": "1.5",
        "policyMigrationState": "preMigration",
        "reconfirmationInDays": None,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign},
        "authenticationMethodConfigurations": configurations,
    }
