# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditional access policies: who, on what, from where, and what is asked of them.

Graph replaces ``conditions``, ``grantControls`` and ``sessionControls`` as a whole, so what is there goes along with a change.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import naming, paths, references, spellings
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import GraphResource, Options, nested
from ansible_collections.m365.hybrid.plugins.module_utils._entra.security_defaults import PATH as SECURITY_DEFAULTS

_WHO = "conditions/users"
_WHAT = "conditions/applications"
_GRANT = "grantControls"
_SESSION = "sessionControls"
_STATES = {"enabled": "enabled", "disabled": "disabled", "report_only": "enabledForReportingButNotEnforced"}
_GUESTS = {
    "internal_guest": "internalGuest",
    "b2b_collaboration_guest": "b2bCollaborationGuest",
    "b2b_collaboration_member": "b2bCollaborationMember",
    "b2b_direct_connect_user": "b2bDirectConnectUser",
    "other_external_user": "otherExternalUser",
    "service_provider": "serviceProvider",
}
_ACTIONS = {"register_security_information": "urn:user:registersecurityinfo", "register_device": "urn:user:registerdevice"}
_PLATFORMS = {"android": "android", "ios": "iOS", "windows": "windows", "windows_phone": "windowsPhone", "macos": "macOS", "linux": "linux", "all": "all"}
_CLIENTS = {
    "all": "all",
    "browser": "browser",
    "mobile_apps_and_desktop_clients": "mobileAppsAndDesktopClients",
    "exchange_active_sync": "exchangeActiveSync",
    "other": "other",
}
_RISKS = {"low": "low", "medium": "medium", "high": "high", "none": "none"}
_INSIDER_RISKS = {"minor": "minor", "moderate": "moderate", "elevated": "elevated"}
_FLOWS = {"device_code_flow": "deviceCodeFlow", "authentication_transfer": "authenticationTransfer"}
_CONTROLS = {
    "block": "block",
    "mfa": "mfa",
    "compliant_device": "compliantDevice",
    "domain_joined_device": "domainJoinedDevice",
    "approved_application": "approvedApplication",
    "compliant_application": "compliantApplication",
    "password_change": "passwordChange",
    "risk_remediation": "riskRemediation",
}
_BROWSER = {"always": "always", "never": "never"}
_CLOUD_APPS = {"mcas_configured": "mcasConfigured", "monitor_only": "monitorOnly", "block_downloads": "blockDownloads"}
_FREQUENCIES = {
    "primary_and_secondary_authentication": "primaryAndSecondaryAuthentication",
    "secondary_authentication": "secondaryAuthentication",
}
_EVERY_TIME = "every_time"
_FREQUENCY = re.compile(r"([1-9][0-9]{0,3}) (hour|day)s?")


def _frequency(value: t.Any) -> str:
    """``4 hours``, ``30 days`` or ``every_time``; empty for none."""
    if isinstance(value, dict):
        if not value.get("isEnabled"):
            return ""
        return _EVERY_TIME if value.get("frequencyInterval") == "everyTime" else f"{value.get('value')} {value.get('type')}"
    text = values.text(value).strip()
    if text in ("", _EVERY_TIME):
        return text
    match = _FREQUENCY.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a frequency such as 4 hours, 30 days or {_EVERY_TIME}")
    return f"{match[1]} {match[2]}s"


def _dump_frequency(text: str) -> dict[str, t.Any] | None:
    if text in ("", _EVERY_TIME):
        return {"isEnabled": True, "frequencyInterval": "everyTime", "value": None, "type": None} if text else None
    number, unit = text.split()
    return {"isEnabled": True, "frequencyInterval": "timeBased", "value": int(number), "type": unit}


_STRENGTH = values.Codec(references.CODEC.load, references.CODEC.key, lambda value: {"id": getattr(value, "id", "") or str(value)} if value else None)
_RESILIENCE = values.Codec(lambda value: bool(values.boolean(value)), dump=lambda value: value or None)

NAMED = {
    "include_users": naming.USER,
    "exclude_users": naming.USER,
    "include_groups": naming.GROUP,
    "exclude_groups": naming.GROUP,
    "include_roles": naming.ROLE,
    "exclude_roles": naming.ROLE,
    "include_applications": naming.APPLICATION,
    "exclude_applications": naming.APPLICATION,
    "include_locations": naming.LOCATION,
    "exclude_locations": naming.LOCATION,
    "authentication_strength": naming.STRENGTH,
}
_PLACES = {"users": _WHO, "groups": _WHO, "roles": _WHO, "applications": _WHAT, "locations": "conditions/locations"}


def _named(side: str, what: str) -> Field:
    return Field(f"{side}_{what}", write=f"{_PLACES[what]}/{values.camel(f'{side}_{what}')}", codec=references.CODEC_OF_MANY)


FIELDS = (
    Field("policy_state", write="state", codec=spellings.word(_STATES)),
    *(_named(side, what) for side in ("include", "exclude") for what in _PLACES),
    Field("include_guests", write=f"{_WHO}/includeGuestsOrExternalUsers/guestOrExternalUserTypes", codec=spellings.joined(_GUESTS)),
    Field("exclude_guests", write=f"{_WHO}/excludeGuestsOrExternalUsers/guestOrExternalUserTypes", codec=spellings.joined(_GUESTS)),
    Field("include_user_actions", write=f"{_WHAT}/includeUserActions", codec=spellings.words(_ACTIONS)),
    Field("include_authentication_contexts", write=f"{_WHAT}/includeAuthenticationContextClassReferences"),
    Field("include_platforms", write="conditions/platforms/includePlatforms", codec=spellings.words(_PLATFORMS)),
    Field("exclude_platforms", write="conditions/platforms/excludePlatforms", codec=spellings.words(_PLATFORMS)),
    Field("client_app_types", write="conditions/clientAppTypes", codec=spellings.words(_CLIENTS)),
    Field("sign_in_risk_levels", write="conditions/signInRiskLevels", codec=spellings.words(_RISKS)),
    Field("user_risk_levels", write="conditions/userRiskLevels", codec=spellings.words(_RISKS)),
    Field("insider_risk_levels", write="conditions/insiderRiskLevels", codec=spellings.joined(_INSIDER_RISKS)),
    Field("device_filter", write="conditions/devices/deviceFilter/rule"),
    Field("device_filter_mode", write="conditions/devices/deviceFilter/mode"),
    Field("authentication_flows", write="conditions/authenticationFlows/transferMethods", codec=spellings.joined(_FLOWS)),
    Field("grant_operator", write=f"{_GRANT}/operator", codec=spellings.word({"and": "AND", "or": "OR"})),
    Field("grant_controls", write=f"{_GRANT}/builtInControls", codec=spellings.words(_CONTROLS)),
    Field("authentication_strength", write=f"{_GRANT}/authenticationStrength", codec=_STRENGTH),
    Field("terms_of_use", write=f"{_GRANT}/termsOfUse"),
    Field("custom_authentication_factors", write=f"{_GRANT}/customAuthenticationFactors"),
    Field("sign_in_frequency", write=f"{_SESSION}/signInFrequency", codec=values.Codec(_frequency, dump=_dump_frequency)),
    Field("sign_in_frequency_authentication", write=f"{_SESSION}/signInFrequency/authenticationType", codec=spellings.word(_FREQUENCIES)),
    Field("persistent_browser", write=f"{_SESSION}/persistentBrowser", codec=spellings.mode("mode", _BROWSER)),
    Field("cloud_app_security", write=f"{_SESSION}/cloudAppSecurity", codec=spellings.mode("cloudAppSecurityType", _CLOUD_APPS)),
    Field("application_enforced_restrictions", write=f"{_SESSION}/applicationEnforcedRestrictions", codec=spellings.switch()),
    Field("secure_sign_in_session", write=f"{_SESSION}/secureSignInSession", codec=spellings.switch()),
    Field("disable_resilience_defaults", write=f"{_SESSION}/disableResilienceDefaults", codec=_RESILIENCE),
)
_INCLUDED = ("include_users", "include_groups", "include_roles", "include_guests")
_TARGETS = ("include_applications", "include_user_actions", "include_authentication_contexts")
_GRANTS = ("grant_controls", "authentication_strength", "terms_of_use", "custom_authentication_factors")
_SESSIONS = tuple(field.option for field in FIELDS if (field.write or "").startswith(_SESSION))
_NEEDED = (
    (_INCLUDED, "it includes nobody", "Name users, groups, roles or guests"),
    (_TARGETS, "it is about nothing", "Name applications or user actions"),
    (_GRANTS + _SESSIONS, "it has neither grant controls nor session controls", "Say what is asked of a sign-in"),
)


class ConditionalAccessPolicy(GraphResource):
    """A policy, named by its display name or id."""

    by = "displayName"
    facts = ("id", "createdDateTime", "modifiedDateTime")
    needed = ("policy_state",)
    listable = True

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._resolver = naming.Resolver(NAMED)

    def properties(self) -> None:
        """The service shows all properties anyhow."""

    def shown(self, session: RestSession, found: t.Mapping[str, t.Any]) -> plan.State:
        return self._resolver.named(session, self.state(found))

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("policy_state") == "enabled" and (current or {}).get("policy_state") != "enabled":
            self._refuse_beside_defaults(session)
        if current is None:
            wanted = {"display_name": options["identity"]} | wanted
            wanted.setdefault("client_app_types", plan.load(self.attributes, {"client_app_types": ["all"]})["client_app_types"])
        return self._resolver.wanted(session, wanted)

    @staticmethod
    def _refuse_beside_defaults(session: RestSession) -> None:
        found = session.request("GET", paths.path(SECURITY_DEFAULTS)).output
        if found and found[0].get("isEnabled"):
            raise UsageError(
                "it cannot be enabled while the security defaults of the tenant are on",
                advice="Turn them off with m365.hybrid.entra_security_defaults, or begin with policy_state: report_only",
            )

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action in ("create", "update"):
            self._refuse_hollow(todo, options)
        return super().calls(todo, options, found)

    def _refuse_hollow(self, todo: plan.Plan, options: Options) -> None:
        """A policy that would be without one of its parts; of one that is there, only what the task changes."""
        after = todo.after or {}
        for names, lacks, advice in _NEEDED:
            touched = todo.action == "create" or any(name in todo.changes for name in names)
            if touched and not any(after.get(name) for name in names):
                raise UsageError(f"{self.label(options)}: {lacks}", advice=advice)
        if after.get("sign_in_frequency_authentication") and not after.get("sign_in_frequency") and "sign_in_frequency_authentication" in todo.changes:
            raise UsageError(f"{self.label(options)}: sign_in_frequency_authentication needs sign_in_frequency")
        if after.get("device_filter") and not after.get("device_filter_mode"):
            raise UsageError(f"{self.label(options)}: device_filter needs device_filter_mode")

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        body = t.cast(dict[str, t.Any], _without_annotations(super().body(changes, found)))
        if "conditions" in body:
            _tidy_conditions(body["conditions"])
        if _SESSION in body:
            body[_SESSION] = _tidy_session(body[_SESSION], nested(found, f"{_SESSION}/signInFrequency/authenticationType"))
        if _GRANT in body:
            body[_GRANT] = _tidy_grant(body[_GRANT])
        return body


def _without_annotations(value: t.Any) -> t.Any:
    """What Graph says beside the properties it does not take back, but for the type of a value."""
    if isinstance(value, dict):
        return {name: _without_annotations(item) for name, item in value.items() if "@odata." not in name or name == "@odata.type"}
    return [_without_annotations(one) for one in value] if isinstance(value, list) else value


def _tidy_conditions(conditions: dict[str, t.Any]) -> None:
    """A condition that no longer says anything is null."""
    users = conditions.get("users") or {}
    for name in ("includeGuestsOrExternalUsers", "excludeGuestsOrExternalUsers"):
        guests = users.get(name)
        if guests and guests.get("guestOrExternalUserTypes"):
            tenants = {"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}
            guests["externalTenants"] = guests.get("externalTenants") or tenants
        elif name in users:
            users[name] = None
    for name, inner in (("locations", ("includeLocations", "excludeLocations")), ("platforms", ("includePlatforms", "excludePlatforms"))):
        if conditions.get(name) and not any(conditions[name].get(one) for one in inner):
            conditions[name] = None
    if conditions.get("devices") and not nested(conditions, "devices/deviceFilter/rule"):
        conditions["devices"] = None
    if conditions.get("authenticationFlows") and not nested(conditions, "authenticationFlows/transferMethods"):
        conditions["authenticationFlows"] = None


def _tidy_grant(grant: dict[str, t.Any]) -> dict[str, t.Any] | None:
    strength = grant.pop("authenticationStrength", None)
    if strength:
        grant["authenticationStrength"] = {"id": strength["id"]}
    named = ("builtInControls", "authenticationStrength", "termsOfUse", "customAuthenticationFactors")
    if not any(grant.get(name) for name in named):
        return None
    return grant | {"operator": grant.get("operator") or "OR", "builtInControls": grant.get("builtInControls") or []}


def _tidy_session(controls: dict[str, t.Any], authentication: str | None) -> dict[str, t.Any] | None:
    """``authentication`` is what a frequency was about before."""
    frequency = controls.get("signInFrequency")
    if frequency and not frequency.get("isEnabled"):
        controls["signInFrequency"] = None
    elif frequency:
        frequency["authenticationType"] = frequency.get("authenticationType") or authentication or "primaryAndSecondaryAuthentication"
    return controls if any(controls.values()) else None
