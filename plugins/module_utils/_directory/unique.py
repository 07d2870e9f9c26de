# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that no two objects may have, looked up before anything is written, so that the other object can be named.

A domain controller refuses a second account name or principal name without saying whose it is, and it does not refuse an address twice at
all: that is found out when mail is lost or when the directory does not synchronise.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import names

_UNIQUE = ("sAMAccountName", "userPrincipalName", "proxyAddresses")


def check(session: DirectorySession, written: t.Mapping[str, str], wanted: plan.State, current: plan.State | None) -> None:
    """Raises UsageError that names the object which has a name already.  ``written`` are the attributes of the wanted options."""
    new = [(name, value) for name, attribute in written.items() if attribute in _UNIQUE for value in _new(wanted[name], (current or {}).get(name))]
    if not new:
        return
    clauses = "".join(f"({written[name]}={names.literal(value)})" for name, value in new)
    for other in session.search(None, f"(|{clauses})", attributes=_UNIQUE).output:
        for name, value in new:
            if value.casefold() in (str(one).casefold() for one in other.get(written[name], ())):
                raise UsageError(f"{name.removeprefix('attributes.')}: {other['dn']} has {value} already", target=session.target)


def _new(wanted: t.Any, before: t.Any) -> list[str]:
    """The values that the object does not have yet."""
    had = {str(one).casefold() for one in (before if isinstance(before, list) else [before] if before else [])}
    given = [*(wanted.exact or ()), *wanted.add] if isinstance(wanted, lists.Wanted) else [wanted] if wanted else []
    return [str(values.plain(one)) for one in given if str(one).casefold() not in had]
