# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of sharing policies: a domain has one line, and one policy is the default one."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

ACTIONS = ("CalendarSharingFreeBusySimple", "CalendarSharingFreeBusyDetail", "CalendarSharingFreeBusyReviewer", "ContactsSharing")
_BY_FOLD = {values.fold(one): one for one in ACTIONS}


def line(value: t.Any) -> str:
    """``adatum.com:CalendarSharingFreeBusyDetail, ContactsSharing``; a domain alone, to remove it, has no actions.

    >>> line("adatum.com: contacts_sharing, calendarsharingfreebusysimple")
    'adatum.com:CalendarSharingFreeBusySimple, ContactsSharing'
    """
    domain, _colon, rest = values.text(value).strip().partition(":")
    found = [_BY_FOLD.get(values.fold(one.strip()), one.strip()) for one in rest.split(",") if one.strip()]
    ordered = [one for one in ACTIONS if one in found] + sorted(one for one in dict.fromkeys(found) if one not in ACTIONS)
    return f"{domain.strip()}:{', '.join(ordered)}" if ordered else domain.strip()


def domain_of(text: str) -> str:
    return text.partition(":")[0].casefold()


def actions_of(text: str) -> list[str]:
    return [one for one in text.partition(":")[2].split(", ") if one]


FIELDS = (Field("domains", codec=values.members(values.Codec(line, str.casefold))),)


class SharingPolicy(CmdletResource):
    """A policy.  A domain that is added replaces its line, and a domain is removed whatever may be shared with it."""

    needed = ("domains",)
    context = ()

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("default") is False and (current or {}).get("default"):
            raise UsageError(f"{self.label(options)} is the default policy", advice="Make another policy the default one with default: true")
        if "domains" in wanted:
            _refuse_unknown(wanted["domains"])
            wanted["domains"] = lists.one_each("domains", wanted["domains"], (current or {}).get("domains") or (), domain_of, str.casefold)
        return wanted


def _refuse_unknown(request: lists.Wanted) -> None:
    """To be shared with, a domain needs something that may be shared."""
    asked = [*(request.exact or ()), *request.add]
    wrong = [one for one in asked if not actions_of(one) or set(actions_of(one)) - set(ACTIONS)]
    if wrong:
        example = f"'adatum.com: {ACTIONS[0]}'"
        raise UsageError(f"domains: {wrong[0]!r} is not a domain with what may be shared, such as {example}; there are {', '.join(ACTIONS)}")
