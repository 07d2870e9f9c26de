# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server tells of its farm, and the certificates of a host with how long they last."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificate, certificates, farm
from ansible_collections.m365.hybrid.plugins.module_utils._core.engine import Tally
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire

_PROPERTIES = ("HostName", "Identifier", "AutoCertificateRollover", "EnableIdPInitiatedSignonPage", "TlsClientPort")


@dataclasses.dataclass(frozen=True)
class FarmInfo(Module):
    """Reads a farm from one of its servers; a secondary tells less than the primary, and says so."""

    wires: tuple[Wire, ...] = farm.WIRES

    def execute(self, session: Tally, task: Task) -> Result:
        place = farm.place(session)
        rows = farm.bindings(session)
        shown = farm.folded(session.invoke("Get-AdfsProperties", properties=_PROPERTIES).output[0]) if place.primary else {}
        return {
            "role": "primary" if place.primary else "secondary",
            "primary_computer": place.primary_computer,
            "behavior_level": place.level,
            "binds": "server" if place.per_node else "farm",
            "nodes": list(place.nodes) if place.level is not None else None,
            "service_name": shown.get("hostname") if place.primary else None,
            "identifier": shown.get("identifier"),
            "auto_certificate_rollover": shown.get("autocertificaterollover"),
            "sign_in_page": shown.get("enableidpinitiatedsignonpage"),
            "bindings": [one.shown() for one in rows if not one.fallback],
            "fallback": [one.shown() for one in rows if one.fallback],
            "alternate_binding": any(one.alternate for one in rows),
            "second_hop": self._hops(session, place) if task.options["second_hop"] else None,
        }

    @staticmethod
    def _hops(session: Tally, place: farm.Place) -> list[dict[str, t.Any]]:
        """Whether the account of this session gets from here to the other servers, which is what binding a certificate on all of them takes."""
        if place.level is None:
            raise UsageError("second_hop is a question to the primary of a farm of Windows Server 2016 or later", target=session.target)
        own = session.invoke("Get-Item", {"Path": "Env:COMPUTERNAME"}).output
        here = str(farm.folded(own[0]).get("value") or "").casefold() if own else ""
        found = []
        for node in place.nodes:
            if node.partition(".")[0].casefold() == here:
                continue
            try:
                session.invoke("Test-WSMan", {"ComputerName": node, "Authentication": "Default"})
                found.append({"node": node, "reached": True, "error": None})
            except HybridError as error:
                found.append({"node": node, "reached": False, "error": error.text})
        return found


@dataclasses.dataclass(frozen=True)
class CertificateInfo(Module):
    """Reads the certificates of a federation server or a proxy.  ``now`` is the clock."""

    wires: tuple[Wire, ...] = farm.WIRES
    now: t.Callable[[], datetime.datetime] = farm.now

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if options["days"] < 0:
            raise UsageError(f"days is {options['days']}; it must be 0 or more")

    def execute(self, session: Tally, task: Task) -> Result:
        now, store = self.now(), certificates.in_store(session)
        proxy, rows = self._bindings(session)
        place = None if proxy else farm.place(session)
        configured = certificate.configured(session) if place and place.primary else None
        bound = [self._row(one, store, now) for one in rows]
        told = [one.shown(now) for one in configured] if configured is not None else None
        domains = task.options.get("entra")
        if domains is not None and configured is None:
            raise UsageError("entra is compared on the primary, which knows the certificates that sign", target=session.target)
        ending = sorted({one["thumbprint"] for one in [*bound, *(told or ())] if one["days_left"] is not None and one["days_left"] <= task.options["days"]})
        return {
            "host": "proxy" if proxy else "primary" if place and place.primary else "secondary",
            "bindings": bound,
            "certificates": told,
            "unknown": sorted({one["thumbprint"] for one in bound if one["days_left"] is None}),
            "ending": ending,
            "entra": None if domains is None or configured is None else [compared(one, configured) for one in domains],
        }

    @staticmethod
    def _bindings(session: Tally) -> tuple[bool, list[farm.Binding]]:
        try:
            return False, farm.bindings(session)
        except CommandMissing:
            return True, farm.bindings(session, "Get-WebApplicationProxySslCertificate")

    @staticmethod
    def _row(one: farm.Binding, store: t.Mapping[str, certificates.Facts], now: datetime.datetime) -> dict[str, t.Any]:
        facts = store.get(one.thumbprint)
        told = facts.shown(now) if facts else dict.fromkeys(("subject", "names", "not_before", "not_after", "days_left"))
        return {**one.shown(), **told, "in_store": facts is not None}


def compared(domain: t.Mapping[str, t.Any], configured: t.Sequence[certificate.Configured]) -> dict[str, t.Any]:
    """Whether a domain of Entra ID takes what the farm signs, now and after the next rollover."""
    signing = [one.thumbprint for one in configured if one.use == "token_signing" and one.primary]
    following = [one.thumbprint for one in configured if one.use == "token_signing" and not one.primary]
    known = {str(one.get("thumbprint")).upper() for one in domain.get("certificates") or () if one.get("thumbprint")}
    federated = str(domain.get("authentication_type")).casefold() == "federated"
    return {
        "domain": domain.get("domain"),
        "federated": federated,
        "known": sorted(known),
        "knows_primary": bool(signing) and set(signing) <= known if federated else None,
        "knows_secondary": set(following) <= known if federated and following else None,
        "foreign": sorted(known - set(signing) - set(following)),
    }


def served(content: str) -> certificates.Facts:
    """A certificate that a server presented, in base64.  Raises ValueError."""
    try:
        return certificates.parse(base64.b64decode(content, validate=True))
    except binascii.Error:
        raise ValueError("it is no certificate") from None
