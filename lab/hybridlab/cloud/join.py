# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a fresh directory and a fresh Exchange organization become one tenant: domains, people and groups of both on both sides."""

from __future__ import annotations

import typing as t

from hybridlab.cloud.link import CONTACT, GROUPS, PEOPLE, SIGN_IN, Link
from hybridlab.exchange import Exchange
from hybridlab.exchange.audit_log import Event
from hybridlab.exchange.directory import DOMAIN, EPOCH, Entry, Store, derived_guid
from hybridlab.exchange.domains import accepted_entry
from hybridlab.graph import Graph, searches, seed
from hybridlab.graph.tenant import Tenant, Values, derived

_SERVICES = {"AzureActiveDirectory": "AzureActiveDirectory", "SharePointFileOperation": "SharePoint"}
"""Which service writes entries of a record type; the others are Exchange's."""


def join(directory: Graph, exchange: Exchange) -> Link:
    """Join two fresh ones.  Nothing of it is in the directory's log."""
    tenant = directory.tenant
    if tenant.domain != DOMAIN:
        _rename(exchange, tenant.domain)
    _domains(tenant, exchange)
    link = Link(directory, exchange)
    exchange.recipients.touched.clear()
    _people(tenant, exchange.recipients, link)
    link.from_exchange()
    for entry in exchange.recipients:
        entry.changed = EPOCH
    tenant.audits.clear()
    tenant.unified = lambda: [_record(one) for one in exchange.audit_log.events] if exchange.audit_log.recording else []
    return link


def _record(event: Event) -> Values:
    """An entry of the unified audit log as Microsoft Graph shows it."""
    data = event.content
    address = data.get("ClientIP") or data.get("ClientIPAddress")
    time = event.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return searches.record(event.identity, time, event.kind, _SERVICES.get(event.kind, "Exchange"), event.user, data, address)


def _rename(exchange: Exchange, domain: str) -> None:
    """The organization is seeded as Contoso's; a tenant of another name has its own domain instead."""
    for entry in exchange.recipients:
        _put(exchange.recipients, entry, {name: _renamed(value, domain) for name, value in entry.values.items()})
    for entry in exchange.accepted_domains:
        exchange.accepted_domains.remove(entry)
    guid = derived_guid("accepted", domain)
    exchange.accepted_domains.add(accepted_entry(domain, domain, guid, EPOCH, Default=True, InitialDomain=True))


def _renamed(value: t.Any, domain: str) -> t.Any:
    if isinstance(value, list):
        return [_renamed(item, domain) for item in value]
    return value.replace(f"@{DOMAIN}", f"@{domain}") if isinstance(value, str) else value


def _domains(tenant: Tenant, exchange: Exchange) -> None:
    """The verified domains are the accepted ones."""
    accepted = exchange.accepted_domains
    names = {entry.values["DomainName"] for entry in accepted}
    for domain in tenant.domains.values():
        if domain["isVerified"] and domain["id"] not in names:
            accepted.add(accepted_entry(domain["id"], domain["id"], derived_guid("accepted", domain["id"]), EPOCH))
    for entry in accepted:
        domain = tenant.domains.setdefault(entry.values["DomainName"], seed.domain(entry.values["DomainName"], isVerified=True))
        entry.values["InitialDomain"] = domain["isInitial"]


def _people(tenant: Tenant, recipients: Store, link: Link) -> None:
    by_name = {entry.values["UserPrincipalName"].casefold(): entry for entry in recipients if entry.kind in PEOPLE}
    for user in tenant.all("user"):
        entry = by_name.pop(user.name.casefold(), None)
        if entry is not None:
            _put(recipients, entry, {"ExternalDirectoryObjectId": user.id, **_signs_in(entry)})
            link.entries[user.id] = entry
        else:
            link.from_directory(user)
    for entry in by_name.values():
        _put(recipients, entry, {"ExternalDirectoryObjectId": derived(entry.values["UserPrincipalName"]), **_signs_in(entry)})
    for entry in recipients:
        if entry.kind in (*GROUPS, CONTACT):
            _put(recipients, entry, {"ExternalDirectoryObjectId": derived(tenant.domain, entry.name)})


def _signs_in(entry: Entry) -> dict[str, str]:
    return dict.fromkeys(SIGN_IN, entry.values["UserPrincipalName"])


def _put(recipients: Store, entry: Entry, values: dict[str, t.Any]) -> None:
    recipients.remove(entry)
    entry.values.update(values)
    recipients.add(entry)
