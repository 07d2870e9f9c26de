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
    "trusted_recipients_and_domains": "max_safe_senders",
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
        _refuse_both(asked)
        self._refuse_too_many(session, options, asked, current or {})
        return wanted

    def _refuse_too_many(self, session: Session, options: Options, asked: dict[str, lists.Wanted], current: plan.State) -> None:
        """Exchange would refuse a list that is longer than the mailbox allows, and say less about it."""
        after = {name: lists.apply(name, request, current[name], _key) for name, request in asked.items()}
        growing = {name: found for name, found in after.items() if len(found) > len(current[name])}
        if not growing:
            return
        answer = session.invoke("Get-Mailbox", self.identity(options) | common(options), properties=("MaxSafeSenders", "MaxBlockedSenders"))
        mailbox = {values.fold(name): value for name, value in single(answer, "Get-Mailbox", session.target, self.label(options)).items()}
        for name, found in growing.items():
            limit = values.integer(mailbox.get(values.fold(LIMITS[name])))
            if limit is not None and len(found) > limit:
                advice = f"Remove entries, or raise {LIMITS[name]} of the mailbox (Set-Mailbox -{values.pascal(LIMITS[name])})"
                raise UsageError(f"{name} would have {len(found)} entries, and the mailbox allows {limit}", advice=advice)

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if "JunkEmailValidation" in f"{error.error_id} {error.error_type}":
            error.advice = "Each entry must be an address or a domain, and a trusted sender none of the organization's own"
        return super().explain(error, call)


def _refuse_odd(option: str, request: lists.Wanted) -> None:
    for one in (*(request.exact or ()), *request.add):
        if not _ENTRY.fullmatch(one):
            raise UsageError(f"{option}: '{one}' is neither an address such as someone@partner.example nor a domain such as partner.example")


def _refuse_both(asked: dict[str, lists.Wanted]) -> None:
    trusted, blocked = (
        {_key(one) for one in (*(asked[name].exact or ()), *asked[name].add)} if name in asked else set()
        for name in ("trusted_senders_and_domains", "blocked_senders_and_domains")
    )
    if trusted & blocked:
        raise UsageError(f"{', '.join(sorted(trusted & blocked))} would be both a trusted and a blocked sender")
