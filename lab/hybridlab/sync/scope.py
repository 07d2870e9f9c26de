# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects of Active Directory are synchronised, and which rule excludes an object.

Sources: "Microsoft Entra Connect Sync: Understanding the default configuration" (objects that are out of scope); for DirSync the list of
the vendor's blog of 2011 with KB 2256198 and KB 3066176.
"""

from __future__ import annotations

import re
import typing as t

from hybridlab.ad.directory import DirectoryObject

KINDS = ("user", "contact", "group")
SPECIAL_RECIPIENTS = 0x21C07000
"""Bits of msExchRecipientTypeDetails: objects that Exchange has for itself, and groups of kinds that are no more."""
ROLE_GROUP = 0x40000000
LINKED_MAILBOX = 2
MOST_MEMBERS = {"connect": 250_000, "cloud": 50_001, "aadsync": 50_000, "dirsync": 15_000}
"""With so many direct members a group is left out."""
_DIRSYNC_RECIPIENTS = (0x1000, 0x2000, 0x4000, 0x400000, 0x800000, 0x1000000, 0x20000000)
_SECURITY = -0x80000000
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

Test = t.Callable[[DirectoryObject], bool]


class Rule(t.NamedTuple):
    """``text`` says what about an object keeps it out."""

    text: str
    applies: Test


def kind(one: DirectoryObject) -> str | None:
    """user, contact, group, or None for what is not synchronised whatever it is like."""
    if one.is_a("computer"):
        return None
    return next((name for name in KINDS if one.is_a(name)), None)


def excluded(one: DirectoryObject, generation: str = "connect") -> str | None:
    """The rule that keeps an object out; None for one that is synchronised.  The object is of one of `KINDS`."""
    found = kind(one)
    rules = _RULES["dirsync" if generation == "dirsync" else "connect"]
    for rule in (*rules["any"], *rules[str(found)]):
        if rule.applies(one):
            return rule.text
    if found == "group" and len(one.links.get("member", ())) >= MOST_MEMBERS[generation]:
        return f"group has {MOST_MEMBERS[generation]:,} members or more"
    return None


def _present(name: str) -> Test:
    return lambda one: one.raw(name) is not None


def _absent(name: str) -> Test:
    return lambda one: not one.text(name)


def _begins(name: str, *beginnings: str) -> Test:
    wanted = tuple(map(str.casefold, beginnings))
    return lambda one: one.text(name).casefold().startswith(wanted)


def _begins_and_holds(name: str, beginning: str, held: str) -> Test:
    return lambda one: one.text(name).casefold().startswith(beginning.casefold()) and held in one.text(name)


def _details(test: t.Callable[[int], bool]) -> Test:
    return lambda one: test(one.number("msExchRecipientTypeDetails"))


def mail_enabled(one: DirectoryObject) -> bool:
    """Whether mail can reach the object: a primary SMTP address, or a mail attribute that is an address."""
    primary = next((value[5:] for value in one.texts("proxyAddresses") if value.startswith("SMTP:")), "")
    return bool(_ADDRESS.fullmatch(primary) or _ADDRESS.fullmatch(one.text("mail")))


def _hidden_account(one: DirectoryObject) -> bool:
    return "(msol)" in one.text("displayName").casefold() and one.truth("msExchHideFromAddressLists")


def _distribution_without_mail(one: DirectoryObject) -> bool:
    return one.number("groupType") >= 0 and not mail_enabled(one)


_CRITICAL = Rule("isCriticalSystemObject is present", _present("isCriticalSystemObject"))
_CONFLICT = Rule("the object is the loser of a replication conflict (CNF:)", lambda one: "\nCNF:" in one.name)
_SUPPORT = Rule("sAMAccountName is SUPPORT_388945a0", lambda one: one.text("sAMAccountName").casefold() == "support_388945a0")
_NAMELESS = Rule("sAMAccountName is absent", _absent("sAMAccountName"))
_CAS_ALIAS = Rule("mailNickname begins with CAS_ and contains }", _begins_and_holds("mailNickname", "CAS_", "}"))
_NO_MAIL = Rule("there is neither a primary SMTP address nor a valid mail", lambda one: not mail_enabled(one))
_RULES: dict[str, dict[str, tuple[Rule, ...]]] = {
    "connect": {
        "any": (_CONFLICT, _CRITICAL),
        "user": (
            _NAMELESS,
            Rule("sAMAccountName begins with AAD_ or MSOL_", _begins("sAMAccountName", "AAD_", "MSOL_")),
            _SUPPORT,
            Rule("mailNickname begins with SystemMailbox{", _begins("mailNickname", "SystemMailbox{")),
            _CAS_ALIAS,
            Rule("sAMAccountName begins with CAS_ and contains }", _begins_and_holds("sAMAccountName", "CAS_", "}")),
            Rule("msExchRecipientTypeDetails is one of a system object", _details(lambda bits: bool(bits & SPECIAL_RECIPIENTS))),
            Rule("the account belongs to a linked mailbox (msExchRecipientTypeDetails 2)", _details(lambda bits: bits == LINKED_MAILBOX)),
        ),
        "contact": (
            Rule("displayName contains (MSOL) and the object is hidden from address lists", _hidden_account),
            _CAS_ALIAS,
            Rule("mail is absent", _absent("mail")),
            Rule("proxyAddresses is absent", _absent("proxyAddresses")),
            _NO_MAIL,
        ),
        "group": (
            Rule("sAMAccountName is MSOL_AD_Sync_RichCoexistence", _begins("sAMAccountName", "MSOL_AD_Sync_RichCoexistence")),
            Rule("the group is a role group of Exchange", _details(lambda bits: bool(bits & ROLE_GROUP))),
            Rule("the distribution group has neither a primary SMTP address nor a valid mail", _distribution_without_mail),
        ),
    },
    "dirsync": {
        "any": (_CONFLICT, _CRITICAL),
        "user": (
            _NAMELESS,
            Rule("mailNickname begins with SystemMailbox{ or CAS_, or contains {", lambda one: _odd_alias(one.text("mailNickname"))),
            Rule("sAMAccountName begins with CAS_ or contains }", lambda one: _odd_account(one.text("sAMAccountName"))),
            _SUPPORT,
            Rule("sAMAccountName begins with MSOL_", _begins("sAMAccountName", "MSOL_")),
            Rule("msExchRecipientTypeDetails is one of a system object", _details(lambda bits: bits in _DIRSYNC_RECIPIENTS)),
        ),
        "contact": (Rule("displayName contains (MSOL) and the object is hidden from address lists", _hidden_account), _NO_MAIL),
        "group": (
            Rule("the distribution group has neither a primary SMTP address nor a valid mail", _distribution_without_mail),
            Rule("the group has an address and no displayName", lambda one: bool(one.text("mail")) and not one.text("displayName")),
        ),
    },
}


def _odd_alias(alias: str) -> bool:
    return alias.casefold().startswith(("systemmailbox{", "cas_")) or "{" in alias


def _odd_account(name: str) -> bool:
    return name.casefold().startswith("cas_") or "}" in name
