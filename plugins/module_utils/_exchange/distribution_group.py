# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distribution groups, and their members, which cmdlets of their own read and write."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_enabled, units
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options, common


def _type(value: t.Any) -> str:
    """An option's value, or the group's flags: ``Universal, SecurityEnabled``.  The kind of recipient does not say it of a list of rooms."""
    return "security" if values.fold(str(value)) == "security" or "securityenabled" in values.fold(str(value)) else "distribution"


def _is_room_list(value: t.Any) -> bool:
    """An option's value, or the kind of recipient."""
    return value if isinstance(value, bool) else values.fold(str(value)) == "roomlist"


FIELDS = (
    *mail_enabled.FIELDS,
    Field("organizational_unit", codec=units.UNIT, immutable=True, instead=units.INSTEAD),
    Field("type", read="GroupType", codec=values.Codec(_type, dump=values.pascal), immutable=True),
    Field("room_list", read="RecipientTypeDetails", codec=values.Codec(_is_room_list)),
    Field("members", codec="members"),
    Field("managed_by", codec="owners"),
    Field("grant_send_on_behalf_to", codec="recipients"),
    Field("max_send_size", codec="size"),
    Field("max_receive_size", codec="size"),
)


class DistributionGroup(mail_enabled.MailEnabled):
    """A distribution group, whether the group of Active Directory exists already or not."""

    thing = "distribution group"
    bearer = "group"
    bearer_noun = "Group"
    bearer_kinds = ("UniversalDistributionGroup", "UniversalSecurityGroup")
    unlisted = essential = ("members",)

    # reading

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The group, with its members where they matter."""
        found = super().fetch(session, options)
        if found is None or options.get("members") is None:
            return found
        cmdlet = "Get-DistributionGroupMember"
        parameters = {"Identity": found["DistinguishedName"], "ResultSize": "Unlimited"} | common(options)
        answer = session.invoke(cmdlet, parameters, properties=("Identity",))
        if answer.truncated:
            raise Truncated(f"the list of the members of {self.label(options)} is incomplete", cmdlet=cmdlet, target=session.target)
        return found | {"Members": [_identity(one, cmdlet, session.target) for one in answer.output]}

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if current is not None:
            self._refuse_conversion(options, wanted, current)
        self._refuse_two_reports(options, wanted, current or {"report_to_originator_enabled": True})
        if current is not None and "members" in wanted:
            after = lists.apply("members", wanted["members"], current["members"], values.NAME.key)
            added, _removed = lists.difference(current["members"], after, values.NAME.key)
            if added:
                self._refuse_circle(session, options, added, current["distinguished_name"])
        return wanted

    def _refuse_conversion(self, options: Options, wanted: plan.State, current: plan.State) -> None:
        kind = wanted.get("type", current["type"])
        if kind != current["type"]:
            raise UsageError(
                f"{self.label(options)} is of type {current['type']}, and Exchange cannot make it one of type {kind}",
                advice="Active Directory can, with Set-ADGroup -GroupCategory",
            )
        if wanted.get("room_list") is False and current["room_list"]:
            raise UsageError(f"{self.label(options)} is a room list and does not become another group", advice="Make a new group with its members")

    def _refuse_two_reports(self, options: Options, wanted: plan.State, current: plan.State) -> None:
        """Delivery reports go to the owners or to the sender, not to both; a new group's go to the sender."""
        both = ("report_to_manager_enabled", "report_to_originator_enabled")
        if any(name in wanted for name in both) and all(wanted.get(name, current.get(name)) for name in both):
            raise UsageError(f"{self.label(options)}: {both[0]} and {both[1]} cannot both be true", advice="Set the other one to false as well")

    def _refuse_circle(self, session: Session, options: Options, added: t.Collection[str], own: str) -> None:
        """Exchange lets groups contain each other in a circle, and delivers once; permissions and reports then say what nobody meant.

        Looked for upwards, because a group is in few groups but may have many members.
        """
        new = {one.casefold(): one for one in added}
        seen: set[str] = set()
        waiting = [{"Identity": own}]
        while waiting:
            answer = session.invoke("Get-DistributionGroup", waiting.pop() | common(options), properties=("Identity", "DistinguishedName"))
            for one in answer.output:
                name, dn = _identity(one, "Get-DistributionGroup", session.target), str(one["DistinguishedName"])
                if name.casefold() in new:
                    raise UsageError(f"{self.label(options)} would contain itself: {new[name.casefold()]} {'is it' if dn == own else 'contains it already'}")
                if dn not in seen:
                    seen.add(dn)
                    waiting.append({"Filter": "Members -eq '{}'".format(dn.replace("'", "''")), "ResultSize": "Unlimited"})

    # applying

    def call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        as_named = {"IgnoreNamingPolicy": True} if options.get("ignore_naming_policy") and verb in ("New", "Set") else {}
        return super().call(verb, options, parameters | as_named | (self._bypass(options) if verb in ("Set", "Remove") else {}))

    @staticmethod
    def _bypass(options: Options) -> dict[str, t.Any]:
        return {"BypassSecurityGroupManagerCheck": True} if options.get("bypass_security_group_manager_check") else {}

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """A new group is made with its members, so that a wrong one leaves no group without any."""
        calls = super().create(todo, options, found)
        if calls[0].cmdlet.startswith("New-"):
            for name in ("members", "managed_by"):
                if name in todo.changes and todo.changes[name].after:
                    calls[0].parameters[values.pascal(name)] = list(todo.changes[name].after)
        return calls

    def update(self, changes: t.Mapping[str, plan.Change], options: Options, found: engine.Reading) -> list[engine.Call]:
        calls = super().update({name: change for name, change in changes.items() if name != "members"}, options, found)
        return calls + (self._member_calls(changes["members"], options) if "members" in changes else [])

    def _member_calls(self, change: plan.Change, options: Options) -> list[engine.Call]:
        """All members at once where they are named exactly; otherwise one by one, so that others' changes survive."""
        if change.wanted and change.wanted.exact is not None and change.after:
            return [self._member_call("Update", options, {"Members": change.after})]
        added, removed = lists.difference(change.before or [], change.after, values.NAME.key)
        calls = [self._member_call("Add", options, {"Member": one}) for one in added]
        return calls + [self._member_call("Remove", options, {"Member": one}) for one in removed]

    def _member_call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        named = {"Identity": options["identity"]} | parameters | common(options) | self._bypass(options)
        return engine.Call(f"{verb}-DistributionGroupMember", named | {"Confirm": False})


def _identity(found: t.Any, cmdlet: str, target: str) -> str:
    identity = found.get("Identity") if isinstance(found, dict) else None
    if not identity:
        raise HybridError("an object without an identity was returned", cmdlet=cmdlet, target=target)
    return str(identity)
