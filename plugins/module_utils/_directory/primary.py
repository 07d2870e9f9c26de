# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Membership in the primary group, which no list of members shows: it is a number of the account.

A domain controller refuses such a member a second time, and does not take it away.  Source: [MS-ADA3] 2.120 (primaryGroupID).
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry

ATTRIBUTE = "primaryGroupID"
USERS = 513
"""The number of Domain Users, which new accounts get."""


def is_in(group_sid: t.Any, account_sid: t.Any, number: t.Any) -> bool:
    """Whether a group is the primary one of an account, by their SIDs and the account's number."""
    domain, _dash, rid = str(group_sid or "").rpartition("-")
    return bool(domain) and rid == str(number) and domain == str(account_sid or "").rpartition("-")[0]


def without(option: str, request: lists.Wanted, holds: t.Callable[[t.Any], bool]) -> lists.Wanted:
    """The request without what the primary group holds already.  Raises UsageError where it shall be taken away."""
    fixed = next((one for one in request.remove if holds(one)), None)
    if fixed is not None:
        raise UsageError(f"{option}: {fixed} cannot be removed, because this is about a primary group", advice="Give the account another primary group first")
    exact = None if request.exact is None else [one for one in request.exact if not holds(one)]
    return lists.Wanted(exact, tuple(one for one in request.add if not holds(one)), request.remove)


def first(entry: Entry, attribute: str) -> t.Any:
    return (entry.get(attribute) or [None])[0]
