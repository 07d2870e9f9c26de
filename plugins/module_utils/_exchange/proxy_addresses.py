# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recipient's list of addresses, in which upper-case ``SMTP:`` marks the primary one."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

PRIMARY = "SMTP:"


def kind_and_name(address: str) -> str:
    """Two addresses with equal results are one, whether primary or not."""
    return address.casefold()


def primary_of(addresses: t.Iterable[str]) -> str | None:
    """The primary SMTP address, without its type."""
    return next((one[len(PRIMARY) :] for one in addresses if one.startswith(PRIMARY)), None)


def request(option: str, wanted: lists.Wanted, current: t.Sequence[str], primary: str | None) -> lists.Wanted:
    """The request in the server's own spelling, so that it can be compared with what the server shows.

    ``primary`` is the primary address that another option asks for.  An exact list without ``SMTP:`` keeps the present primary
    address; a new recipient's has its first SMTP address as primary.  The primary address cannot be removed, only replaced.
    """
    named = [primary_of([one]) for one in (*(wanted.exact or ()), *wanted.add)]
    asked = list(dict.fromkeys(one.casefold() for one in named if one))
    if len(asked) > 1 or (primary and asked and asked[0] != primary.casefold()):
        raise UsageError(f"{option} names more than one primary address: {', '.join(asked + ([primary.casefold()] if primary else []))}")
    new = primary or next((one for one in named if one), None)
    present = primary_of(current)
    stays = new or present
    lacking = not new and wanted.exact is not None and present and kind_and_name("smtp:" + present) not in map(kind_and_name, wanted.exact)
    if lacking or (stays and kind_and_name("smtp:" + stays) in map(kind_and_name, wanted.remove)):
        raise UsageError(
            f"{option} removes the primary address {stays}", advice="Name another primary address, with SMTP: in capitals, or with primary_smtp_address"
        )
    if wanted.exact is None and new and not present and not asked:
        # A new recipient gets its primary address by the other option; further ones must not replace what the server gives it.
        return lists.Wanted(add=tuple(one for one in wanted.add if kind_and_name(one) != kind_and_name("smtp:" + new)), remove=wanted.remove)
    if wanted.exact is None and (not new or (present and new.casefold() == present.casefold())):
        spelling = {kind_and_name(one): one for one in current}
        return wanted.map(lambda one: spelling.get(kind_and_name(one), one))
    after = lists.apply(option, wanted, current, kind_and_name)
    first = next((one[len(PRIMARY) :] for one in after if one.lower().startswith("smtp:")), None)
    return lists.Wanted(exact=_mark(after, stays or first))


def _mark(addresses: t.Sequence[str], primary: str | None) -> list[str]:
    """The list with this primary address and no other."""
    if primary is None:
        return list(addresses)
    plain = ["smtp:" + one[len(PRIMARY) :] if one.startswith(PRIMARY) else one for one in addresses]
    rest = [one for one in plain if kind_and_name(one) != kind_and_name("smtp:" + primary)]
    return [PRIMARY + primary, *rest]
