# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it takes so that mailboxes forward as declared, and why it is refused.  Nothing here talks to a server."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import forwarding, forwarding_domains, forwarding_reading
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding import Estate, Mailbox, Object
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding_senders import Senders

NOTHING: dict[str, list[t.Any]] = {"policies": [], "rules": []}
OPTIONS = ("forwarding_address", "forwarding_smtp_address", "deliver_to_mailbox_and_forward")


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What is declared, and what is acknowledged."""

    mailboxes: t.Sequence[Object] = ()
    remote_domains: t.Sequence[Object] = ()
    open_default: bool = False
    clear_forwarding_address: bool = False
    accept_external: bool = False
    accept_no_copy: bool = False
    accept_rules: t.Sequence[str] = ()
    outbound_policy: str = "Forwarding allowed"

    @staticmethod
    def load(given: Object) -> Wishes:
        """From a dictionary; raises UsageError for a key that does not exist."""
        known = {field.name for field in dataclasses.fields(Wishes)}
        if set(given) - known:
            raise UsageError(f"{', '.join(sorted(set(given) - known))} cannot be wished; there are {', '.join(sorted(known))}")
        switches = {name: bool(values.boolean(value)) for name, value in given.items() if isinstance(getattr(Wishes, name), bool)}
        return Wishes(**(dict(given) | switches))


@dataclasses.dataclass(frozen=True)
class Change:
    """One declared mailbox before and after."""

    before: Mailbox
    after: Mailbox

    @property
    def differing(self) -> list[str]:
        """The options that differ."""
        before, after = as_options(self.before), as_options(self.after)
        return [name for name in OPTIONS if not forwarding_domains.same(before[name], after[name])]


def as_options(mailbox: Mailbox) -> dict[str, t.Any]:
    """What exchange_mailbox takes to make the mailbox forward like this."""
    settings = (mailbox.forwarding_address, mailbox.forwarding_smtp_address, mailbox.copy)
    return {"identity": mailbox.address or mailbox.identity, **dict(zip(OPTIONS, settings, strict=True))}


def make(reading: Object, wishes: Wishes, settings: Object) -> dict[str, t.Any]:
    """The plan; filter/forwarding_plan.yml says what it holds.

    ``settings`` are remote domains by name as exchange_remote_domain returns them; those that ``sources`` names are needed.
    """
    problems: list[str] = []
    estate = forwarding_reading.estate(reading)
    changes = _changes(estate, reading["declared"], wishes, problems)
    domains = forwarding_domains.Domains(estate, settings, wishes.open_default, problems)
    domains.declare(wishes.remote_domains)
    after = estate.replace(mailboxes=[change.after for change in changes])
    for change in changes:
        domains.admit(change.after.address, after.destination(change.after), change.after)
    senders = _senders(after, changes, wishes, problems)
    after = after.replace(remote_domains=domains.after, outbound=senders.after if senders else None)
    domains.refuse_closing(after)
    for change in changes:
        problems += [f"mailbox {change.after.address}: {problem}" for problem in _refusals(after, change, wishes)]
    changing = [change for change in changes if change.differing]
    saved = [{name: value for name, value in as_options(change.before).items() if name in ("identity", *change.differing)} for change in changing]
    return {
        "problems": list(dict.fromkeys(problems)),
        "sources": domains.sources,
        "groups": estate.outbound.unread if estate.outbound else [],
        "open": domains.opening,
        "open_senders": senders.opening if senders else NOTHING,
        "mailboxes": [as_options(change.after) for change in changing],
        "close": domains.closing,
        "close_senders": senders.closing if senders else NOTHING,
        "saved": {"mailboxes": saved, "remote_domains": domains.saved, **(senders.saved if senders else {})},
        "differences": [*domains.differences, *(senders.differences if senders else ()), *(one for change in changing for one in _differences(change))],
        "facts": [*domains.facts, *(senders.facts if senders else ()), *(_fact(change.after) for change in changes)],
        "report": forwarding.report(after),
    }


def _senders(after: Estate, changes: t.Iterable[Change], wishes: Wishes, problems: list[str]) -> Senders | None:
    """What lets the declared mailboxes forward outside; None on-premises, where nothing more is needed."""
    if after.outbound is None:
        return None
    senders = Senders(after.outbound, wishes.outbound_policy, problems)
    for change in changes:
        if change.after.forwards and after.is_external(after.destination(change.after)):
            senders.admit(change.after.address)
        else:
            senders.release(change.after.address)
    return senders


def _differences(change: Change) -> t.Iterator[str]:
    before, after = as_options(change.before), as_options(change.after)
    for name in change.differing:
        yield f"mailbox {change.after.address}: {name} is '{before[name]}' and is to be '{after[name]}'"


def _fact(mailbox: Mailbox) -> str:
    copy = "keeps a copy" if mailbox.copy else "keeps no copy"
    return f"mailbox {mailbox.address} forwards to {mailbox.target} and {copy}" if mailbox.forwards else f"mailbox {mailbox.address} does not forward"


# What is declared


def _changes(estate: Estate, declared: t.Iterable[Object], wishes: Wishes, problems: list[str]) -> list[Change]:
    changes: dict[str, Change] = {}
    for result in declared:
        item, found = result["item"], [estate.mailboxes[str(one["identity"]).casefold()] for one in result["mailboxes"]]
        present = item.get("state", "present") == "present"
        if not found and not present:
            continue
        if len(found) != 1:
            what = "there is no such mailbox" if not found else f"{len(found)} mailboxes answer to it"
            problems.append(f"mailbox {item['identity']}: {what}. Name one mailbox by its address")
            continue
        (before,) = found
        if before.identity.casefold() in changes:
            problems.append(f"mailbox {item['identity']}: it is declared twice. Declare it once")
            continue
        try:
            after = _wanted(estate, item, before) if present else _without(item, before)
        except UsageError as error:
            problems.append(f"mailbox {item['identity']}: {error.text}. {error.advice}")
            continue
        changes[before.identity.casefold()] = Change(before, after)
        if before.synced and before.forwarding_address.casefold() != after.forwarding_address.casefold():
            problems.append(_mastered(before, after))
            continue
        if before.forwarding_address and before.forwarding_address.casefold() != after.forwarding_address.casefold() and not wishes.clear_forwarding_address:
            problems.append(
                f"mailbox {before.address}: it forwards to the recipient '{before.forwarding_address}', which is declared otherwise. "
                "Set mail_forwarding_clear_forwarding_address: true when that shall end"
            )
    return list(changes.values())


def _mastered(before: Mailbox, after: Mailbox) -> str:
    """Why a synchronised mailbox's ForwardingAddress is not changed in the cloud, and where it is."""
    todo = f"Make it the DN of '{after.forwarding_address}' there" if after.forwarding_address else "Clear it there"
    instead = ", or declare forwarding_smtp_address, which is kept in the cloud" if not before.forwarding_address else ""
    return (
        f"mailbox {before.address}: it is synchronised, so its forwarding_address is the attribute altRecipient of its account in on-premises Active "
        f"Directory, which no Exchange cmdlet changes for a mailbox in the cloud. {todo}, and run directory synchronisation{instead}"
    )


def _without(item: Object, before: Mailbox) -> Mailbox:
    """The mailbox when it does not forward; Exchange's default for the copy comes with that."""
    if item.get("forwarding_address") or item.get("forwarding_smtp_address"):
        raise UsageError("state absent stands beside a target", advice="Give one of them")
    return dataclasses.replace(before, forwarding_address="", forwarding_smtp_address="", copy=before.copy and not before.forwards)


def _wanted(estate: Estate, item: Object, before: Mailbox) -> Mailbox:
    """The mailbox as declared: one target, and a copy unless it says otherwise."""
    recipient, address = values.text(item.get("forwarding_address")), values.smtp_address(item.get("forwarding_smtp_address"))
    if bool(recipient) == bool(address):
        raise UsageError("it needs either forwarding_address or forwarding_smtp_address", advice="Give one of them, or state: absent to end forwarding")
    copy = item.get("deliver_to_mailbox_and_forward")
    after = dataclasses.replace(before, forwarding_address="", forwarding_smtp_address=address, copy=True if copy is None else bool(values.boolean(copy)))
    if not recipient:
        return after
    found = estate.named(recipient)
    if len(found) != 1:
        what = "no recipient answers" if not found else f"{len(found)} recipients answer"
        raise UsageError(f"{what} to forwarding_address '{recipient}'", advice="Name one recipient by its address")
    return dataclasses.replace(after, forwarding_address=found[0].identity)


SAID = frozenset(("transport_rule", "remote_domain", "outbound_spam_policy", "outbound_spam_unknown"))
"""Reasons that are refused elsewhere, or more precisely."""


def _refusals(after: Estate, change: Change, wishes: Wishes) -> t.Iterator[str]:
    """Why a mailbox may not forward as declared, in the organization as it would be."""
    mailbox = change.after
    if not mailbox.forwards:
        return
    accepted = {name.casefold() for name in wishes.accept_rules}
    rules = [rule.name for rule in after.blocking_rules(after.destination(mailbox)) if rule.name.casefold() not in accepted]
    for reason in forwarding.reasons(after, mailbox):
        if reason.code not in SAID:
            yield f"{reason.text}. {reason.advice}"
    for name in rules:
        yield (
            f"transport rule '{name}' may reject, delete or quarantine what it forwards. Disable the rule, make an exception in it, or name it in "
            "mail_forwarding_accept_rules"
        )
    if after.is_external(after.destination(mailbox)) and not wishes.accept_external:
        yield f"{after.destination(mailbox).outside} is outside the organization. Set mail_forwarding_accept_external: true when mail may leave it"
    if not mailbox.copy and not wishes.accept_no_copy:
        yield "no copy of forwarded messages would stay in it. Set mail_forwarding_accept_no_copy: true when that is meant"
