# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an object of Active Directory has arrived in the tenant, and as what; where it has not, what is there instead.

An account that should be synchronised can be met as the same name without synchronisation (not matched yet, or never), under a name of the
onmicrosoft.com domain (another object has the name), with errors of its own, or not at all.  Groups and contacts are known by their address; the tenant
tells a group's security identifier, and of a contact nothing that would tell its anchor.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths

FINAL = ("provisioning_errors", "duplicate", "other_anchor", "soft_match_blocked")
"""States that waiting does not end."""
_COMMON = ("id", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime", "onPremisesProvisioningErrors", "proxyAddresses")

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Kind:
    """Objects of a kind: where they are, the property that is their ``name``, and the one that is their ``anchor``, if there is one."""

    path: str
    name: str
    anchor: str = ""
    more: tuple[str, ...] = ()

    @property
    def select(self) -> list[str]:
        return [*_COMMON, self.name, *([self.anchor] if self.anchor else []), *self.more]


KINDS = {
    "user": Kind("/v1.0/users", "userPrincipalName", "onPremisesImmutableId", ("accountEnabled",)),
    "group": Kind("/v1.0/groups", "mail", "onPremisesSecurityIdentifier", ("displayName",)),
    "contact": Kind("/v1.0/contacts", "mail", more=("displayName",)),
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An object by its name (of a user the one to sign in with, else the address), and by its anchor where that is known."""

    name: str
    anchor: str | None = None
    kind: str = "user"

    @property
    def words(self) -> str:
        return "a user" if self.kind == "user" else f"a {self.kind}"


def states(session: engine.Tally, wanted: t.Iterable[Wanted], features: t.Mapping[str, t.Any]) -> list[Row]:
    """One row for each object, in their order."""
    return [state(session, one, bool(features.get("blockSoftMatchEnabled"))) for one in wanted]


def state(session: engine.Tally, wanted: Wanted, blocked: bool) -> Row:
    """What is known of an object, in words that tell what to do."""
    kind = KINDS[wanted.kind]
    named = _one(session, kind, kind.name, wanted.name)
    anchored = _one(session, kind, kind.anchor, wanted.anchor) if wanted.anchor and kind.anchor else None
    seen = anchored or named
    status, message = _judged(wanted, named, anchored, blocked)
    return {
        "identity": wanted.name,
        "kind": wanted.kind,
        "immutable_id": wanted.anchor if wanted.kind == "user" else None,
        "security_identifier": wanted.anchor if wanted.kind == "group" else None,
        "status": status,
        "final": status == "synchronized" or status in FINAL,
        "message": message,
        "id": seen["id"] if seen else None,
        "user_principal_name": seen.get("userPrincipalName") if seen else None,
        "account_enabled": seen.get("accountEnabled") if seen else None,
        "last_sync": seen.get("onPremisesLastSyncDateTime") if seen else None,
    }


def _one(session: engine.Tally, kind: Kind, name: str, value: str) -> Row | None:
    found = session.request("GET", paths.path(kind.path, filter=f"{name} eq {paths.literal(value)}", select=kind.select)).output
    return found[0] if found else None


def _judged(wanted: Wanted, named: Row | None, anchored: Row | None, blocked: bool) -> tuple[str, str]:
    if anchored is not None:
        return _arrived(wanted, named, anchored)
    if named is None:
        return "missing", f"the tenant has no {wanted.kind} {wanted.name}"
    if not named.get("onPremisesSyncEnabled"):
        if blocked:
            how = ", or write the anchor of the account into onPremisesImmutableId of the user" if wanted.kind == "user" else ""
            return "soft_match_blocked", (
                f"{wanted.name} is {wanted.words} of the cloud, and the tenant blocks soft match (blockSoftMatchEnabled), so it stays one: "
                f"allow soft match for this cycle{how}"
            )
        return "cloud_only", f"{wanted.name} is {wanted.words} of the cloud, not matched with the {_here(wanted)}"
    if wanted.anchor:
        is_now = named.get(KINDS[wanted.kind].anchor)
        return "other_anchor", f"{wanted.name} is synchronised from another {_here(wanted)}, whose anchor is {is_now} instead of {wanted.anchor}"
    return _arrived(wanted, named, named)


def _here(wanted: Wanted) -> str:
    """What it is in Active Directory."""
    return "account" if wanted.kind == "user" else wanted.kind


def _arrived(wanted: Wanted, named: Row | None, found: Row) -> tuple[str, str]:
    errors = found.get("onPremisesProvisioningErrors") or []
    name = str(found.get(KINDS[wanted.kind].name) or wanted.name)
    if errors:
        told = "; ".join(f"{one.get('propertyCausingError')} {one.get('value')} is what another object has ({one.get('category')})" for one in errors)
        return "provisioning_errors", f"{name} was synchronised with errors: {told}"
    if wanted.kind == "user" and name.casefold() != wanted.name.casefold():
        holder = f"a user of the cloud has the name (id {named['id']})" if named else "the domain of the name is not verified, or the name was not free"
        return "duplicate", f"the account came as {name} instead of {wanted.name}: {holder}"
    if not found.get("onPremisesSyncEnabled"):
        return "cloud_only", f"{name} has the anchor of the {_here(wanted)} and was not synchronised yet"
    return "synchronized", f"{name} is synchronised"
