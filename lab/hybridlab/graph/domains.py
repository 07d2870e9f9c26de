# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant's domains, and how a federated one signs its users in."""

from __future__ import annotations

import base64
import binascii
import typing as t

from cryptography import x509

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Values, derived, merged

NEEDED = ("issuerUri", "passiveSignInUri", "signingCertificate")


def all_domains(call: Call) -> Answer:
    return listed(call, list(call.tenant.domains.values()), pages=False)


def get(call: Call) -> Answer:
    return one(call, _domain(call))


def change(call: Call) -> Answer:
    domain = _domain(call)
    if set(call.body) - {"isDefault", "supportedServices", "passwordNotificationWindowInDays", "passwordValidityPeriodInDays"}:
        raise refusals.bad_request("Only isDefault, supportedServices and the password settings of a domain can be updated.")
    if call.body.get("isDefault"):
        for other in call.tenant.domains.values():
            other["isDefault"] = False
    domain.update(call.body)
    return 204, None


def federations(call: Call) -> Answer:
    found = call.tenant.federation.get(_domain(call)["id"])
    return listed(call, [found] if found else [], pages=False)


def federation(call: Call) -> Answer:
    return one(call, _federation(call))


def federate(call: Call) -> Answer:
    domain, body = _domain(call), call.body
    if domain["id"] in call.tenant.federation:
        raise refusals.bad_request("Domain already has Federation Configuration set.")
    if domain["isDefault"]:
        raise refusals.bad_request("The default domain cannot be federated.")
    for name in NEEDED:
        if not body.get(name):
            raise refusals.required(name)
    _check(call, body, domain["id"])
    known: Values = dict.fromkeys(call.schema.properties("internalDomainFederation")) | {"systemBrowserEnabledOn": []}
    known |= {"id": derived(call.tenant.id, domain["id"], "federation"), "preferredAuthenticationProtocol": "wsFed"}
    found = call.tenant.federation[domain["id"]] = known | merged({}, body)
    domain["authenticationType"] = "Federated"
    call.tenant.audit(call.actor, "Set domain authentication", "DirectoryManagement", domain, {}, {"authenticationType": "Federated"})
    return one(call, found, status=201)


def change_federation(call: Call) -> Answer:
    found = _federation(call)
    for name in NEEDED:
        if name in call.body and not call.body[name]:
            raise refusals.required(name)
    _check(call, call.body, call.names[0].casefold())
    old = {name: found.get(name) for name in call.body}
    found.update(merged({}, call.body))
    call.tenant.audit(call.actor, "Set federation settings on domain", "DirectoryManagement", _domain(call), old, call.body)
    return one(call, found)


def end_federation(call: Call) -> Answer:
    _federation(call)
    domain = _domain(call)
    del call.tenant.federation[domain["id"]]
    domain["authenticationType"] = "Managed"
    call.tenant.audit(call.actor, "Set domain authentication", "DirectoryManagement", domain, {}, {"authenticationType": "Managed"})
    return 204, None


def _domain(call: Call) -> Values:
    found = call.tenant.domains.get(call.names[0].casefold())
    if found is None:
        raise refusals.not_found(call.names[0])
    return found


def _federation(call: Call) -> Values:
    found = call.tenant.federation.get(_domain(call)["id"])
    if found is None or found["id"] != call.names[1]:
        raise refusals.not_found(call.names[1])
    return found


def _check(call: Call, body: t.Mapping[str, t.Any], domain: str) -> None:
    for name in ("signingCertificate", "nextSigningCertificate"):
        if body.get(name):
            _certificate(name, body[name])
    issuer = body.get("issuerUri")
    others = [other for name, other in call.tenant.federation.items() if name != domain]
    if issuer and any(other["issuerUri"] == issuer for other in others):
        raise refusals.conflict("issuerUri")


def _certificate(name: str, text: str) -> None:
    try:
        x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise refusals.invalid(name) from None
