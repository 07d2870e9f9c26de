# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import datetime
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.lab.graph_client import Client

PHONES = "/users/ada@contoso.com/authentication/phoneMethods"
STATE = "/beta/users/ada@contoso.com/authentication/requirements"
LOCATIONS = "/identity/conditionalAccess/namedLocations"
POLICIES = "/identity/conditionalAccess/policies"
DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
FEDERATION = "/domains/fed.contoso.com/federationConfiguration"


@pytest.fixture
def client() -> Client:
    return Client()


def office(*ranges: str, **values: t.Any) -> dict[str, t.Any]:
    kinds = [{"@odata.type": f"#microsoft.graph.iPv{'6' if ':' in one else '4'}CidrRange", "cidrAddress": one} for one in ranges]
    return {"@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": "Office", "isTrusted": True, "ipRanges": kinds} | values


def policy(**values: t.Any) -> dict[str, t.Any]:
    conditions = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]}
    grant = {"operator": "OR", "builtInControls": ["mfa"]}
    return {"displayName": "MFA", "state": "enabledForReportingButNotEnforced", "conditions": conditions, "grantControls": grant} | values


def certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ADFS Signing")])
    begin = datetime.datetime(2026, 1, 1)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + datetime.timedelta(days=365)).sign(key, hashes.SHA256())
    return base64.b64encode(built.public_bytes(serialization.Encoding.DER)).decode()


# Authentication.


def test_phones_have_fixed_identifiers_and_one_of_each_type(client: Client) -> None:
    made = client.good("POST", PHONES, {"phoneNumber": "+49 3012345678", "phoneType": "mobile"})
    assert made["id"] == "3179e48a-750b-4051-897c-87b9720928f7"
    client.refused(400, "already registered", "POST", PHONES, {"phoneNumber": "+49 3012345679", "phoneType": "mobile"})
    client.good("PATCH", f"{PHONES}/{made['id']}", {"phoneNumber": "+49 3099999999"})
    assert client.list(PHONES)[0]["phoneNumber"] == "+49 3099999999"
    client.good("DELETE", f"{PHONES}/{made['id']}")
    client.refused(404, "not found", "GET", f"{PHONES}/{made['id']}")


@pytest.mark.parametrize("number", ["03012345678", "+493012345678", "+49 30/123", "+49 12"])
def test_a_phone_number_without_a_country_code_is_refused(client: Client, number: str) -> None:
    client.refused(400, "invalidPhoneNumber", "POST", PHONES, {"phoneNumber": number, "phoneType": "mobile"})


def test_an_alternate_mobile_needs_a_mobile(client: Client) -> None:
    client.refused(400, "without a mobile", "POST", PHONES, {"phoneNumber": "+49 3012345678", "phoneType": "alternateMobile"})


def test_an_unknown_type_of_phone_is_refused(client: Client) -> None:
    client.refused(400, "fax", "POST", PHONES, {"phoneNumber": "+49 3012345678", "phoneType": "fax"})


def test_enabled_becomes_enforced_when_the_user_has_a_method(client: Client) -> None:
    client.good("PATCH", STATE, {"perUserMfaState": "enabled"})
    assert client.good("GET", STATE)["perUserMfaState"] == "enabled"
    client.good("POST", PHONES, {"phoneNumber": "+49 3012345678", "phoneType": "mobile"})
    assert client.good("GET", STATE)["perUserMfaState"] == "enforced"
    client.refused(400, "perUserMfaState", "PATCH", STATE, {"perUserMfaState": "on"})


def test_the_state_is_in_beta_only(client: Client) -> None:
    client.refused(400, "segment", "GET", STATE.replace("/beta", "/v1.0"))


def test_the_registration_report_follows_the_methods(client: Client) -> None:
    path = "/reports/authenticationMethods/userRegistrationDetails"
    assert {one["userPrincipalName"]: one["methodsRegistered"] for one in client.list(path)}["ada@contoso.com"] == []
    client.good("POST", PHONES, {"phoneNumber": "+49 3012345678", "phoneType": "mobile"})
    found = {one["userPrincipalName"]: one for one in client.list(path)}
    assert found["ada@contoso.com"]["methodsRegistered"] == ["mobilePhone"]
    assert [name for name, one in found.items() if one["isMfaRegistered"]] == ["ada@contoso.com", "hedy@contoso.com"]


def test_a_method_is_allowed_for_a_group(client: Client) -> None:
    path = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
    group = client.list("/groups")[0]["id"]
    target = {"targetType": "group", "id": group, "isRegistrationRequired": False, "isUsableForSignIn": False}
    client.good("PATCH", path, {"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration", "state": "enabled", "includeTargets": [target]})
    found = client.good("GET", path)
    assert (found["state"], found["includeTargets"][0]["id"]) == ("enabled", group)
    client.refused(400, "is of the type", "PATCH", path, {"@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration", "state": "enabled"})
    client.refused(404, "not found", "GET", path.replace("sms", "pigeon"))
    kind = {"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"}
    client.refused(400, "does not exist", "PATCH", path, kind | {"includeTargets": [target | {"id": "nowhere"}]})
    client.refused(400, "there twice", "PATCH", path, kind | {"includeTargets": [target, target]})
    kind = {"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"}
    client.refused(400, "between", "PATCH", path.replace("sms", "TemporaryAccessPass"), kind | {"defaultLifetimeInMinutes": 5})
    client.good("PATCH", "/policies/authenticationMethodsPolicy", {"policyMigrationState": "migrationComplete"})
    assert client.good("GET", "/policies/authenticationMethodsPolicy")["policyMigrationState"] == "migrationComplete"


# Conditional access.


def test_a_named_location_lives_as_long_as_it_is_neither_trusted_nor_used(client: Client) -> None:
    made = client.good("POST", LOCATIONS, office("203.0.113.0/24", "2001:db8::/48"))
    used = policy()
    used["conditions"]["locations"] = {"includeLocations": ["All"], "excludeLocations": [made["id"]]}
    rule = client.good("POST", POLICIES, used)
    client.refused(400, "trusted named location", "DELETE", f"{LOCATIONS}/{made['id']}")
    client.good("PATCH", f"{LOCATIONS}/{made['id']}", {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": False})
    client.refused(400, "is used by the policy MFA", "DELETE", f"{LOCATIONS}/{made['id']}")
    client.good("DELETE", f"{POLICIES}/{rule['id']}")
    client.good("DELETE", f"{LOCATIONS}/{made['id']}")
    assert client.list(LOCATIONS) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (office("203.0.113.0/33"), "not valid"),
        (office("203.0.113.0"), ""),
        (office("8.0.0.0/8"), "too wide"),
        (office("2600::/8"), "too wide"),
        (office(), "at least one range"),
        (office("203.0.113.0/24", displayName=None), "displayName"),
        ({"displayName": "Office", "isTrusted": True}, "isTrusted"),
        (office("203.0.113.0/24") | {"@odata.type": "#microsoft.graph.user"}, "could not be resolved"),
    ],
)
def test_a_wrong_location_is_refused(client: Client, body: dict[str, t.Any], words: str) -> None:
    if words:
        client.refused(400, words, "POST", LOCATIONS, body)
    else:
        client.good("POST", LOCATIONS, body)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "on"}, "state"),
        ({"grantControls": None}, "neither grant controls nor session controls"),
        ({"grantControls": {"operator": "OR", "builtInControls": []}}, "grant controls are empty"),
        ({"grantControls": {"builtInControls": ["mfa", "compliantDevice"]}}, "need an operator"),
        ({"grantControls": {"operator": "OR", "builtInControls": ["magic"]}}, "builtInControls"),
        ({"conditions": {"users": {"includeUsers": ["All"]}, "applications": {}}}, "no applications"),
        ({"conditions": {"users": {}, "applications": {"includeApplications": ["All"]}}}, "no users"),
        ({"grantControls": {"operator": "OR", "authenticationStrength": {"id": "brute"}}}, "authentication strength 'brute'"),
        ({"conditions": {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["solitaire"]}}}, "application 'solitaire'"),
        ({"conditions": {"users": {"includeUsers": ["nobody"]}, "applications": {"includeApplications": ["All"]}}}, "user 'nobody'"),
    ],
)
def test_a_wrong_policy_is_refused(client: Client, values: dict[str, t.Any], words: str) -> None:
    client.refused(400, words, "POST", POLICIES, policy(**values))


def test_security_defaults_and_enabled_policies_exclude_each_other(client: Client) -> None:
    client.good("PATCH", DEFAULTS, {"isEnabled": True})
    client.refused(400, "1029", "POST", POLICIES, policy(state="enabled"))
    made = client.good("POST", POLICIES, policy())
    client.refused(400, "1029", "PATCH", f"{POLICIES}/{made['id']}", {"state": "enabled"})
    client.good("PATCH", DEFAULTS, {"isEnabled": False})
    client.good("PATCH", f"{POLICIES}/{made['id']}", {"state": "enabled"})
    client.refused(400, "Security defaults cannot be enabled", "PATCH", DEFAULTS, {"isEnabled": True})


# Federation.


def test_a_domain_is_federated_changed_and_managed_again(client: Client) -> None:
    sign_in = "https://sts.contoso.com/adfs/ls/"
    order = {"issuerUri": "http://sts.contoso.com/adfs/services/trust", "passiveSignInUri": sign_in, "signingCertificate": certificate()}
    client.refused(400, "default domain", "POST", "/domains/contoso.com/federationConfiguration", order)
    client.refused(400, "signingCertificate", "POST", FEDERATION, order | {"signingCertificate": "bm90IGEgY2VydGlmaWNhdGU="})
    made = client.good("POST", FEDERATION, order)
    client.refused(400, "already has Federation", "POST", FEDERATION, order)
    assert client.good("GET", "/domains/fed.contoso.com")["authenticationType"] == "Federated"
    renewed = certificate()
    assert client.good("PATCH", f"{FEDERATION}/{made['id']}", {"nextSigningCertificate": renewed})["nextSigningCertificate"] == renewed
    client.good("DELETE", f"{FEDERATION}/{made['id']}")
    assert client.list(FEDERATION) == []


def test_the_log_says_who_changed_what(client: Client) -> None:
    client.good("PATCH", "/users/ada@contoso.com", {"department": "Poetry"})
    entry = client.list("/auditLogs/directoryAudits", filter="activityDisplayName eq 'Update user'")[0]
    assert entry["initiatedBy"]["app"]["displayName"] == "tests"
    assert entry["targetResources"][0]["modifiedProperties"] == [{"displayName": "Department", "oldValue": '["Engineering"]', "newValue": '["Poetry"]'}]
