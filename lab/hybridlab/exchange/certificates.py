# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of Exchange servers, in each server's own store.

Enabling is additive: no cmdlet takes a service away, but IIS has one certificate at a time.  The default SMTP certificate (the internal transport
certificate) is replaced only after a confirmation, to which -Force is the answer, and cannot be removed.  A session without Exchange's own types gets the
objects empty but for RawData.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj, Rebuilt
from hybridlab.contract import refusals
from hybridlab.exchange import failures, pfx
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import DOMAIN
from hybridlab.records import Output, Record

# Numbers of the flags enumeration AllowedServices.
SERVICES = {"IMAP": 1, "POP": 2, "UM": 4, "IIS": 8, "SMTP": 16, "Federation": 32, "UMCallRouter": 64}
STATUSES = ("Unknown", "Valid", "Revoked", "DateInvalid", "Untrusted", "Invalid", "RevocationCheckFailure", "PendingRequest")
_TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks"
_TYPES = (f"{_TASKS}.ExchangeCertificate", "System.Security.Cryptography.X509Certificates.X509Certificate2", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
_WHEN = datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)
_YEARS = datetime.timedelta(days=5 * 365)


@dataclasses.dataclass
class Certificate:
    """One certificate, or a request for one (``pending``).  ``key`` is what can be matched with an issued certificate: the public key."""

    raw: bytes
    subject: str
    issuer: str
    domains: list[str]
    not_before: datetime.datetime
    not_after: datetime.datetime
    services: set[str] = dataclasses.field(default_factory=set)
    has_key: bool = True
    self_signed: bool = True
    friendly_name: str = ""
    exportable: bool = False
    pending: bool = False
    key: bytes = b""
    serial: str = "01"
    key_size: int = 2048
    root: str = "Registry"

    @property
    def thumbprint(self) -> str:
        return hashlib.sha1(self.raw, usedforsecurity=False).hexdigest().upper()

    @property
    def name(self) -> str:
        """As connectors name it."""
        return f"<I>{self.issuer}<S>{self.subject}"

    @property
    def status(self) -> str:
        if self.pending:
            return "PendingRequest"
        now = datetime.datetime.now(datetime.UTC)
        return "Valid" if self.not_before <= now <= self.not_after else "DateInvalid"


@dataclasses.dataclass
class Shelf:
    """What one server has; ``transport`` is the thumbprint of its default SMTP certificate."""

    certificates: list[Certificate]
    transport: str

    def find(self, thumbprint: str) -> Certificate:
        """Raises `failures.Refused`."""
        found = [one for one in self.certificates if one.thumbprint == thumbprint.replace(" ", "").upper()]
        if not found:
            raise failures.refused(f"The certificate with thumbprint {thumbprint} was not found.", "LocalizedException", "ReadError")
        return found[0]


@dataclasses.dataclass
class Certificates:
    """Every server's, and the one that the organisation's servers sign in to each other with."""

    shelves: dict[str, Shelf]
    auth: str


def _made(server: str, subject: str, **more: t.Any) -> Certificate:
    issuer = more.pop("issuer", subject)
    dates = {"not_before": _WHEN, "not_after": more.pop("not_after", _WHEN + _YEARS)}
    return Certificate(f"{server} {subject} {more.get('serial', '')}".encode(), subject, issuer, **dates, **more)


def seeded(servers: t.Iterable[str]) -> Certificates:
    """What setup puts on servers, on EX01 also what was bought; one of its certificates has expired."""
    auth = _made("org", "CN=Microsoft Exchange Server Auth Certificate", domains=[], services={"SMTP"}, root="None")
    shelves = {}
    for server in servers:
        own = _made(server, f"CN={server}", domains=[server, f"{server.lower()}.{DOMAIN}"], services={"IIS", "SMTP"}, friendly_name="Microsoft Exchange")
        web = _made(server, f"CN=WMSvc-SHA2-{server}", domains=[f"WMSvc-SHA2-{server}"], friendly_name="WMSVC-SHA2")
        shelves[server] = Shelf([own, dataclasses.replace(auth, services=set(auth.services)), web], own.thumbprint)
    bought: dict[str, t.Any] = {"domains": [f"mail.{DOMAIN}", f"autodiscover.{DOMAIN}"], "self_signed": False, "root": "ThirdParty", "issuer": "CN=Contoso CA"}
    first = next(iter(shelves.values())).certificates
    first.append(_made("EX01", f"CN=mail.{DOMAIN}", serial="02", friendly_name="Mail", **bought))
    expired = datetime.datetime(2026, 2, 15, tzinfo=datetime.UTC)
    first.append(_made("EX01", f"CN=mail.{DOMAIN}", serial="01", friendly_name="Mail (old)", not_after=expired, **bought))
    return Certificates(shelves, auth.thumbprint)


def _shelf(call: Call) -> tuple[str, Shelf]:
    """The server that is meant: named, in front of an identity's thumbprint, or the session's own."""
    given = call.parameters.get("Server") or (str(call.identity).rpartition("\\")[0] if call.identity else "") or failures.SERVER
    server = call.server.servers.one(given).name
    shelves = call.server.certificates.shelves
    if server not in shelves:
        raise failures.refused(f"A special Rpc error occurs on server {server}: The RPC server is unavailable.", "LocalizedException", "ReadError")
    return server, shelves[server]


def _thumbprint(call: Call) -> str:
    return str(call.parameters.get("Thumbprint") or str(call.identity or "").rpartition("\\")[2])


def view(server: str, one: Certificate) -> Obj:
    services = sorted(one.services, key=lambda name: SERVICES[name]) or ["None"]
    live = {
        "Thumbprint": one.thumbprint,
        "Identity": f"{server.lower()}.{DOMAIN}\\{one.thumbprint}",
        "Services": Enum((f"{_TASKS}.AllowedServices", *_ENUMERATED), sum(SERVICES.get(name, 0) for name in services), ", ".join(services)),
        "Subject": one.subject,
        "Issuer": one.issuer,
        "CertificateDomains": MultiValued(one.domains),
        "NotBefore": one.not_before,
        "NotAfter": one.not_after,
        "Status": Enum((f"{_TASKS}.CertificateStatus", *_ENUMERATED), STATUSES.index(one.status), one.status),
        "HasPrivateKey": one.has_key,
        "IsSelfSigned": one.self_signed,
        "RootCAType": "Unknown" if one.pending else one.root,
        "FriendlyName": one.friendly_name,
        "SerialNumber": one.serial,
        "PublicKeySize": one.key_size,
        "PrivateKeyExportable": one.exportable,
    }
    return Rebuilt(_TYPES, {"RawData": one.raw}, live, string=f"[Subject]\n  {one.subject}")


def get(call: Call) -> t.Iterable[Record]:
    server, shelf = _shelf(call)
    wanted = _thumbprint(call)
    found = [shelf.find(wanted)] if wanted else list(shelf.certificates)
    names = [str(one).lower() for one in call.parameters.get("DomainName") or ()]
    return [Output(view(server, one)) for one in found if not names or {name.lower() for name in one.domains} & set(names)]


def new(call: Call) -> t.Iterable[Record]:
    server, shelf = _shelf(call)
    given = call.parameters
    domains = [str(one) for one in given.get("DomainName") or ()]
    subject = str(given.get("SubjectName") or f"CN={domains[0] if domains else server}")
    flags = {"IncludeServerFQDN": f"{server.lower()}.{DOMAIN}", "IncludeServerNetBIOSName": server, "IncludeAutoDiscover": f"autodiscover.{DOMAIN}"}
    domains += [name for flag, name in flags.items() if given.get(flag) and name not in domains]
    if given.get("IncludeAcceptedDomains"):
        domains += [one.values["DomainName"] for one in call.server.accepted_domains]
    common: dict[str, t.Any] = {
        "domains": domains or [server],
        "friendly_name": given.get("FriendlyName") or "Microsoft Exchange",
        "exportable": bool(given.get("PrivateKeyExportable")),
        "key_size": int(given.get("KeySize") or 2048),
        "serial": uuid.uuid4().hex.upper(),
    }
    services = _services(given.get("Services") or ("" if given.get("GenerateRequest") else "SMTP"))
    _confirm(call, shelf, services, None)
    if call.what_if:
        return []
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    if given.get("GenerateRequest"):
        text, key = pfx.request(subject, common["domains"], common["key_size"])
        made = Certificate(text.encode(), subject, subject, not_before=now, not_after=now + _YEARS, pending=True, key=key, **common)
        shelf.certificates.append(made)
        return [Output(text)]
    made = Certificate(uuid.uuid4().bytes, subject, subject, not_before=now, not_after=now + _YEARS, root="None", **common)
    shelf.certificates.append(made)
    _enable(shelf, made, services)
    return [Output(view(server, made))]


def import_(call: Call) -> t.Iterable[Record]:
    server, shelf = _shelf(call)
    given = call.parameters
    if "FileData" not in given:
        raise failures.not_emulated(call.cmdlet, "files on the server")
    try:
        found = pfx.read(bytes(given["FileData"]), str(given.get("Password") or ""))
    except ValueError as error:
        raise _rpc(server, str(error)) from None
    pending = next((one for one in shelf.certificates if one.pending and one.key == found.key), None)
    made = Certificate(found.raw, found.subject, found.issuer, found.domains, found.not_before, found.not_after, key=found.key, serial=found.serial)
    made.key_size, made.has_key, made.self_signed, made.root = found.key_size, found.has_key or pending is not None, found.subject == found.issuer, "ThirdParty"
    made.exportable = bool(given.get("PrivateKeyExportable")) or (pending is not None and pending.exportable)
    made.friendly_name = given.get("FriendlyName") or found.friendly_name or (pending.friendly_name if pending else "")
    if any(one.thumbprint == made.thumbprint for one in shelf.certificates):
        raise _rpc(server, f"Cannot import certificate. A certificate with the thumbprint {made.thumbprint} already exists.")
    if call.what_if:
        return []
    if pending is not None:
        shelf.certificates.remove(pending)
    shelf.certificates.append(made)
    return [Output(view(server, made))]


def enable(call: Call) -> t.Iterable[Record]:
    server, shelf = _shelf(call)
    one = shelf.find(_thumbprint(call))
    reason = "PrivateKeyMissing" if one.pending or not one.has_key else "DateInvalid" if one.status == "DateInvalid" else ""
    if reason:
        raise _rpc(server, f"The certificate with thumbprint {one.thumbprint} was found but is not valid for use with Exchange Server (reason: {reason}).")
    services = _services(call.parameters["Services"])
    _confirm(call, shelf, services, one)
    if not call.what_if:
        _enable(shelf, one, services)
    return []


def _confirm(call: Call, shelf: Shelf, services: set[str], one: Certificate | None) -> None:
    if "SMTP" in services and (one is None or one.thumbprint != shelf.transport) and not call.parameters.get("Force") and not call.what_if:
        current = shelf.find(shelf.transport)
        question = f"Overwrite the existing default SMTP certificate? Current certificate: '{current.thumbprint}' (expires {current.not_after:%m/%d/%Y})"
        raise refusals.no_host(call.cmdlet, question)


def _services(given: str) -> set[str]:
    return {one.strip() for one in str(given).split(",") if one.strip() not in ("", "None")}


def _enable(shelf: Shelf, one: Certificate, services: set[str]) -> None:
    if "IIS" in services:  # a web site has one certificate
        for other in shelf.certificates:
            other.services.discard("IIS")
    one.services |= services
    if "SMTP" in services:
        shelf.transport = one.thumbprint


def remove(call: Call) -> t.Iterable[Record]:
    server, shelf = _shelf(call)
    one = shelf.find(_thumbprint(call))
    if one.thumbprint == shelf.transport:
        raise _rpc(
            server,
            "The internal transport certificate cannot be removed because that would cause the Microsoft Exchange Transport service to stop. To replace the "
            "internal transport certificate, create a new certificate. The new certificate will automatically become the internal transport certificate. "
            "You can then remove the existing certificate.",
        )
    connectors = [entry.name for entry in call.server.objects["SendConnector"] if (entry.values["TlsCertificateName"] or "").lower() == one.name.lower()]
    if connectors:
        raise _rpc(
            server,
            f"These certificates are tagged with following Send Connectors : {', '.join(connectors)}. Removing and replacing certificates from Send Connector "
            "would break the mail flow. If you still want to proceed then replace or remove these certificates from Send Connector and then try this command.",
        )
    if not call.what_if:
        shelf.certificates.remove(one)
    return []


def _rpc(server: str, text: str) -> failures.Refused:
    """An error of the service on the server that does the work."""
    return failures.refused(f"A special Rpc error occurs on server {server}: {text}", "LocalizedException", "InvalidOperation")


def get_auth_config(call: Call) -> t.Iterable[Record]:
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.AuthConfig", "System.Object")
    shown = {"CurrentCertificateThumbprint": call.server.certificates.auth, "NextCertificateThumbprint": None, "PreviousCertificateThumbprint": None}
    return [Output(Obj(types, {**shown, "Name": "Auth Configuration", "ServiceName": "00000002-0000-0ff1-ce00-000000000000", "Realm": None}))]


HANDLERS: dict[str, Handler] = {
    "Get-ExchangeCertificate": get,
    "New-ExchangeCertificate": new,
    "Import-ExchangeCertificate": import_,
    "Enable-ExchangeCertificate": enable,
    "Remove-ExchangeCertificate": remove,
    "Get-AuthConfig": get_auth_config,
}
