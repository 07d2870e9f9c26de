# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of the organisation: EX01 is licensed, EX02 is a trial edition."""

from __future__ import annotations

import re
import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, found
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, DOMAIN, Entry, Store, configuration_keys, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.shapes import EXCHANGE_SERVER, defaults
from hybridlab.records import Record, Warned

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

SERVER_DN = f"CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,{CONFIGURATION_DN}"
ROWS = table("""
CustomerFeedbackEnabled            bool?  -
DataCollectionEnabled              bool   true
ErrorReportingEnabled              bool   true
InternetWebProxy                   text?  -
InternetWebProxyBypassList         texts
MitigationsApplied                 texts
MitigationsBlocked                 texts
MitigationsEnabled                 bool   true
MonitoringGroup                    text   ""
StaticConfigDomainController       text   ""
StaticDomainControllers            texts
StaticExcludedDomainControllers    texts
StaticGlobalCatalogs               texts
""")
# The beginnings of keys that the lab takes, and the edition that each stands for; a real key does not show its edition.
EDITIONS = {"STAND": "Standard", "ENTER": "Enterprise", "HYBRD": "Coexistence"}
_RANK = {"StandardEvaluation": 0, "EnterpriseEvaluation": 0, "Coexistence": 1, "Standard": 1, "Enterprise": 2}
_ROLES = ("IsClientAccessServer", "IsE14OrLater", "IsExchange2007OrLater", "IsFrontendTransportServer", "IsHubTransportServer", "IsMailboxServer")
_WITH_STATUS = ("Static", "Current", "ErrorReporting")
"""Beginnings of the properties that only -Status shows."""


class Servers(Sort):
    noun = "ExchangeServer"
    parent = SERVER_DN
    rows = ROWS
    captured = EXCHANGE_SERVER

    def handlers(self) -> dict[str, Handler]:
        return {"Get-ExchangeServer": self.get, "Set-ExchangeServer": self.set}

    def fresh_store(self) -> Store:
        return Store(keys)

    def seed(self, store: Store) -> None:
        trial: Values = {"Edition": "StandardEvaluation", "IsExchangeTrialEdition": True, "RemainingTrialPeriod": "120.00:00:00", "ProductID": ""}
        for name, license_values in (("EX01", {"Edition": "Enterprise", "ProductID": "02064-110-2345678-12345"}), ("EX02", trial)):
            store.add(self.entry(name, derived_guid("server", name), **(_facts(name) | license_values)))

    def listing(self, call: Call) -> list[Entry]:
        domain = call.parameters.get("Domain")
        return [one for one in found(call, self.store(call)) if domain is None or one.values["Domain"].lower() == domain.lower()]

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        build = entry.values.get("Build", call.server.build)
        properties: Values = {**shown.props, "AdminDisplayVersion": build, "IsE15OrLater": not build.startswith("Version 14")}
        if not call.parameters.get("Status"):
            properties |= {name: None for name in properties if name.startswith(_WITH_STATUS)}
        return Obj(shown.types, properties, string=entry.name)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        known: Values = {}
        if settings.get("InternetWebProxy"):
            if not re.fullmatch(r"https?://[^\s/]+/?", settings["InternetWebProxy"]):
                raise failures.invalid("The InternetWebProxy must be an address such as http://proxy.contoso.com:8080.")
            known["InternetWebProxy"] = settings.pop("InternetWebProxy").rstrip("/") + "/"  # as a System.Uri prints itself
        if "ProductKey" in settings and entry is not None:
            known |= _licensed(settings.pop("ProductKey"), entry)
        return known

    def set(self, call: Call) -> t.Iterable[Record]:
        yield from super().set(call)
        if "ProductKey" in call.parameters:
            yield Warned(
                "The product key has been validated and the product ID has been successfully created. NOTE: This change won't take effect until the "
                "Information Store service has been restarted."
            )


SORT = Servers()


def keys(entry: Entry) -> t.Iterator[str]:
    """A server is found by its full name, too."""
    yield from configuration_keys(entry)
    yield entry.values["Fqdn"]


_CHANGEABLE = {"build": "Build", "edition": "Edition", "site": "Site"}


def change(exchange: Exchange, order: t.Mapping[str, t.Any]) -> Values:
    """What somebody did to a server outside of the organization's cmdlets: ``build`` (as AdminDisplayVersion prints it), ``edition``,
    ``site`` (of Active Directory, by its name).

    Returns what it is.  Raises ValueError for a server or a property that there is not.  ``{"hybrid": false}`` takes the hybrid configuration away.
    """
    if order == {"hybrid": False}:
        store = exchange.objects["HybridConfiguration"]
        for one in store:
            store.remove(one)
        return {"hybrid": False}
    found = next((one for one in exchange.servers if one.name.lower() == str(order.get("server")).lower()), None)
    if found is None:
        raise ValueError(f"{exchange.name} has no server {order.get('server')}")
    unknown = set(order) - {"server", *_CHANGEABLE}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed on {found.name}")
    values: Values = {_CHANGEABLE[name]: str(order[name]) for name in _CHANGEABLE if name in order}
    if "Site" in values:
        values["Site"] = f"{DOMAIN}/Configuration/Sites/{values['Site']}"
    if "Edition" in values:
        values["IsExchangeTrialEdition"] = values["Edition"].endswith("Evaluation")
    exchange.servers.change(found, values)
    return {"server": found.name, **{name: found.values.get(shown) for name, shown in _CHANGEABLE.items()}}


def _licensed(key: str, entry: Entry) -> Values:
    """What a product key makes of a server.  Raises `failures.Refused`."""
    edition = EDITIONS.get(key[:5].upper())
    if not edition or not re.fullmatch(r"[A-Z0-9]{5}(-[A-Z0-9]{5}){4}", key.upper()):
        raise failures.refused("The product key isn't valid. Verify that you have entered it correctly.", "InvalidProductKeyException", "InvalidArgument")
    if _RANK[edition] < _RANK[entry.values["Edition"]]:
        raise failures.refused(f"You can't change the edition of {entry.name} from {entry.values['Edition']} to {edition}.", "InvalidOperationException")
    return {"Edition": edition, "IsExchangeTrialEdition": False, "RemainingTrialPeriod": "00:00:00", "ProductID": "02064-110-7654321-54321"}


def _facts(name: str) -> Values:
    return {
        **{name: value for name, value in defaults(EXCHANGE_SERVER).items() if name not in ROWS},
        "Fqdn": f"{name.lower()}.{DOMAIN}",
        "Domain": DOMAIN,
        "ServerRole": "Mailbox",
        "Site": f"{DOMAIN}/Configuration/Sites/Default-First-Site-Name",
        "OrganizationalUnit": f"{DOMAIN}/{name}",
        "ExchangeLegacyDN": f"/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Configuration/cn=Servers/cn={name}",
        "NetworkAddress": [f"ncacn_ip_tcp:{name.lower()}.{DOMAIN}", f"netbios:{name}"],
        **dict.fromkeys(_ROLES, True),
        "RemainingTrialPeriod": "00:00:00",
        "CurrentDomainControllers": [f"dc01.{DOMAIN}"],
        "CurrentGlobalCatalogs": [f"dc01.{DOMAIN}"],
        "CurrentConfigDomainController": f"dc01.{DOMAIN}",
        "ObjectClass": ["top", "server", "msExchExchangeServer"],
    }
