# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user has beyond its attributes: a password with its rules, and an account with its switches."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, PasswordRefused, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, DirectorySession, Modification, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codecs, hours, passwords, places, primary, references, security, unit
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DESCRIPTOR, Change, DirectoryResource, Options

_CONTROL = "userAccountControl"
BITS = {
    "enabled": codecs.Bit(0x2, inverted=True),
    "password_not_required": codecs.Bit(0x20),
    "reversible_encryption": codecs.Bit(0x80),
    "password_never_expires": codecs.Bit(0x10000),
    "smartcard_required": codecs.Bit(0x40000),
    "trusted_for_delegation": codecs.Bit(0x80000),
    "not_delegated": codecs.Bit(0x100000),
    "des_only": codecs.Bit(0x200000),
    "trusted_to_authenticate_for_delegation": codecs.Bit(0x1000000),
    "kerberos_preauthentication_required": codecs.Bit(0x400000, inverted=True),
}
"""Option → bit of userAccountControl ([MS-ADTS] 2.2.16)."""
_OF_DOMAIN = "S-1-5-21-"
_NORMAL_ACCOUNT, _DISABLED = 0x200, 0x2
PERSON = (
    Field("user_principal_name", codec="name"),
    Field("surname", write="sn"),
    Field("office", write="physicalDeliveryOfficeName"),
    Field("city", write="l"),
    Field("state_or_province", write="st"),
    Field("country", write="c", codec=codecs.COUNTRY),
    Field("web_page", write="wWWHomePage"),
    Field("fax", write="facsimileTelephoneNumber"),
    Field("notes", write="info"),
    Field("employee_id", write="employeeID"),
    Field("proxy_addresses", codec="proxy_addresses"),
    Field("manager", codec=references.CODEC),
)
FIELDS = (
    *unit.COMMON,
    *PERSON,
    Field("sam_account_name", write="sAMAccountName", codec="name"),
    Field("password", secret=True, read="unicodePwd", write="unicodePwd"),
    Field("must_change_password", write="pwdLastSet", codec=codecs.MUST_CHANGE),
    Field("cannot_change_password", write=DESCRIPTOR, codec=codecs.rights(security.CANNOT_CHANGE_PASSWORD)),
    Field("account_expires", write="accountExpires", codec=codecs.EXPIRY),
    Field("logon_hours", write="logonHours", codec=hours.CODEC),
    Field("workstations", write="userWorkstations", codec=codecs.COMPUTERS),
    Field("locked", write="lockoutTime", codec=codecs.LOCKED),
    Field("member_of", write="memberOf", codec=references.CODEC_OF_MANY),
    Field("service_principal_names", write="servicePrincipalName"),
    Field("kerberos_encryption_types", write="msDS-SupportedEncryptionTypes", codec=codecs.KERBEROS_TYPES),
    *(Field(name, write=_CONTROL, codec=bit.codec()) for name, bit in BITS.items()),
)


@dataclasses.dataclass(frozen=True)
class SetPassword(Change):
    """A change with a password in it; when the domain refuses the password, its rules are read, so that the broken one can be named."""

    password: str = dataclasses.field(default="", repr=False)

    def send(self, session: engine.Tally) -> Answer:
        try:
            return super().send(session)
        except PasswordRefused as error:
            raise passwords.explained(session, error, self.parameters["name"], self.password) from None


class User(DirectoryResource):
    """A user, named by DN, GUID, SID, sAMAccountName or UPN."""

    classes = ("top", "person", "organizationalPerson", "user")
    within = "(&(objectCategory=person)(objectClass=user))"
    bits, number = BITS, _CONTROL
    linked = ("manager", "member_of")
    elsewhere = ("member_of",)
    passing = ("locked",)
    well_known = places.USERS
    facts = ("objectGUID", "objectSid", primary.ATTRIBUTE, "whenCreated", "whenChanged", "lastLogonTimestamp")
    companions = (_CONTROL,)

    def fits(self, found: Entry) -> bool:
        return "user" in found.get("objectClass", ()) and "computer" not in found["objectClass"]

    def properties(self, options: Options) -> list[str]:
        return [name for name in super().properties(options) if name != "unicodePwd"]

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        """Looking at what was written sets no password again."""
        return {**super().pinned(options, state), "update_password": "on_create"}

    def wanted(self, session: DirectorySession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "member_of" in wanted:
            wanted["member_of"] = self._beside_primary(session, wanted["member_of"], current)
        if wanted.get("locked"):
            raise UsageError(
                "locked: an account is locked by the domain, after too many wrong passwords", advice="Write locked: false to unlock it, or enabled: false"
            )
        after = {**(current or {}), **wanted}
        other = next((name for name in ("password_never_expires", "cannot_change_password") if after.get(name)), None)
        if wanted.get("must_change_password") and other:
            raise UsageError(f"must_change_password cannot stand beside {other}, which makes it mean nothing")
        if current is not None and options.get("update_password") != "always":
            wanted.pop("password", None)
        return wanted

    def _beside_primary(self, session: DirectorySession, request: lists.Wanted, current: plan.State | None) -> lists.Wanted:
        asked = request.members()
        found = dict(zip(asked, self.references.find(session, "member_of", asked), strict=True))
        wrong = next((one for one in asked if "objectClass" in found[one] and "group" not in found[one]["objectClass"]), None)
        if wrong is not None:
            raise UsageError(f"member_of: {wrong} is no group", target=session.target)
        sids = {one: primary.first(entry, "objectSid") for one, entry in found.items()}
        state = current or {"object_sid": next((sid for sid in sids.values() if str(sid).startswith(_OF_DOMAIN)), None), "primary_group_id": primary.USERS}
        return primary.without("member_of", request, lambda one: primary.is_in(sids[one], state["object_sid"], state["primary_group_id"]))

    def fresh(self, session: DirectorySession, options: Options, wanted: plan.State) -> plan.State:
        wanted = super().fresh(session, options, wanted)
        called = self.called(options[self.key])
        usual = {"sam_account_name": called.text} if called.form == "name" else {"user_principal_name": called.text} if called.form == "upn" else {}
        wanted = {**usual, "enabled": bool(wanted.get("password")), **wanted}
        if not wanted.get("sam_account_name"):
            raise UsageError(f"{self.label(options)} does not exist, and sam_account_name is needed to create it")
        checked(str(wanted["sam_account_name"]))
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        enabled = todo.changes.get("enabled")
        if todo.action == "create" and enabled and enabled.after and not (options.get("password") or (todo.after or {}).get("password_not_required")):
            raise UsageError(
                f"{self.label(options)} does not exist, and a new account is enabled with a password only", advice="Give a password, or enabled: false"
            )
        if todo.action in ("create", "update") and "sam_account_name" in todo.changes:
            checked(str(todo.changes["sam_account_name"].after))
        calls = super().calls(todo, options, found)
        if "password" not in todo.changes:
            return calls
        password = str.__str__(todo.changes["password"].after)
        calls = [SetPassword(one.cmdlet, one.parameters, password) if _has_password(one) else one for one in calls]
        if todo.action == "update" and options.get("must_change_password"):
            place = next(number for number, one in enumerate(calls, 1) if isinstance(one, SetPassword))
            asking = [Modification("replace", "pwdLastSet", (codecs.MUST_CHANGE.dump(True),))]
            calls.insert(place, Change("modify", {"name": calls[place - 1].parameters["name"], "changes": asking}))
        return calls

    def update(self, todo: plan.Plan, name: str, found: Entry) -> list[engine.Call]:
        """What a user is a member of is written at the groups, while the user still has the old name."""
        change = todo.changes.get("member_of")
        calls = super().update(todo, name, found)
        if change is None:
            return calls
        added, removed = lists.difference(change.before or [], change.after, lambda one: one.key)
        todo_at = [("add", str(one)) for one in added] + [("delete", str(one)) for one in removed]
        return [*(Change("modify", {"name": group, "changes": [Modification(how, "member", (name,))]}) for how, group in todo_at), *calls]

    def initial(self, changes: t.Mapping[str, plan.Change], found: Entry) -> int:
        return super().initial(changes, found) or _NORMAL_ACCOUNT | _DISABLED

    def steps(self, changes: t.Mapping[str, plan.Change], found: Entry) -> list[Modification]:
        """The password before whatever depends on its being there.

        Setting it says when it was set, so that the demand to change it follows by itself; a new account is unlocked.
        """
        own = [Modification("replace", "unicodePwd", (Secret(changes["password"].after),))] if changes.get("password") else []
        later = {"password", *self.elsewhere} | ({"must_change_password"} if own or not found else set()) | (set() if found else {"locked"})
        return own + super().steps({name: change for name, change in changes.items() if name not in later}, found)

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        return error if isinstance(error, PasswordRefused) else super().explain(error, call)


def _has_password(call: engine.Call) -> bool:
    changes = call.parameters.get("changes") or ()
    return "unicodePwd" in call.parameters.get("attributes", ()) or any(one.attribute == "unicodePwd" for one in changes)


def checked(name: str) -> str:
    """A name before Windows 2000, which has at most 20 characters, and some of them never ([MS-SAMR] 3.1.1.6).  Raises UsageError."""
    if len(name) > 20:
        raise UsageError(f"sam_account_name: '{name}' has {len(name)} characters; an account's has at most 20")
    wrong = sorted(set(name) & set('"/\\[]:;|=,+*?<>@'))
    if wrong or name.endswith("."):
        raise UsageError(f"sam_account_name: '{name}' has {' '.join(wrong) or 'a full stop at its end'}, which no account name has")
    return name
