# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory says of the servers of a hybrid estate: read once, plain enough for a cache, without a word of Ansible.

Where it stands: Exchange keeps a msExchExchangeServer for each server, Edge servers that are subscribed among them, below CN=Microsoft
Exchange of the configuration partition, which the whole forest shares; domain controllers are below CN=Sites there; the connection point
by which computers register with Entra ID names the tenant.  In the domain, the wizard of Entra Connect makes an account MSOL_…, whose
description names server and tenant, and AD FS has the container of its key, which names no server; the service's name is among the SPNs
of its account.  A managed one says which computers may read its password: the servers of the farm, and those that were or may become some
(Microsoft's "AD Fun Services: List all the members of an ADFS farm").
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec, names, security

Facts = dict[str, t.Any]
Entry = t.Mapping[str, t.Any]
REGISTRATION = "CN=62a0ff2e-97b9-4513-943f-0d221bd30080,CN=Device Registration Configuration,CN=Services"
"""The connection point for the registration of computers; its name is the same in every forest."""
_READERS = "msDS-GroupMSAMembership"
"""The security descriptor of a managed service account that says who may read its password."""
_IN_CHAIN = "1.2.840.113556.1.4.1941"
_DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"
_GLOBAL_CATALOGUE = 1  # bit of `options` of a domain controller's NTDS settings, [MS-ADTS] 6.1.1.2.2.1.2.1.1
_SERVER = ("networkAddress", "serialNumber", "versionNumber", "msExchCurrentServerRoles", "msExchServerSite", "msExchMDBAvailabilityGroupLink")
_SYNC = re.compile(r"running on computer '?(?P<computer>[^\s']+)'? configured to synchronize to tenant '?(?P<tenant>[^\s']+?)'?(\.\s|\.?$)")
_TCP = "ncacn_ip_tcp:"
_RIGHTS = "Use an account that may read the configuration partition"


def read(session: DirectorySession, computers: t.Mapping[str, str]) -> Facts:
    """Everything about the estate; ``computers`` are filters by group, for what leaves no trace of its own.  Raises `HybridError`."""
    root = session.search("", scope="base", attributes=["configurationNamingContext", "defaultNamingContext"]).output[0]
    configuration, domain = first(root, "configurationNamingContext"), first(root, "defaultNamingContext")
    controllers = _controllers(session, f"CN=Sites,{configuration}")
    if not controllers:
        raise errors.AccessDenied("the account sees no domain controller below CN=Sites", target=session.target, advice=_RIGHTS)
    return {
        "domain": names.domain(domain),
        "domain_controllers": controllers,
        **_exchange(session, f"CN=Microsoft Exchange,CN=Services,{configuration}"),
        "directory_sync": _synchronizing(session),
        "adfs": _federation(session, domain),
        "tenant": _tenant(session, f"{REGISTRATION},{configuration}"),
        "computers": {group: _computers(session, text, group) for group, text in computers.items()},
    }


def first(entry: Entry, attribute: str, default: t.Any = None) -> t.Any:
    """An attribute's only value, or the first."""
    return (entry.get(attribute) or [default])[0]


def _there(session: DirectorySession, name: str, attributes: t.Collection[str] = ("cn",)) -> Entry | None:
    """An object of the directory, None where it is proven that there is none; one of which the account may see nothing is there all the same."""
    try:
        found = session.search(name, scope="base", attributes=attributes).output
    except errors.NotFound:
        return None
    return t.cast(Entry, found[0]) if found else {"dn": name}


def _controllers(session: DirectorySession, sites: str) -> list[Facts]:
    """The domain controllers of the forest: servers with NTDS settings.  One that was removed leaves the first without the second."""
    found = session.search(
        sites, "(|(objectClass=server)(objectClass=nTDSDSA))", attributes=["objectClass", "dNSHostName", "serverReference", "options"]
    ).output
    servers = {names.key(one["dn"]): one for one in found if "nTDSDSA" not in one["objectClass"]}
    rows = []
    for settings in (one for one in found if "nTDSDSA" in one["objectClass"]):
        server = servers.get(names.key(names.parent(settings["dn"])))
        host = first(server, "dNSHostName") if server else None
        if server is None or not host:
            continue
        parts = names.parts(server["dn"])
        rows.append(
            {
                "name": names.value(parts[0]),
                "fqdn": host.lower(),
                "site": names.value(parts[2]),
                "domain": names.domain(first(server, "serverReference", "")) or None,
                "global_catalog": bool(int(first(settings, "options", 0)) & _GLOBAL_CATALOGUE),
                "read_only": "nTDSDSARO" in settings["objectClass"],
            }
        )
    return sorted(rows, key=lambda one: str(one["fqdn"]))


def _exchange(session: DirectorySession, container: str) -> Facts:
    if _there(session, container) is None:
        return {"organization": None, "exchange": []}
    wanted = ("msExchOrganizationContainer", "msExchExchangeServer")
    text = f"(|{''.join(f'(objectClass={one})' for one in wanted)})"
    found = session.search(container, text, attributes=["objectClass", "cn", *_SERVER]).output
    organizations = [first(one, "cn") for one in found if wanted[0] in one["objectClass"]]
    if not organizations:
        raise errors.AccessDenied(f"the account sees {container}, but no organization in it", target=session.target, advice=_RIGHTS)
    servers = [_server(one) for one in found if wanted[1] in one["objectClass"]]
    return {"organization": organizations[0], "exchange": sorted(servers, key=lambda one: str(one["name"]).lower())}


def _server(entry: Entry) -> Facts:
    addresses = [str(one) for one in entry.get("networkAddress", ())]
    site, group = first(entry, "msExchServerSite"), first(entry, "msExchMDBAvailabilityGroupLink")
    return {
        "name": first(entry, "cn"),
        "fqdn": next((one[len(_TCP) :].lower() for one in addresses if one.startswith(_TCP)), None),
        "version": str(first(entry, "serialNumber") or first(entry, "versionNumber") or ""),
        "role_bits": int(first(entry, "msExchCurrentServerRoles", 0)),
        "site": names.value(names.parts(site)[0]) if site else None,
        "dag": names.value(names.parts(group)[0]) if group else None,
    }


def _synchronizing(session: DirectorySession) -> list[Facts]:
    """The servers that accounts of Entra Connect and its predecessors speak of.  An account outlives its server, so the computer must be there."""
    text = f"(&(objectCategory=person)(|(sAMAccountName=MSOL_*)(sAMAccountName=AAD_*))(!{_DISABLED}))"
    accounts = session.search(None, text, attributes=["description", "sAMAccountName"]).output
    said = [(one, _SYNC.search(" ".join(map(str, one.get("description", ()))))) for one in accounts]
    rows = []
    for account, match in said:
        if match is None:
            continue
        hosts = _hosts(session, f"(sAMAccountName={names.literal(match['computer'])}$)")
        row = {"account": first(account, "sAMAccountName"), "computer": match["computer"], "tenant": match["tenant"].rstrip(".")}
        rows.append(row | {"fqdn": hosts[0] if hosts else None})
    return sorted(rows, key=lambda one: str(one["computer"]).lower())


def _federation(session: DirectorySession, domain: str) -> Facts:
    """Whether AD FS is there, and names its service may have: SPNs ``host/…`` of accounts of people and of managed service accounts."""
    if _there(session, f"CN=ADFS,CN=Microsoft,CN=Program Data,{domain}") is None:
        return {"installed": False, "services": [], "readers": []}
    text = "(&(|(&(objectCategory=person)(objectClass=user))(objectClass=msDS-GroupManagedServiceAccount))(servicePrincipalName=host/*))"
    found = session.search(None, text, attributes=["servicePrincipalName", _READERS]).output
    principals = [str(name) for one in found for name in one["servicePrincipalName"]]
    services = {name[5:].lower() for name in principals if name.lower().startswith("host/") and "." in name}
    return {"installed": True, "services": sorted(services), "readers": _password_readers(session, found) if len(services) == 1 else []}


def _password_readers(session: DirectorySession, accounts: t.Iterable[Entry]) -> list[str]:
    """Full names of the computers that may read the password of managed service accounts, by themselves or as members of groups."""
    descriptors = [str(value) for one in accounts for value in one.get(_READERS, ())]
    keys = dict.fromkeys(f"(objectSid={names.literal(codec.sid_bytes(sid))})" for one in descriptors for sid in security.readers(one))
    if not keys:
        return []
    named = "".join(keys)
    groups = session.search(None, f"(&(objectClass=group)(|{named}))", attributes=["cn"]).output
    members = "".join(f"(memberOf:{_IN_CHAIN}:={names.literal(one['dn'])})" for one in groups)
    return _hosts(session, f"(|{named}{members})")


def _tenant(session: DirectorySession, name: str) -> Facts:
    """Name and id of the tenant that computers register with; empty where they register with none."""
    point = _there(session, name, ["keywords"])
    pairs = dict(str(one).split(":", 1) for one in (point or {}).get("keywords", ()) if ":" in str(one))
    return {key: pairs[word] for key, word in (("name", "azureADName"), ("id", "azureADId")) if pairs.get(word)}


def _computers(session: DirectorySession, text: str, group: str) -> list[str]:
    try:
        return _hosts(session, text if text.startswith("(") else f"({text})")
    except errors.BadParameter as error:
        raise error.about(f"computers.{group}", session.target) from error


def _hosts(session: DirectorySession, text: str) -> list[str]:
    """Full names of the computers that fit, disabled ones left out."""
    found = session.search(None, f"(&(objectCategory=computer)(!{_DISABLED}){text})", attributes=["dNSHostName"]).output
    return sorted(str(first(one, "dNSHostName")).lower() for one in found if first(one, "dNSHostName"))
