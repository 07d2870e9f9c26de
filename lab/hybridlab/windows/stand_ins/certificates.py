# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_certificate_store, for importing and removing, and win_certificate_info."""

from __future__ import annotations

import base64
import datetime
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12
from cryptography.x509.oid import NameOID

from hybridlab.windows.certificates import Certificates, Held, names
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def win_certificate_store(task: Task) -> dict[str, t.Any]:
    if task["state"] == "exported" or task["store_type"] == "service":
        raise Failed("the lab imports and removes certificates of the machine's and the user's stores, and does nothing else of win_certificate_store")
    store = _store(task)
    if task["state"] == "absent":
        gone = [str(task["thumbprint"]).upper()] if task["thumbprint"] else [one.thumbprint for one in _read(task)]
        gone = [one for one in gone if one in store]
        for one in gone if not task.check else ():
            del store[one]
        return {"changed": bool(gone), "thumbprints": gone}
    new = _read(task)
    missing = {one.thumbprint: one for one in new if one.thumbprint not in store or (one.key and not store[one.thumbprint].key)}
    if not task.check:
        store.update(missing)
    return {"changed": bool(missing), "thumbprints": [one.thumbprint for one in new]}


def _store(task: Task) -> dict[str, Held]:
    if task["store_location"] not in ("CurrentUser", "LocalMachine"):
        raise Failed(f"value of store_location must be one of: CurrentUser, LocalMachine. Got no match for: {task['store_location']}")
    found = task.machine.part(Certificates).store(task["store_location"], "CA" if task["store_name"] == "CertificateAuthority" else task["store_name"])
    if found is None:
        text = "CertOpenStore failed (The system cannot find the file specified, Win32ErrorCode 2 - 0x00000002)"
        raise Failed(f"unable to find store '{task['store_name']}': ({text})")
    return found


def _read(task: Task) -> list[Held]:
    """What the file holds."""
    file = task.machine.files.file(task["path"])
    if file is None:
        raise Failed(f"File at '{task['path']}' either does not exist or is not a file")
    try:
        return _pkcs12(task, file.content)
    except ValueError as error:
        if "password" in str(error).lower() or task["path"].lower().endswith((".pfx", ".p12")):
            text = "The specified network password is not correct."
            raise Failed(f'Failed to load cert from file: Exception calling "Import" with "3" argument(s): "{text}\r\n"') from None
    for load in (x509.load_pem_x509_certificates, lambda content: [x509.load_der_x509_certificate(content)]):
        try:
            return [Held(one) for one in load(file.content)]
        except ValueError:
            continue
    raise Failed('Failed to load cert from file: Exception calling "Import" with "3" argument(s): "Cannot find the requested object.\r\n"')


def _pkcs12(task: Task, content: bytes) -> list[Held]:
    found = pkcs12.load_pkcs12(content, (task["password"] or "").encode() or None)
    first = [] if found.cert is None else [found.cert]
    held = [Held(one.certificate, friendly_name=(one.friendly_name or b"").decode()) for one in (*found.additional_certs, *first)]
    if found.cert is not None and isinstance(found.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        held[-1] = Held(found.cert.certificate, found.key, bool(task["key_exportable"]), held[-1].friendly_name)
    return held


def win_certificate_info(task: Task) -> dict[str, t.Any]:
    store = task.machine.part(Certificates).store(task["store_location"], task["store_name"]) or {}
    wanted = str(task["thumbprint"]).upper() if task["thumbprint"] is not None else None
    found = [_shown(one) for thumbprint, one in sorted(store.items()) if wanted in (None, thumbprint)]
    return {"changed": False, "exists": bool(found), "certificates": found}


def _shown(held: Held) -> dict[str, t.Any]:
    one = held.certificate
    begins, ends = one.not_valid_before_utc, one.not_valid_after_utc
    common = _common(one.subject)
    return {
        "thumbprint": held.thumbprint,
        "friendly_name": held.friendly_name,
        "subject": _windows(one.subject),
        "issuer": _windows(one.issuer),
        "issued_to": common,
        "issued_by": _common(one.issuer),
        "dns_names": [common, *(name for name in names(one) if name != common)],
        "valid_from": (begins - _EPOCH).total_seconds(),
        "valid_from_iso8601": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        "valid_to": (ends - _EPOCH).total_seconds(),
        "valid_to_iso8601": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "serial_number": f"{one.serial_number:X}",
        "archived": False,
        "version": 3,
        "has_private_key": held.key is not None,
        "raw": base64.b64encode(one.public_bytes(Encoding.DER)).decode(),
        "public_key": base64.b64encode(one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode(),
        "extensions": [],
    }


def _common(name: x509.Name) -> str:
    return next((str(one.value) for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)), "")


def _windows(name: x509.Name) -> str:
    """A name as .NET writes it: the most significant part last, with blanks."""
    return ", ".join(one.rfc4514_string() for one in reversed(name.rdns))


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_certificate_store": win_certificate_store, "ansible.windows.win_certificate_info": win_certificate_info}
