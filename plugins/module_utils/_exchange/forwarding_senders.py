# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which outbound spam policy and rule let declared senders forward to other organizations.  Nothing here talks to a server.

The default policy is never opened, because it holds for everybody.  One policy, with a rule for the senders, is the role's own; a new one
begins with the limits of the default policy, whose place it takes for them.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding_outbound import MODE, Outbound, Policy, Rule

POLICY, RULE = "exchange_outbound_spam_policy", "exchange_outbound_spam_rule"
HOSTED = "hosted_outbound_spam_filter_policy"
_NOT_COPIED = ("name", "guid", "distinguished_name", "is_default", "admin_display_name", MODE)
_NOT_SAVED = ("guid", "distinguished_name", "is_default")
_ALSO = ("from_member_of", "sender_domain_is")


@dataclasses.dataclass
class Senders:
    """Senders on their way from what is to what is wanted; ``name`` is that of the role's own policy, and of a rule that is made for it."""

    outbound: Outbound
    name: str
    problems: list[str]
    adding: list[str] = dataclasses.field(default_factory=list)
    removing: list[str] = dataclasses.field(default_factory=list)
    facts: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.policy, self.rule = self.outbound.named(self.name), self.outbound.rule_of(self.name)

    def admit(self, sender: str) -> None:
        """Make way for one who forwards outside."""
        found = self.outbound.verdict(sender)
        if found.unsure:
            self._refuse(sender, f"{found.unsure}. Name the senders of that rule one by one, or make an exception for this one in it")
        elif found.policy.allows:
            self.facts.append(f"{found.policy.label} lets {sender} forward to other organizations")
        elif found.rule and found.policy.name.casefold() == self.name.casefold():
            self._refuse(
                sender,
                f"{found.policy.label} holds for it by rule '{found.rule.name}' and does not let it forward. Set auto_forwarding_mode to on with {POLICY} "
                "when all its senders may forward, or name another policy in mail_forwarding_outbound_policy",
            )
        elif found.rule:
            self._refuse(
                sender,
                f"outbound spam rule '{found.rule.name}' puts it under {found.policy.label}. Make an exception for it in that rule (except_if_from of "
                f"{RULE}), so that '{self.name}' can hold for it, or let that policy forward when all its senders may",
            )
        else:
            self._add(sender)

    def release(self, sender: str) -> None:
        """One who is declared and does not forward outside needs no leave to do so."""
        if self.rule and self.policy and sender.casefold() in _folded(self.rule.senders):
            self.removing.append(sender)
            self.facts.append(f"outbound spam rule '{self.rule.name}' does not name {sender}")

    def _add(self, sender: str) -> None:
        why = self._unusable(sender)
        if why:
            self._refuse(sender, why)
            return
        self.adding.append(sender)
        self.facts.append(f"outbound spam policy '{self.name}' ({MODE} on) lets {sender} forward to other organizations")

    def _unusable(self, sender: str) -> str:
        """Why the role's own policy and rule cannot take a sender; empty where they can."""
        rule = self.rule
        if self.policy and self.policy.default:
            return f"'{self.name}' is the default policy, which holds for everybody and is never opened. Name another one in mail_forwarding_outbound_policy"
        if rule is None:
            taken = next((one for one in self.outbound.rules if one.name.casefold() == self.name.casefold()), None)
            return f"outbound spam rule '{taken.name}' is there for policy '{taken.policy}'. Name another mail_forwarding_outbound_policy" if taken else ""
        if not rule.enabled:
            return f"outbound spam rule '{rule.name}' is disabled. Enable it when all its senders may forward, or name another mail_forwarding_outbound_policy"
        also = [name for name in _ALSO if rule.members(name)]
        if also:
            return (
                f"outbound spam rule '{rule.name}' has {' and '.join(also)} as well, which a sender must meet beside from. "
                "Add the sender to what it names, or name another mail_forwarding_outbound_policy"
            )
        if self.policy is None or not self.policy.allows:
            return f"policy '{self.name}' of rule '{rule.name}' does not let its senders forward. Name another mail_forwarding_outbound_policy"
        named = Rule(rule.name, {**rule.options, "from": [sender]})
        reached = dataclasses.replace(self.outbound, rules=(named,)).verdict(sender)
        return "" if reached.allows and reached.rule else f"outbound spam rule '{rule.name}' makes an exception for it. Take it out of its exceptions"

    def _refuse(self, sender: str, why: str) -> None:
        self.problems.append(f"mailbox {sender}: {why}")

    # What changes

    @property
    def _left(self) -> list[str]:
        gone = _folded(self.removing)
        return [one for one in (self.rule.senders if self.rule else ()) if one.casefold() not in gone]

    @property
    def _ends(self) -> bool:
        """Whether the rule has no sender left, so that it goes, with its policy."""
        return bool(self.rule and self.removing) and not (self._left or self.adding or any(self.rule.members(name) for name in _ALSO if self.rule))

    @property
    def opening(self) -> dict[str, list[dict[str, t.Any]]]:
        """Options of the modules for what comes before the mailboxes, the policy first."""
        found: dict[str, list[dict[str, t.Any]]] = {"policies": [], "rules": []}
        if not self.adding:
            return found
        if self.policy is None:
            copied = {name: value for name, value in self.outbound.default.options.items() if name not in _NOT_COPIED and value not in (None, "", [])}
            found["policies"].append({**copied, "name": self.name, MODE: "on"})
        elif not self.policy.allows:
            found["policies"].append({"name": self.policy.name, MODE: "on"})
        if self.rule is None:
            found["rules"].append({"name": self.name, HOSTED: self.name, "from": list(self.adding)})
        else:
            found["rules"].append({"name": self.rule.name, "from": {"add": list(self.adding)}})
        return found

    @property
    def closing(self) -> dict[str, list[dict[str, t.Any]]]:
        """Options of the modules for what comes after the mailboxes, the rule first."""
        if not (self.rule and self.policy and self.removing):
            return {"rules": [], "policies": []}
        if self._ends:
            return {"rules": [{"name": self.rule.name, "state": "absent"}], "policies": [{"name": self.policy.name, "state": "absent"}]}
        return {"rules": [{"name": self.rule.name, "from": {"remove": list(self.removing)}}], "policies": []}

    @property
    def saved(self) -> dict[str, list[dict[str, t.Any]]]:
        """Options of the modules for the present values of what changes."""
        policies = [self._before(self.policy, MODE)] if self.opening["policies"] or self._ends else []
        rules = [self._before(self.rule, "from")] if self.adding or self.removing else []
        return {"outbound_spam_policies": policies, "outbound_spam_rules": rules}

    def _before(self, present: Policy | Rule | None, changing: str) -> dict[str, t.Any]:
        """What there is: nothing, an option that changes, or all of it where it goes."""
        if present is None:
            return {"name": self.name, "state": "absent"}
        if not self._ends:
            return {"name": present.name, changing: present.options[changing]}
        return {name: value for name, value in present.options.items() if name not in _NOT_SAVED and value not in (None, "")}

    @property
    def differences(self) -> t.Iterator[str]:
        for options in self.opening["policies"]:
            like = f"made with the settings of {self.outbound.default.label}, {MODE} on" if self.policy is None else f"set to {MODE} on"
            yield f"outbound spam policy '{options['name']}' is to be {like}"
        for sender in self.adding:
            yield f"outbound spam rule '{self.rule.name if self.rule else self.name}' does not name {sender} and is to name it"
        for sender in self.removing:
            yield f"outbound spam rule '{self.rule.name if self.rule else self.name}' names {sender} and is not to name it"
        if self._ends:
            yield f"outbound spam policy '{self.name}' and its rule have no sender left and are to be removed"

    @property
    def after(self) -> Outbound:
        """The policies and rules after the changes."""
        policies, rules = [one for one in self.outbound.policies if one is not self.policy], [one for one in self.outbound.rules if one is not self.rule]
        if self._ends:
            return dataclasses.replace(self.outbound, policies=tuple(policies), rules=tuple(rules))
        if self.policy or self.adding:
            before = self.policy.options if self.policy else {"name": self.name}
            policies.append(Policy(self.name, bool(self.policy and self.policy.default), {**before, **({MODE: "on"} if self.adding else {})}))
        if self.rule or self.adding:
            last = {"priority": len(rules), "enabled": True, HOSTED: self.name}
            made = {**(self.rule.options if self.rule else last), "from": [*self._left, *self.adding]}
            rules.append(Rule(self.rule.name if self.rule else self.name, made))
        return dataclasses.replace(self.outbound, policies=tuple(policies), rules=tuple(rules))


def _folded(addresses: t.Iterable[str]) -> set[str]:
    return {one.casefold() for one in addresses}
