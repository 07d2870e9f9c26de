# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the outbound spam policies of Exchange Online let forward to other organizations.  Nothing here talks to a server.

Facts (Microsoft's reference of New-HostedOutboundSpamFilterRule and "Control automatic external email forwarding"):
the first enabled rule whose conditions a sender meets decides which policy holds, and where none does, the default policy.  ``Automatic``
means what ``Off`` means.  Both kinds of mailbox forwarding are subject to the policy, and it blocks what a remote domain allows.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError

Object = t.Mapping[str, t.Any]
MODE = "auto_forwarding_mode"
READABLE = frozenset(("mailuniversaldistributiongroup", "mailuniversalsecuritygroup", "mailnonuniversalgroup", "roomlist"))
"""Folded RecipientTypeDetails of groups whose members Get-DistributionGroupMember lists."""
_CONDITIONS = ("from", "from_member_of", "sender_domain_is")


@dataclasses.dataclass(frozen=True)
class Policy:
    """An outbound spam policy; ``options`` are those of exchange_outbound_spam_policy as they are."""

    name: str
    default: bool
    options: Object

    @property
    def allows(self) -> bool:
        return str(self.options[MODE]) == "on"

    @property
    def label(self) -> str:
        mode = str(self.options[MODE])
        return f"outbound spam policy '{self.name}' ({MODE} {mode}{', which means off' if mode == 'automatic' else ''})"


@dataclasses.dataclass(frozen=True)
class Rule:
    """An outbound spam rule; ``options`` are those of exchange_outbound_spam_rule as they are."""

    name: str
    options: Object

    @property
    def policy(self) -> str:
        return str(self.options["hosted_outbound_spam_filter_policy"])

    @property
    def enabled(self) -> bool:
        return self.options["enabled"] is True

    @property
    def senders(self) -> list[str]:
        return self.members("from")

    def members(self, option: str) -> list[str]:
        return [str(one) for one in self.options.get(option) or ()]

    @property
    def groups(self) -> list[str]:
        return [*self.members("from_member_of"), *self.members("except_if_from_member_of")]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The policy that holds for a sender, and by which rule; ``unsure`` says why that cannot be told, and is empty otherwise."""

    policy: Policy
    rule: Rule | None = None
    unsure: str = ""

    @property
    def allows(self) -> bool:
        return self.policy.allows and not self.unsure


@dataclasses.dataclass(frozen=True)
class Outbound:
    """The policies and rules of a tenant.  ``members`` are the direct members of groups, by folded address, as far as they were read;
    ``kinds`` is what kind of recipient has an address, both folded."""

    policies: tuple[Policy, ...]
    rules: tuple[Rule, ...]
    members: t.Mapping[str, frozenset[str]]
    kinds: t.Mapping[str, str]

    @property
    def default(self) -> Policy:
        """The policy for senders without a rule.  Raises HybridError where it was not read."""
        found = next((one for one in self.policies if one.default), None)
        if found is None:
            raise HybridError("the default outbound spam policy was not read, so nothing can be said about forwarding")
        return found

    def named(self, name: str) -> Policy | None:
        return next((one for one in self.policies if one.name.casefold() == name.casefold()), None)

    def rule_of(self, policy: str) -> Rule | None:
        """The rule of a policy, which has at most one."""
        return next((one for one in self.rules if one.policy.casefold() == policy.casefold()), None)

    @property
    def unread(self) -> list[str]:
        """The groups, nested ones included, whose members decide about a rule that is in force and were not read yet."""
        asked = [group for rule in self.rules if rule.enabled for group in rule.groups]
        seen: dict[str, str] = {}
        while asked:
            group = asked.pop()
            if group.casefold() in seen:
                continue
            seen[group.casefold()] = group
            asked += [one for one in self.members.get(group.casefold(), ()) if one in self.kinds and "group" in self.kinds[one]]
        return sorted(group for folded, group in seen.items() if folded not in self.members and self.kinds.get(folded) in READABLE)

    def verdict(self, sender: str) -> Verdict:
        """The policy for a sender, by primary address."""
        for rule in sorted((one for one in self.rules if one.enabled), key=lambda one: int(one.options["priority"])):
            holds = self._holds(rule, sender.casefold())
            policy = self.named(rule.policy)
            if holds is None or (holds and policy is None):
                why = "members of one of its groups cannot be read" if holds is None else f"its policy '{rule.policy}' was not read"
                return Verdict(policy or self.default, rule, f"whether outbound spam rule '{rule.name}' holds for it cannot be told, because {why}")
            if holds and policy:
                return Verdict(policy, rule)
        return Verdict(self.default)

    def _holds(self, rule: Rule, sender: str) -> bool | None:
        """Whether a sender meets all conditions and no exception; None where that depends on what is unknown."""
        met = [self._meets(sender, option, rule.members(option)) for option in _CONDITIONS if rule.members(option)]
        excepted = [self._meets(sender, option, rule.members(f"except_if_{option}")) for option in _CONDITIONS]
        if False in met or True in excepted or not met:
            return False
        return None if None in met or None in excepted else True

    def _meets(self, sender: str, option: str, wanted: t.Sequence[str]) -> bool | None:
        folded = [one.casefold() for one in wanted]
        if option == "from":
            return sender in folded
        if option == "sender_domain_is":
            domain = sender.rpartition("@")[2]
            return any(domain == one or domain.endswith(f".{one}") for one in folded)  # a domain stands for its subdomains, too
        return self._member(sender, folded)

    def _member(self, sender: str, groups: t.Iterable[str]) -> bool | None:
        """Whether one of the groups, or a group in it, has the member."""
        asked, seen, unknown = list(groups), set[str](), False
        while asked:
            group = asked.pop()
            if group in seen:
                continue
            seen.add(group)
            if group not in self.members:
                unknown = True
            elif sender in self.members[group]:
                return True
            else:
                asked += [one for one in self.members[group] if "group" in self.kinds.get(one, "") or self.kinds.get(one) == "roomlist"]
        return None if unknown else False


def load(reading: Object, recipients: t.Iterable[Object]) -> Outbound:
    """Out of a reading.

    ``policies`` and ``rules`` are loop results of exchange_outbound_spam_policy and _rule, ``members`` (which may be missing) of
    Get-DistributionGroupMember, one for each group; ``recipients`` the output of Get-Recipient.  Raises HybridError, KeyError.
    """
    kinds = {values.smtp_address(one.get("PrimarySmtpAddress")).casefold(): values.fold(str(one.get("RecipientTypeDetails") or "")) for one in recipients}
    members: dict[str, frozenset[str]] = {}
    for result in reading.get("members") or ():
        if result.get("truncated"):
            raise HybridError(f"the server returned only a part of the members of {result['item']}, so nothing can be said about forwarding")
        members[str(result["item"]).casefold()] = frozenset(values.smtp_address(one.get("PrimarySmtpAddress")).casefold() for one in result["output"]) - {""}
    policies = [_plain(one["resource"]) for one in reading["policies"] if one["resource"]]
    rules = [_plain(one["resource"]) for one in reading["rules"] if one["resource"]]
    return Outbound(
        tuple(Policy(str(one["name"]), one.get("is_default") is True, one) for one in policies),
        tuple(Rule(str(one["name"]), one) for one in rules),
        members,
        kinds,
    )


def _plain(resource: Object) -> dict[str, t.Any]:
    """Without the containers of ansible-core 2.19, which cannot be built anew."""
    return {str(name): list(value) if isinstance(value, (list, tuple)) else value for name, value in resource.items()}
