# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts: what the account database demands of users and groups, and what it keeps itself (MS-SAMR, section 3.1.1.8)."""

from __future__ import annotations

import datetime
import re
import secrets
import typing as t

from hybridlab.ad import passwords, refusals, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.reading import UF_DISABLED, UF_NEVER_EXPIRES, UF_NO_PASSWORD

UF_NORMAL, UF_WORKSTATION, UF_SERVER = 0x200, 0x1000, 0x2000
_COMPUTED_BITS = 0x10 | 0x800000
_ACCOUNT_TYPES = {UF_NORMAL: 0x30000000, UF_WORKSTATION: 0x30000001, UF_SERVER: 0x30000001}
GLOBAL, LOCAL, UNIVERSAL, SECURITY, BUILT_IN = 0x2, 0x4, 0x8, -0x80000000, 0x1
_SCOPES = GLOBAL | LOCAL | UNIVERSAL
_MEMBER_RULES = {(GLOBAL, LOCAL): "00002144", (GLOBAL, UNIVERSAL): "00002145", (UNIVERSAL, LOCAL): "00002146"}
_BAD_NAME = re.compile(r'["/\\\[\]:;|=,+*?<>\x00-\x1f]|^[. ]*$|\.$')
_LONGEST_USER = 20
_USERS, _GUESTS, _COMPUTERS, _CONTROLLERS = 513, 514, 515, 516
ZERO_AT_FIRST = ("badPwdCount", "codePage", "countryCode", "badPasswordTime", "lastLogoff", "lastLogon", "logonCount")


class Accounts:
    """The account database of one domain; SIDs are counted from 1601 on."""

    def __init__(self, directory: Directory, domain_sid: str, realm: str, netbios: str) -> None:
        self._directory = directory
        self._sid = syntaxes.sid_bytes(domain_sid)
        self._next = 1600
        self.realms = {realm.casefold()}
        """What may stand behind the @ of an account's name, besides its own suffix."""
        self.netbios = netbios.casefold()

    # Who somebody is.

    def named(self, name: str) -> DirectoryObject | None:
        """The account a client means: a distinguished name, a UPN, DOMAIN\\user, or the implicit UPN user@domain."""
        directory = self._directory
        if "=" in name:
            try:
                return directory.find(name)
            except ValueError:
                return None
        domain, separator, account = name.partition("\\")
        if separator:
            return self._account(account) if domain.casefold() in {self.netbios, *self.realms} else None
        found = directory.by_value("userPrincipalName", name)
        if found:
            return found[0]
        account, _, suffix = name.rpartition("@")
        return self._account(account) if account and suffix.casefold() in {self.netbios, *self.realms} else None

    def _account(self, name: str) -> DirectoryObject | None:
        return next(iter(self._directory.by_value("sAMAccountName", name)), None)

    def authenticate(self, name: str, password: str) -> DirectoryObject:
        """The account that logs on.  Raises `refusals.Refused` with the reason in its data."""
        one = self.named(name)
        if one is None:
            raise refusals.credentials("52e" if "=" not in name else "525")
        if one.secret is None or not one.secret.fits(password):
            if one.is_security_principal:
                self._directory.replace(one, self._directory.schema.attributes["badPwdCount"], [b"%d" % (one.number("badPwdCount") + 1)])
            raise refusals.credentials("52e")
        self.admit(one)
        return one

    def admit(self, one: DirectoryObject) -> None:
        """Raises `refusals.Refused` for an account that may not log on although its password is right."""
        control = one.number("userAccountControl")
        if control & UF_DISABLED:
            raise refusals.credentials("533")
        expires = one.number("accountExpires")
        if expires not in (0, syntaxes.NEVER) and expires <= syntaxes.filetime(_now()):
            raise refusals.credentials("701")
        if one.number("pwdLastSet") == 0 and not control & (UF_NEVER_EXPIRES | UF_NO_PASSWORD):
            raise refusals.credentials("773")
        self._directory.replace(one, self._directory.schema.attributes["badPwdCount"], [b"0"])

    # What an account is made of.

    def equip(self, one: DirectoryObject, rid: int | None = None) -> None:
        """Give a new user, computer or group what the account database keeps of it."""
        values: dict[str, t.Any] = {"objectSid": self._sid_of(rid)}
        if "sAMAccountName" not in one.values:
            values["sAMAccountName"] = f"${secrets.token_hex(3).upper()}-{secrets.token_hex(6).upper()}"
        if one.is_a("user"):
            for name in (*ZERO_AT_FIRST, "pwdLastSet"):
                one.values.setdefault(name, [b"0"])
            one.values.setdefault("accountExpires", [b"%d" % syntaxes.NEVER])
            control = one.number("userAccountControl", UF_NORMAL | UF_NO_PASSWORD | UF_DISABLED)
            values["userAccountControl"] = normalised(control, one)
            values["primaryGroupID"] = one.number("primaryGroupID", _COMPUTERS if one.is_a("computer") else _USERS)
        elif "groupType" not in one.values:
            values["groupType"] = SECURITY | GLOBAL
        for name, value in values.items():
            self._write(one, name, value)
        self.classify(one)

    def classify(self, one: DirectoryObject) -> None:
        """Write the account type that follows from what the account is."""
        if one.is_a("group"):
            kind = one.number("groupType")
            value = (0x20000000 if kind & LOCAL else 0x10000000) | (0 if kind & SECURITY else 1)
        else:
            control = one.number("userAccountControl")
            value = next((code for bit, code in _ACCOUNT_TYPES.items() if control & bit), 0x30000000)
        self._write(one, "sAMAccountType", value)

    def _sid_of(self, rid: int | None) -> bytes:
        if rid is None:
            self._next += 1
            rid = self._next
        parts = bytes((1, self._sid[1] + 1)) + self._sid[2:]
        return parts + rid.to_bytes(4, "little")

    def _write(self, one: DirectoryObject, name: str, value: t.Any) -> None:
        encoded = value if isinstance(value, bytes) else str(value).encode()
        self._directory.replace(one, self._directory.schema.attributes[name], [encoded])

    # What it demands.

    def check_name(self, one: DirectoryObject) -> None:
        """Raises `refusals.Refused` for an account name that is taken or none."""
        name = one.text("sAMAccountName")
        if _BAD_NAME.search(name) or (one.is_a("user") and not one.is_a("computer") and len(name) > _LONGEST_USER):
            raise refusals.Refused(80, "00000523: SysErr: DSID-031A1256, problem 22 (Invalid argument), data 0")
        for other in self._directory.by_value("sAMAccountName", name):
            if other is not one:
                raise refusals.exists("00000526" if other.is_a("group") else "00000524")

    def check_control(self, one: DirectoryObject) -> None:
        """Raises `refusals.Refused` for an account that would be enabled without a password that the policy takes."""
        control = one.number("userAccountControl")
        if not control & (UF_DISABLED | UF_NO_PASSWORD) and one.secret is None:
            raise refusals.unwilling("0000052D")

    def set_password(self, one: DirectoryObject, value: bytes, old: bytes | None = None) -> None:
        """Set a password, or change it where the old one is given; values as in unicodePwd.  Raises `refusals.Refused`."""
        new = passwords.decoded(value)
        if new is None:
            raise refusals.unwilling(refusals.BAD_PASSWORD_FORM)
        kept = one.secret or passwords.Kept()
        if old is not None:
            known = passwords.decoded(old)
            if known is None or not kept.fits(known):
                raise self._about_password(refusals.WRONG_PASSWORD)
            if kept.was(new):
                raise self._about_password(refusals.PASSWORD_RULE)
        needs_none = one.number("userAccountControl") & UF_NO_PASSWORD
        if not needs_none and not passwords.acceptable(new, one.text("sAMAccountName"), one.text("displayName")):
            raise self._about_password(refusals.PASSWORD_RULE)
        kept.set(new)
        one.secret = kept
        self._write(one, "pwdLastSet", syntaxes.filetime(_now()))

    def _about_password(self, row: refusals.Row) -> refusals.Refused:
        return refusals.attribute(row.code, row.windows, self._directory.schema.attributes["unicodePwd"].number, "unicodePwd")


def normalised(control: int, one: DirectoryObject) -> int:
    """userAccountControl as it is kept: with a kind of account, without what is computed."""
    control &= ~_COMPUTED_BITS
    if not control & (UF_NORMAL | UF_WORKSTATION | UF_SERVER):
        control |= UF_WORKSTATION if one.is_a("computer") else UF_NORMAL
    return control


def check_member(group: DirectoryObject, member: DirectoryObject) -> None:
    """Raises `refusals.Refused` where the scope of a group forbids a member."""
    if not group.is_a("group") or not member.is_a("group"):
        return
    scopes = (group.number("groupType") & 0xE, member.number("groupType") & 0xE)
    if scopes in _MEMBER_RULES:
        raise refusals.unwilling(_MEMBER_RULES[scopes])


def check_scope(group: DirectoryObject, before: int) -> None:
    """Raises `refusals.Refused` for another scope of a group that the way there, its members or what it is a member of forbid (MS-SAMR, 3.1.1.8.3)."""
    kind = group.number("groupType")
    if {before & _SCOPES, kind & _SCOPES} == {GLOBAL, LOCAL} or kind & _SCOPES not in (GLOBAL, LOCAL, UNIVERSAL):
        raise refusals.unwilling("00002141")
    for member in group.links.get("member", ()):
        check_member(group, member)
    for holder in group.backs.get("member", ()):
        check_member(holder, group)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
