# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All objects of a kind, or those of certain names, in one search."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DESCRIPTOR, RIGHTS, DirectoryResource


def properties(resource: DirectoryResource, used: t.Collection[str] | None) -> list[str]:
    """The attributes to ask for, given the options that will be compared; None means all of them.

    Attributes without an option are known only when a task names them, and then all is read: an object of the list would lack them.
    """
    asked = set(resource.properties({} if used is None else dict.fromkeys(used, True)))
    if used is None:
        return sorted(asked)
    needed = {one.write for name, one in resource.attributes.items() if name in used and name not in RIGHTS}
    keys = {*resource.facts, *resource.by, "objectClass", *resource.companions}
    return sorted((asked & (needed | keys)) | ({DESCRIPTOR} & asked))


def everything(session: DirectorySession, resource: DirectoryResource, asked: t.Collection[str]) -> list[Entry]:
    return [dict.fromkeys(asked) | one for one in session.search(None, resource.within, attributes=asked).output]


def some(session: DirectorySession, resource: DirectoryResource, asked: t.Collection[str], wanted: t.Sequence[str]) -> list[Entry]:
    """Those of these names."""
    found: list[Entry] = []
    for start in range(0, len(wanted), identity.AT_ONCE):
        clauses = "".join(resource.called(name).clause(resource.by) for name in wanted[start : start + identity.AT_ONCE])
        found += [dict.fromkeys(asked) | one for one in session.search(None, f"(&{resource.within}(|{clauses}))", attributes=asked).output]
    return found
