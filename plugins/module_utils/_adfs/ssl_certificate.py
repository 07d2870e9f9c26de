# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate for TLS: on one federation server, on all of them, or on a proxy."""

from __future__ import annotations

import dataclasses
import datetime
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates, farm
from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, HybridError, NotApplied, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire

SET, ALTERNATE = "Set-AdfsSslCertificate", "Set-AdfsAlternateTlsClientBinding"
_HOP = "To bind it on the other servers, the primary signs in to them with the account of this session: use CredSSP or Kerberos delegation for it"
_LEFT_OUT = "Other servers may have the new certificate already; make the named one reachable on port 5985, and run the task with everywhere: true"
_TRUST = "Renew the trust of the proxy with Install-WebApplicationProxy, which needs an administrator of the farm"


@dataclasses.dataclass(frozen=True)
class Wish:
    """What is asked of a federation server."""

    thumbprint: str
    alternate: bool | None
    everywhere: bool
    members: tuple[str, ...]


def difference(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], label: str) -> Result:
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    shown = {"before": {name: before.get(name) for name in changed}, "after": changed}
    return {**values.plain(shown), "before_header": label, "after_header": label}


@dataclasses.dataclass(frozen=True)
class SslCertificate(Module):
    """Binds a certificate on federation servers.  ``now`` is the clock."""

    wires: tuple[Wire, ...] = farm.WIRES
    now: t.Callable[[], datetime.datetime] = farm.now
    pauses: tuple[float, ...] = engine.READ_BACK_PAUSES

    def execute(self, session: engine.Tally, task: Task) -> Result:
        wish = Wish(
            certificates.option("thumbprint", task.options["thumbprint"]),
            task.options["alternate_binding"],
            task.options["everywhere"],
            tuple(task.options.get("members") or ()),
        )
        found = farm.bindings(session)
        if self._done(wish, found) and not wish.everywhere and not wish.members:
            return {"changed": False, "diff": difference({}, {}, "AD FS"), "resource": resource(found)}
        place = farm.place(session)
        alternate = any(one.alternate for one in found) if wish.alternate is None else wish.alternate
        self._permit(session, wish, place, found, alternate)
        if not task.check_mode:
            self._bind(session, wish, alternate)
        after = found if task.check_mode else self._settled(session, wish)
        told = resource(found)
        wanted = {"thumbprint": wish.thumbprint, "alternate_binding": alternate, "scope": "server" if place.per_node else "farm"}
        return {"changed": True, "diff": difference(told, wanted, "AD FS"), "resource": resource(after) | (wanted if task.check_mode else {})}

    @staticmethod
    def _done(wish: Wish, found: t.Iterable[farm.Binding]) -> bool:
        rows = [one for one in found if not one.fallback]
        bound = any(one.alternate for one in rows)
        return all(one.thumbprint == wish.thumbprint for one in rows) and wish.alternate in (None, bound)

    def _permit(self, session: engine.Tally, wish: Wish, place: farm.Place, found: list[farm.Binding], alternate: bool) -> None:
        """Refuse what the farm would refuse, or half do.  Raises UsageError."""
        if wish.alternate is False and any(one.alternate for one in found):
            raise UsageError("no cmdlet takes the binding of certauth away again", target=session.target, advice="Leave alternate_binding out")
        if not place.per_node and not place.primary:
            advice = f"Run the task on the primary, {place.primary_computer}; with everywhere: true it writes to servers that were left out"
            raise UsageError("the server is a secondary, and the primary binds the certificate on all servers", target=session.target, advice=advice)
        if place.level is not None and place.level < farm.MULTI_NODE:
            raise UsageError(
                f"the behaviour level of the farm is {place.level} while its servers are newer, so that {SET} is refused",
                target=session.target,
                advice="Raise the farm with Invoke-AdfsFarmBehaviorLevelRaise, or bind the certificate with netsh on each server",
            )
        if place.per_node and (alternate or wish.members or wish.everywhere):
            name = "alternate_binding" if alternate else "members" if wish.members else "everywhere"
            raise UsageError(f"{name} needs a farm of Windows Server 2016 or later", target=session.target, advice="Run the task on each server")
        if wish.members and not alternate:
            raise UsageError("members is for farms with the binding of certauth; without it all servers are written", target=session.target)
        names = farm.public_names(found)
        service = next((one for one in names if not one.casefold().startswith(farm.ALTERNATE)), "")
        certificates.fitting(session, wish.thumbprint, [*names, *([f"{farm.ALTERNATE}{service}"] if alternate and service else [])], self.now())

    @staticmethod
    def _bind(session: engine.Tally, wish: Wish, alternate: bool) -> None:
        parameters: dict[str, t.Any] = {"Thumbprint": wish.thumbprint, "Confirm": False}
        if wish.members:
            parameters["Member"] = list(wish.members)
        try:
            session.invoke(ALTERNATE if alternate else SET, parameters)
        except HybridError as error:
            if "access is denied" in error.text.casefold():
                error.advice = _HOP
            elif "connecting to remote server" in error.text.casefold():
                error.advice = _LEFT_OUT
            raise

    def _settled(self, session: engine.Tally, wish: Wish) -> list[farm.Binding]:
        for pause in self.pauses:
            time.sleep(pause)
            found = farm.bindings(session)
            if self._done(wish, found):
                return found
        shown = ", ".join(f"{one.host_name}:{one.port} {one.thumbprint}" for one in found)
        raise NotApplied(f"the certificate was bound without an error, but the bindings are {shown}", target=session.target)


def resource(found: t.Sequence[farm.Binding]) -> dict[str, t.Any]:
    """The bindings of a host as its modules return them."""
    rows = [one for one in found if not one.fallback]
    used = {one.thumbprint for one in rows}
    return {
        "thumbprint": used.pop() if len(used) == 1 else None,
        "alternate_binding": any(one.alternate for one in rows),
        "bindings": [one.shown() for one in rows],
        "fallback": [one.shown() for one in found if one.fallback],
    }


@dataclasses.dataclass(frozen=True)
class ProxySslCertificate(Module):
    """Binds a certificate on a proxy.  ``now`` is the clock."""

    wires: tuple[Wire, ...] = farm.WIRES
    now: t.Callable[[], datetime.datetime] = farm.now

    def execute(self, session: engine.Tally, task: Task) -> Result:
        wanted = certificates.option("thumbprint", task.options["thumbprint"])
        found = self._bindings(session)
        before = resource(found)
        shown = {name: value for name, value in before.items() if name in ("thumbprint", "bindings")}
        if all(one.thumbprint == wanted for one in found if not one.fallback):
            return {"changed": False, "diff": difference({}, {}, "proxy"), "resource": shown}
        configured(session)
        certificates.fitting(session, wanted, farm.public_names(found), self.now())
        if not task.check_mode:
            try:
                session.invoke("Set-WebApplicationProxySslCertificate", {"Thumbprint": wanted, "Confirm": False})
            except HybridError as error:
                raise trusted(error) from None
            found = self._bindings(session)
            if any(one.thumbprint != wanted for one in found if not one.fallback):
                raise NotApplied("the certificate was bound without an error, but a binding still has another one", target=session.target)
            shown = {name: value for name, value in resource(found).items() if name in ("thumbprint", "bindings")}
        return {"changed": True, "diff": difference(before, {"thumbprint": wanted}, "proxy"), "resource": shown | {"thumbprint": wanted}}

    @staticmethod
    def _bindings(session: engine.Tally) -> list[farm.Binding]:
        try:
            return farm.bindings(session, "Get-WebApplicationProxySslCertificate")
        except CommandMissing:
            advice = "Name a Web Application Proxy; a federation server is managed with adfs_ssl_certificate"
            raise UsageError("the host is no proxy: it has no cmdlets of Web Application Proxy", target=session.target, advice=advice) from None


def configured(session: engine.Tally) -> dict[str, t.Any]:
    """What the farm tells the proxy.  Raises HybridError, with advice where the farm does not take the proxy any more."""
    try:
        found = session.invoke("Get-WebApplicationProxyConfiguration").output
    except HybridError as error:
        raise trusted(error) from None
    return t.cast(dict[str, t.Any], found[0]) if found else {}


def trusted(error: HybridError) -> HybridError:
    if "0x8007520c" in error.text.casefold() or "trust certificate" in error.text.casefold():
        error.advice = _TRUST
    return error
