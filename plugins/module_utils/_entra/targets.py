# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups at which a setting of authentication methods is aimed: lists of small objects, of which options know the group."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._entra import naming, references
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1

KIND = naming.Kind("group", f"{V1}/groups", words={"all_users": "all_users"})
Target = dict[str, t.Any]


def _load(value: t.Any) -> references.Reference:
    if isinstance(value, references.Reference):
        return value
    return references.Reference(str(value["id"] if isinstance(value, dict) else value))


CODEC = values.members(values.Codec(_load, references.CODEC.key, lambda value: value.id))
"""The groups of targets; a target's other properties are kept by `aimed`."""


def aimed(identifiers: t.Iterable[str], there: t.Iterable[Target] | None, own: Target) -> list[Target]:
    """Targets for these groups: those that are there as they are, new ones with ``own`` beside their identifier."""
    known = {str(one["id"]).casefold(): one for one in there or ()}
    return [copy.deepcopy(known.get(one.casefold(), {"targetType": "group", "id": one, **own})) for one in identifiers]


def common(targets: t.Iterable[Target] | None, name: str) -> t.Any:
    """The value that all targets have of a property; None where they differ or there are none."""
    found = [one.get(name) for one in targets or ()]
    return found[0] if found and all(one == found[0] for one in found) else None
