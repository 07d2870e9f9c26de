# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role entra_mfa declares for the whole tenant, and why it is refused.  Nothing here talks to a service."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._entra import named_location
from ansible_collections.m365.hybrid.plugins.module_utils._entra.authentication_methods import METHODS
from ansible_collections.m365.hybrid.plugins.module_utils._entra.mfa_people import Directory, Groups, People, Row
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import nested

SECOND_FACTORS = ("fido2", "hardware_oath", "microsoft_authenticator", "sms", "software_oath", "voice", "x509_certificate")
"""Methods with which a user passes multi-factor authentication for good; a mail address, a PIN or a temporary pass is none of them."""
POLICY_STATES = ("report_only", "enabled", "disabled", "absent")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is wanted of the tenant; the fields are the role's variables of these names."""

    methods: t.Sequence[Row] = ()
    migration_state: str | None = None
    trusted_location: str = ""
    trusted_ranges: t.Sequence[str] | None = None
    policy_state: str | None = None
    policy_accept_enforcement: t.Any = False
    policy_name: str = ""
    policy_groups: t.Sequence[str] = ()
    policy_strength: str | None = None
    break_glass: t.Sequence[str] = ()
    exclude_users: t.Sequence[str] = ()
    exclude_groups: t.Sequence[str] = ()

    @property
    def keeps_policy(self) -> bool:
        return self.policy_state is not None and self.policy_state != "absent"


# The ranges that are trusted


def range_problems(wanted: Settings) -> t.Iterator[str]:
    if wanted.trusted_ranges is None:
        return
    if not wanted.trusted_ranges:
        yield "entra_mfa_trusted_ranges is empty, and a location needs a range. Leave the variable out to leave the location alone"
    for text in wanted.trusted_ranges:
        try:
            reason = named_location.unfit(named_location.network(text), True)
        except ValueError as error:
            yield f"entra_mfa_trusted_ranges: {error}"
            continue
        if reason:
            yield f"entra_mfa_trusted_ranges: {reason}. {named_location.EGRESS}; ranges that were trusted in Azure MFA Server were internal ones"


def location(wanted: Settings) -> list[dict[str, t.Any]]:
    if not wanted.trusted_ranges:
        return []
    return [{"identity": wanted.trusted_location, "ip_ranges": list(wanted.trusted_ranges), "is_trusted": True}]


# The policy of authentication methods


def method_problems(wanted: Settings, policy: Row) -> t.Iterator[str]:
    """``policy`` is the authentication methods policy as Graph shows it.  Raises KeyError."""
    if wanted.migration_state != "migration_complete":
        return
    states = {one["id"].casefold(): one["state"] for one in policy["authenticationMethodConfigurations"]}
    after = {word: states.get(METHODS[word].casefold()) for word in SECOND_FACTORS}
    after |= {str(one.get("method")): one["method_state"] for one in wanted.methods if one.get("method_state")}
    if not any(after[word] == "enabled" for word in SECOND_FACTORS):
        yield (
            "entra_mfa_migration_state: after migration_complete only the policy of authentication methods counts, and it enables no second factor. "
            f"Enable one of {', '.join(SECOND_FACTORS)} in entra_mfa_methods first"
        )


# The conditional access policy


def policy_problems(wanted: Settings, directory: Directory, security_defaults: bool) -> t.Iterator[str]:
    if wanted.policy_state is None:
        return
    if wanted.policy_state not in POLICY_STATES:
        yield f"entra_mfa_policy_state is {wanted.policy_state}; it is one of {', '.join(POLICY_STATES)}"
    if not wanted.keeps_policy:
        return
    if wanted.policy_state == "enabled" and not values.boolean(wanted.policy_accept_enforcement):
        yield (
            "entra_mfa_policy_state is enabled, which asks users for a second factor from the next sign-in on. Look at the sign-in logs of report_only first, "
            "then set entra_mfa_policy_accept_enforcement: true"
        )
    if security_defaults and wanted.policy_state != "disabled":
        yield (
            f"the security defaults of the tenant are on, and conditional access cannot be {wanted.policy_state} beside them. Turn them off with "
            "m365.hybrid.entra_security_defaults (is_enabled: false), or prepare the policy with entra_mfa_policy_state: disabled"
        )
    yield from _break_glass_problems(wanted, directory)


def _break_glass_problems(wanted: Settings, directory: Directory) -> t.Iterator[str]:
    """Beside those that `mfa_people` finds: a name that nobody has."""
    if not wanted.break_glass:
        yield (
            "entra_mfa_break_glass is empty. A policy for all users needs accounts that it leaves out, or nobody gets in when the second factor fails. "
            "Name at least one, better two, by principal name or object ID"
        )
    for row in filter(None, (directory.find(name) for name in wanted.break_glass)):
        if not row.get("account_enabled"):
            yield f"entra_mfa_break_glass: {row['user_principal_name']} may not sign in, so it helps nobody in an emergency. Enable it, or name another account"


def notes(wanted: Settings) -> t.Iterator[str]:
    if wanted.keeps_policy and len(wanted.break_glass) == 1:
        yield "entra_mfa_break_glass names one account. If it fails, nobody gets in: name a second one"


def left_out(wanted: Settings, directory: Directory) -> list[str]:
    """The object IDs that the policy excludes, accounts for emergencies first: an exclusion by ID outlives a renaming and a change of groups."""
    found = (directory.find(name) for name in (*wanted.break_glass, *wanted.exclude_users))
    return list(dict.fromkeys(str(row["id"]) for row in found if row))


def policy(wanted: Settings, directory: Directory, groups: Groups, people: People) -> list[dict[str, t.Any]]:
    """Options of the policy; a list of one, or of none where the policy is left alone."""
    if wanted.policy_state is None:
        return []
    if wanted.policy_state == "absent":
        return [{"identity": wanted.policy_name, "state": "absent"}]
    included = [str(one["id"]) for one in groups.all(wanted.policy_groups, "entra_mfa_policy_groups", people.problems)]
    outside = [wanted.trusted_location] if wanted.trusted_ranges else ["all_trusted"]
    return [
        {
            "identity": wanted.policy_name,
            "policy_state": wanted.policy_state,
            "include_users": [] if wanted.policy_groups else ["all"],
            "include_groups": included,
            "exclude_users": left_out(wanted, directory),
            "exclude_groups": [str(one["id"]) for one in groups.all(wanted.exclude_groups, "entra_mfa_exclude_groups", [])],
            "include_applications": ["all"],
            "include_locations": ["all"],
            "grant_controls": [] if wanted.policy_strength else ["mfa"],
            "authentication_strength": wanted.policy_strength or "",
            "exclude_locations": outside,
        }
    ]


def is_new(wanted: Settings, locations: t.Iterable[Row]) -> bool:
    """Whether the location of the trusted ranges is still to be made."""
    return bool(wanted.trusted_ranges) and not any(str(one["displayName"]).casefold() == wanted.trusted_location.casefold() for one in locations)


def without_location(options: Row) -> dict[str, t.Any]:
    return {name: value for name, value in options.items() if name != "exclude_locations"}


def outside(name: str, policies: t.Iterable[Row]) -> dict[str, t.Any]:
    """The locations that a policy excludes now, as options; nothing where there is no such policy.  ``policies`` are as Graph shows them."""
    found = [one for one in policies if str(one["displayName"]).casefold() == name.casefold()]
    return {"exclude_locations": list(nested(found[0], "conditions/locations/excludeLocations") or ())} if found else {}


def guard(wanted: Settings, directory: Directory, shown: t.Iterable[Row]) -> t.Iterator[str]:
    """What the policy, read anew as Graph shows it, lacks of the accounts for emergencies; ``shown`` are all policies."""
    if not wanted.keeps_policy:
        return
    found = [one for one in shown if str(one["displayName"]).casefold() == wanted.policy_name.casefold()]
    if len(found) != 1:
        yield f"{len(found)} conditional access policies are called {wanted.policy_name}"
        return
    excluded = found[0]["conditions"]["users"].get("excludeUsers") or ()
    for name in wanted.break_glass:
        row = directory.find(name)
        if row is None or str(row["id"]) not in excluded:
            yield f"the policy {wanted.policy_name} does not exclude the break-glass account {name} by its id. Disable the policy until it does"
