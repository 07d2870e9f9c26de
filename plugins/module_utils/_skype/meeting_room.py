# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of meeting rooms of Skype for Business Server.

A room is an account of Active Directory that was enabled as such: there is nothing to make or to remove but that.
Sources: Microsoft's reference of Enable-, Set-, Move-, Get- and Disable-CsMeetingRoom, of Get-CsAdUser, and of the Grant- cmdlets, which its guide to
room systems calls for rooms as well.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

WIRES: tuple[Wire, ...] = (("powershell", "skype"),)
CREATE_WITH = ("registrar_pool", "sip_address", "sip_address_type", "sip_domain")
"""What Enable-CsMeetingRoom takes; all else is set afterwards."""
WITH_DOMAIN = ("sam_account_name", "first_last_name")
"""The kinds of SIP address that are made of a name and a domain, which must be said."""
POLICIES = (
    *("voice_policy", "voice_routing_policy", "dial_plan", "conferencing_policy", "external_access_policy", "client_policy"),
    *("location_policy", "archiving_policy", "hosted_voicemail_policy"),
)
"""What is granted, each kind by a cmdlet of its own."""
DEFAULTS: dict[str, t.Any] = {
    "enabled": True,
    "enterprise_voice_enabled": False,
    "audio_video_disabled": False,
    "remote_call_control_telephony_enabled": False,
    "exchange_archiving_policy": "uninitialized",
    **dict.fromkeys(POLICIES, ""),
}


def sip(value: t.Any) -> str:
    """An address with its scheme.

    >>> sip("Room1@contoso.com"), sip("SIP:Room1@contoso.com")
    ('sip:Room1@contoso.com', 'sip:Room1@contoso.com')
    """
    found = re.sub(r"(?i)^sip:", "", values.text(value).strip())
    return f"sip:{found}" if found else ""


def telephone(value: t.Any) -> str:
    """A number with its scheme.

    >>> telephone("+14255551297;ext=97"), telephone("TEL:+14255551297")
    ('tel:+14255551297;ext=97', 'tel:+14255551297')
    """
    found = re.sub(r"(?i)^tel:", "", values.text(value).strip())
    return f"tel:{found}" if found else ""


def policy(value: t.Any) -> str:
    """A per-user policy's name without its scope.

    >>> policy("Tag:Rooms"), policy(None)
    ('Rooms', '')
    """
    return re.sub(r"(?i)^tag:", "", values.text(value).strip())


def pool(value: t.Any) -> str:
    """The full name of a pool, which a server may show as an object."""
    if isinstance(value, t.Mapping):
        shown = {values.fold(name): one for name, one in value.items()}
        value = next((shown[name] for name in ("friendlyname", "poolfqdn", "fqdn") if shown.get(name)), None)
    return values.text(value).strip()


SIP = values.Codec(sip, str.casefold, values.TEXT.dump)
TELEPHONE = values.Codec(telephone, str.casefold, values.TEXT.dump)
SHOWN = (
    Field("registrar_pool", codec=values.Codec(pool, str.casefold)),
    *(Field(name, codec=SIP) for name in ("sip_address", "line_server_uri")),
    *(Field(name, codec=TELEPHONE) for name in ("line_uri", "private_line")),
    *(Field(name, codec=values.Codec(policy, str.casefold, values.TEXT.dump)) for name in POLICIES),
)
"""What users have as well."""
FIELDS = (*SHOWN, Field("sip_address_type", read=""), Field("sip_domain", read=""))


class MeetingRoom(CmdletResource):
    """A meeting room."""

    making_verb, removing_verb = "Enable", "Disable"
    facts = ("display_name", "user_principal_name")
    needed = ("registrar_pool",)
    named_by = ("userprincipalname", "sipaddress", "identity")

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self._enabled: set[str] = set()  # rooms that were just enabled, which domain controllers show as accounts before they show them as rooms

    def label(self, options: Options) -> str:
        return f"meeting room '{options['identity']}'"

    def properties(self) -> list[str]:
        return [*super().properties(), "identity"]

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        """With the distinguished name, which stays when the SIP address changes."""
        shown = {values.fold(name): value for name, value in found.items()}
        return super().state(found) | {"distinguished_name": values.text(shown.get("identity"))}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        name = (state or {}).get("distinguished_name")
        return {**options, "identity": name} if name else options

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "sip_address" in wanted and not wanted["sip_address"]:
            raise UsageError("sip_address is empty; a meeting room has one")
        if current is None and str(options["identity"]).casefold() in self._enabled:
            return wanted
        if current is None:
            self._refuse_incomplete(options)
            self._refuse_user(session, options)
        if "sip_address" in wanted and wanted["sip_address"].casefold() != str((current or {}).get("sip_address", "")).casefold():
            self._refuse_taken(session, options, wanted["sip_address"], current)
        return wanted

    def _refuse_incomplete(self, options: Options) -> None:
        kind = options.get("sip_address_type")
        if not options.get("sip_address") and not kind:
            raise UsageError(f"{self.label(options)} is not enabled yet, and sip_address or sip_address_type is needed to enable it")
        if kind in WITH_DOMAIN and not options.get("sip_domain"):
            raise UsageError(f"sip_address_type {kind} needs sip_domain")

    def _refuse_user(self, session: Session, options: Options) -> None:
        """Raises NotFound where there is no account, and UsageError for one that is enabled already, as a user."""
        account = self._account(session, options, options["identity"])
        if account is None:
            advice = "Make the account first; one that is new may not have reached every domain controller, so name its own in domain_controller"
            raise NotFound(f"there is no account '{options['identity']}'", cmdlet="Get-CsAdUser", target=session.target, advice=advice)
        if account.get("sipaddress"):
            text = f"the account '{options['identity']}' is not a meeting room, but is enabled as {account['sipaddress']}, perhaps as a user"
            raise UsageError(text, target=session.target, advice="A room needs an account of its own; or take this one's away first, with Disable-CsUser")

    def _refuse_taken(self, session: Session, options: Options, address: str, current: plan.State | None) -> None:
        owner = self._account(session, options, address)
        if owner is not None and values.text(owner.get("identity")).casefold() != str((current or {}).get("distinguished_name", "")).casefold():
            raise UsageError(f"{address} is the SIP address of '{values.text(owner.get('identity'))}' already", target=session.target)

    def _account(self, session: Session, options: Options, identity: t.Any) -> dict[str, t.Any] | None:
        """An account by its folded properties; None where the server proves that there is none."""
        cmdlet, names = "Get-CsAdUser", {"identity", "sipaddress"}
        try:
            answer = session.invoke(cmdlet, {"Identity": identity} | common(options), properties=names)
        except NotFound:
            return None
        found = single(answer, cmdlet, session.target, f"account '{identity}'")
        return {values.fold(name): value for name, value in found.items()}

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            self._enabled.add(str(options["identity"]).casefold())
        if todo.action != "update":
            return super().calls(todo, options, found)
        named = {"Identity": (found.state or {}).get("distinguished_name") or options["identity"]}
        granted = {name: change for name, change in todo.changes.items() if name in POLICIES}
        changes = {name: change for name, change in todo.changes.items() if name not in (*POLICIES, "registrar_pool")}
        made = [self.call("Set", options, named | self.dump(changes))] if changes else []
        for name, change in granted.items():
            parameters = named | {"PolicyName": change.after or None, "Confirm": False} | common(options)
            made.append(engine.Call(f"Grant-Cs{self.attributes[name].write}", parameters))
        if "registrar_pool" in todo.changes:
            force = {"Force": True} if options.get("force") else {}
            made.append(self.call("Move", options, named | {"Target": todo.changes["registrar_pool"].after} | force))
        return made

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if "failed to return unique result" in error.text.casefold():
            error.advice = "Another user, room or device has the SIP address or the telephone number; it must be unique in the deployment"
        return super().explain(error, call)
