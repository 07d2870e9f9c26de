# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxy addresses: one primary SMTP address among them, marked by an upper-case prefix."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.directory import Entry, Store
from hybridlab.exchange.settings import unique

POLICY_WARNING = (
    "Couldn't update the primary SMTP address because this mailbox is configured to use an email address policy. To disable the email address "
    "policy for this mailbox, run the command with the EmailAddressPolicyEnabled parameter set to $false."
)


def prefixed(address: str) -> str:
    """With a prefix: ``user@contoso.com`` is a secondary SMTP address."""
    head, colon, _ = address.partition(":")
    return address if colon and head.isalnum() else f"smtp:{address}"


def bare(address: str) -> str:
    return prefixed(address).partition(":")[2]


def is_smtp(address: str) -> bool:
    return address[:5].lower() == "smtp:"


def primary_of(addresses: t.Iterable[str]) -> str:
    """The primary SMTP address without its prefix, or an empty string."""
    return next((bare(address) for address in addresses if address.startswith("SMTP:")), "")


def with_primary(addresses: t.Iterable[str], primary: str) -> list[str]:
    """The same addresses with this one as the primary; the former primary stays as a secondary."""
    others = [
        f"smtp:{bare(address)}" if is_smtp(address) else address for address in addresses if bare(address).lower() != primary.lower() or not is_smtp(address)
    ]
    return [f"SMTP:{primary}", *others]


def merged(current: list[str], value: t.Any) -> list[str]:
    """The addresses after a whole list or Add and Remove.  Raises `failures.Refused`."""
    if not isinstance(value, dict):
        return _whole([str(item) for item in value or []])
    removed = {prefixed(item).lower() for item in value.get("Remove", [])}
    if any(address.startswith("SMTP:") and address.lower() in removed for address in current):
        raise failures.invalid(f"The primary SMTP address '{primary_of(current)}' can't be removed. Set another primary address first.")
    kept = [address for address in current if address.lower() not in removed]
    for address in map(prefixed, value.get("Add", [])):
        if address.startswith("SMTP:"):
            kept = with_primary(kept, bare(address))
        elif address.lower() not in {known.lower() for known in kept}:
            kept.append(address)
    return kept


def _whole(items: list[str]) -> list[str]:
    addresses = unique(sorted(map(prefixed, items), key=lambda address: not address.startswith("SMTP:")))
    primaries = [address for address in map(prefixed, items) if address.startswith("SMTP:")]
    if len({address.lower() for address in primaries}) > 1:
        raise failures.invalid(f"There are multiple primary proxy addresses of type SMTP: {', '.join(primaries)}. Specify one.")
    if primaries:
        return addresses
    first = next((prefixed(item) for item in items if is_smtp(prefixed(item))), None)
    if first is None:
        raise failures.invalid("The list of email addresses has no SMTP address; a mail-enabled recipient needs a primary one.")
    return with_primary(addresses, bare(first))


def check(addresses: t.Iterable[str], owner: Entry | None, recipients: Store, accepted: Store, outside: t.Container[str] = (), *, online: bool = False) -> None:
    """Every address is free, well formed and, unless it is one from ``outside`` (lower case), in an accepted domain.  Raises `failures.Refused`.

    Exchange Online (``online``) does not take what somebody else signs in with, either.
    """
    for address in addresses:
        local, at, domain = bare(address).rpartition("@")
        if is_smtp(address):
            if not at or not local or any(character in bare(address) for character in ' \t\r\n<>()[],;"'):
                raise failures.invalid(f"The address '{bare(address)}' is invalid: \"{bare(address)}\" isn't a valid SMTP address.")
            if bare(address).lower() not in outside and not covered(domain, accepted):
                raise failures.domain_not_accepted(domain)
        for other in recipients.known(bare(address)):
            name = str(other.values.get("UserPrincipalName")).lower() if online and is_smtp(address) else None
            if other is not owner and (bare(address).lower() == name or address.lower() in {known.lower() for known in other.values.get("EmailAddresses", ())}):
                raise failures.proxy_in_use(address, other.canonical)


def covered(domain: str, accepted: Store) -> bool:
    """Whether an accepted domain, or one that matches subdomains, covers the domain."""
    low = domain.lower()
    for entry in accepted:
        name = entry.values["DomainName"].lower()
        plain = name.removeprefix("*.")
        below = low.endswith(f".{plain}") and (name.startswith("*.") or entry.values.get("MatchSubDomains"))
        if low == plain or below or name == "*":
            return True
    return False
