# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that exist, as options of their module."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.docs import Documentation
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, SessionError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity, names
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DirectoryResource

_UNSET: tuple[t.Any, ...] = (None, "", [])
_OF_EXCHANGE = ("database", "server", "folder_type")
"""Options of `export` that select what Exchange keeps."""


def run(
    resource: DirectoryResource, docs: Documentation, key: str, session: DirectorySession, options: Options, watch: t.Callable[[int, int], None]
) -> Exported:
    """One export; ``options`` are those of `export`.  Raises HybridError where the objects cannot be listed."""
    given = [name for name in _OF_EXCHANGE if options.get(name) is not None]
    if given:
        raise UsageError(f"{given[0]} selects nothing of Active Directory", advice="Name the objects with identity, filter or organizational_unit")
    result = Exported()
    found = _found(resource, key, session, options, result)
    for number, one in enumerate(found):
        watch(number, len(found))
        try:
            result.objects.append(entry(resource, docs, key, resource.shown(session, one), bool(options["full"])))
        except SessionError:
            raise
        except HybridError as error:
            result.failed.append((one["dn"], error))
    return result


def _found(resource: DirectoryResource, key: str, session: DirectorySession, options: Options, result: Exported) -> list[Entry]:
    """The objects: those that the user named or selected, or all that the domain did not make itself."""
    asked = [*resource.properties(dict.fromkeys(resource.attributes, True)), "isCriticalSystemObject"]
    if options.get("identity") is None:
        text = str(options.get("filter") or "")
        within = f"(&{resource.within}{text})" if text else f"(&{resource.within}(!(isCriticalSystemObject=TRUE)))"
        place = options.get("organizational_unit")
        return [dict.fromkeys(asked) | one for one in session.search(place, within, attributes=asked).output]
    found = []
    for name in options["identity"]:
        one = identity.one(session, resource.called(name), asked, resource.by)
        if one is None or not resource.fits(one):
            result.failed.append((str(name), NotFound(f"there is no {resource.kind} '{name}'", target=session.target)))
        else:
            found.append(dict.fromkeys(asked) | one)
    return found


def entry(resource: DirectoryResource, docs: Documentation, key: str, state: plan.State, full: bool) -> dict[str, t.Any]:
    """One object's options: what the module can read and write, the secrets left out; what is not set only when ``full``."""
    named = str(state.get(_of(resource.named_by)) or state["distinguished_name"])
    options: dict[str, t.Any] = {key: named}
    for name, attribute in resource.attributes.items():
        value = state.get(name)
        if (
            name in (*resource.elsewhere, *resource.passing)
            or attribute.secret
            or not attribute.readable
            or value is None
            or ("choices" in docs.options[name] and value not in docs.options[name]["choices"])
        ):
            continue
        if value == named or (names.is_name(named) and name in ("name", "path")):
            continue
        if full or value not in _UNSET:
            options[name] = values.plain(value)
    return options


def _of(attribute: str) -> str:
    return "sam_account_name" if attribute == "sAMAccountName" else values.snake(attribute) if attribute else ""
