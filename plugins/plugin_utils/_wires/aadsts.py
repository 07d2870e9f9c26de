# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the identity platform's error codes mean for somebody who logs in an application, and what to do.

Source: Microsoft's list of authentication and authorization error codes and its troubleshooting pages for service principals.  A code
that is not here is shown in the platform's own words.
"""

from __future__ import annotations

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Meaning:
    """``text`` in one sentence without its point, ``advice`` likewise.  ``passing``: whether another try makes sense soon."""

    text: str
    advice: str
    passing: bool = False


_SECRET = "Put the secret's value (not its ID) into m365_tenant_client_secret; make a new one under Certificates & secrets of the app registration"
_CERTIFICATE = "Upload the public part of m365_tenant_certificate under Certificates & secrets of the app registration, and check the tenant and client ID"
_FEDERATED = "Compare issuer, subject and audience of the application's federated credential with those of the token in m365_tenant_federated_token_file"
_CONSENT = "Let an administrator grant the application's permissions (admin consent) in this tenant"
_PERSON = "Sign in again; for unattended runs use a certificate, a federated token or a managed identity"
_POLICY = "Look at the sign-in logs of the tenant for the conditional access policy, and exempt the application or meet its conditions"
_LATER = "Try again later"

CODES: dict[int, Meaning] = {
    16000: Meaning("the account does not exist in this tenant", "Check m365_tenant_id and sign in with an account of this tenant"),
    50020: Meaning("the account does not exist in this tenant", "Check m365_tenant_id and sign in with an account of this tenant"),
    50034: Meaning("the account does not exist in this tenant", "Check m365_tenant_id and sign in with an account of this tenant"),
    50053: Meaning("the account is locked, or its address is blocked", "Wait, or look at the sign-in logs of the tenant"),
    50055: Meaning("the password has expired", _PERSON),
    50057: Meaning("the account is disabled", "Enable the account or use another one"),
    50076: Meaning("multi-factor authentication is required", _PERSON),
    50079: Meaning("the account must register for multi-factor authentication", _PERSON),
    50105: Meaning("the account is not assigned to the application", "Assign it to the enterprise application, or turn off that assignment is required"),
    50126: Meaning("the user name or the password is wrong", "Correct it"),
    50158: Meaning("an external security challenge was not met", _POLICY),
    50173: Meaning("the login is no longer valid, because the password was changed or sessions were revoked", _PERSON),
    53000: Meaning("conditional access wants a compliant device", _POLICY),
    53003: Meaning("conditional access blocks the login", _POLICY),
    53011: Meaning("the account is blocked because of its risk", _POLICY),
    65001: Meaning("nobody consented to the application's permissions", _CONSENT),
    70000: Meaning("the login is no longer valid", _PERSON),
    70008: Meaning("the login has expired", _PERSON),
    70011: Meaning("the requested scope is not valid in this cloud", "Check m365_tenant_cloud"),
    70016: Meaning("nobody has entered the code yet", _PERSON, passing=True),
    70018: Meaning("the code was wrong", _PERSON),
    70019: Meaning("the code has expired, because nobody entered it in time", _PERSON),
    70020: Meaning("the code has expired, because nobody entered it in time", _PERSON),
    70021: Meaning("no federated credential of the application fits the token", _FEDERATED),
    90002: Meaning("there is no such tenant", "Check m365_tenant_id and m365_tenant_cloud"),
    90019: Meaning("the request does not name a tenant", "Give m365_tenant_id as a GUID or a domain of the tenant"),
    90033: Meaning("the identity platform is temporarily unavailable", _LATER, passing=True),
    90038: Meaning("the tenant belongs to another cloud", "Set m365_tenant_cloud"),
    130507: Meaning("the identity platform is temporarily unavailable", _LATER, passing=True),
    500011: Meaning("the service is not known in this tenant", "Check m365_tenant_cloud, and that the tenant has a subscription with Exchange Online"),
    500133: Meaning("the token of the other identity provider is outside its time of validity", "Renew the file, and check the clock"),
    700003: Meaning("the device is not known in this tenant", _PERSON),
    700016: Meaning(
        "the application is not known in this tenant", "Check m365_tenant_client_id and m365_tenant_id; another tenant's application needs consent"
    ),
    700021: Meaning("the certificate's assertion is for another application", "Check m365_tenant_client_id"),
    700023: Meaning("the certificate's assertion is for another tenant or host", "Check m365_tenant_id, m365_tenant_cloud and m365_tenant_login_host"),
    700024: Meaning("the assertion is outside its time of validity", "Set the clock of the machine that runs ansible-playbook"),
    700027: Meaning("the certificate is not registered with the application, or its time has passed", _CERTIFICATE),
    700030: Meaning("the certificate is not acceptable", _CERTIFICATE),
    700082: Meaning("the login has expired, because it was not used for long", _PERSON),
    700084: Meaning("the login has expired", _PERSON),
    700211: Meaning("no federated credential of the application fits the token's issuer", _FEDERATED),
    700212: Meaning("no federated credential of the application fits the token's audience", _FEDERATED),
    700213: Meaning("no federated credential of the application fits the token's subject", _FEDERATED),
    900023: Meaning("the tenant is neither a GUID nor a domain", "Check m365_tenant_id"),
    1000502: Meaning("the certificate has expired", "Make a new certificate and upload its public part to the app registration"),
    7000112: Meaning("the application is disabled in this tenant", "Enable the enterprise application, or ask who disabled it"),
    7000114: Meaning("the application may not log in on its own", "Check that m365_tenant_client_id is the one of the app registration"),
    7000214: Meaning("the certificate has been revoked", "Make a new certificate and upload its public part to the app registration"),
    7000215: Meaning("the client secret is wrong", _SECRET),
    7000216: Meaning("the application needs a secret, certificate or federated token", "Give one of them; m365_tenant_auth chooses among them"),
    7000218: Meaning(
        "the application needs a secret or certificate, or is not allowed to log in with a device code",
        "For m365_tenant_auth: device_code, allow public client flows under Authentication of the app registration",
    ),
    7000222: Meaning("the client secret has expired", "Make a new one under Certificates & secrets of the app registration, and renew it before it expires"),
    7000229: Meaning("the application has no service principal in this tenant", _CONSENT),
}
_CODE = re.compile(r"\bAADSTS(\d{4,8})\b")
# What stands behind the sentence and helps only Microsoft's support, which has it in the logs of the tenant too.
_REFERENCES = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):.*", re.S)


def code(text: str) -> int | None:
    """The error code in the platform's words.

    >>> code("AADSTS7000215: Invalid client secret provided.")
    7000215
    """
    found = _CODE.search(text)
    return int(found.group(1)) if found else None


def said(text: str) -> str:
    """The platform's own words, with its code, without the references behind them."""
    return _REFERENCES.sub("", text).strip()
