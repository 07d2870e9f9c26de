# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user's licence: one subscription, named by its part number, with the service plans that are switched off."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, Ask, GraphResource, Options, no_user

FIELDS = (Field("disabled_plans", codec=values.members(values.NAME)),)
_SHOWN = ("id", "assignedLicenses", "licenseAssignmentStates", "usageLocation")
_SKUS = f"{V1}/subscribedSkus"


def free_seats(sku: t.Mapping[str, t.Any]) -> int:
    """Seats of a subscription that nobody has; seats in their grace period count, suspended ones do not."""
    prepaid = sku["prepaidUnits"]
    return int(prepaid["enabled"]) + int(prepaid.get("warning") or 0) - int(sku["consumedUnits"])


class Licence(GraphResource):
    """One licence of one user."""

    facts = ()

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._subscriptions: list[dict[str, t.Any]] | None = None

    def label(self, options: Options) -> str:
        return f"licence {options['sku']} of user '{options['identity']}'"

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any] | None:
        sku = self._sku(session, str(options["sku"]))
        try:
            asked = session.request("GET", paths.path(f"{self.collection}/{{}}", options["identity"], select=_SHOWN))
        except NotFound:
            raise no_user(options["identity"], session.target) from None
        user = self._one(asked, session, options)
        named = {one["servicePlanId"]: one["servicePlanName"] for one in sku["servicePlans"]}
        for licence in user["assignedLicenses"]:
            if licence["skuId"] == sku["skuId"]:
                return {"user": user, "sku": sku, "disabledPlans": [named.get(one, one) for one in licence["disabledPlans"]]}
        self._missing = {"user": user, "sku": sku}
        return None

    def read(self, session: RestSession, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        if found is None:
            return engine.Reading(None, self._missing)
        groups = _groups(found["user"], found["sku"])
        return engine.Reading(self.state(found) | {"sku_id": found["sku"]["skuId"], "assigned_by_groups": groups}, found)

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        known = {one["servicePlanName"].casefold() for one in self._sku(session, str(options["sku"]))["servicePlans"]}
        if "disabled_plans" in wanted:
            strange = [one for one in wanted["disabled_plans"].members() if one.casefold() not in known]
            if strange:
                raise UsageError(
                    f"disabled_plans: {options['sku']} has no service plan {', '.join(strange)}", advice=f"It has {', '.join(sorted(known)).upper()}"
                )
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        user, sku = found.background["user"], found.background["sku"]
        if groups := _groups(user, sku):
            what = "taken away" if todo.action == "delete" else "changed"
            raise UsageError(
                f"{self.label(options)} comes from the group {', '.join(groups)}, so it cannot be {what} here",
                advice="Take the user out of the group, or change the licence of the group",
            )
        if todo.action == "delete":
            return [self._assign(user, remove=[sku["skuId"]])]
        if todo.action == "create":
            self._refuse_impossible(user, sku, options)
        names = {name.casefold() for name in todo.changes["disabled_plans"].after} if "disabled_plans" in todo.changes else set()
        disabled = [one["servicePlanId"] for one in sku["servicePlans"] if one["servicePlanName"].casefold() in names]
        return [self._assign(user, add=[{"skuId": sku["skuId"], "disabledPlans": disabled}])]

    def _assign(self, user: t.Mapping[str, t.Any], add: t.Sequence[t.Any] = (), remove: t.Sequence[str] = ()) -> Ask:
        return Ask("POST", {"addLicenses": list(add), "removeLicenses": list(remove)}, paths.path(f"{self.collection}/{{}}/assignLicense", user["id"]))

    def _refuse_impossible(self, user: t.Mapping[str, t.Any], sku: t.Mapping[str, t.Any], options: Options) -> None:
        if not user.get("usageLocation"):
            raise UsageError(f"{self.label(options)}: the user has no usage location", advice="Set usage_location with m365.hybrid.entra_user first")
        if free_seats(sku) <= 0:
            raise UsageError(
                f"{self.label(options)}: there are no free seats, {sku['consumedUnits']} of {sku['prepaidUnits']['enabled']} are in use",
                advice="Buy more, or take the licence from somebody who does not need it",
            )

    def _sku(self, session: RestSession, name: str) -> dict[str, t.Any]:
        """The subscription of this part number or id.  Seats are counted when the task begins to look at its first user."""
        if self._subscriptions is None:
            self._subscriptions = session.request("GET", paths.path(_SKUS)).output
        return _called(name, self._subscriptions, session.target)


def _groups(user: t.Mapping[str, t.Any], sku: t.Mapping[str, t.Any]) -> list[str]:
    """The groups, by id, through which the user has the licence."""
    states = [one for one in user.get("licenseAssignmentStates") or () if one["skuId"] == sku["skuId"] and one.get("assignedByGroup")]
    return sorted(one["assignedByGroup"] for one in states)


def subscription(session: RestSession, name: str) -> dict[str, t.Any]:
    """The subscription of this part number or id.  Raises UsageError that names those which the tenant has."""
    return _called(name, session.request("GET", paths.path(_SKUS)).output, session.target)


def _called(name: str, subscriptions: t.Sequence[dict[str, t.Any]], target: str) -> dict[str, t.Any]:
    for sku in subscriptions:
        if name.casefold() in (sku["skuPartNumber"].casefold(), sku["skuId"]):
            return sku
    owned = ", ".join(sorted(sku["skuPartNumber"] for sku in subscriptions))
    raise UsageError(f"sku: the tenant has no subscription {name}", target=target, advice=f"It has {owned}")
