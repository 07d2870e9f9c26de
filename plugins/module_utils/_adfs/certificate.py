# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates in the configuration of a farm: the one of the service, and those that sign and decrypt tokens.

Sources: "Obtain and configure token signing and token decryption certificates for AD FS", the reference of Update-, Set- and Add-AdfsCertificate.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates, farm
from ansible_collections.m365.hybrid.plugins.module_utils._adfs.ssl_certificate import difference
from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.engine import Tally
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotApplied, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

USES = {"service_communications": "Service-Communications", "token_signing": "Token-Signing", "token_decrypting": "Token-Decrypting"}
COMMUNICATIONS = "service_communications"


@dataclasses.dataclass(frozen=True)
class Configured:
    """A certificate of the configuration.  ``facts`` is None where the server does not show its bytes."""

    use: str
    thumbprint: str
    primary: bool
    facts: certificates.Facts | None

    def shown(self, now: datetime.datetime) -> dict[str, t.Any]:
        told = self.facts.shown(now) if self.facts else {"thumbprint": self.thumbprint, **dict.fromkeys(("subject", "names", "not_before", "not_after"))}
        return {"use": self.use, "is_primary": self.primary, **told}


def configured(session: Session, use: str | None = None) -> list[Configured]:
    """The certificates of a use, or all; of each use the primary one first.  Raises HybridError."""
    found = []
    for one in session.invoke("Get-AdfsCertificate", {"CertificateType": [USES[use]]} if use else {}).output:
        shown = farm.folded(one)
        kind = next((name for name, spelled in USES.items() if spelled == values.text(shown.get("certificatetype"))), None)
        if kind is None or not shown.get("thumbprint"):
            raise HybridError("a certificate of the farm cannot be understood", cmdlet="Get-AdfsCertificate", target=session.target)
        found.append(Configured(kind, values.text(shown["thumbprint"]).upper(), bool(shown.get("isprimary")), _facts(shown.get("certificate"))))
    return sorted(found, key=lambda one: (list(USES).index(one.use), not one.primary))


def _facts(value: t.Any) -> certificates.Facts | None:
    """None for what the server did not serialise: an object inside another one may come as its text."""
    try:
        return certificates.read(value)
    except ValueError:
        return None


@dataclasses.dataclass(frozen=True)
class FarmCertificate(Module):
    """Sets, promotes or renews one.  ``now`` is the clock."""

    wires: tuple[Wire, ...] = farm.WIRES
    now: t.Callable[[], datetime.datetime] = farm.now

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        use, rollover = options["use"], options.get("rollover")
        if use == COMMUNICATIONS and rollover:
            raise UsageError("the certificate for service communications is not renewed by AD FS", advice="Import a new one, and name its thumbprint")
        if use == COMMUNICATIONS and not options.get("thumbprint"):
            raise UsageError("use: service_communications needs thumbprint")
        if rollover == "urgent" and not options["accept_signin_outage"]:
            raise UsageError(
                "rollover: urgent replaces the certificate at once, and nobody signs in to Entra ID or another relying party until that knows the new one",
                advice="Use rollover: secondary, tell the relying parties, and let AD FS promote it; or acknowledge with accept_signin_outage: true",
            )

    def execute(self, session: Tally, task: Task) -> Result:
        use = task.options["use"]
        place = farm.place(session)
        if not place.primary:
            advice = f"Run the task on {place.primary_computer}"
            raise UsageError("the server is a secondary; the configuration is written on the primary alone", target=session.target, advice=advice)
        found = configured(session, use)
        if task.options.get("rollover"):
            return self._roll(session, task, use, found)
        wanted = certificates.option("thumbprint", task.options["thumbprint"])
        return self._set(session, task, use, wanted, found)

    def _result(self, use: str, found: list[Configured], before: dict[str, t.Any], after: dict[str, t.Any], changed: bool) -> Result:
        rows = [one.shown(self.now()) for one in found]
        return {"changed": changed, "diff": difference(before, after, f"AD FS {use}"), "resource": {"use": use, "certificates": rows}}

    def _set(self, session: Tally, task: Task, use: str, wanted: str, found: list[Configured]) -> Result:
        known = next((one for one in found if one.thumbprint == wanted), None)
        if known is not None and (known.primary or not task.options["primary"]):
            return self._result(use, found, {}, {}, False)
        if use == COMMUNICATIONS:
            names = farm.public_names(farm.bindings(session))
            service = [one for one in names if not one.casefold().startswith(farm.ALTERNATE)][:1]
            certificates.fitting(session, wanted, service, self.now())
        else:
            self._permit_token(session, wanted, known)
        before = {"primary": next((one.thumbprint for one in found if one.primary), None)}
        after = {"primary": wanted} if task.options["primary"] or use == COMMUNICATIONS else {"secondary": wanted}
        if not task.check_mode:
            verb = "Set" if known is not None or use == COMMUNICATIONS else "Add"
            primary = {} if use == COMMUNICATIONS or not task.options["primary"] else {"IsPrimary": True}
            session.invoke(f"{verb}-AdfsCertificate", {"CertificateType": USES[use], "Thumbprint": wanted, **primary, "Confirm": False})
            found = configured(session, use)
            self._applied(session, found, wanted, task.options["primary"] or use == COMMUNICATIONS)
        return self._result(use, found, before, after, True)

    def _permit_token(self, session: Tally, wanted: str, known: Configured | None) -> None:
        """Raises UsageError."""
        if _rollover_on(session):
            advice = "Use rollover, or turn it off first with adfs_properties auto_certificate_rollover: false"
            raise UsageError("AD FS renews this certificate itself, so that none can be set", target=session.target, advice=advice)
        if known is None:
            certificates.fitting(session, wanted, (), self.now())

    def _roll(self, session: Tally, task: Task, use: str, found: list[Configured]) -> Result:
        urgent = task.options["rollover"] == "urgent"
        if not urgent and any(not one.primary for one in found):
            return self._result(use, found, {}, {}, False)
        limit = task.options.get("within_days")
        primary = next((one for one in found if one.primary), None)
        if limit is not None and primary is not None:
            if primary.facts is None:
                raise HybridError(f"the server does not show when {primary.thumbprint} ends", cmdlet="Get-AdfsCertificate", target=session.target)
            if primary.facts.days_left(self.now()) > limit:
                return self._result(use, found, {}, {}, False)
        if not _rollover_on(session):
            advice = "Set a certificate of your own by its thumbprint, or turn the rollover on with adfs_properties auto_certificate_rollover: true"
            raise UsageError("the automatic rollover is off, and Update-AdfsCertificate does not apply then", target=session.target, advice=advice)
        if not task.check_mode:
            session.invoke("Update-AdfsCertificate", {"CertificateType": USES[use], **({"Urgent": True} if urgent else {}), "Confirm": False})
            before, found = {one.thumbprint for one in found}, configured(session, use)
            if not {one.thumbprint for one in found} - before:
                raise NotApplied(f"Update-AdfsCertificate made no new certificate for {use}", target=session.target)
        return self._result(use, found, {"rollover": None}, {"rollover": task.options["rollover"]}, True)

    @staticmethod
    def _applied(session: Tally, found: list[Configured], wanted: str, primary: bool) -> None:
        if not any(one.thumbprint == wanted and one.primary >= primary for one in found):
            raise NotApplied(f"{wanted} was set without an error, but the farm does not show it so", target=session.target)


def _rollover_on(session: Session) -> bool:
    shown = farm.folded(session.invoke("Get-AdfsProperties", properties=("AutoCertificateRollover",)).output[0])
    if not isinstance(shown.get("autocertificaterollover"), bool):
        raise HybridError("the server does not say whether the rollover is on", cmdlet="Get-AdfsProperties", target=session.target)
    return t.cast(bool, shown["autocertificaterollover"])
