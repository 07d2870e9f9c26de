# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cmdlets returned, as the estate that decides about forwarding."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import forwarding_outbound
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding import AcceptedDomain, Estate, Mailbox, Object, Recipient, RemoteDomain, Rule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.online import ENDPOINT

CMDLETS = ("Get-Recipient", "Get-RemoteDomain", "Get-AcceptedDomain", "Get-TransportRule")
_NAMES = ("Identity", "Name", "Alias", "DisplayName", "PrimarySmtpAddress", "Guid", "DistinguishedName")


def estate(reading: Object) -> Estate:
    """The estate out of a reading.

    ``reading`` has ``forwarding`` (mailboxes as M(m365.hybrid.exchange_mailbox_info) returns them), ``declared`` (loop results of the same
    module, one for each declared mailbox) and ``cmdlets`` (loop results of M(m365.hybrid.cmdlet), one for each of `CMDLETS`), and
    for an organization in the cloud what `forwarding_outbound.load` takes.
    """
    output = {str(one["item"]["cmdlet"]): one["output"] for one in reading["cmdlets"]}
    lacking = [name for name in CMDLETS if name not in output]
    if lacking:
        raise HybridError(f"the output of {', '.join(lacking)} is missing, so nothing can be said about forwarding")
    cut = [one["item"]["cmdlet"] for one in reading["cmdlets"] if one.get("truncated")]
    if cut:
        raise HybridError(f"the server returned only a part of what {', '.join(cut)} lists, so nothing can be said about forwarding")
    recipients = tuple(_recipient(one) for one in output["Get-Recipient"])
    by_name: dict[str, list[Recipient]] = {}
    by_address: dict[str, list[Recipient]] = {}
    for one in recipients:
        for name in one.names:
            by_name.setdefault(name, []).append(one)
        for address in one.addresses:
            by_address.setdefault(address, []).append(one)
    cloud = any(one.get("endpoint") == ENDPOINT for one in reading["cmdlets"])
    found = [*reading["forwarding"], *(one for result in reading["declared"] for one in result["mailboxes"])]
    return Estate(
        {one.identity.casefold(): one for one in (mailbox(row, cloud) for row in found)},
        recipients,
        tuple(RemoteDomain(str(one["Name"]), str(one["DomainName"]), one["AutoForwardEnabled"] is True) for one in output["Get-RemoteDomain"]),
        tuple(_accepted_domain(one) for one in output["Get-AcceptedDomain"]),
        tuple(rule for rule in map(_rule, output["Get-TransportRule"]) if rule),
        by_name,
        by_address,
        forwarding_outbound.load(reading, output["Get-Recipient"]) if cloud else None,
    )


def mailbox(found: Object, cloud: bool) -> Mailbox:
    """A mailbox in the form of M(m365.hybrid.exchange_mailbox_info).  On-premises nothing else has the last word about one."""
    return Mailbox(
        str(found["identity"]),
        values.smtp_address(found["primary_smtp_address"]),
        values.text(found["forwarding_address"]),
        values.smtp_address(found["forwarding_smtp_address"]),
        found["deliver_to_mailbox_and_forward"] is True,
        cloud and found["is_dir_synced"] is True and found["is_exchange_cloud_managed"] is not True,
    )


def _recipient(found: Object) -> Recipient:
    addresses = {one.partition(":")[2] for one in _list(found.get("EmailAddresses")) if one[:5].casefold() == "smtp:"}
    primary = values.smtp_address(found.get("PrimarySmtpAddress"))
    names = {str(found[name]) for name in _NAMES if found.get(name)} | addresses
    return Recipient(
        str(found["Identity"]),
        primary,
        values.smtp_address(found.get("ExternalEmailAddress")),
        frozenset(one.casefold() for one in names),
        frozenset(one.casefold() for one in (addresses | {primary}) if one),
    )


def _accepted_domain(found: Object) -> AcceptedDomain:
    name = str(found["DomainName"])
    subdomains = found.get("MatchSubDomains") is True and not name.startswith("*")
    return AcceptedDomain(f"*.{name}" if subdomains else name, values.fold(str(found["DomainType"])) == "authoritative")


def _rule(found: Object) -> Rule | None:
    """The rule when it is in force and stops automatically forwarded messages."""
    if values.fold(str(found.get("State") or "Enabled")) != "enabled" or values.fold(str(found.get("Mode") or "Enforce")) != "enforce":
        return None
    stops = any(found.get(name) for name in ("DeleteMessage", "RejectMessageReasonText", "RejectMessageEnhancedStatusCode", "Quarantine"))
    if not stops or values.fold(str(found.get("MessageTypeMatches") or "")) != "autoforward":
        return None
    return Rule(
        str(found["Name"]),
        values.fold(str(found.get("SentToScope") or "")),
        tuple(_list(found.get("RecipientDomainIs"))),
        tuple(_list(found.get("ExceptIfRecipientDomainIs"))),
    )


def _list(value: t.Any) -> list[str]:
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)]
