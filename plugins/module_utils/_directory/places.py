# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where objects are: organizational units and containers."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession

USERS = "A9D1CA15768811D1ADED00C04FD8D5CD"
"""The container that new accounts get where nobody says another one ([MS-ADTS] 6.1.1.4)."""


def require(session: DirectorySession, place: str) -> None:
    """Raises UsageError where the place is not there."""
    try:
        session.search(place, scope="base", attributes=("objectClass",))
    except NotFound:
        raise UsageError(f"path: there is no {place}", target=session.target, advice="Make it with m365.hybrid.ad_organizational_unit") from None


def domain(session: DirectorySession) -> str:
    """The distinguished name of the domain."""
    found = session.search("", scope="base", attributes=("defaultNamingContext",)).output
    if not found or not found[0].get("defaultNamingContext"):
        raise UsageError("the server names no domain", target=session.target, advice="Is it a domain controller?")
    return str(found[0]["defaultNamingContext"][0])


def usual(session: DirectorySession, well_known: str) -> str:
    """The place of a new object that nobody gave one: what the domain says, which redirusr may have changed; without a name, the domain itself."""
    root = domain(session)
    if not well_known:
        return root
    found = session.search(root, scope="base", attributes=("wellKnownObjects",)).output
    for value in (found[0].get("wellKnownObjects") or ()) if found else ():
        prefix = f"B:32:{well_known}:"
        if str(value).upper().startswith(prefix):
            return str(value)[len(prefix) :]
    return f"CN=Users,{root}"
