# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain controller says of itself: its root entry, and the schema in the form of RFC 4512."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.ad import ber, messages, searching, syntaxes, updates
from hybridlab.ad.forest import CONTROLLER, DNS, NETBIOS, SITE, Forest
from hybridlab.ad.schema import Attribute, Class

_CAPABILITIES = ("1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791", "1.2.840.113556.1.4.1935", "1.2.840.113556.1.4.2080")
_FUNCTIONAL_LEVEL = "7"
_SYNTAXES = {
    "unicode": "1.3.6.1.4.1.1466.115.121.1.15",
    "teletex": "1.2.840.113556.1.4.905",
    "integer": "1.3.6.1.4.1.1466.115.121.1.27",
    "int64": "1.2.840.113556.1.4.906",
    "boolean": "1.3.6.1.4.1.1466.115.121.1.7",
    "octets": "1.3.6.1.4.1.1466.115.121.1.40",
    "sid": "1.3.6.1.4.1.1466.115.121.1.40",
    "dn": "1.3.6.1.4.1.1466.115.121.1.12",
    "time": "1.3.6.1.4.1.1466.115.121.1.24",
    "utctime": "1.3.6.1.4.1.1466.115.121.1.53",
    "ia5": "1.3.6.1.4.1.1466.115.121.1.26",
    "printable": "1.3.6.1.4.1.1466.115.121.1.44",
    "numeric": "1.3.6.1.4.1.1466.115.121.1.36",
    "oid": "1.3.6.1.4.1.1466.115.121.1.38",
    "descriptor": "1.2.840.113556.1.4.907",
    "exact": "1.2.840.113556.1.4.1362",
    "dnbinary": "1.2.840.113556.1.4.903",
    "dnstring": "1.2.840.113556.1.4.904",
    "orname": "1.2.840.113556.1.4.1221",
    "presentation": "1.3.6.1.4.1.1466.115.121.1.43",
}


class RootEntry:
    """The entry without a name, and the entry that publishes the schema."""

    def __init__(self, forest: Forest, mechanisms: t.Sequence[str]) -> None:
        self._forest = forest
        self._mechanisms = mechanisms
        self._schema: bytes | None = None
        self.netbios = NETBIOS

    def entry(self, request: messages.Search) -> bytes:
        return _selected(b"", self._values(), request)

    def _values(self) -> dict[str, list[str]]:
        forest = self._forest
        domain, configuration, schema = forest.domain_dn, forest.configuration_dn, forest.schema_dn
        server = f"CN={CONTROLLER},CN=Servers,CN={SITE},CN=Sites,{configuration}"
        now = syntaxes.generalized_time(datetime.datetime.now(datetime.UTC)).decode()
        return {
            "domainFunctionality": [_FUNCTIONAL_LEVEL],
            "forestFunctionality": [_FUNCTIONAL_LEVEL],
            "domainControllerFunctionality": [_FUNCTIONAL_LEVEL],
            "rootDomainNamingContext": [domain],
            "ldapServiceName": [f"{DNS}:{CONTROLLER.lower()}$@{DNS.upper()}"],
            "isGlobalCatalogReady": ["TRUE"],
            "isSynchronized": ["TRUE"],
            "supportedSASLMechanisms": list(self._mechanisms),
            "supportedLDAPVersion": ["3", "2"],
            "supportedLDAPPolicies": ["MaxPageSize", "MaxValRange"],
            "supportedControl": [searching.PAGED, searching.SHOW_DELETED, updates.TREE_DELETE, updates.PERMISSIVE, "1.2.840.113556.1.4.801"],
            "supportedExtension": ["1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.3"],
            "supportedCapabilities": list(_CAPABILITIES),
            "subschemaSubentry": [f"CN=Aggregate,{schema}"],
            "serverName": [server],
            "schemaNamingContext": [schema],
            "namingContexts": [domain, configuration, schema],
            "highestCommittedUSN": [str(forest.directory.usn)],
            "dsServiceName": [f"CN=NTDS Settings,{server}"],
            "dnsHostName": [f"{CONTROLLER.lower()}.{DNS}"],
            "defaultNamingContext": [domain],
            "currentTime": [now],
            "configurationNamingContext": [configuration],
        }

    def subschema(self, request: messages.Search) -> bytes | None:
        """The entry of the schema, where the request reads just that."""
        dn = f"CN=Aggregate,{self._forest.schema_dn}"
        if request.scope != 0 or request.base.casefold() != dn.casefold():
            return None
        schema = self._forest.directory.schema
        values = {
            "objectClass": ["top", "subSchema"],
            "cn": ["Aggregate"],
            "attributeTypes": [_attribute_type(one) for one in schema.attributes.values()],
            "objectClasses": [_object_class(one) for one in schema.classes.values()],
            "modifyTimeStamp": [syntaxes.generalized_time(self._forest.domain.created).decode()],
        }
        return _selected(dn.encode(), values, request)


def _selected(dn: bytes, values: t.Mapping[str, list[str]], request: messages.Search) -> bytes:
    asked = {name.lower() for name in request.attributes} - {"*", "+"}
    every = not asked or "*" in request.attributes
    wanted = {name: value for name, value in values.items() if every or name.lower() in asked}
    return messages.entry(dn, ((ber.text(name), [value.encode() for value in found]) for name, found in wanted.items() if found))


def _oid(oid: str, name: str) -> str:
    """An attribute without a published OID gets a name in its place, as RFC 4512 (section 1.4) allows for descriptions in use within one server."""
    return oid if oid != "-" else f"{name.lower()}-oid"


def _attribute_type(one: Attribute) -> str:
    flags = (" SINGLE-VALUE" if one.single else "") + (" NO-USER-MODIFICATION" if one.kind in ("system", "constructed", "backlink") else "")
    return f"( {_oid(one.oid, one.name)} NAME '{one.name}' SYNTAX '{_SYNTAXES[one.syntax]}'{flags} )"


def _object_class(one: Class) -> str:
    above = one.chain[-2] if len(one.chain) > 1 else ""
    lists = "".join(f" {word} ({' $ '.join(sorted(names))} )" for word, names in (("MUST", one.must), ("MAY", one.may)) if names)
    return f"( {_oid(one.oid, one.name)} NAME '{one.name}'{f' SUP {above}' if above else ''} {one.kind.upper()}{lists} )"
