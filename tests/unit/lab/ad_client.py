# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's domain controller on loopback, and ldap3 as its client."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import ssl
import typing as t

import ldap3

from hybridlab.ad import exchange_configuration
from hybridlab.ad.controller import DomainController
from hybridlab.ad.forest import Forest
from hybridlab.wire import tls

BASE = "DC=contoso,DC=com"
UNIT = f"OU=Staff,{BASE}"
PASSWORD = "Us3r!Passw0rd"


@dataclasses.dataclass
class Domain:
    """A running domain controller with the organizational unit `UNIT`."""

    controller: DomainController
    ca: pathlib.Path
    passwords: dict[str, str]
    recorded: list[dict[str, t.Any]]

    @property
    def forest(self) -> Forest:
        return self.controller.forest

    def server(self, clear: bool = False, **options: t.Any) -> ldap3.Server:
        trust = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.ca))
        port = self.controller.ldap_port if clear else self.controller.ldaps_port
        return ldap3.Server("localhost", port=port, use_ssl=not clear, tls=trust, **({"get_info": ldap3.NONE} | options))

    def client(self, user: str = "administrator@contoso.com", password: str | None = None, **options: t.Any) -> ldap3.Connection:
        """A connection that is not bound yet."""
        known = self.passwords.get(user.partition("@")[0], "") if password is None else password
        return ldap3.Connection(options.pop("server", None) or self.server(), user=user, password=known, receive_timeout=30, **options)


@contextlib.contextmanager
def domain(place: pathlib.Path, known: Forest | None = None) -> t.Iterator[Domain]:
    """A domain for tests, or around a forest that has Exchange already; ``place`` takes its certificates."""
    passwords = {"administrator": "Adm1n-Passw0rd!", "operator": "0per-Passw0rd!"}
    forest = known or Forest({})
    for name, password in passwords.items():
        forest.welcome(name, password)
    if known is None:
        exchange_configuration.install(forest, "2019", "Version 15.2 (Build 1748.10)")
    forest.path(UNIT)
    recorded: list[dict[str, t.Any]] = []
    controller = DomainController(forest, lambda operation, details: recorded.append({"operation": operation, **details}))
    authority = tls.Authority()
    authority.pair.write(place / "ca.pem")
    authority.server().write(place / "server.pem", place / "server.key")
    controller.start(tls.server_context(place / "server.pem", place / "server.key", place / "ca.pem"))
    try:
        yield Domain(controller, place / "ca.pem", passwords, recorded)
    finally:
        controller.stop()


def outcome(client: ldap3.Connection) -> tuple[int, str]:
    """Result code and the Windows error that the diagnostic text begins with."""
    return client.result["result"], str(client.result["message"]).partition(":")[0]


def user(client: ldap3.Connection, name: str, **attributes: t.Any) -> str:
    """Make an enabled user with `PASSWORD`; returns its distinguished name."""
    dn = f"CN={name},{UNIT}"
    values = {"sAMAccountName": name, "userPrincipalName": f"{name}@contoso.com", "unicodePwd": quoted(PASSWORD), "userAccountControl": 512}
    assert client.add(dn, "user", values | attributes), client.result
    return dn


def quoted(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le")


def read(client: ldap3.Connection, dn: str, *attributes: str) -> dict[str, list[bytes]]:
    """The raw values of one object."""
    client.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes) or ["*"])
    found = [one for one in client.response if one["type"] == "searchResEntry"]
    return dict(found[0]["raw_attributes"]) if found else {}
