# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for proxyAddresses: the directory compares them without case, but the case of the type says which one is the primary."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

OPTION = "proxy_addresses"
_PRIMARY = "SMTP:"


def settled(request: lists.Wanted, before: t.Sequence[str]) -> lists.Wanted:
    """The request as the directory can take it: one that is added replaces the same one of the other case, and removing one removes it in either.

    Raises UsageError for an address that is named twice, and for two primary ones, which no Exchange and no synchronisation takes.
    """
    key = values.PROXY_ADDRESS.key
    named = {one.casefold() for one in request.remove}
    added = {one.casefold(): one for one in request.add}
    other = [one for one in before if one.casefold() in named or key(added.get(one.casefold(), one)) != key(one)]
    found = lists.Wanted(request.exact, request.add, (*(one for one in request.remove if one not in other), *other))
    after = lists.apply(OPTION, found, before, key)
    twice = next((one for one in after if [each.casefold() for each in after].count(one.casefold()) > 1), None)
    if twice is not None:
        raise UsageError(f"{OPTION} has {twice.partition(':')[2]} twice, as the primary address and as another")
    primary = [one for one in after if one.startswith(_PRIMARY)]
    if len(primary) > 1:
        raise UsageError(
            f"{OPTION} would have {len(primary)} primary addresses: {' and '.join(primary)}", advice="Add the present one in small letters (smtp:)"
        )
    return found
