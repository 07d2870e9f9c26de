# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The right to send as a recipient: an extended right in Active Directory, and a right of its own in Exchange Online, with cmdlets of its own."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import ad_permission, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.permission import INHERITANCE, Entry, several
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

SEND_AS = "Send-As"
ONLINE_NOUN = "RecipientPermission"
_ONLINE_RIGHT = "SendAs"
_READ_ONLINE = ("Trustee", "AccessControlType", "AccessRights", "IsInherited")


class SendAsPermission(ad_permission.AdPermission):
    """The one right to send as a recipient, whatever other rights there are."""

    owners = ("Recipient",)
    named_by = CmdletResource.named_by
    choices: t.ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        own = Attribute("extended_rights", "extendedrights", "ExtendedRights", "own", ad_permission.EXTENDED, immutable=False, secret=False)
        super().__init__(noun, attributes | {"extended_rights": own}, key, create_with)
        self._online = False

    def label(self, options: Options) -> str:
        return f"right of '{options['user']}' to send as '{options['identity']}'"

    def admit(self, session: Session, options: Options) -> None:
        super().admit(session, options)
        if online.is_online(session):
            _refuse_online(session, options)

    # reading

    def target(self, session: Session, options: Options) -> dict[str, t.Any]:
        self._online = online.is_online(session)
        return {"Identity": ad_permission.distinguished_name(session, options)}

    def shown_entries(self, session: Session, options: Options, parameters: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """In the cloud an entry has other names for the same things."""
        if not online.is_online(session):
            return super().shown_entries(session, options, parameters)
        asked = {"Trustee" if name == "User" else name: value for name, value in parameters.items()}
        found = self.ask(session, options, f"Get-{ONLINE_NOUN}", asked, _READ_ONLINE)
        return [_as_on_premises(one) for one in found if _ONLINE_RIGHT in several(one.get("accessrights"))]

    def meant(self, shown: t.Mapping[str, t.Any], options: Options) -> bool:
        held = {ad_permission.schema_name(one) for one in several(shown.get("extendedrights"))}
        return super().meant(shown, options) and ad_permission.schema_name(SEND_AS) in held

    def limited(self, found: list[Entry], options: Options) -> list[Entry]:
        return super().limited(found, {**options, "extended_rights": [SEND_AS]})

    def summary(self, found: t.Sequence[Entry], options: Options) -> plan.State:
        state = super().summary(found, options)
        return {name: value for name, value in state.items() if name != INHERITANCE} if self._online else state

    # planning and applying

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        return super().wanted(session, {**options, "extended_rights": {"add": [SEND_AS]}}, current)

    def change(self, verb: str, options: Options, target: dict[str, t.Any], name: str, changed: list[str], inheritance: str | None) -> list[engine.Call]:
        if not self._online:
            return super().change(verb, options, target, name, changed, inheritance)
        if not changed:
            return []
        denied = {"Deny": True} if options.get("deny") else {}
        sent = target | {"Trustee": options["user"], "AccessRights": [_ONLINE_RIGHT], "Confirm": False} | denied
        return [engine.Call(f"{verb}-{ONLINE_NOUN}", sent)]


def _as_on_premises(shown: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """An entry of Exchange Online, by the names that it has on-premises."""
    denied = str(shown.get("accesscontroltype")).casefold() == "deny"
    return {"user": shown.get("trustee"), "deny": denied, "isinherited": shown.get("isinherited"), "extendedrights": [SEND_AS]}


def _refuse_online(session: Session, options: Options) -> None:
    """Raises UsageError for what only Active Directory can say of an entry."""
    if options.get(INHERITANCE):
        raise UsageError(
            f"{INHERITANCE}: Exchange Online has no Add-{ONLINE_NOUN} -InheritanceType", target=session.target, advice="Leave it out for this host"
        )
    if options.get("deny") and options.get("state") != "absent":
        advice = "Take the right away instead, with state absent; an entry that denies it can be removed"
        raise UsageError(f"deny: Exchange Online has no Add-{ONLINE_NOUN} -Deny", target=session.target, advice=advice)
