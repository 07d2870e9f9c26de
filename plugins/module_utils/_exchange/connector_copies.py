# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receive connectors as options of the modules that make them anew: their settings, and their permissions in Active Directory."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.receive_connector import CUSTOM

Object = t.Mapping[str, t.Any]
_FACTS = ("guid", "distinguished_name")
_LIMITS = {"Properties": "property", "ChildObjectTypes": "child_object_type"}
"""Properties of an entry that name what it is limited to, and the options of exchange_ad_permission for them."""


def make(details: t.Iterable[Object], permissions: t.Iterable[Object]) -> dict[str, t.Any]:
    """`saved`: each connector with `options` of exchange_receive_connector and `permissions`, those of exchange_ad_permission.

    Takes the results of the loops that read both, whose items are the plan's changes.  Raises KeyError, `Truncated`.
    """
    entries = {one["item"]["connector"]: one for one in permissions}
    saved = []
    for one in details:
        label, resource = one["item"]["connector"], one["resource"]
        if not resource:
            raise ValueError(f"{label} is not there any more; run the role again")
        found = entries[label]
        if found.get("truncated"):
            raise Truncated(f"there is only a part of the permissions on {label}", cmdlet="Get-ADPermission")
        identity = resource["distinguished_name"]
        rights = [{"identity": identity, **right} for right in entry_options(found["output"])]
        options = connector_options(resource)
        saved.append({"connector": label, "identity": identity, "parked": one["item"].get("parked") or [], "options": options, "permissions": rights})
    return {"saved": saved}


def connector_options(resource: Object) -> dict[str, t.Any]:
    """Options that make the connector again; what a version does not have is left out, and what only shows permissions."""
    found = {name: value for name, value in resource.items() if name not in _FACTS and value is not None}
    return {**found, "permission_groups": [one for one in found.get("permission_groups") or () if one != CUSTOM]}


def entry_options(entries: t.Iterable[Object]) -> list[dict[str, t.Any]]:
    """The object's own entries as options of exchange_ad_permission, one for each user, sort and limit; inherited ones come by themselves."""
    found: dict[tuple[t.Any, ...], dict[str, t.Any]] = {}
    for entry in entries:
        if entry["IsInherited"]:
            continue
        common: dict[str, t.Any] = {
            "user": str(entry["User"]),
            "deny": bool(entry["Deny"]),
            "inheritance_type": values.snake(str(entry.get("InheritanceType") or "All")),
        }
        if entry.get("InheritedObjectType"):
            common["inherited_object_type"] = str(entry["InheritedObjectType"])
        for limits, rights in _parts(entry):
            told = common | limits
            kept = found.setdefault(tuple(sorted(told.items())), told)
            for option, names in rights.items():
                kept.setdefault(option, {"add": []})["add"] += [name for name in names if name not in kept[option]["add"]]
    return list(found.values())


def _parts(entry: Object) -> t.Iterator[tuple[dict[str, str], dict[str, list[str]]]]:
    """What an entry is limited to, and its rights: an extended right is one by its name, others may hold for single properties."""
    rights = [values.snake(str(one)) for one in _several(entry.get("AccessRights"))]
    extended = [str(one) for one in _several(entry.get("ExtendedRights"))]
    if extended:
        yield {}, {"extended_rights": extended}
        rights = [one for one in rights if one != "extended_right"]
    limits = [{option: str(name)} for shown, option in _LIMITS.items() for name in _several(entry.get(shown))]
    if rights:
        for limit in limits or [{}]:
            yield limit, {"access_rights": rights}


def _several(value: t.Any) -> list[t.Any]:
    if isinstance(value, str):
        return [one.strip() for one in value.split(",")]
    return list(value or ())
