# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A phone with which a user authenticates: one of each type, and not the last method that a user has."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths, phone_number
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import Ask, GraphResource, Options, no_user

NUMBER = values.Codec(lambda value: phone_number.shown(values.text(value)), phone_number.key)
FIELDS = (Field("phone_number", codec=NUMBER),)
_KIND = "#microsoft.graph.phoneAuthenticationMethod"
_NO_SECOND_FACTOR = frozenset(f"#microsoft.graph.{name}authenticationmethod" for name in ("password", "email", "temporaryaccesspass", "qrcodepin"))
"""Methods that a user who has nothing else cannot pass multi-factor authentication with for long."""


class PhoneMethod(GraphResource):
    """One phone of one user.  ``background`` of a reading holds all methods of the user."""

    facts = ("id", "smsSignInState")
    needed = ("phone_number",)

    def label(self, options: Options) -> str:
        return f"{options['phone_type']} phone of user '{options['identity']}'"

    def admit(self, session: RestSession, options: Options) -> None:
        if options["state"] == "present":
            self._number(options)

    def _number(self, options: Options) -> str | None:
        """The number that is wanted, in full.  Raises UsageError before anything is sent."""
        number, code = options.get("phone_number"), options.get("default_country_code") or ""
        if number is None:
            return None
        if not str(number).strip():
            raise UsageError(f"{self.label(options)}: phone_number is empty", advice="To remove the phone write state absent")
        try:
            return phone_number.normal(str(number), str(code))
        except ValueError as error:
            raise UsageError(f"{self.label(options)}: {error}") from None

    def read(self, session: RestSession, options: Options) -> engine.Reading:
        """All methods at once: whether a phone is the last one is known from the same moment."""
        try:
            methods = session.request("GET", paths.path(f"{self.collection}/{{}}/authentication/methods", options["identity"])).output
        except NotFound:
            raise no_user(options["identity"], session.target) from None
        phones = {one.get("phoneType"): one for one in methods if one.get("@odata.type") == _KIND}
        found = phones.get(values.camel(options["phone_type"]))
        return engine.Reading(self.state(found) if found else None, methods)

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        number = self._number(options)
        return {} if number is None else {"phone_number": number}

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        whole = f"{self.collection}/{{}}/authentication/phoneMethods"
        body = {"phoneType": values.camel(options["phone_type"])} | self.body(todo.changes, {})
        if todo.action == "create":
            self._refuse_lonely_alternate(options, found.background)
            super().create(todo, options)  # refuses what lacks a number
            return [Ask("POST", body, paths.path(whole, options["identity"]))]
        one = paths.path(f"{whole}/{{}}", options["identity"], (found.state or {})["id"])
        if todo.action == "delete":
            self._refuse_removal(options, found.background, (found.state or {})["id"])
            return [Ask("DELETE", {}, one)]
        return [Ask("PATCH", body, one)]

    def _refuse_lonely_alternate(self, options: Options, methods: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        if options["phone_type"] == "alternate_mobile" and not _has(methods, "mobile"):
            raise UsageError(f"{self.label(options)}: the user has no mobile phone, and needs one first", advice="Give the number as the mobile phone")

    def _refuse_removal(self, options: Options, methods: t.Sequence[t.Mapping[str, t.Any]], identifier: str) -> None:
        if options["phone_type"] == "mobile" and _has(methods, "alternateMobile"):
            raise UsageError(
                f"{self.label(options)} cannot be removed while there is an alternate mobile phone",
                advice="Remove the alternate one, or write its number into the mobile phone and remove the alternate one then",
            )
        others = [one for one in methods if one.get("id") != identifier and str(one.get("@odata.type")).lower() not in _NO_SECOND_FACTOR]
        if not others and not options.get("remove_only_method"):
            raise UsageError(
                f"{self.label(options)} is the only method with which the user can pass multi-factor authentication, so it is not removed",
                advice="Register another method first, or set remove_only_method",
            )

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if isinstance(error, BadParameter) and call.cmdlet == "DELETE":
            error.advice = "If the phone is the user's default method, the user has to choose another default first"
        return super().explain(error, call)


def _has(methods: t.Sequence[t.Mapping[str, t.Any]], phone_type: str) -> bool:
    return any(one.get("phoneType") == phone_type for one in methods)
