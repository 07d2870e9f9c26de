# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cmdlets of AD FS: what each does on the node where it runs, and what it shows."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.adfs import refusals
from hybridlab.adfs.farm import COMMUNICATIONS, DECRYPTING, SIGNING, Certificate, Farm, Node
from hybridlab.clixml import Obj
from hybridlab.records import Output, Record, Warned

_RESOURCES = "Microsoft.IdentityServer.Management.Resources"
_COMMANDS = "Microsoft.IdentityServer.Management.Commands"


@dataclasses.dataclass
class Call:
    """A bound call on one node."""

    farm: Farm
    node: Node
    cmdlet: str
    parameters: dict[str, t.Any]
    what_if: bool


Handler = t.Callable[[Call], t.Iterable[Record]]


def _of(kind: str, shown: t.Mapping[str, t.Any], string: str | None = None) -> Output:
    return Output(Obj((kind, "System.Object"), shown, string=string or kind))


def x509(one: Certificate) -> Obj:
    """A certificate as PowerShell serialises it: its bytes, from which the other side makes it again."""
    name = "System.Security.Cryptography.X509Certificates.X509Certificate2"
    return Obj((name, "System.Object"), {"RawData": raw(one.held.certificate)}, string=name)


def raw(certificate: t.Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return t.cast(bytes, certificate.public_bytes(Encoding.DER))


def get_ssl(call: Call) -> t.Iterator[Record]:
    for (name, port), thumbprint in sorted(call.node.bindings.items()):
        shown = {
            "HostName": name,
            "PortNumber": port,
            "CertificateHash": thumbprint,
            "AppId": "5d89a20c-beab-4389-9447-324788eb944a",
            "CtlStoreName": "AdfsTrustedDevices",
        }
        yield _of(f"{_RESOURCES}.AdfsSslCertificate", shown)


def set_ssl(call: Call) -> t.Iterable[Record]:
    if not call.what_if:
        call.farm.bind(call.cmdlet, call.node, call.parameters["Thumbprint"], alternate=False)
    return []


def set_alternate(call: Call) -> t.Iterable[Record]:
    if call.farm.level < 3:
        raise refusals.level(call.farm.level, 2)
    thumbprint = call.parameters.get("Thumbprint") or call.node.bindings[("localhost", 443)]
    if not call.what_if:
        call.farm.bind(call.cmdlet, call.node, thumbprint, alternate=True, members=call.parameters.get("Member") or ())
    return []


def get_certificates(call: Call) -> t.Iterator[Record]:
    call.farm.shared(call.node)
    uses = call.parameters.get("CertificateType") or (COMMUNICATIONS, DECRYPTING, SIGNING)
    wanted = {one.upper() for one in call.parameters.get("Thumbprint") or ()}
    for use in uses:
        for one in call.farm.of(use):
            if not wanted or one.held.thumbprint in wanted:
                yield _certificate(one)


def _certificate(one: Certificate) -> Output:
    kept = one.use == COMMUNICATIONS
    shown = {
        "Certificate": x509(one),
        "CertificateType": one.use,
        "IsPrimary": one.primary,
        "StoreLocation": "LocalMachine" if kept else "CurrentUser",
        "StoreName": "My",
        "Thumbprint": one.held.thumbprint,
    }
    return _of(f"{_RESOURCES}.ServiceCertificate", shown)


def set_certificate(call: Call) -> t.Iterator[Record]:
    given = call.parameters
    if call.what_if:
        return
    call.farm.set_certificate(call.node, given["CertificateType"], given["Thumbprint"], bool(given.get("IsPrimary")))
    if given["CertificateType"] == COMMUNICATIONS:
        text = "PS0345: Ensure that the private key for the chosen certificate is accessible to the service account for this Federation Service on each server."
        yield Warned(text)
    if given.get("PassThru"):
        yield from (_certificate(one) for one in call.farm.of(given["CertificateType"]) if one.held.thumbprint == given["Thumbprint"].upper())


def add_certificate(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    if not call.what_if:
        call.farm.add_certificate(call.node, given["CertificateType"], given["Thumbprint"], bool(given.get("IsPrimary")))
    return []


def update_certificate(call: Call) -> t.Iterator[Record]:
    use = call.parameters.get("CertificateType")
    if call.what_if:
        return
    call.farm.roll(call.node, (use,) if use else (DECRYPTING, SIGNING), bool(call.parameters.get("Urgent")))
    if call.parameters.get("PassThru"):
        yield from (_certificate(one) for one in call.farm.certificates if one.use != COMMUNICATIONS and use in (None, one.use))


def get_properties(call: Call) -> t.Iterator[Record]:
    call.farm.shared(call.node)
    fixed = {
        "HostName": call.farm.service,
        "HttpPort": 80,
        "HttpsPort": 443,
        "TlsClientPort": 443 if (call.farm.alternate, 443) in call.node.bindings else 49443,
        "Identifier": f"http://{call.farm.service}/adfs/services/trust",
        "FederationPassiveAddress": "/adfs/ls/",
        "CertificateSharingContainer": "CN=a2b1,CN=ADFS,CN=Microsoft,CN=Program Data,DC=contoso,DC=com",
    }
    yield _of(f"{_RESOURCES}.ServiceProperties", {**fixed, **call.farm.properties})


def set_properties(call: Call) -> t.Iterable[Record]:
    call.farm.shared(call.node)
    given = {name: value for name, value in call.parameters.items() if name not in ("PassThru", "Force")}
    unknown = [name for name in given if name not in call.farm.properties]
    if unknown:
        raise refusals.not_emulated(call.cmdlet, f"-{unknown[0]}")
    if not call.what_if:
        call.farm.properties.update(given)
    return get_properties(call) if call.parameters.get("PassThru") else []


def get_sync(call: Call) -> t.Iterator[Record]:
    if not call.node.running:
        raise refusals.service_stopped()
    if call.node is call.farm.primary:
        yield _of(f"{_RESOURCES}.SyncPropertiesBase", {"PollDuration": 300, "Role": "PrimaryComputer"})
        return
    shown = {
        "LastSyncFromPrimaryComputerName": call.farm.primary.name,
        "LastSyncStatus": 0,
        "PollDuration": 300,
        "PrimaryComputerName": call.farm.primary.name,
        "PrimaryComputerPort": 80,
        "Role": "SecondaryComputer",
    }
    yield _of(f"{_RESOURCES}.SyncProperties", shown)


def get_information(call: Call) -> t.Iterator[Record]:
    call.farm.shared(call.node)
    shown = {"CurrentFarmBehavior": call.farm.level, "FarmNodes": [one.name for one in call.farm.nodes]}
    yield _of(f"{_COMMANDS}.FarmInformation", shown)


def get_providers(call: Call) -> t.Iterator[Record]:
    call.farm.shared(call.node)
    wanted = call.parameters.get("Name")
    for name in call.farm.providers:
        if wanted is None or name.lower() == str(wanted).lower():
            yield _of(f"{_RESOURCES}.AuthProviderProperties", {"AdminName": name, "Name": name}, name)


HANDLERS: dict[str, Handler] = {
    "Add-AdfsCertificate": add_certificate,
    "Get-AdfsAuthenticationProvider": get_providers,
    "Get-AdfsCertificate": get_certificates,
    "Get-AdfsFarmInformation": get_information,
    "Get-AdfsProperties": get_properties,
    "Get-AdfsSslCertificate": get_ssl,
    "Get-AdfsSyncProperties": get_sync,
    "Set-AdfsAlternateTlsClientBinding": set_alternate,
    "Set-AdfsCertificate": set_certificate,
    "Set-AdfsProperties": set_properties,
    "Set-AdfsSslCertificate": set_ssl,
    "Update-AdfsCertificate": update_certificate,
}
NEWER = ("Get-AdfsFarmInformation", "Set-AdfsAlternateTlsClientBinding")
"""What Windows Server 2012 R2 does not have."""
