# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Internet Information Services of a machine: sites with their bindings and applications, and what they answer.

A profile or a change ``applications`` tells what applications of a site there are once a file of theirs is there: name → ``file``, and ``accounts``
(``DOMAIN\\user`` → password) for one that asks for an account.
"""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.windows.machine import Machine

SSL_BINDINGS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo"
"""Where http.sys keeps which certificate a port has."""
DEFAULT_SITE = "Default Web Site"
FEATURE = "web-server"


@dataclasses.dataclass
class Binding:
    ip: str
    port: int
    hostname: str = ""
    protocol: str = "http"
    certificate: str = ""
    """Thumbprint."""
    flags: int = 0
    """1 for SNI, 2 for the central store."""

    @property
    def information(self) -> str:
        """As IIS writes it; two bindings of a site differ in it."""
        return f"{self.ip}:{self.port}:{self.hostname}"


@dataclasses.dataclass
class Application:
    name: str
    site: str
    path: str
    pool: str
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass
class Site:
    name: str
    number: int
    path: str
    pool: str = "DefaultAppPool"
    started: bool = True
    bindings: list[Binding] = dataclasses.field(default_factory=list)


class Iis:
    """Sites by name and applications by site and name, all in lower case."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.sites: dict[str, Site] = {}
        self._applications: dict[tuple[str, str], Application] = {}
        self._known: dict[str, t.Mapping[str, t.Any]] = {}
        self.know(machine.profile.get("applications") or {})
        site = Site(DEFAULT_SITE, 1, "C:\\inetpub\\wwwroot", bindings=[Binding("*", 80)])
        self.sites[site.name.lower()] = site

    def know(self, told: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
        """What an installer makes an application of, by the application's name."""
        self._known.update(told)

    def applications(self) -> dict[tuple[str, str], Application]:
        """Those that were made, and those whose files an installer has brought."""
        for name, facts in self._known.items():
            key = (DEFAULT_SITE.lower(), name.lower())
            there = self._machine.files.exists(facts["file"])
            if there and key not in self._applications:
                self._applications[key] = Application(name, DEFAULT_SITE, self._machine.files.parent(facts["file"]), "DefaultAppPool")
            elif not there:
                self._applications.pop(key, None)
        return self._applications

    def bind(self, site: Site, binding: Binding) -> None:
        """Have the binding, in place of one for the same address."""
        site.bindings = [*(one for one in site.bindings if one.information != binding.information), binding]
        self._note(binding)

    def unbind(self, site: Site, binding: Binding) -> None:
        site.bindings.remove(binding)
        above = self._machine.registry.find(SSL_BINDINGS)
        if above is not None:
            above.keys.pop(_address(binding).lower(), None)

    def answer(self, host: str, path: str, account: tuple[str, str] | None, certified: t.Callable[[str, str], bool]) -> int | None:
        """The status of a request over HTTPS; None where no site serves it, or TLS fails: ``certified`` is told a thumbprint and the host."""
        served = next((one for site in self.sites.values() if site.started for one in site.bindings if one.protocol == "https" and one.port == 443), None)
        if served is None or not certified(served.certificate, host):
            return None
        name = path.strip("/").partition("/")[0].lower()
        found = self.applications().get((DEFAULT_SITE.lower(), name))
        if found is None:
            return 404
        accounts = next((facts.get("accounts") for known, facts in self._known.items() if known.lower() == name), None)
        return 200 if accounts is None or (account is not None and accounts.get(account[0]) == account[1]) else 401

    def _note(self, binding: Binding) -> None:
        if binding.certificate:
            named = {"SslCertHash": ["binary", bytes.fromhex(binding.certificate)]}
            self._machine.registry.load({f"{SSL_BINDINGS}\\{_address(binding)}": named})


def _address(binding: Binding) -> str:
    return f"{'0.0.0.0' if binding.ip in ('*', '') else binding.ip}:{binding.port}"
