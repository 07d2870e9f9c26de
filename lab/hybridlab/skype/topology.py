# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The topology: pools with their services, and SIP domains."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from hybridlab.clixml import Obj
from hybridlab.records import Output, Record
from hybridlab.skype import failures

if t.TYPE_CHECKING:
    from hybridlab.skype.server import Call


@dataclasses.dataclass(frozen=True)
class Pool:
    """One pool; ``services`` are the roles it has, among them Registrar where accounts can be homed."""

    fqdn: str
    site: str
    computers: tuple[str, ...]
    services: tuple[str, ...]

    @property
    def registers(self) -> bool:
        return "Registrar" in self.services


_FRONT_END = ("Registrar", "UserServer", "ConferencingServer", "WebServer", "ApplicationServer", "MediationServer")
POOLS = (
    Pool("sfbpool01.contoso.com", "Site:Redmond", ("sfb01.contoso.com", "sfb02.contoso.com"), _FRONT_END),
    Pool("sfbpool02.contoso.com", "Site:Dublin", ("sfb11.contoso.com",), _FRONT_END),
    Pool("sfbedge.contoso.com", "Site:Redmond", ("sfbedge.contoso.com",), ("EdgeServer",)),
)
DOMAINS = ("contoso.com", "fabrikam.com")
_SWITCHES = ("Registrar", "UserServer", "ConferencingServer", "WebServer", "ApplicationServer", "MediationServer", "EdgeServer")
_POOL = ("Microsoft.Rtc.Management.Deploy.Internal.Cluster", "System.Object")
_SERVICE = "Microsoft.Rtc.Management.Xds.Display"
_DOMAIN = ("Microsoft.Rtc.Management.Xds.SipDomain", "System.Object")


def registrar(fqdn: object) -> Pool:
    """The pool where an account can be homed.  Raises `failures.Refused`."""
    found = next((pool for pool in POOLS if pool.fqdn.lower() == str(fqdn).lower()), None)
    if found is None or not found.registers:
        raise failures.no_pool(fqdn)
    return found


def get_pool(call: Call) -> t.Iterator[Record]:
    call.only("Identity", "Site")
    wanted = str(call.parameters.get("Identity", "*")).lower()
    found = [pool for pool in POOLS if fnmatch.fnmatchcase(pool.fqdn, wanted)]
    if not found and "*" not in wanted:
        raise failures.unknown_pool(call.parameters["Identity"])
    for pool in found:
        if str(call.parameters.get("Site", pool.site)).lower() == pool.site.lower():
            services = [f"{name}:{pool.fqdn}" for name in pool.services]
            shown = {"Identity": pool.fqdn, "Fqdn": pool.fqdn, "Services": services, "Computers": list(pool.computers), "Site": pool.site}
            yield Output(Obj(_POOL, shown | {"BackupPoolFqdn": None}, string=pool.fqdn))


def get_service(call: Call) -> t.Iterator[Record]:
    call.only("Identity", "PoolFqdn", *_SWITCHES)
    asked = [name for name in _SWITCHES if call.parameters.get(name)]
    for pool in POOLS:
        for name in pool.services:
            identity = f"{name}:{pool.fqdn}"
            fitting = not asked or name in asked
            named = str(call.parameters.get("Identity", identity)).lower() == identity.lower()
            homed = str(call.parameters.get("PoolFqdn", pool.fqdn)).lower() == pool.fqdn
            if fitting and named and homed:
                shown = {"Identity": identity, "ServiceId": f"1-{name}-1", "SiteId": pool.site, "PoolFqdn": pool.fqdn, "Version": 7, "Role": name}
                yield Output(Obj((f"{_SERVICE}{name}", "System.Object"), shown, string=identity))


def get_sip_domain(call: Call) -> t.Iterator[Record]:
    call.only("Identity")
    for number, name in enumerate(DOMAINS):
        if str(call.parameters.get("Identity", name)).lower() == name:
            yield Output(Obj(_DOMAIN, {"Identity": name, "Name": name, "IsDefault": number == 0}, string=name))
