# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server is in its farm, found out with as few questions as possible.

Sources: Microsoft's reference of the cmdlets, "Manage SSL certificates in AD FS and WAP", "AD FS farm behavior levels".  A farm of Windows Server
2012 R2 has no cmdlet that tells its behaviour level.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

WIRES: tuple[Wire, ...] = (("powershell", "windows"),)
HTTPS = 443
FALLBACK = "0.0.0.0"
"""The binding that answers clients which name no server: health probes, and devices without SNI."""
ALTERNATE = "certauth."
MULTI_NODE = 2
"""The behaviour level from which Set-AdfsSslCertificate writes to all nodes."""
_READINGS = ("hostname", "portnumber", "certificatehash")


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Place:
    """A server's place in its farm.  ``level`` is None where the server cannot tell: on secondaries, and in farms of 2012 R2, which `older` marks."""

    primary: bool
    primary_computer: str | None
    level: int | None
    older: bool
    nodes: tuple[str, ...] = ()

    @property
    def per_node(self) -> bool:
        """Whether each server binds its certificate itself."""
        return self.older


def place(session: Session) -> Place:
    """Raises HybridError, UsageError where the host is no federation server."""
    try:
        rows = session.invoke("Get-AdfsSyncProperties").output
    except CommandMissing:
        advice = "Name a federation server; a proxy is managed with wap_ssl_certificate and wap_application"
        raise UsageError("the host is no federation server: it has no cmdlets of AD FS", target=session.target, advice=advice) from None
    shown = folded(rows[0]) if rows else {}
    role = str(shown.get("role") or "")
    if role not in ("PrimaryComputer", "SecondaryComputer"):
        raise HybridError(f"the role of the server in its farm is {role!r}", cmdlet="Get-AdfsSyncProperties", target=session.target)
    if role == "SecondaryComputer":
        return Place(False, values.text(shown.get("primarycomputername")) or None, None, not _knows(session))
    try:
        found = folded(session.invoke("Get-AdfsFarmInformation").output[0])
    except CommandMissing:
        return Place(True, None, None, True)
    nodes = tuple(_name(one) for one in found.get("farmnodes") or ())
    return Place(True, None, int(found["currentfarmbehavior"]), False, nodes)


def _knows(session: Session) -> bool:
    """Whether a secondary has the cmdlet of newer farms; that it refuses to run is an answer, too."""
    try:
        session.invoke("Get-AdfsFarmInformation")
    except CommandMissing:
        return False
    except HybridError as error:
        if "PS0033" not in f"{error.error_id} {error.text}":
            raise
    return True


def _name(node: t.Any) -> str:
    return values.text(folded(node).get("fqdn") if isinstance(node, t.Mapping) else node)


def folded(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {values.fold(name): value for name, value in found.items()}


@dataclasses.dataclass(frozen=True)
class Binding:
    """A certificate that HTTP.sys presents to who asks for a name."""

    host_name: str
    port: int
    thumbprint: str

    @property
    def fallback(self) -> bool:
        return self.host_name == FALLBACK

    @property
    def alternate(self) -> bool:
        return self.host_name.casefold().startswith(ALTERNATE)

    def shown(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def bindings(session: Session, cmdlet: str = "Get-AdfsSslCertificate") -> list[Binding]:
    """The bindings of this host alone.  Raises HybridError."""
    found = []
    for one in session.invoke(cmdlet).output:
        shown = folded(one)
        if not set(_READINGS) <= shown.keys():
            raise HybridError(f"a binding cannot be understood: it has {', '.join(sorted(one))}", cmdlet=cmdlet, target=session.target)
        found.append(Binding(values.text(shown["hostname"]), int(shown["portnumber"]), values.text(shown["certificatehash"]).upper()))
    if not found:
        raise HybridError("no binding was returned, so what is presented is not known", cmdlet=cmdlet, target=session.target)
    return found


def public_names(rows: t.Iterable[Binding]) -> list[str]:
    """The names that clients ask for."""
    return list(dict.fromkeys(one.host_name for one in rows if not one.fallback and one.host_name.casefold() != "localhost"))
