# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a user of Active Directory has arrived in the tenant, and as what; where it has not, what is there instead.

An account that should be synchronised can be met as the same name without synchronisation (not matched yet, or never), under a name of the
onmicrosoft.com domain (another object has the name), with errors of its own, or not at all.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths

_SELECT = [
    "id",
    "userPrincipalName",
    "accountEnabled",
    "onPremisesSyncEnabled",
    "onPremisesImmutableId",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "proxyAddresses",
]
FINAL = ("provisioning_errors", "duplicate", "other_anchor", "soft_match_blocked")
"""States that waiting does not end."""

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A user by the name to sign in with, and by its anchor where that is known."""

    name: str
    anchor: str | None = None


def states(session: engine.Tally, wanted: t.Iterable[Wanted], features: t.Mapping[str, t.Any]) -> list[Row]:
    """One row for each user, in their order."""
    return [state(session, one, bool(features.get("blockSoftMatchEnabled"))) for one in wanted]


def state(session: engine.Tally, wanted: Wanted, blocked: bool) -> Row:
    """What is known of a user, in words that tell what to do."""
    named = _one(session, f"userPrincipalName eq {paths.literal(wanted.name)}")
    anchored = _one(session, f"onPremisesImmutableId eq {paths.literal(wanted.anchor)}") if wanted.anchor else None
    seen = anchored or named
    status, message = _judged(wanted, named, anchored, blocked)
    return {
        "identity": wanted.name,
        "immutable_id": wanted.anchor,
        "status": status,
        "final": status == "synchronized" or status in FINAL,
        "message": message,
        "id": seen["id"] if seen else None,
        "user_principal_name": seen["userPrincipalName"] if seen else None,
        "account_enabled": seen.get("accountEnabled") if seen else None,
        "last_sync": seen.get("onPremisesLastSyncDateTime") if seen else None,
    }


def _one(session: engine.Tally, choice: str) -> Row | None:
    found = session.request("GET", paths.path("/v1.0/users", filter=choice, select=_SELECT)).output
    return found[0] if found else None


def _judged(wanted: Wanted, named: Row | None, anchored: Row | None, blocked: bool) -> tuple[str, str]:
    if anchored is not None:
        return _arrived(wanted, named, anchored)
    if named is None:
        return "missing", f"the tenant has no user {wanted.name}"
    if not named.get("onPremisesSyncEnabled"):
        if blocked:
            return "soft_match_blocked", (
                f"{wanted.name} is a user of the cloud, and the tenant blocks soft match (blockSoftMatchEnabled), so it stays one: "
                "allow soft match for this cycle, or write the anchor of the account into onPremisesImmutableId of the user"
            )
        return "cloud_only", f"{wanted.name} is a user of the cloud, not matched with the account"
    if wanted.anchor:
        text = f"{wanted.name} is synchronised from another account, whose anchor is {named.get('onPremisesImmutableId')} instead of {wanted.anchor}"
        return "other_anchor", text
    return _arrived(wanted, named, named)


def _arrived(wanted: Wanted, named: Row | None, found: Row) -> tuple[str, str]:
    errors = found.get("onPremisesProvisioningErrors") or []
    name = str(found["userPrincipalName"])
    if errors:
        told = "; ".join(f"{one.get('propertyCausingError')} {one.get('value')} is what another object has ({one.get('category')})" for one in errors)
        return "provisioning_errors", f"{name} was synchronised with errors: {told}"
    if name.casefold() != wanted.name.casefold():
        holder = f"a user of the cloud has the name (id {named['id']})" if named else "the domain of the name is not verified, or the name was not free"
        return "duplicate", f"the account came as {name} instead of {wanted.name}: {holder}"
    if not found.get("onPremisesSyncEnabled"):
        return "cloud_only", f"{name} has the anchor of the account and was not synchronised yet"
    return "synchronized", f"{name} is synchronised"
