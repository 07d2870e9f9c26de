# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a directory says, and what the file adds, to hosts, groups and variables.  No input and no output.

How to connect is said by variables of groups: they give way to group_vars, which variables of hosts would not.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import lifecycle
from ansible_collections.m365.hybrid.plugins.plugin_utils.estate_tenants import variables as tenant_variables

ROLES = {1: "client_access", 2: "mailbox", 4: "client_access", 16: "unified_messaging", 32: "hub_transport", 64: "edge", 16384: "frontend_transport"}
"""Bits of msExchCurrentServerRoles; since Exchange Server 2013, 1 is the role that clients connect to."""
_EDGE = 64
_OLDEST_WITH_POWERSHELL = 14  # Exchange Server 2010
_POWERSHELL = "m365.hybrid.powershell"
_WINDOWS = {"ansible_connection": "ansible.builtin.psrp", "m365_endpoint": "windows"}
"""A Windows host, for Ansible's own modules as well as for this collection's."""
CONNECTIONS: dict[str, dict[str, str]] = {
    "exchange": {"ansible_connection": _POWERSHELL, "m365_endpoint": "exchange"},
    "edge": {"ansible_connection": _POWERSHELL, "m365_endpoint": "edge"},
    "adfs": _WINDOWS,
    "directory_sync": _WINDOWS,
    "directory": {"ansible_connection": "m365.hybrid.ldap"},
    "exchange_online": {"ansible_connection": "m365.hybrid.exchange_online"},
    "entra": {"ansible_connection": "m365.hybrid.graph"},
}
"""The groups that there always are, and how their hosts are reached; playbooks and roles know them by these names."""
OTHER_CONNECTIONS = {"skype": {"ansible_connection": _POWERSHELL, "m365_endpoint": "skype"}}
_REPLACED = ("adfs", "directory_sync")
"""Groups whose hosts in the file take the place of what was found."""
Variables = dict[str, t.Any]


@dataclasses.dataclass
class Host:
    """A host: its ``address`` is what it is reached by, None for a tenant."""

    address: str | None
    groups: list[str]
    variables: Variables = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What the file adds.  ``hosts`` are names by group, ``tenants`` options by name, ``directory`` is how the directory was reached, as variables.

    ``readers`` says that computers that may read the password of AD FS's account are its servers.
    """

    hosts: t.Mapping[str, t.Sequence[str] | None] = dataclasses.field(default_factory=dict)
    tenants: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    directory: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    short_names: bool = False
    readers: bool = False


class Estate:
    """The inventory: ``hosts`` by name, variables of ``groups``, pairs of groups ``above`` others, and what somebody should know.

    ``unsupported`` is the warning about builds, if there is one.
    """

    def __init__(self, facts: t.Mapping[str, t.Any], wishes: Wishes, today: datetime.date) -> None:
        """Raises `UsageError` for wishes that cannot be met."""
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Variables] = {name: dict(variables) for name, variables in CONNECTIONS.items()} | {"exchange_mailbox": {}}
        self.above: set[tuple[str, str]] = {("exchange", "exchange_mailbox")}
        self.warnings: list[str] = []
        self.unsupported: list[str] = []
        self._facts, self._wishes = facts, wishes
        self._controllers()
        self._exchange(today)
        self._synchronizing()
        self._federation()
        for group, hosts in (*facts["computers"].items(), *((group, hosts or ()) for group, hosts in wishes.hosts.items())):
            self._named(group, hosts)
        for name, options in wishes.tenants.items():
            self._tenant(name, options or {})
        for group in [one for host in self.hosts.values() for one in host.groups]:
            self.groups.setdefault(group, {})

    def _add(self, group: str, address: str, variables: Variables | None = None) -> Host:
        """A machine in a group.  One that is reached in another way there than in its first group is another host, called after the group."""
        name = self._called(address)
        known = self.hosts.get(name)
        if known is not None and self._way(known.groups[0]) != self._way(group):
            name = f"{name}_{group}"
            known = self.hosts.get(name)
        host = known or self.hosts.setdefault(name, Host(address, []))
        if group not in host.groups:
            host.groups.append(group)
        host.variables |= {key: value for key, value in (variables or {}).items() if key not in host.variables}
        if name != address:
            host.variables["ansible_host"] = address
        return host

    def _called(self, address: str) -> str:
        if not self._wishes.short_names or re.fullmatch(r"[\d.]+", address):
            return address
        short = address.partition(".")[0]
        other = self.hosts.get(short)
        if other is not None and other.address != address:
            raise UsageError(f"{other.address} and {address} have the same short name", advice="Set host_names to fqdn")
        return short

    def _way(self, group: str) -> t.Mapping[str, t.Any]:
        return CONNECTIONS.get(group) or OTHER_CONNECTIONS.get(group) or _WINDOWS

    def _named(self, group: str, addresses: t.Iterable[str]) -> None:
        """Hosts that the file names, or computers that it describes; without a domain, they are in the directory's."""
        self.groups.setdefault(group, dict(self._way(group)))
        for address in addresses:
            self._add(group, address.lower() if "." in address else f"{address}.{self._facts['domain']}".lower())

    def _controllers(self) -> None:
        self.groups["directory"] |= self._wishes.directory
        for one in self._facts["domain_controllers"]:
            self._add("directory", one["fqdn"], {"domain_controller": dict(one)})

    # Exchange

    def _exchange(self, today: datetime.date) -> None:
        if self._facts["organization"] is None:
            self.warnings.append(f"the forest of {self._facts['domain']} has no Exchange organization")
        bad: dict[str, list[str]] = {}
        for server in self._facts["exchange"]:
            roles = [name for bit, name in ROLES.items() if server["role_bits"] & bit]
            if not roles or not server["fqdn"]:
                lacks = "role" if server["fqdn"] else "address"
                self.warnings.append(f"{server['name']} is left out: the directory has no {lacks} for this Exchange server")
                continue
            shown = {key: server[key] for key in ("name", "fqdn", "version", "site", "dag")}
            shown |= {"roles": list(dict.fromkeys(roles)), "organization": self._facts["organization"]}
            support = _support(shown, today)
            self._place(server, support, {"exchange_server": shown, "exchange_build": support["build"], "exchange_support": support})
            if not support["supported"]:
                bad.setdefault(f"{support['build'] or 'version'}: {support['why']}", []).append(server["name"])
        if bad:
            told = "; ".join(f"{', '.join(names)}, {why}" for why, names in bad.items())
            count = sum(map(len, bad.values()))
            self.unsupported.append(f"{count} of {len(self._facts['exchange'])} Exchange servers are not known to be supported: {told}")

    def _place(self, server: t.Mapping[str, t.Any], support: t.Mapping[str, t.Any], variables: Variables) -> None:
        """A server's groups follow from its roles, its DAG and its build."""
        first = "edge" if server["role_bits"] & _EDGE else "exchange" if _has_powershell(server["version"]) else "exchange_legacy"
        host = self._add(first, server["fqdn"], variables)
        if first == "exchange" and "mailbox" in variables["exchange_server"]["roles"]:
            host.groups.append("exchange_mailbox")
        if first == "exchange" and server["dag"]:
            host.groups.append(group := f"exchange_dag_{server['dag'].lower()}")
            self.above.add(("exchange", group))
        if support["status"] == lifecycle.UNSUPPORTED:
            host.groups.append("exchange_unsupported")

    # Entra Connect and AD FS

    def _synchronizing(self) -> None:
        if self._wishes.hosts.get("directory_sync") is not None:
            return
        for one in self._facts["directory_sync"]:
            if one["fqdn"]:
                self._add("directory_sync", one["fqdn"], {"directory_sync_server": {"tenant": one["tenant"], "account": one["account"]}})
            else:
                self.warnings.append(
                    f"the account {one['account']} synchronizes from {one['computer']}, which is no computer of {self._facts['domain']}; "
                    "if there is such a server, give it as more_hosts.directory_sync"
                )

    def _federation(self) -> None:
        found = self._facts["adfs"]
        if len(found["services"]) == 1:
            self.groups["adfs"]["ad_fs_service_name"] = found["services"][0]
        if not found["installed"] or self._wishes.hosts.get("adfs") is not None or "adfs" in self._facts["computers"]:
            return
        readers, wished = found.get("readers") or (), self._wishes.readers
        for fqdn in readers if wished else ():
            self._add("adfs", fqdn)
        if not (readers and wished):
            why = "its account is no managed one of which the directory says who uses it" if wished else "leaves no trace of its servers in the directory"
            more = ", or set ad_fs_by_service_account" if readers else ""
            self.warnings.append(f"AD FS is installed, but {why}; give them as more_hosts.adfs, or a filter as computers.adfs{more}")

    # Microsoft 365

    def _tenant(self, name: str, options: t.Any) -> None:
        """Two hosts, because a host has one connection: one for Exchange Online, one for Entra ID.  Both are in the group of the tenant."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", str(name)):
            raise UsageError(f"tenants: '{name}' is no name for hosts")
        registered = self._facts["tenant"].get("id") if len(self._wishes.tenants) == 1 else None
        group = f"tenant_{name}".lower()
        self.groups[group] = tenant_variables(f"tenants.{name}", options, registered)
        for service in ("exchange_online", "entra"):
            self.hosts[f"{name}_{service}"] = Host(None, [service, group])


def _support(server: t.Mapping[str, t.Any], today: datetime.date) -> Variables:
    """What the build is and until when it is supported; a build that nobody knows is unknown, and says why."""
    (found,) = lifecycle.report([server], today)["servers"]
    return {key: value for key, value in found.items() if key not in server}


def _has_powershell(version: str) -> bool:
    """Whether a version of Exchange can be reached over PowerShell remoting; one that the directory does not tell is thought to be."""
    major = re.match(r"Version (\d+)\.", version)
    return major is None or int(major[1]) >= _OLDEST_WITH_POWERSHELL
