# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Exchange setup, AD FS and Entra Connect leave in a forest: the traces by which their servers are found."""

from __future__ import annotations

import re
import typing as t
import uuid

from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import DNS, SPACE, Forest

ORGANIZATION = "Contoso"
ADMINISTRATIVE_GROUP = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
SERVERS = ("EX01", "EX02")
AVAILABILITY_GROUP = "DAG01"
EDGE_SERVER = "EDGE01"
"""An Edge Transport server that is subscribed, so that the directory knows it; it is in no domain, and has no account."""
OLD_SERVER, OLD_BUILD, BRANCH = "EX16", "Version 15.1 (Build 2375.7)", "Branch"
"""A server of an earlier version in another site, which nobody uninstalled; the organization's cmdlets do not show it."""
DATABASES = ("DB01", "DB02")
FEDERATION_SERVER = "FS01"
SYNC_SERVER = "SYNC01"
_DEVICE_REGISTRATION = "62a0ff2e-97b9-4513-943f-0d221bd30080"
"""The name that every forest gives to this connection point."""


class Levels(t.NamedTuple):
    """What the setup of a version writes: server roles as bits, version of objects, and the levels of organization, domain and schema."""

    roles: int
    version: int
    organization: int
    domain: int
    schema: int


# Roles: 1 what clients connect to, 2 Mailbox, 4 Client Access, 16 Unified Messaging, 32 Hub Transport, 64 Edge Transport, 16384 Front End Transport.
_ALL_IN_ONE = 16439
_EDGE = 64
LEVELS = {
    "2010": Levels(54, 44220983382016, 14322, 13214, 14734),
    "2013": Levels(_ALL_IN_ONE, 88218628259840, 16133, 13238, 15312),
    "2016": Levels(_ALL_IN_ONE, 1125899906842624, 16223, 13243, 15334),
    "2019": Levels(_ALL_IN_ONE, 1125899906842624, 16763, 13243, 17003),
    "se": Levels(_ALL_IN_ONE, 1125899906842624, 16763, 13243, 17003),
}
_BUILD = re.compile(r"Version (\d+)\.(\d+) \(Build (\d+)\.(\d+)\)")
_ENCODED = 30000


def serial_number(build: str) -> str:
    """The build as the directory has it: 30000 more than what Get-ExchangeServer prints."""
    return _BUILD.sub(lambda found: f"Version {found[1]}.{found[2]} (Build {int(found[3]) + _ENCODED}.{found[4]})", build)


def version_number(build: str) -> int:
    """Major version from bit 22 on, minor one from bit 16 on, build below bit 15."""
    found = _BUILD.match(build)
    if found is None:
        raise ValueError(build)
    return 0x70008000 | int(found[1]) << 22 | int(found[2]) << 16 | int(found[3])


def install(forest: Forest, version: str, build: str) -> DirectoryObject:
    """What setup of an Exchange version leaves, with ``build`` as AdminDisplayVersion prints it.  Returns the organization."""
    levels = LEVELS[version]
    make = forest.make
    services = forest.configuration.children["cn=services"]
    exchange = make(services, "Microsoft Exchange", "msExchConfigurationContainer")
    legacy = f"/o={ORGANIZATION}"
    organization = make(exchange, ORGANIZATION, "msExchOrganizationContainer", {"legacyExchangeDN": legacy, "objectVersion": levels.organization})
    groups = make(organization, "Administrative Groups", "msExchAdminGroupContainer")
    legacy += f"/ou={ADMINISTRATIVE_GROUP}"
    group = make(groups, ADMINISTRATIVE_GROUP, "msExchAdminGroup", {"legacyExchangeDN": legacy})
    available = make(group, "Database Availability Groups", "msExchMDBAvailabilityGroupContainer")
    one = make(available, AVAILABILITY_GROUP, "msExchMDBAvailabilityGroup", {"msExchVersion": levels.version})
    servers = make(group, "Servers", "msExchServersContainer")
    for name in SERVERS:
        _server(forest, servers, name, levels, build, legacy, {"msExchMDBAvailabilityGroupLink": one})
    _server(forest, servers, EDGE_SERVER, levels._replace(roles=_EDGE), build, legacy)
    if version in ("2019", "se"):
        branch = make(forest.configuration.children["cn=sites"], BRANCH, "site")
        _server(forest, servers, OLD_SERVER, LEVELS["2016"], OLD_BUILD, legacy, {"msExchServerSite": branch})
    databases = forest.databases = make(group, "Databases", "container")
    for name in DATABASES:
        make(
            databases,
            name,
            "msExchPrivateMDB",
            {"legacyExchangeDN": f"{legacy}/cn=Configuration/cn=Servers/cn=EX01/cn={name}", "msExchVersion": levels.version},
        )
    schema = forest.configuration.children["cn=schema"]
    make(schema, "ms-Exch-Schema-Version-Pt", "attributeSchema", {"rangeUpper": levels.schema})
    make(forest.domain, "Microsoft Exchange System Objects", "msExchSystemObjectsContainer", {"objectVersion": levels.domain})
    return organization


def _server(forest: Forest, servers: DirectoryObject, name: str, levels: Levels, build: str, legacy: str, more: t.Mapping[str, t.Any] | None = None) -> None:
    host = f"{name.lower()}.{DNS}"
    values = {
        "msExchCurrentServerRoles": levels.roles,
        "msExchServerSite": forest.site,
        "msExchVersion": levels.version,
        "serialNumber": serial_number(build),
        "versionNumber": version_number(build),
        "networkAddress": [f"ncacn_vns_spp:{name}", f"netbios:{name}", f"ncacn_np:{name}", f"ncacn_spx:{name}", f"ncacn_ip_tcp:{host}", f"ncalrpc:{name}"],
        "legacyExchangeDN": f"{legacy}/cn=Configuration/cn=Servers/cn={name}",
    }
    forest.make(servers, name, "msExchExchangeServer", values | dict(more or {}))
    if name in SERVERS:
        _computer(forest, name, [f"{service}/{host}" for service in ("HTTP", "exchangeMDB", "exchangeRFR", "exchangeAB")])


def _computer(forest: Forest, name: str, services: t.Sequence[str] = ()) -> None:
    host = f"{name.lower()}.{DNS}"
    values = {
        "sAMAccountName": f"{name}$",
        "userAccountControl": 0x1000,
        "dNSHostName": host,
        "operatingSystem": "Windows Server 2022 Standard",
        "servicePrincipalName": [f"HOST/{host}", f"HOST/{name}", *services],
    }
    forest.make(forest.domain.children["cn=computers"], name, "computer", values)


def federate(forest: Forest) -> None:
    """What AD FS leaves: the container of its shared key, and a service account that owns the name of the federation service."""
    _computer(forest, FEDERATION_SERVER)
    program_data = forest.domain.children["cn=program data"]
    shared = forest.make(forest.make(program_data, "Microsoft", "container"), "ADFS", "container")
    forest.make(shared, str(uuid.uuid5(SPACE, "adfs")), "container")
    values = {"sAMAccountName": "svc-adfs", "userAccountControl": 0x10200, "servicePrincipalName": [f"host/fs.{DNS}"], "displayName": "AD FS service"}
    forest.make(forest.users, "svc-adfs", "user", values)


def synchronize(forest: Forest, tenant: str, identifier: str = "") -> None:
    """What the wizard of Entra Connect leaves: the account that reads the directory, whose description names the server.

    With the ``identifier`` of the tenant also the connection point by which computers find the tenant that they register with.
    """
    if identifier:
        services = forest.configuration.children["cn=services"]
        point = forest.make(services, "Device Registration Configuration", "container")
        forest.make(point, _DEVICE_REGISTRATION, "serviceConnectionPoint", {"keywords": [f"azureADName:{tenant}", f"azureADId:{identifier}"]})
    _computer(forest, SYNC_SERVER)
    installation = uuid.uuid5(SPACE, "entra connect").hex
    name = f"MSOL_{installation[:12]}"
    description = (
        f"Account created by Microsoft Azure Active Directory Connect with installation identifier {installation} running on computer {SYNC_SERVER} "
        f"configured to synchronize to tenant {tenant}. This account must have directory replication permissions in the local Active Directory "
        "and write permission on certain attributes to enable Hybrid Deployment."
    )
    forest.make(forest.users, name, "user", {"sAMAccountName": name, "userAccountControl": 0x10200, "description": description})
