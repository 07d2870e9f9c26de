# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a lab tells its user: an inventory ready for ansible-playbook, and the credentials."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

if t.TYPE_CHECKING:
    from hybridlab.windows_host import WindowsHost

BANNER = "# Written by hybridlab; ends with the lab.\n"


@dataclasses.dataclass(frozen=True)
class Way:
    """How clients reach one Windows server: its local administrator, its ports, all of its accounts."""

    user: str
    password: str = dataclasses.field(repr=False)
    https_port: int
    http_port: int
    accounts: t.Mapping[str, str] = dataclasses.field(repr=False)


def way(host: WindowsHost) -> Way:
    """The way to a Windows server that serves."""
    return Way(host.user, host.password, host.https_port, host.http_port, host.accounts.passwords)


@dataclasses.dataclass(frozen=True)
class DirectoryWay:
    """How clients reach the domain controller: an administrator by UPN, its ports, and the name of the domain."""

    user: str
    password: str = dataclasses.field(repr=False)
    ldaps_port: int
    ldap_port: int
    base: str


@dataclasses.dataclass(frozen=True)
class Access:
    """How clients reach the lab's Exchange server, its Edge Transport servers by name, and with the same user its pool of Skype for Business.

    ``user`` is a principal, ``krb5_config`` set when a realm runs.  ``online`` and ``entra`` are the hosts that stand for tenants with
    their variables, ``tenants`` their applications.
    """

    user: str
    password: str = dataclasses.field(repr=False)
    https_port: int
    http_port: int
    ca: pathlib.Path
    client_certificate: pathlib.Path
    client_key: pathlib.Path
    krb5_config: pathlib.Path | None = None
    directory: DirectoryWay | None = None
    skype_port: int | None = None
    sync: Way | None = dataclasses.field(default=None, repr=False)
    edges: t.Mapping[str, Way] = dataclasses.field(default_factory=dict)
    windows: t.Mapping[str, Way] = dataclasses.field(default_factory=dict)
    online: t.Mapping[str, t.Mapping[str, t.Any]] = dataclasses.field(default_factory=dict, repr=False)
    entra: t.Mapping[str, t.Mapping[str, t.Any]] = dataclasses.field(default_factory=dict, repr=False)
    tenants: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict, repr=False)


def inventory(access: Access) -> str:
    """Group ``exchange`` with ex01 (HTTPS, Negotiate); with a realm also ``exchange_kerberos`` with ex01_kerberos (HTTP, Kerberos).

    Group ``edge`` with edge01 and edge02 (WinRM over HTTPS, local administrators), ``skype`` with sfb01 (HTTPS, Negotiate), ``directory``
    with dc01 (LDAPS), ``windows`` with the Windows hosts, for Ansible's own modules and this collection's.
    With tenants also ``exchange_online`` with exo01 and so on, and ``entra`` with entra01 and so on.
    """
    groups: dict[str, t.Any] = {"exchange": {"hosts": {"ex01": _host(access, access.https_port, "https", "negotiate")}}}
    if access.edges:
        groups["edge"] = {"hosts": {name.lower(): _windows(access, way, "edge") for name, way in access.edges.items()}}
    if access.sync is not None:
        groups["directory_sync"] = {"hosts": {"sync01": _windows(access, access.sync, "windows")}}
    if access.directory is not None:
        groups["directory"] = {"hosts": {"dc01": _controller(access, access.directory)}}
    if access.skype_port:
        groups["skype"] = {"hosts": {"sfb01": _skype(access, access.skype_port)}}
    if access.windows:
        taken = {name for group in groups.values() for name in group["hosts"]}
        groups["windows"] = {"hosts": {f"{one}_windows" if one in taken else one: _member(access, way) for one, way in _lower(access.windows)}}
    hint = ""
    if access.krb5_config is not None:
        hint = f"# Hosts that use Kerberos need the environment variable KRB5_CONFIG={access.krb5_config}\n"
        groups["exchange_kerberos"] = {"hosts": {"ex01_kerberos": _host(access, access.http_port, "http", "kerberos")}}
    if access.online:
        groups["exchange_online"] = {"hosts": dict(access.online)}
        groups["entra"] = {"hosts": dict(access.entra)}
    return BANNER + hint + _yaml({"all": {"children": groups}})


def credentials(access: Access, passwords: t.Mapping[str, str]) -> str:
    """Every account with its password, and the same ways in that the inventory uses, for other clients."""
    content: dict[str, t.Any] = {
        "user": access.user,
        "password": access.password,
        "accounts": dict(passwords),
        "https_port": access.https_port,
        "http_port": access.http_port,
        "ca_cert": str(access.ca),
        "client_certificate": str(access.client_certificate),
        "client_key": str(access.client_key),
    }
    if access.krb5_config is not None:
        content["krb5_config"] = str(access.krb5_config)
    if access.skype_port:
        content["skype"] = {"https_port": access.skype_port}
    if access.tenants:
        content["tenants"] = dict(access.tenants)
    if access.directory is not None:
        content["dc01"] = dataclasses.asdict(access.directory)
    for name, one in {**access.windows, **access.edges, **({"sync01": access.sync} if access.sync else {})}.items():
        content[name.lower()] = {
            "user": one.user,
            "password": one.password,
            "accounts": dict(one.accounts),
            "https_port": one.https_port,
            "http_port": one.http_port,
        }
    return BANNER + _yaml(content)


def _windows(access: Access, way: Way, endpoint: str) -> dict[str, t.Any]:
    return {
        "ansible_connection": "m365.hybrid.powershell",
        "ansible_host": "localhost",
        "ansible_user": way.user,
        "ansible_password": way.password,
        "m365_endpoint": endpoint,
        f"m365_{endpoint}_port": way.https_port,
        f"m365_{endpoint}_scheme": "https",
        "m365_ca_cert": str(access.ca),
    }


def _member(access: Access, way: Way) -> dict[str, t.Any]:
    """A Windows host for Ansible's own connections, ``winrm`` as well as ``psrp``; our endpoint ``windows`` takes the same variables."""
    return {
        "ansible_connection": "ansible.builtin.psrp",
        "ansible_host": "localhost",
        "ansible_port": way.https_port,
        "ansible_user": way.user,
        "ansible_password": way.password,
        "ansible_psrp_protocol": "https",
        "ansible_psrp_auth": "negotiate",
        "ansible_psrp_ca_cert": str(access.ca),
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_ca_trust_path": str(access.ca),
        "m365_endpoint": "windows",
        "m365_ca_cert": str(access.ca),
        "m365_exchange_port": access.https_port,
        "m365_exchange_scheme": "https",
        "m365_exchange_auth": "negotiate",
    }


def _lower(ways: t.Mapping[str, Way]) -> list[tuple[str, Way]]:
    return [(name.lower(), way) for name, way in ways.items()]


def _controller(access: Access, way: DirectoryWay) -> dict[str, t.Any]:
    return {
        "ansible_connection": "m365.hybrid.ldap",
        "ansible_host": "localhost",
        "m365_ldap_port": way.ldaps_port,
        "ansible_user": way.user,
        "ansible_password": way.password,
        "m365_ca_cert": str(access.ca),
    }


def _skype(access: Access, port: int) -> dict[str, t.Any]:
    return {
        "ansible_connection": "m365.hybrid.powershell",
        "ansible_host": "localhost",
        "ansible_user": access.user,
        "ansible_password": access.password,
        "m365_endpoint": "skype",
        "m365_skype_port": port,
        "m365_ca_cert": str(access.ca),
    }


def _host(access: Access, port: int, scheme: str, auth: str) -> dict[str, t.Any]:
    return {
        "ansible_connection": "m365.hybrid.powershell",
        "ansible_host": "localhost",
        "ansible_user": access.user,
        "ansible_password": access.password,
        "m365_endpoint": "exchange",
        "m365_exchange_port": port,
        "m365_exchange_scheme": scheme,
        "m365_exchange_auth": auth,
        "m365_ca_cert": str(access.ca),
    }


def _yaml(mapping: t.Mapping[str, t.Any], indent: int = 0) -> str:
    """A mapping as YAML: block style, every scalar as JSON, which YAML includes."""
    lines = []
    for name, value in mapping.items():
        start = f"{' ' * indent}{name}:"
        lines.append(f"{start}\n{_yaml(value, indent + 2)}" if isinstance(value, dict) else f"{start} {json.dumps(value)}\n")
    return "".join(lines)
