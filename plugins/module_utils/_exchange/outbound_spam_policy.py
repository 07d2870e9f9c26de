# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of outbound spam filter policies.

Sources: Microsoft's reference of Get-, New-, Set- and Remove-HostedOutboundSpamFilterPolicy.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, single

LIMITS = ("recipient_limit_external_per_hour", "recipient_limit_internal_per_hour", "recipient_limit_per_day")
MOST = 10000
"""The largest limit that the service takes."""
ADDRESSES = ("bcc_suspicious_outbound_additional_recipients", "notify_outbound_spam_recipients")
FIELDS = tuple(Field(name, codec="addresses") for name in ADDRESSES)
DEFAULTS = {
    "auto_forwarding_mode": "automatic",
    "action_when_threshold_reached": "block_user_for_today",
    "bcc_suspicious_outbound_mail": False,
    "notify_outbound_spam": False,
    **dict.fromkeys(LIMITS, 0),
}
_NAMES = ("name", "identity", "guid", "distinguishedname")


class OutboundSpamPolicy(CmdletResource):
    """A policy.  One of them is the default policy, which holds for every sender without another one and stays for ever."""

    facts = ("guid", "distinguished_name", "is_default")
    needed = ()

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The policy.  The reference warns that a name which nothing has may be answered with all policies: then there is none of that name."""
        cmdlet, wanted = f"Get-{self.noun}", str(options[self.key or "name"]).strip("{}").casefold()
        try:
            answer = session.invoke(cmdlet, self.identity(options), properties=self._needed_properties)
        except NotFound:
            return None
        named = [one for one in answer.output if isinstance(one, dict) and wanted in _names(one)]
        if answer.output and not named and not answer.truncated:
            return None
        return single(dataclasses.replace(answer, output=named), cmdlet, session.target, self.label(options))

    def properties(self) -> list[str]:
        return [*super().properties(), "identity"]

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        for name in LIMITS:
            if name in wanted and not 0 <= (wanted[name] or 0) <= MOST:
                raise UsageError(f"{name} is {wanted[name]}; it must be between 0, which means the limit of the service, and {MOST}")
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "delete" and (found.state or {}).get("is_default"):
            advice = "Set it as you want it; other policies come and go with their rules"
            raise UsageError(f"{self.label(options)} is the default policy, which cannot be removed", advice=advice)
        return super().calls(todo, options, found)

    def call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        """Of the cmdlets, Set- alone has -Confirm, and Remove- has -Force in its place."""
        made = super().call(verb, options, parameters)
        if verb == "Set":
            return made
        kept = {name: value for name, value in made.parameters.items() if name != "Confirm"}
        return engine.Call(made.cmdlet, kept | ({"Force": True} if verb == "Remove" else {}))


def _names(found: t.Mapping[str, t.Any]) -> set[str]:
    """What a policy is named by, in small letters."""
    return {str(value).strip("{}").casefold() for name, value in found.items() if values.fold(name) in _NAMES and value}
