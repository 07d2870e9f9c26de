# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the mail of forwarding mailboxes goes, and why it does not arrive.  Nothing here talks to a server.

Facts (from Microsoft's reference of Set-Mailbox, Set-RemoteDomain and New-TransportRule):
``ForwardingAddress`` names a recipient of the organization, bypasses remote domains and wins over ``ForwardingSmtpAddress``.
``ForwardingSmtpAddress`` is not validated, and messages forwarded by it leave the organization only where the remote domain that covers the
target has ``AutoForwardEnabled``.  In Exchange Online the outbound spam policy of the mailbox decides as well, about both, see `forwarding_outbound`.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding_outbound import Outbound

Object = t.Mapping[str, t.Any]

_ADDRESS = re.compile(r"[^\s]+@[^@\s.]+(\.[^@\s.]+)*")
EVERYTHING = "*"


def specificity(pattern: str, domain: str) -> int:
    """How closely an address space covers a mail domain; -1 where it does not.

    ``contoso.com`` covers itself and no subdomain, ``*.contoso.com`` itself and all subdomains, ``*`` everything.

    >>> [specificity(pattern, "eu.contoso.com") for pattern in ("*", "contoso.com", "*.contoso.com", "eu.contoso.com")]
    [0, -1, 22, 29]
    """
    pattern, domain = pattern.casefold(), domain.casefold()
    if pattern == EVERYTHING:
        return 0
    parent = pattern.removeprefix("*.")
    if pattern == domain:
        return 2 * len(parent) + 1
    within = pattern.startswith("*.") and (domain == parent or domain.endswith("." + parent))
    return 2 * len(parent) if within else -1


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


@dataclasses.dataclass(frozen=True)
class RemoteDomain:
    """A remote domain; ``open`` is its AutoForwardEnabled."""

    name: str
    domain_name: str
    open: bool

    @property
    def label(self) -> str:
        return f"remote domain '{self.name}' ({self.domain_name})"


@dataclasses.dataclass(frozen=True)
class AcceptedDomain:
    """Mail domains the organization accepts mail for; ``authoritative``: a recipient who is not here does not exist."""

    pattern: str
    authoritative: bool


@dataclasses.dataclass(frozen=True)
class Rule:
    """A transport rule that rejects, deletes or quarantines what is forwarded automatically."""

    name: str
    scope: str = ""
    """``innotorganization`` or ``notinorganization`` (folded), empty for any recipient."""
    domains: tuple[str, ...] = ()
    except_domains: tuple[str, ...] = ()

    def may_block(self, domain: str, ours: bool) -> bool:
        """Whether it may apply to a message to the domain.  Conditions about other things (senders, words …) are taken as met."""
        if self.scope and (self.scope == "inorganization") != ours:
            return False
        if self.domains and not _within(self.domains, domain):
            return False
        return not _within(self.except_domains, domain)


def _within(parents: t.Iterable[str], domain: str) -> bool:
    return any(specificity(f"*.{parent}", domain) >= 0 for parent in parents)


@dataclasses.dataclass(frozen=True)
class Recipient:
    """Anything mail-enabled.  ``external`` is where a contact's or mail user's mail goes, empty for others."""

    identity: str
    address: str
    external: str
    names: frozenset[str]
    """By what it can be named, folded."""
    addresses: frozenset[str]
    """Its SMTP addresses, folded."""


@dataclasses.dataclass(frozen=True)
class Mailbox:
    """A mailbox and how it forwards; ``copy`` is DeliverToMailboxAndForward.

    ``synced``: it is in the cloud, and directory synchronisation brings its ForwardingAddress, which is altRecipient in Active Directory.
    """

    identity: str
    address: str
    forwarding_address: str = ""
    forwarding_smtp_address: str = ""
    copy: bool = False
    synced: bool = False

    @property
    def forwards(self) -> bool:
        return bool(self.forwarding_address or self.forwarding_smtp_address)

    @property
    def target(self) -> str:
        """The address or recipient that counts: ForwardingAddress wins."""
        return self.forwarding_address or self.forwarding_smtp_address


@dataclasses.dataclass(frozen=True)
class Destination:
    """Where a forwarded message ends after one mailbox: at a recipient here, or at ``outside``, an address that nobody here has."""

    recipient: Recipient | None = None
    outside: str = ""
    through_contact: bool = False


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why forwarding has no effect: a word for programs, a sentence, and what to do."""

    code: str
    text: str
    advice: str


@dataclasses.dataclass(frozen=True)
class Estate:
    """What decides about forwarding in one organization.  ``mailboxes`` (by folded identity) are those that forward or are asked about."""

    mailboxes: dict[str, Mailbox]
    recipients: tuple[Recipient, ...]
    remote_domains: tuple[RemoteDomain, ...]
    accepted_domains: tuple[AcceptedDomain, ...]
    rules: tuple[Rule, ...]
    by_name: dict[str, list[Recipient]]
    by_address: dict[str, list[Recipient]]
    outbound: Outbound | None = None
    """The outbound spam policies of an organization in the cloud."""

    def covering(self, domain: str) -> RemoteDomain | None:
        """The remote domain whose settings hold for a mail domain: the most specific one."""
        return max(
            (one for one in self.remote_domains if specificity(one.domain_name, domain) >= 0),
            key=lambda one: specificity(one.domain_name, domain),
            default=None,
        )

    def accepted(self, domain: str) -> AcceptedDomain | None:
        """The accepted domain a mail domain belongs to.  ``*`` relays for everybody and makes no domain the organization's own."""
        fitting = [one for one in self.accepted_domains if one.pattern != EVERYTHING and specificity(one.pattern, domain) >= 0]
        return max(fitting, key=lambda one: specificity(one.pattern, domain), default=None)

    def named(self, name: str) -> list[Recipient]:
        """The recipients that a name, alias, address, GUID or DN fits."""
        return self.by_name.get(values.smtp_address(name).casefold(), [])

    def destination(self, mailbox: Mailbox) -> Destination:
        if mailbox.forwarding_address:
            found = self.named(mailbox.forwarding_address)
            return self._follow(found[0], "") if found else Destination()
        return self._follow(None, mailbox.forwarding_smtp_address)

    def _follow(self, recipient: Recipient | None, address: str) -> Destination:
        """Through contacts and mail users, whose mail goes to another address, perhaps of somebody here."""
        passed: list[Recipient] = []
        known = [recipient] if recipient else self.by_address.get(address.casefold(), [])
        while known:
            here = min(known, key=lambda one: bool(one.external))  # who is here goes before a contact with the same address
            if not here.external:
                return Destination(here, "", bool(passed))
            passed.append(here)
            address = here.external
            known = [one for one in self.by_address.get(address.casefold(), []) if one not in passed]
        return Destination(None, address, bool(passed))

    def is_external(self, destination: Destination) -> bool:
        """Whether mail leaves for a domain that is not the organization's."""
        return is_address(destination.outside) and self.accepted(domain_of(destination.outside)) is None

    def loop(self, mailbox: Mailbox) -> list[Mailbox]:
        """The mailboxes that forward in a circle which this one's mail enters, the first one again at the end; empty without a circle."""
        path = [mailbox]
        while path[-1].forwards:
            found = self.destination(path[-1]).recipient
            following = self.mailboxes.get(found.identity.casefold()) if found else None
            if following is None:
                return []
            if following in path:
                return [*path[path.index(following) :], following]
            path.append(following)
        return []

    def blocking_rules(self, destination: Destination) -> list[Rule]:
        address = destination.outside or (destination.recipient.address if destination.recipient else "")
        if not address:
            return []
        ours = not self.is_external(destination)
        return [rule for rule in self.rules if rule.may_block(domain_of(address), ours)]

    def replace(self, mailboxes: t.Iterable[Mailbox] = (), remote_domains: tuple[RemoteDomain, ...] | None = None, outbound: Outbound | None = None) -> Estate:
        """The organization after changes."""
        changed = self.mailboxes | {one.identity.casefold(): one for one in mailboxes}
        domains = self.remote_domains if remote_domains is None else remote_domains
        return dataclasses.replace(self, mailboxes=changed, remote_domains=domains, outbound=outbound or self.outbound)


def reasons(estate: Estate, mailbox: Mailbox) -> list[Reason]:
    """Why a mailbox's forwarding has no effect, or none of one kind; empty when it works as far as can be read."""
    found = []
    if mailbox.forwarding_address and mailbox.forwarding_smtp_address:
        text = f"forwarding_address '{mailbox.forwarding_address}' wins, so nothing goes to {mailbox.forwarding_smtp_address}"
        where = ", forwarding_address as altRecipient in Active Directory" if mailbox.synced else ""
        found.append(Reason("overridden", text, f"Clear the one that is not meant{where}"))
    found += _unreachable(estate, mailbox)
    found += _held_back(estate, mailbox)
    circle = estate.loop(mailbox)
    if circle:
        path = " -> ".join(one.address or one.identity for one in circle)
        found.append(Reason("loop", f"forwarding runs in a circle: {path}", "Let one of these mailboxes forward elsewhere or not at all"))
    for rule in estate.blocking_rules(estate.destination(mailbox)):
        text = f"transport rule '{rule.name}' rejects, deletes or quarantines messages that are forwarded automatically"
        found.append(Reason("transport_rule", text, "Disable the rule or make an exception in it"))
    return found


def _unreachable(estate: Estate, mailbox: Mailbox) -> list[Reason]:
    """Whether there is a way to the target at all."""
    target, destination = mailbox.target, estate.destination(mailbox)
    if mailbox.forwarding_address:
        if destination == Destination():
            return [Reason("unknown_recipient", f"'{target}' is no recipient that Exchange shows", "Forward to a recipient that exists")]
        return []
    if not is_address(target):
        return [Reason("invalid_address", f"'{target}' is not an SMTP address; Exchange does not check it", "Correct the address")]
    if not destination.outside:
        return []
    domain = domain_of(destination.outside)
    accepted = estate.accepted(domain)
    if accepted:
        if accepted.authoritative and not destination.through_contact:
            return [Reason("unknown_recipient", f"{domain} is authoritative here and nobody has the address {target}", "Correct the address")]
        return []
    cover = estate.covering(domain)
    if cover is None or not cover.open:
        where = cover.label if cover else f"no remote domain covers {domain}, which"
        text = f"{target} is outside the organization, and {where} does not let messages be forwarded automatically"
        return [Reason("remote_domain", text, f"Enable auto_forward_enabled in a remote domain for {domain}")]
    return []


def _held_back(estate: Estate, mailbox: Mailbox) -> list[Reason]:
    """Whether the outbound spam policy of the mailbox keeps its mail in the organization, whichever kind of forwarding it has."""
    destination = estate.destination(mailbox)
    if estate.outbound is None or not estate.is_external(destination):
        return []
    found = estate.outbound.verdict(mailbox.address)
    if found.unsure:
        return [Reason("outbound_spam_unknown", found.unsure, "Name the senders of that rule one by one, or make an exception for this mailbox in it")]
    if found.policy.allows:
        return []
    text = f"{destination.outside} is outside the organization, and {found.policy.label} lets nothing be forwarded there"
    advice = (
        "Let this sender forward by a policy and a rule of its own; the default policy would let everybody"
        if found.policy.default
        else (f"Make an exception in the policy's rule '{found.rule.name if found.rule else ''}', and a policy and a rule that let this sender forward")
    )
    return [Reason("outbound_spam_policy", text, advice)]


def report(estate: Estate) -> list[dict[str, t.Any]]:
    """Every mailbox whose forwarding is ineffective, with the reasons."""
    rows = []
    for mailbox in estate.mailboxes.values():
        found = reasons(estate, mailbox) if mailbox.forwards else []
        if found:
            row = {"mailbox": mailbox.address or mailbox.identity, "identity": mailbox.identity}
            row |= {"forwarding_address": mailbox.forwarding_address, "forwarding_smtp_address": mailbox.forwarding_smtp_address}
            rows.append({**row, "reasons": [{"reason": one.code, "text": one.text, "advice": one.advice} for one in found]})
    return sorted(rows, key=lambda row: row["mailbox"].casefold())
