# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forest of one domain as it is after its first domain controller, with the groups and containers of its own."""

from __future__ import annotations

import typing as t
import uuid

from hybridlab.ad import accounts, names, passwords, published, syntaxes
from hybridlab.ad.directory import TOMBSTONES, Directory, DirectoryObject
from hybridlab.ad.filters import Filters
from hybridlab.ad.reading import Readers
from hybridlab.ad.searching import Searcher
from hybridlab.ad.updates import Updates

DNS = "contoso.com"
NETBIOS = "CONTOSO"
CONTROLLER = "DC01"
ADMINISTRATOR = "administrator"
SITE = "Default-First-Site-Name"
SPACE = uuid.UUID("1f4bd1a3-0c52-5a0e-8c5b-ad0ad0ad0ad0")
DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
_DAYS = 86_400 * 10_000_000
_CONTAINERS = ("Users", "Computers", "System", "Program Data", "Managed Service Accounts", "ForeignSecurityPrincipals")
_GLOBAL, _UNIVERSAL, _LOCAL, _SYSTEM_LOCAL = -0x7FFFFFFE, -0x7FFFFFF8, -0x7FFFFFFC, -0x7FFFFFFB
_GROUPS = (
    ("Domain Admins", 512, _GLOBAL),
    ("Domain Users", 513, _GLOBAL),
    ("Domain Guests", 514, _GLOBAL),
    ("Domain Computers", 515, _GLOBAL),
    ("Domain Controllers", 516, _GLOBAL),
    ("Schema Admins", 518, _UNIVERSAL),
    ("Enterprise Admins", 519, _UNIVERSAL),
    ("Group Policy Creator Owners", 520, _GLOBAL),
    ("DnsAdmins", 1101, _LOCAL),
)
_BUILT_IN = (("Administrators", 544), ("Users", 545), ("Guests", 546), ("Account Operators", 548))
EDITORS = ("Domain Admins", "Enterprise Admins", "Administrators", "Account Operators")
"""Whose members may change objects; everybody who is logged on may read them."""


class Forest:
    """A directory with the services on top of it: accounts, searches and updates.

    ``users`` are the logon names that exist from the start with their passwords.
    """

    def __init__(self, users: t.Mapping[str, str]) -> None:
        self.directory = Directory()
        self.made: set[uuid.UUID] = set()
        """What the lab itself brings besides recipients; Exchange does not show it."""
        self.realm = DNS
        self.domain_dn = ",".join(f"DC={part}" for part in DNS.split("."))
        self.configuration_dn = f"CN=Configuration,{self.domain_dn}"
        self.schema_dn = f"CN=Schema,{self.configuration_dn}"
        self.accounts = accounts.Accounts(self.directory, DOMAIN_SID, DNS, NETBIOS)
        self.domain = self._domain()
        self.graveyard = self.make(self.domain, TOMBSTONES, "container", {"isCriticalSystemObject": True})
        self.users = self._containers()
        self.configuration, self.site = self._configuration()
        self.groups = self._groups()
        for name, password in users.items():
            self.welcome(name, password)
        self.databases = self.configuration
        """Where Exchange keeps its databases, once it is installed."""
        self.readers = Readers(self.directory, self.schema_dn)
        self.searcher = Searcher(self.directory, self.readers, Filters(self.directory, self.readers))
        self.updates = Updates(self.directory, self.accounts, self.searcher, self.graveyard)

    def make(self, parent: DirectoryObject, name: str, cls: str, values: t.Mapping[str, t.Any] | None = None, rid: int | None = None) -> DirectoryObject:
        """An object that the lab brings; its GUID follows from its name.  Users and groups become accounts."""
        guid = uuid.uuid5(SPACE, f"{name}/{parent.dn}")
        self.made.add(guid)
        one = self.directory.create(parent, name, cls, values, guid)
        if cls in ("user", "group", "computer"):
            self.accounts.equip(one, rid)
        self.directory.touch(one)
        return one

    def may_edit(self, account: DirectoryObject) -> bool:
        """Whether an account belongs to one of the groups that administer the domain."""
        seen: set[DirectoryObject] = set()
        waiting = [account]
        while waiting:
            one = waiting.pop()
            if one.name in EDITORS and one.is_a("group"):
                return True
            seen.add(one)
            waiting += [group for group in one.backs.get("member", ()) if group not in seen]
        return False

    def welcome(self, name: str, password: str) -> DirectoryObject:
        """An account of the lab that can log on with this password; it is made if it does not exist.  The administrator's name makes one of the domain."""
        known = self.directory.by_value("sAMAccountName", name)
        if known:
            one = known[0]
        else:
            values = {"sAMAccountName": name, "userPrincipalName": f"{name}@{DNS}", "userAccountControl": 0x10200}
            one = self.make(self.users, name.capitalize(), "user", values, 500 if name == ADMINISTRATOR else None)
        one.secret = passwords.Kept()
        one.secret.set(password)
        self.directory.put(one, "pwdLastSet", syntaxes.filetime(one.created))
        if name == ADMINISTRATOR and not known:
            self.directory.put(one, "isCriticalSystemObject", True)
            for group in ("Domain Admins", "Enterprise Admins", "Schema Admins"):
                self.directory.link(self.groups[group], "member", one)
        return one

    def path(self, dn: str) -> DirectoryObject:
        """The organizational unit or container of this name; what is missing of it is made.  Raises `names.BadName`."""
        one = self.domain
        below = names.split(dn)[: -len(DNS.split("."))]
        for rdn in reversed(below):
            found = one.children.get(names.fold(rdn))
            one = found or self.make(one, rdn[1], "organizationalUnit" if rdn[0] == "ou" else "container")
        return one

    # The parts.

    def _domain(self) -> DirectoryObject:
        one = self.directory.root
        for place, part in enumerate(reversed(DNS.split("."))):
            one = self.directory.create(one, part, "domainDNS" if place else "domain")
        rules = {"minPwdLength": passwords.LEAST, "pwdHistoryLength": passwords.HISTORY, "pwdProperties": 1, "minPwdAge": 0, "maxPwdAge": -42 * _DAYS}
        for name, value in (rules | {"lockoutThreshold": 0}).items():
            self.directory.put(one, name, value)
        self.directory.put(one, "objectSid", syntaxes.sid_bytes(DOMAIN_SID))
        self.directory.put(one, "isCriticalSystemObject", True)
        return one

    def _containers(self) -> DirectoryObject:
        for name in _CONTAINERS:
            self.make(self.domain, name, "container", {"isCriticalSystemObject": True})
        self.make(self.domain, "Builtin", "builtinDomain", {"isCriticalSystemObject": True})
        controllers = self.make(self.domain, "Domain Controllers", "organizationalUnit", {"isCriticalSystemObject": True})
        values = {"sAMAccountName": f"{CONTROLLER}$", "userAccountControl": 0x82000, "dNSHostName": f"{CONTROLLER.lower()}.{DNS}"}
        self.make(controllers, CONTROLLER, "computer", values)
        return self.domain.children["cn=users"]

    def _configuration(self) -> tuple[DirectoryObject, DirectoryObject]:
        make = self.make
        configuration = make(self.domain, "Configuration", "configuration", {"isCriticalSystemObject": True})
        schema = make(configuration, "Schema", "dMD", {"isCriticalSystemObject": True, "objectVersion": 88})
        make(schema, "Aggregate", "subSchema")
        for cls in self.directory.schema.classes.values():
            if f"cn={cls.category.casefold()}" not in schema.children:
                make(schema, cls.category, "classSchema", {"lDAPDisplayName": cls.name})
        for name, values in published.rows(self.directory.schema):
            make(schema, name, "attributeSchema", values)
        make(configuration, "Services", "container")
        partitions = make(configuration, "Partitions", "crossRefContainer")
        make(partitions, NETBIOS, "crossRef", {"nETBIOSName": NETBIOS, "dnsRoot": DNS, "nCName": self.domain, "systemFlags": 3})
        site = make(make(configuration, "Sites", "sitesContainer"), SITE, "site")
        controllers = make(site, "Servers", "serversContainer")
        account = self.domain.children["ou=domain controllers"].children[f"cn={CONTROLLER.lower()}"]
        server = make(controllers, CONTROLLER, "server", {"dNSHostName": f"{CONTROLLER.lower()}.{DNS}", "serverReference": account})
        make(server, "NTDS Settings", "nTDSDSA", {"options": 1})  # it holds the global catalogue
        return configuration, site

    def _groups(self) -> dict[str, DirectoryObject]:
        found = {}
        for name, rid, kind in _GROUPS:
            found[name] = self.make(
                self.users, name, "group", {"sAMAccountName": name, "groupType": kind, "isCriticalSystemObject": True if rid < 1000 else None}, rid
            )
        for name, rid in _BUILT_IN:
            values = {"sAMAccountName": name, "groupType": _SYSTEM_LOCAL, "isCriticalSystemObject": True}
            found[name] = self.make(self.domain.children["cn=builtin"], name, "group", values, rid)
        self.directory.put(found["Administrators"], "member", [found["Domain Admins"], found["Enterprise Admins"]])
        return found
