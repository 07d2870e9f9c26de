# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A farm: what its nodes share, and what each of them has of its own.

Sources: "Manage SSL certificates in AD FS and WAP", "AD FS support for alternate hostname binding", "AD FS farm behavior levels", "Obtain and
configure TS and TD certificates", the reference of the cmdlets.
"""

from __future__ import annotations

import dataclasses
import datetime
import threading
import typing as t

from hybridlab.adfs import issuing, refusals
from hybridlab.faults import Faults
from hybridlab.windows.certificates import Certificates, Held, covers
from hybridlab.windows.machine import Machine

SERVICE = "sts.contoso.com"
SIGNING, DECRYPTING, COMMUNICATIONS = "Token-Signing", "Token-Decrypting", "Service-Communications"
HTTPS, DEVICE = 443, 49443
FALLBACK = "0.0.0.0"
LEVELS = {"2012r2": 1, "2016": 3}
DAEMON = "adfssrv"


@dataclasses.dataclass
class Certificate:
    """A certificate in the configuration of the farm."""

    use: str
    held: Held
    primary: bool = True


class Node:
    """A federation server.  ``bindings`` are those of HTTP.sys by name and port; one of 0.0.0.0 answers clients that name no server."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bindings: dict[tuple[str, int], str] = {}
        self.reachable = True
        self.calls: list[tuple[str, dict[str, t.Any]]] = []

    @property
    def name(self) -> str:
        return self.machine.identity.fqdn

    @property
    def store(self) -> dict[str, Held]:
        return self.machine.part(Certificates).personal

    @property
    def running(self) -> bool:
        found = self.machine.services.find(DAEMON)
        return found is not None and found.state == "started"

    def usable(self, thumbprint: str) -> Held:
        """A certificate of the machine's store with its key.  Raises `refusals.Refused`."""
        found = self.store.get(thumbprint.upper())
        if found is None or found.key is None:
            raise refusals.no_certificate(thumbprint, self.name)
        return found


class Farm:
    """``generation`` is 2016 or 2012r2: the release of the servers, and at first the behaviour level of the farm.  ``nodes`` begins with the primary."""

    def __init__(self, generation: str, machines: t.Sequence[Machine], authority: issuing.Authority, armed: Faults) -> None:
        self.generation, self.faults, self.authority = generation, armed, authority
        self.level = LEVELS[generation]
        self.service = SERVICE
        self.lock = threading.RLock()
        self.nodes = [Node(one) for one in machines]
        begun = issuing.now() - datetime.timedelta(days=335)
        self.first = authority.issue(self.service, f"certauth.{self.service}", "enterpriseregistration.contoso.com", begins=begun)
        self.certificates = [
            Certificate(COMMUNICATIONS, self.first),
            Certificate(SIGNING, issuing.self_signed("Signing", self.service)),
            Certificate(DECRYPTING, issuing.self_signed("Encryption", self.service)),
        ]
        self.providers = ["CertificateAuthentication", "FormsAuthentication", "WindowsAuthentication"]
        """Authentication providers; adapters register theirs beside those that AD FS brings."""
        self.properties = _properties(generation)
        for node in self.nodes:
            node.machine.part(Certificates).add(self.first)
            node.bindings = dict.fromkeys((("localhost", HTTPS), (self.service, HTTPS), (self.service, DEVICE)), self.first.thumbprint)

    # who may do what

    @property
    def primary(self) -> Node:
        return self.nodes[0]

    def shared(self, node: Node) -> None:
        """Refuse a cmdlet that needs the shared configuration.  Raises `refusals.Refused`."""
        if not node.running:
            raise refusals.service_stopped()
        if node is not self.primary:
            raise refusals.secondary(self.primary.name)

    # certificates for TLS

    @property
    def alternate(self) -> str:
        return f"certauth.{self.service}"

    def bind(self, cmdlet: str, node: Node, thumbprint: str, alternate: bool, members: t.Collection[str] = ()) -> None:
        """Give the bindings of a node, or of all nodes, a certificate.  Raises `refusals.Refused`."""
        if self.generation == "2012r2":
            self._bound(node, node.usable(thumbprint), alternate)
            return
        self.shared(node)
        if self.level < LEVELS["2016"]:
            raise refusals.level(self.level, 2)
        if alternate and not covers(node.usable(thumbprint).certificate, self.alternate):
            raise refusals.no_name(thumbprint, self.alternate)
        wanted = {one.lower() for one in members}
        problems = []
        for one in [one for one in self.nodes if not wanted or one.name.lower() in wanted]:
            try:
                self._over(node, one)
                self._bound(one, one.usable(thumbprint), alternate)
            except refusals.Refused as refused:
                if one is node:
                    raise
                problems.append(f"{one.name}: {refused.text}")
        if problems:
            raise refusals.on_nodes(cmdlet, problems)

    def _over(self, node: Node, other: Node) -> None:
        """The second hop, from the node where the cmdlet runs.  Raises `refusals.Refused`."""
        problem = self.hop(node, other)
        if problem:
            raise refusals.Refused(problem)

    def hop(self, node: Node, other: Node) -> str:
        """Why a session of PowerShell on one node does not get to another; empty where it does."""
        if other is node:
            return ""
        if self.faults.peek("no-delegation"):
            self.faults.take("no-delegation")
            return refusals.no_delegation(other.name)
        return "" if other.reachable else refusals.not_reached(other.name)

    def _bound(self, node: Node, held: Held, alternate: bool) -> None:
        kept = {key: value for key, value in node.bindings.items() if key[0] == FALLBACK or (key[0] == self.alternate and not alternate)}
        own = [("localhost", HTTPS), (self.service, HTTPS)]
        own += [(self.alternate, HTTPS)] if alternate else [] if (self.alternate, HTTPS) in kept else [(self.service, DEVICE)]
        node.bindings = {**dict.fromkeys(own, held.thumbprint), **kept}

    # certificates of the configuration

    def of(self, use: str) -> list[Certificate]:
        """The certificates of a use, the primary one first."""
        return sorted((one for one in self.certificates if one.use == use), key=lambda one: not one.primary)

    def set_certificate(self, node: Node, use: str, thumbprint: str, primary: bool) -> None:
        """Raises `refusals.Refused`."""
        self.shared(node)
        if use == COMMUNICATIONS:
            held = node.usable(thumbprint)
            self.certificates = [one for one in self.certificates if one.use != COMMUNICATIONS] + [Certificate(COMMUNICATIONS, held)]
            return
        if self.properties["AutoCertificateRollover"]:
            raise refusals.rollover_on()
        known = next((one for one in self.of(use) if one.held.thumbprint == thumbprint.upper()), None)
        if known is None:
            raise refusals.Refused(f"There is no {use} certificate with thumbprint '{thumbprint}'.", "PS0106", category="ObjectNotFound")
        if primary:
            for one in self.of(use):
                one.primary = one is known

    def add_certificate(self, node: Node, use: str, thumbprint: str, primary: bool) -> None:
        """Raises `refusals.Refused`."""
        self.shared(node)
        if self.properties["AutoCertificateRollover"]:
            raise refusals.rollover_on()
        self.certificates.append(Certificate(use, node.usable(thumbprint), primary=False))
        if primary:
            self.set_certificate(node, use, thumbprint, primary=True)

    def roll(self, node: Node, uses: t.Sequence[str], urgent: bool) -> None:
        """A new certificate for each use: beside the present one, or at once in its place.  Raises `refusals.Refused`."""
        self.shared(node)
        if not self.properties["AutoCertificateRollover"]:
            raise refusals.rollover_off()
        lasts = datetime.timedelta(days=self.properties["CertificateDuration"])
        for use in uses:
            made = issuing.self_signed("Signing" if use == SIGNING else "Encryption", self.service, lasts)
            if urgent:
                self.certificates = [one for one in self.certificates if one.use != use] + [Certificate(use, made)]
            else:
                self.certificates = [one for one in self.certificates if one.use != use or one.primary] + [Certificate(use, made, primary=False)]


def _properties(generation: str) -> dict[str, t.Any]:
    """What Set-AdfsProperties sets, as a new farm has it."""
    return {
        "AutoCertificateRollover": True,
        "CertificateCriticalThreshold": 2,
        "CertificateDuration": 365,
        "CertificateGenerationThreshold": 20,
        "CertificatePromotionThreshold": 5,
        "CertificateRolloverInterval": 720,
        "CertificateThresholdMultiplier": 1440,
        "DisplayName": "Contoso",
        "EnableIdPInitiatedSignonPage": generation == "2012r2",
        "EnableExtranetLockout": False,
        "ExtendedProtectionTokenCheck": "Allow",
        "ExtranetLockoutThreshold": 2147483647,
        "ExtranetLockoutRequirePDC": True,
        "ExtranetObservationWindow": datetime.timedelta(minutes=30),
        "EnableKmsi": False,
        "EnablePersistentSso": True,
        "KmsiLifetimeMins": 1440,
        "PersistentSsoLifetimeMins": 129600 if generation == "2016" else 10080,
        "SsoLifetime": 480,
        "ProxyTrustTokenLifetime": 21600,
        "LogLevel": ["Errors", "Information", "Warnings"],
        "AuditLevel": ["Basic"],
        "WIASupportedUserAgents": ["MSIE 6.0", "MSIE 7.0", "MSIE 8.0", "MSIE 9.0", "MSIE 10.0", "Trident/7.0", "Edge/12"],
    }
