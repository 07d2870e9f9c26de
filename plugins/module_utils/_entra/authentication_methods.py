# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant allows of each authentication method, for whom, and with which settings of its own."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import naming, paths, spellings, targets
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import BETA, V1, Ask, GraphResource, GraphSingleton, Options

METHODS = {
    "email": "Email",
    "fido2": "Fido2",
    "hardware_oath": "HardwareOath",
    "microsoft_authenticator": "MicrosoftAuthenticator",
    "qr_code_pin": "QRCodePin",
    "sms": "Sms",
    "software_oath": "SoftwareOath",
    "temporary_access_pass": "TemporaryAccessPass",
    "voice": "Voice",
    "x509_certificate": "X509Certificate",
}
"""Option's word → identifier of the configuration."""
_BETA_ONLY = ("hardware_oath",)
"""Methods that the stable version of Graph does not have (published schemas of both versions)."""
OF_METHOD = {
    "authentication_mode": "microsoft_authenticator",
    "is_software_oath_enabled": "microsoft_authenticator",
    "display_app_information": "microsoft_authenticator",
    "display_location_information": "microsoft_authenticator",
    "is_usable_for_sign_in": "sms",
    "is_office_phone_allowed": "voice",
    "is_attestation_enforced": "fido2",
    "is_self_service_registration_allowed": "fido2",
    "are_key_restrictions_enforced": "fido2",
    "key_restriction": "fido2",
    "aa_guids": "fido2",
    "default_length": "temporary_access_pass",
    "default_lifetime_in_minutes": "temporary_access_pass",
    "minimum_lifetime_in_minutes": "temporary_access_pass",
    "maximum_lifetime_in_minutes": "temporary_access_pass",
    "is_usable_once": "temporary_access_pass",
    "allow_external_id_to_use_email_otp": "email",
    "pin_length": "qr_code_pin",
    "standard_qr_code_lifetime_in_days": "qr_code_pin",
    "certificate_authentication_mode": "x509_certificate",
    "required_affinity_level": "x509_certificate",
    "issuer_hints": "x509_certificate",
    "crl_validation": "x509_certificate",
}
"""Options that only one method has."""
_FEATURE = "featureSettings/display{}InformationRequiredState/state"
_CERTIFICATE = "authenticationModeConfiguration/x509Certificate"
_MODES = {"single_factor": "x509CertificateSingleFactor", "multi_factor": "x509CertificateMultiFactor"}
FIELDS = (
    Field("method_state", write="state"),
    Field("include_targets", codec=targets.CODEC),
    Field("exclude_targets", codec=targets.CODEC),
    Field("display_app_information", write=_FEATURE.format("App")),
    Field("display_location_information", write=_FEATURE.format("Location")),
    Field("are_key_restrictions_enforced", write="keyRestrictions/isEnforced"),
    Field("key_restriction", write="keyRestrictions/enforcementType"),
    Field("aa_guids", write="keyRestrictions/aaGuids"),
    Field("standard_qr_code_lifetime_in_days", write="standardQRCodeLifetimeInDays"),
    Field("certificate_authentication_mode", write=f"{_CERTIFICATE}AuthenticationDefaultMode", codec=spellings.word(_MODES)),
    Field("required_affinity_level", write=f"{_CERTIFICATE}DefaultRequiredAffinityLevel"),
    Field("issuer_hints", write="issuerHintsConfiguration/state"),
    Field("crl_validation", write="crlValidationConfiguration/state"),
)
_OF_TARGETS = ("is_registration_required", "is_usable_for_sign_in", "authentication_mode")
"""Options that Graph keeps at each target; they hold for all of them."""
_LIFETIMES = ("minimum_lifetime_in_minutes", "default_lifetime_in_minutes", "maximum_lifetime_in_minutes")
_WORD = "@method"
"""Beside the properties of a listed configuration, what options call its method."""


class MethodPolicy(GraphResource):
    """The configuration of one method.  It is neither made nor removed."""

    facts = ()
    named_by = _WORD

    def __init__(self, kind: str, collection: str, attributes: dict[str, Attribute], key: str) -> None:
        super().__init__(kind, collection, attributes, key)
        self._resolver = naming.Resolver(dict.fromkeys(("include_targets", "exclude_targets"), targets.KIND))

    def properties(self) -> None:
        """What a method has of its own cannot be selected from the kind that all share."""

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any]:
        return self._one(session.request("GET", self._path(options)), session, options)

    def shown(self, session: RestSession, found: t.Mapping[str, t.Any]) -> plan.State:
        return self._resolver.named(session, self.state(found))

    def everything(self, session: RestSession, used: t.Collection[str] | None = None) -> list[dict[str, t.Any]]:
        """The methods that options know, by their words; all of them are in the policy, but for those of the beta version."""
        policy = session.request("GET", paths.path(self.collection.rpartition("/")[0])).output[0]
        words = {theirs.casefold(): mine for mine, theirs in METHODS.items()}
        listed = [one | {_WORD: words[one["id"].casefold()]} for one in policy["authenticationMethodConfigurations"] if one["id"].casefold() in words]
        missing = [method for method in _BETA_ONLY if not any(one[_WORD] == method for one in listed)]
        return listed + [self.fetch(session, {self.key: method}) | {_WORD: method} for method in missing]

    def _path(self, options: Options) -> paths.Path:
        method = str(options[self.key])
        collection = self.collection.replace(V1, BETA, 1) if method in _BETA_ONLY else self.collection
        return paths.path(f"{collection}/{{}}", METHODS[method])

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        state = super().state(found)
        aimed = found.get("includeTargets")
        own = {name: (self.attributes[name], targets.common(aimed, self.attributes[name].write)) for name in _OF_TARGETS}
        return state | {name: attribute.codec.load(value) for name, (attribute, value) in own.items() if value is not None}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        strange = [name for name in wanted if OF_METHOD.get(name, options[self.key]) != options[self.key]]
        if strange:
            raise UsageError(f"{', '.join(strange)} is no setting of {options[self.key]}, but of {OF_METHOD[strange[0]]}")
        return self._resolver.wanted(session, wanted)

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        after = todo.after or {}
        nowhere = [name for name in _OF_TARGETS if name in todo.changes and not after.get("include_targets")]
        if nowhere:
            raise UsageError(f"{self.label(options)}: {nowhere[0]} needs include_targets, and there are none")
        self._refuse_lifetimes(todo, options)
        body = {"@odata.type": found.background["@odata.type"], **self.body(todo.changes, found.background)}
        return [Ask("PATCH", body, self._path(options))]

    def _refuse_lifetimes(self, todo: plan.Plan, options: Options) -> None:
        shortest, default, longest = (int((todo.after or {}).get(name) or 0) for name in _LIFETIMES)
        if set(_LIFETIMES) & set(todo.changes) and longest and not shortest <= default <= longest:
            text = f"the default lifetime of {default} minutes is not between the shortest, {shortest}, and the longest, {longest}"
            raise UsageError(f"{self.label(options)}: {text}")

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        body = super().body({name: change for name, change in changes.items() if name not in _OF_TARGETS}, found)
        for name in ("includeTargets", "excludeTargets"):
            if name in body:
                body[name] = targets.aimed(body[name], found.get(name), self._of_new(found) if name == "includeTargets" else {})
        settings = {self.attributes[name].write: self.attributes[name].codec.dump(changes[name].after) for name in _OF_TARGETS if name in changes}
        if settings:
            body["includeTargets"] = [one | settings for one in body.get("includeTargets", found.get("includeTargets") or ())]
        for feature in (body.get("featureSettings") or {}).values():
            if isinstance(feature, dict) and not feature.get("includeTarget"):
                feature["includeTarget"] = {"targetType": "group", "id": "all_users"}
        return body

    def _of_new(self, found: t.Mapping[str, t.Any]) -> targets.Target:
        """What a new target has beside its group: that which all others have."""
        there = {self.attributes[name].write: targets.common(found.get("includeTargets"), self.attributes[name].write) for name in _OF_TARGETS}
        return {"isRegistrationRequired": False} | {name: value for name, value in there.items() if value is not None}


_CAMPAIGN = "registrationEnforcement/authenticationMethodsRegistrationCampaign"
SETTINGS = (
    Field("migration_state", write="policyMigrationState"),
    Field("campaign_state", write=f"{_CAMPAIGN}/state"),
    Field("campaign_snooze_days", write=f"{_CAMPAIGN}/snoozeDurationInDays"),
    Field("campaign_include_targets", write=f"{_CAMPAIGN}/includeTargets", codec=targets.CODEC),
    Field("campaign_exclude_targets", write=f"{_CAMPAIGN}/excludeTargets", codec=targets.CODEC),
)
_MOST_DAYS = 14


class MethodSettings(GraphSingleton):
    """What holds for all methods: the migration from the legacy policies, and the campaign to register the authenticator."""

    facts = ()

    def __init__(self, kind: str, collection: str, attributes: dict[str, Attribute], key: str) -> None:
        super().__init__(kind, collection, attributes, key)
        self._resolver = naming.Resolver(dict.fromkeys(("campaign_include_targets", "campaign_exclude_targets"), targets.KIND))

    def shown(self, session: RestSession, found: t.Mapping[str, t.Any]) -> plan.State:
        return self._resolver.named(session, self.state(found))

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        days = wanted.get("campaign_snooze_days")
        if days is not None and not 0 <= days <= _MOST_DAYS:
            raise UsageError(f"campaign_snooze_days is {days}; it is a number from 0 to {_MOST_DAYS}")
        return self._resolver.wanted(session, wanted)

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        body = super().body(changes, found)
        campaign = _campaign(body)
        there = _campaign(found)
        for name, own in (("includeTargets", {"targetedAuthenticationMethod": "microsoftAuthenticator"}), ("excludeTargets", {})):
            if f"campaign_{values.snake(name)}" in changes:
                campaign[name] = targets.aimed(campaign[name], there.get(name), own)
        return body


def _campaign(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The campaign in a policy."""
    enforcement = found.get("registrationEnforcement") or {}
    return enforcement.get("authenticationMethodsRegistrationCampaign") or {}
