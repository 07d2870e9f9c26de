# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Set-MailboxJunkEmailConfiguration does otherwise than the rule says: entries of lists, and how many there may be."""

from __future__ import annotations

import re

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

LIMITS = {
    "trusted_senders_and_domains": "max_safe_senders",
    "blocked_senders_and_domains": "max_blocked_senders",
}
"""Each list, and the option of exchange_mailbox that says how many entries it may have."""

_ENTRY = re.compile(r"([^@\s]+@|@)?[^@\s.]+(\.[^@\s.]+)+")


def _key(value: str) -> str:
    """A domain is the same with and without the ``@`` before it."""
    return value.casefold().removeprefix("@")


ENTRY = values.Codec(lambda value: values.text(value).strip(), _key)
FIELDS = tuple(Field(name, codec=values.members(ENTRY)) for name in LIMITS)


class JunkEmail(CmdletResource):
    """The junk e-mail settings of one mailbox."""

    facts = ()
    owners = ("Mailbox",)

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        asked = {name: wanted[name] for name in LIMITS if name in wanted}
        for name, request in asked.items():
            _refuse_odd(name, request)
        _refuse_both(asked, current or {})
        self._refuse_impossible(session, options, asked, current or {})
        return wanted

    def _refuse_impossible(self, session: Session, options: Options, asked: dict[str, lists.Wanted], current: plan.State) -> None:
        """Exchange would refuse what follows, and say less about it.  What a list has already it keeps without a word."""
        after = {name: lists.apply(name, request, current[name], _key) for name, request in asked.items()}
        new = {name: lists.difference(current[name], found, _key)[0] for name, found in after.items()}
        if not any(new.values()):
            return
        wanted = ("MaxSafeSenders", "MaxBlockedSenders", "EmailAddresses")
        answer = session.invoke("Get-Mailbox", self.identity(options) | common(options), properties=wanted)
        mailbox = {values.fold(name): value for name, value in single(answer, "Get-Mailbox", session.target, self.label(options)).items()}
        own = [values.smtp_address(one).casefold() for one in mailbox["emailaddresses"] if str(one).casefold().startswith("smtp:")]
        for name, entries in new.items():
            _refuse_own(name, entries, own)
            limit = values.integer(mailbox.get(values.fold(LIMITS[name])))
            if limit is not None and len(after[name]) > max(limit, len(current[name])):
                advice = f"Remove entries, or raise {LIMITS[name]} of the mailbox (Set-Mailbox -{values.pascal(LIMITS[name])})"
                raise UsageError(f"{name} would have {len(after[name])} entries, and the mailbox allows {limit}", advice=advice)

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if any(kind in f"{error.error_id} {error.error_type}" for kind in ("JunkEmailValidation", "PropertyValidation")):
            error.advice = "Each entry must be an address or a domain, and none of the organization's own, whose messages are not treated as junk anyway"
        return super().explain(error, call)


def _refuse_odd(option: str, request: lists.Wanted) -> None:
    for one in (*(request.exact or ()), *request.add):
        if not _ENTRY.fullmatch(one):
            raise UsageError(f"{option}: '{one}' is neither an address such as someone@partner.example nor a domain such as partner.example")


def _refuse_own(option: str, entries: list[str], own: list[str]) -> None:
    """No list takes the mailbox's own addresses and their domains, and the trusted one no address of such a domain."""
    domains = {one.partition("@")[2] for one in own}
    for entry in entries:
        domain = _key(entry).rpartition("@")[2]
        if domain in domains and (option == "trusted_senders_and_domains" or _key(entry) in (*own, *domains)):
            raise UsageError(f"{option}: '{entry}' is of the mailbox's own domain {domain}, whose messages are not treated as junk anyway")


def _refuse_both(asked: dict[str, lists.Wanted], current: plan.State) -> None:
    """Exchange lets an entry be in both lists; nobody means that.  What is so already may be written down as it is."""
    trusted, blocked = ({_key(one) for one in (*(asked[name].exact or ()), *asked[name].add)} if name in asked else set() for name in LIMITS)
    trusted_now, blocked_now = ({_key(one) for one in current.get(name) or ()} for name in LIMITS)
    both = sorted((trusted & blocked) - (trusted_now & blocked_now))
    if both:
        raise UsageError(f"{', '.join(both)} would be both a trusted and a blocked sender")
