# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Internet Information Services on a machine: pools, sites with their bindings, applications, and the restrictions of ISAPI programs."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.windows.features import Features
from hybridlab.windows.machine import Machine

SSL_BINDINGS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo"
"""Where http.sys keeps which certificate an address has."""
CONFIGURATION = "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config"
_ISAPI = "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\aspnet_isapi.dll"
# What the file holds beside what the modules of microsoft.iis manage; win_xml works on it.
_FILE = f"""<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <system.webServer>
    <security>
      <isapiCgiRestriction notListedIsapisAllowed="false" notListedCgisAllowed="false">
        <add path="{_ISAPI}" allowed="true" groupId="ASP.NET v4.0" description="ASP.NET v4.0.30319" />
      </isapiCgiRestriction>
    </security>
  </system.webServer>
</configuration>
"""
POOL: dict[str, t.Any] = {
    "autoStart": True,
    "enable32BitAppOnWin64": False,
    "managedPipelineMode": "Integrated",
    "managedRuntimeVersion": "v4.0",
    "queueLength": 1000,
    "startMode": "OnDemand",
    "processModel.identityType": "ApplicationPoolIdentity",
    "processModel.userName": "",
    "processModel.password": "",
    "processModel.idleTimeout": "00:20:00",
    "processModel.loadUserProfile": True,
    "recycling.periodicRestart.time": "1.05:00:00",
}
"""The attributes of a new pool; IIS has more, and the lab takes them as they come."""


@dataclasses.dataclass
class Pool:
    name: str
    attributes: dict[str, t.Any] = dataclasses.field(default_factory=lambda: dict(POOL))
    state: str = "Started"


@dataclasses.dataclass
class Application:
    """``path`` is below its site, without a slash at its beginning."""

    site: str
    path: str
    physical_path: str
    pool: str
    username: str = ""
    password: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass
class Site:
    """``bindings`` have the names that microsoft.iis.website uses."""

    name: str
    id: int
    physical_path: str
    pool: str = "DefaultAppPool"
    bindings: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    state: str = "Started"


class NotInstalled(Exception):
    """PowerShell's words where IIS or its scripts and tools are missing."""


class Iis:
    """A machine whose profile has ``iis_sites`` has IIS with those; any other one has IIS once the features are installed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.pools: dict[str, Pool] = {}
        self.sites: dict[str, Site] = {}
        self.applications: dict[tuple[str, str], Application] = {}
        self._ready = False
        for name, facts in (machine.profile.get("iis_sites") or {}).items():
            self._site(name, facts)

    def opened(self) -> Iis:
        """This, if the modules of microsoft.iis can work here.  Raises `NotInstalled`."""
        installed = self._machine.part(Features).installed
        if not {"web-webserver", "web-scripting-tools"} <= installed:
            raise NotInstalled("The specified module 'WebAdministration' was not loaded because no valid module file was found in any module directory.")
        if not self._ready:
            self._ready = True
            if not self.sites:
                http = {"ip": "*", "port": 80, "hostname": "", "protocol": "http", "use_sni": False, "use_ccs": False}
                self._site("Default Web Site", {"physical_path": "C:\\inetpub\\wwwroot", "bindings": [http]})
            if self._machine.files.file(CONFIGURATION) is None:
                self._machine.files.write(CONFIGURATION, _FILE.encode())
        return self

    def put(self, site: Site) -> None:
        """Have the site as it is given."""
        self.sites[site.name.lower()] = site
        for one in site.bindings:
            if one.get("certificate_hash"):
                address = f"{'0.0.0.0' if one['ip'] == '*' else one['ip']}:{one['port']}"
                self._machine.registry.load({f"{SSL_BINDINGS}\\{address}": {"SslCertHash": ["binary", bytes.fromhex(one["certificate_hash"])]}})

    def served(self, port: int) -> str | None:
        """The thumbprint that a started site presents on a port."""
        bindings = (one for site in self.sites.values() if site.state == "Started" for one in site.bindings)
        return next((str(one["certificate_hash"]).upper() for one in bindings if one["protocol"] == "https" and one["port"] == port), None)

    def _site(self, name: str, facts: t.Mapping[str, t.Any]) -> None:
        told = dict(facts)
        applications = told.pop("applications", {})
        site = self.sites[name.lower()] = Site(name, len(self.sites) + 1, **told)
        self._machine.files.make_directory(site.physical_path)
        self._pool(site.pool)
        for path, more in applications.items():
            application = Application(name, path, more["physical_path"], more.get("pool", site.pool))
            self.applications[name.lower(), path.lower()] = application
            self._machine.files.make_directory(application.physical_path)
            self._pool(application.pool)

    def _pool(self, name: str) -> None:
        self.pools.setdefault(name.lower(), Pool(name))
