# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration objects in the shape of real ones: each property has the wire kind that was captured (`contract/object_shapes.json`)."""

from __future__ import annotations

import functools
import json
import pathlib
import typing as t

from hybridlab import contract
from hybridlab.clixml import Enum, MultiValued, Obj, Tag, ValueObj
from hybridlab.exchange import values
from hybridlab.exchange.directory import DOMAIN, Entry

_MANAGEMENT = "Microsoft.Exchange.Data.Directory.Management"
_CONFIGURATION = "Microsoft.Exchange.Data.Directory.SystemConfiguration"
ORGANIZATION = f"{_MANAGEMENT}.OrganizationConfig"
EXCHANGE_SERVER = f"{_MANAGEMENT}.ExchangeServer"
ACCEPTED_DOMAIN = f"{_CONFIGURATION}.AcceptedDomain"
CONFIGURATION_TYPES = (
    f"{_CONFIGURATION}.ADConfigurationObject",
    "Microsoft.Exchange.Data.Directory.ADObject",
    "Microsoft.Exchange.Data.Directory.ADRawEntry",
    "Microsoft.Exchange.Data.ConfigurableObject",
    "System.Object",
)
AD_OBJECT_ID = ("Microsoft.Exchange.Data.Directory.ADObjectId", "Microsoft.Exchange.Data.ObjectId", "System.Object")
# Numbers of the enumerations in use.
ENUMERATIONS = {
    "AcceptedDomainType": {"Authoritative": 0, "ExternalRelay": 1, "InternalRelay": 2},
    "PublicFoldersDeployment": {"None": 0, "Local": 1, "Remote": 2},
    "ObjectState": {"New": 0, "Unchanged": 1, "Changed": 2, "Deleted": 3},
    "HeuristicsFlags": {"None": 0},
    "HybridConfigurationStatusFlags": {"None": 0},
    "IndustryType": {"NotSpecified": 0, "Agriculture": 1, "BusinessServicesConsulting": 2, "Communications": 3, "Education": 6, "Finance": 8},
    "RmsoSubscriptionStatusFlags": {"Enabled": 0},
    "ServerRole": {"None": 0, "Mailbox": 2, "ClientAccess": 4, "HubTransport": 32, "Edge": 64, "FrontendTransport": 16384},
    "AuthMechanisms": {"None": 0, "Tls": 1, "Integrated": 2, "BasicAuth": 4, "BasicAuthRequireTLS": 8, "ExchangeServer": 16, "ExternalAuthoritative": 32},
    "SmtpSendConnectorConfig+AuthMechanisms": {"None": 0, "BasicAuth": 2, "BasicAuthRequireTLS": 4, "ExchangeServer": 8, "ExternalAuthoritative": 16},
    "ExtendedProtectionPolicySetting": {"None": 0, "Allow": 1, "Require": 2},
    "MessageRateSourceFlags": {"None": 0, "User": 1, "IPAddress": 2, "All": 3},
    "PermissionGroups": {"None": 0, "AnonymousUsers": 1, "ExchangeUsers": 2, "ExchangeServers": 4, "ExchangeLegacyServers": 8, "Partners": 16, "Custom": 32},
    "ProtocolLoggingLevel": {"None": 0, "Verbose": 1},
    "SizeMode": {"Disabled": 0, "Enabled": 1, "EnabledWithoutValue": 2},
    "ErrorPolicies": {"Default": 0, "DowngradeDnsFailures": 1, "DowngradeCustomFailures": 2},
    "SendConnectorType": {"Default": 0, "XPremises": 1},
    "SendConnectorRegion": {"None": 0},
    "TransportDecryptionSetting": {"Disabled": 0, "Optional": 1, "Mandatory": 2},
    "ServerEditionType": {"Unknown": 0, "Standard": 1, "StandardEvaluation": 2, "Enterprise": 3, "EnterpriseEvaluation": 4, "Coexistence": 5},
}
_EMPTY: dict[str, t.Any] = {"B": False, "S": "", "I32": 0, "U32": 0, "Nil": None}


@functools.cache
def shape(type_name: str) -> dict[str, t.Any]:
    """``{"type_names": […], "properties": {name: {"wire", "type", "enum", "container"}}}``."""
    path = pathlib.Path(contract.__path__[0]) / "object_shapes.json"
    return t.cast(dict[str, t.Any], json.loads(path.read_text(encoding="utf-8"))[type_name])


def defaults(type_name: str) -> dict[str, t.Any]:
    """Every property of the shape with an empty value of its kind."""
    return {name: _empty(row) for name, row in shape(type_name)["properties"].items()}


def _empty(row: dict[str, t.Any]) -> t.Any:
    if row.get("container"):
        return []
    if row.get("enum"):
        return next(iter(ENUMERATIONS[_short(row)]))
    return _EMPTY.get(row["wire"])


def _number(row: dict[str, t.Any], value: str) -> int:
    """The number of an enumerator, or of several that a flags enumeration shows joined."""
    return sum(ENUMERATIONS[_short(row)].get(name, 0) for name in value.split(", "))


def _short(row: dict[str, t.Any]) -> str:
    return t.cast(str, row["type"]).split(".")[-1]


def shaped(type_name: str, entry: Entry, hidden: t.Container[str] = ()) -> Obj:
    """An entry as an object of that type."""
    rows = shape(type_name)["properties"]
    found = {**entry.values, **_identification(entry, rows)}
    properties = {name: render(row, found.get(name)) for name, row in rows.items() if name not in hidden}
    return Obj(shape(type_name)["type_names"], properties, string=entry.name)


def render(row: dict[str, t.Any], value: t.Any) -> t.Any:
    """A stored value in the wire kind of its property; null where there is none."""
    if row.get("container"):
        types = (row["type"], "Microsoft.Exchange.Data.MultiValuedPropertyBase", "System.Object")
        return MultiValued([_item(item) for item in value or []], types)
    if value is None:
        return None
    if row.get("enum"):
        return Enum((row["type"], "System.Enum", "System.ValueType", "System.Object"), _number(row, value), value)
    if isinstance(value, Entry):
        return _item(value)
    if row["wire"] == "Obj" or row["wire"] == "Ref":
        return ValueObj((row["type"], "System.Object") if row.get("type") else AD_OBJECT_ID, str(value))
    if row["wire"] == "U32":
        return Tag("U32", str(value))
    return value


def _item(item: t.Any) -> t.Any:
    return ValueObj(AD_OBJECT_ID, item.canonical) if isinstance(item, Entry) else item


def _identification(entry: Entry, rows: t.Container[str]) -> dict[str, t.Any]:
    known = configuration_identification(entry)
    return {name: value for name, value in known.items() if name in rows}


def configuration_identification(entry: Entry) -> dict[str, t.Any]:
    """What every configuration object has."""
    return {
        "Identity": entry.name,
        "Id": entry.name,
        "Name": entry.name,
        "DistinguishedName": entry.dn,
        "Guid": entry.guid,
        "WhenChanged": values.local(entry.changed),
        "WhenCreated": values.local(entry.created),
        "WhenChangedUTC": entry.changed,
        "WhenCreatedUTC": entry.created,
        "OriginatingServer": f"dc01.{DOMAIN}",
        "IsValid": True,
        "ObjectState": "Unchanged",
        "ExchangeVersion": "0.1 (8.0.535.0)",
        "OrganizationId": "",
    }
