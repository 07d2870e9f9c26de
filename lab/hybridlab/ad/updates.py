# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LDAP clients change, with the checks of a domain controller: add, modify, delete, rename."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import typing as t

from hybridlab.ad import accounts, messages, names, refusals, rights, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.schema import Attribute, Class
from hybridlab.ad.searching import Searcher

PERMISSIVE, TREE_DELETE = "1.2.840.113556.1.4.1413", "1.2.840.113556.1.4.805"
_ACCOUNT_CLASSES = ("user", "group")
_MUST_CHANGE, _CHANGED_NOW = 0, -1
"""What a client may write to pwdLastSet."""


@dataclasses.dataclass(frozen=True)
class Circumstances:
    """How a request came: over TLS or not, by whom, with which controls."""

    secure: bool
    account: DirectoryObject
    controls: t.Collection[str]


class Updates:
    """The changes of one directory.  The caller holds its lock."""

    def __init__(self, directory: Directory, database: accounts.Accounts, searcher: Searcher, graveyard: DirectoryObject) -> None:
        self._directory = directory
        self._schema = directory.schema
        self._accounts = database
        self._searcher = searcher
        self._graveyard = graveyard

    # Add.

    def add(self, request: messages.Add, how: Circumstances) -> DirectoryObject:
        """A new object.  Raises `refusals.Refused`; nothing is left then."""
        rdn, parent = self._place(request.dn)
        given = self._given(request.attributes)
        cls = self._class(given)
        if rdn[0] != cls.rdn or (cls.below and not cls.below.intersection(parent.classes)):
            raise refusals.naming_violation(request.dn)
        if names.fold(rdn) in parent.children:
            raise refusals.exists()
        one = self._directory.create(parent, rdn[1], cls.name)
        try:
            self._fill(one, given, how)
        except refusals.Refused:
            self._directory.discard(one)
            raise
        self._directory.touch(one)
        return one

    def _place(self, dn: str) -> tuple[names.Rdn, DirectoryObject]:
        try:
            rdn, *_above = names.split(dn)
            above = self._directory.nearest(dn)
        except (names.BadName, ValueError) as error:
            raise refusals.bad_name(dn) from error
        if len(names.split(above.dn)) < len(names.split(dn)) - 1 or above is self._directory.root:
            raise refusals.no_object(above.dn)
        if len(names.split(above.dn)) == len(names.split(dn)):
            raise refusals.exists()
        return rdn, above

    def _given(self, attributes: messages.Attributes) -> dict[Attribute, list[bytes]]:
        found: dict[Attribute, list[bytes]] = {}
        for name, values in attributes:
            found.setdefault(self._attribute(name), []).extend(values)
        return found

    def _class(self, given: dict[Attribute, list[bytes]]) -> Class:
        """The most special of the classes that an add names."""
        values = given.pop(self._schema.attributes["objectClass"], [])
        known = [self._schema.classified(value.decode()) for value in values]
        structural = [one for one in known if one is not None and one.kind == "structural"]
        if not structural or any(one is None for one in known):
            raise refusals.class_violation("00002013" if values else "0000207C") if not values else refusals.conversion(refusals.NO_SUCH_ATTRIBUTE)
        return max(structural, key=lambda one: len(one.chain))

    def _fill(self, one: DirectoryObject, given: dict[Attribute, list[bytes]], how: Circumstances) -> None:
        password = given.pop(self._schema.attributes["unicodePwd"], None)
        for attribute, values in given.items():
            if attribute.name in (one.rdn, "name", "distinguishedName", "objectCategory"):
                continue
            self._writable(attribute, adding=True)
            self._change(one, messages.Change("add", attribute.name, values), attribute, permissive=False)
        if any(one.is_a(name) for name in _ACCOUNT_CLASSES):
            self._accounts.equip(one)
        if password is not None:
            self._set_password(one, [messages.Change("add", "unicodePwd", password)], how)
        if self._schema.attributes["pwdLastSet"] in given:
            self._set_age(one, given[self._schema.attributes["pwdLastSet"]][-1:])
        self._check(one, set(one.values) | set(one.links))

    # Modify.

    def modify(self, request: messages.Modify, how: Circumstances) -> DirectoryObject:
        """All changes of a request or none.  Raises `refusals.Refused`."""
        one = self._searcher.base(request.dn)
        before = (dict(one.values), {name: dict(targets) for name, targets in one.links.items()}, copy.deepcopy(one.secret))
        try:
            self._apply(one, request.changes, how)
        except refusals.Refused:
            self._restore(one, *before)
            raise
        self._directory.touch(one)
        return one

    def _apply(self, one: DirectoryObject, changes: list[messages.Change], how: Circumstances) -> None:
        kind = one.number("groupType")
        secret = [change for change in changes if self._attribute(change.name).name == "unicodePwd"]
        touched = set()
        for change in changes:
            attribute = self._attribute(change.name)
            if attribute.name == "unicodePwd":
                continue
            if attribute.name == one.rdn or attribute.name == "name":
                raise refusals.not_on_rdn()
            self._writable(attribute, adding=False)
            self._change(one, change, attribute, PERMISSIVE in how.controls)
            touched.add(attribute.name)
        asked = list(one.values.get("pwdLastSet", ()))
        if secret:
            self._set_password(one, secret, how)
        if "pwdLastSet" in touched:
            self._set_age(one, asked)
        if "groupType" in touched:
            accounts.check_scope(one, kind)
        self._check(one, touched)

    def _restore(self, one: DirectoryObject, values: dict[str, list[bytes]], links: dict[str, dict[DirectoryObject, None]], secret: t.Any) -> None:
        for name in {*one.values, *values}:
            if one.values.get(name) != values.get(name):
                self._directory.replace(one, self._schema.attributes[name], values.get(name, []))
        for name in {*one.links, *links}:
            for target in [target for target in one.links.get(name, {}) if target not in links.get(name, {})]:
                self._directory.unlink(one, name, target)
            for target in links.get(name, {}):
                self._directory.link(one, name, target)
        one.secret = secret

    def _change(self, one: DirectoryObject, change: messages.Change, attribute: Attribute, permissive: bool) -> None:
        if attribute.name not in one.cls.may and attribute.name not in one.cls.must:
            raise refusals.class_violation("0000207D")
        if attribute.name == rights.NAME:
            self._directory.replace(one, attribute, [rights.written(value) for value in change.values[:1]])
        elif attribute.is_reference:
            self._change_links(one, change, attribute, permissive)
        else:
            self._change_values(one, change, attribute, permissive)

    def _change_values(self, one: DirectoryObject, change: messages.Change, attribute: Attribute, permissive: bool) -> None:
        keys = [self._key(attribute, value) for value in change.values]
        present = {} if change.kind == "replace" else {attribute.key(value): value for value in one.values.get(attribute.name, ())}
        if change.kind == "delete":
            if not present and not permissive:
                raise self._refused(refusals.MISSING_ATTRIBUTE, attribute)
            for key, value in zip(keys, change.values, strict=True):
                if key not in present and not permissive:
                    raise self._refused(refusals.MISSING_VALUE, attribute, len(value))
                present.pop(key, None)
            present = present if keys else {}
        else:
            for key, value in zip(keys, change.values, strict=True):
                if key in present and not permissive:
                    raise self._refused(refusals.HAS_VALUE, attribute, len(value))
                present.setdefault(key, value)
        if attribute.single and len(present) > 1:
            raise self._refused(refusals.SINGLE_VALUE, attribute)
        self._directory.replace(one, attribute, list(present.values()))

    def _change_links(self, one: DirectoryObject, change: messages.Change, attribute: Attribute, permissive: bool) -> None:
        directory, name = self._directory, attribute.name
        targets = [self._target(value) for value in change.values]
        present = one.links.get(name, {})
        if change.kind == "delete":
            for target in targets if targets else list(present):
                if target not in present and not permissive:
                    raise refusals.unwilling(refusals.NO_MEMBER) if name == "member" else self._refused(refusals.MISSING_VALUE, attribute)
                directory.unlink(one, name, target)
            return
        if change.kind == "replace":
            wanted = dict.fromkeys(targets)
            for target in [target for target in present if target not in wanted]:
                directory.unlink(one, name, target)
        for target in targets:
            if change.kind == "add" and target in one.links.get(name, {}) and not permissive:
                raise refusals.exists("00000562") if name == "member" else self._refused(refusals.HAS_VALUE, attribute)
            if name == "member":
                accounts.check_member(one, target)
                if one in self._searcher.primary_group(target):
                    raise refusals.exists("00000562")
            directory.link(one, name, target)
        if attribute.single and len(one.links.get(name, {})) > 1:
            raise self._refused(refusals.SINGLE_VALUE, attribute)

    def _target(self, value: bytes) -> DirectoryObject:
        """The object that a distinguished name in a value means."""
        try:
            return self._searcher.base(value.decode())
        except UnicodeDecodeError as error:
            raise refusals.conversion(refusals.INVALID_SYNTAX) from error

    # Checks.

    def _attribute(self, name: str) -> Attribute:
        attribute = self._schema.attribute(name)
        if attribute is None:
            raise refusals.conversion()
        return attribute

    def _key(self, attribute: Attribute, value: bytes) -> syntaxes.Key:
        try:
            key = attribute.key(value)
        except ValueError as error:
            raise refusals.conversion(refusals.INVALID_SYNTAX) from error
        if not value and attribute.syntax in syntaxes.STRINGS:
            raise refusals.conversion(refusals.INVALID_SYNTAX)
        length = len(value.decode()) if attribute.syntax in syntaxes.STRINGS else len(value)
        if attribute.upper is not None and length > attribute.upper:
            raise self._refused(refusals.TOO_LONG, attribute, length)
        return key

    def _writable(self, attribute: Attribute, adding: bool) -> None:
        if attribute.kind == "sam":
            raise refusals.unwilling(refusals.OWNED_BY_SAM)
        if attribute.kind != "stored" and not (adding and attribute.name == "instanceType"):
            raise self._refused(refusals.SYSTEM_ONLY, attribute)

    def _refused(self, row: refusals.Row, attribute: Attribute, length: int | None = None) -> refusals.Refused:
        return refusals.attribute(row.code, row.windows, attribute.number, attribute.name, length)

    def _set_password(self, one: DirectoryObject, changes: list[messages.Change], how: Circumstances) -> None:
        if not how.secure or not one.is_a("user"):
            raise refusals.unwilling(refusals.BAD_PASSWORD_FORM)
        if [change.kind for change in changes] == ["delete", "add"] and all(change.values for change in changes):
            self._accounts.set_password(one, changes[1].values[0], old=changes[0].values[0])
        elif len(changes) == 1 and changes[0].kind in ("replace", "add") and len(changes[0].values) == 1:
            self._accounts.set_password(one, changes[0].values[0])
        else:
            raise refusals.unwilling(refusals.BAD_PASSWORD_FORM)

    def _set_age(self, one: DirectoryObject, asked: list[bytes]) -> None:
        """What a client may say of a password's age: that it has to be changed, or that it was changed just now."""
        values = {_MUST_CHANGE: 0, _CHANGED_NOW: syntaxes.filetime(datetime.datetime.now(datetime.UTC))}
        value = int(asked[0]) if asked else None
        if value not in values:
            raise refusals.unwilling("00000057")
        self._directory.replace(one, self._schema.attributes["pwdLastSet"], [b"%d" % values[value]])

    def _check(self, one: DirectoryObject, touched: set[str]) -> None:
        """What must hold after a change."""
        if any(name not in one.values for name in one.cls.must.intersection(touched)) or (
            any(one.is_a(name) for name in _ACCOUNT_CLASSES) and "sAMAccountName" not in one.values
        ):
            raise refusals.class_violation("0000207C")
        if "sAMAccountName" in touched and one.is_security_principal:
            self._accounts.check_name(one)
        for name, row in (("userPrincipalName", refusals.UPN_TAKEN), ("servicePrincipalName", refusals.SPN_TAKEN)):
            if name in touched and any(other is not one for value in one.texts(name) for other in self._directory.by_value(name, value)):
                raise self._refused(row, self._schema.attributes[name])
        if one.is_a("user"):
            self._check_user(one, touched)
        if touched.intersection(("groupType", "userAccountControl")):
            self._accounts.classify(one)

    def _check_user(self, one: DirectoryObject, touched: set[str]) -> None:
        if "userAccountControl" in touched:
            control = self._schema.attributes["userAccountControl"]
            self._directory.replace(one, control, [b"%d" % accounts.normalised(one.number("userAccountControl"), one)])
            self._accounts.check_control(one)

    # Delete and rename.

    def delete(self, request: messages.Delete, how: Circumstances) -> None:
        """Raises `refusals.Refused`."""
        one = self._searcher.base(request.dn)
        whole = list(one.below())
        rights.check_removal(one, TREE_DELETE in how.controls)
        if len(whole) > 1 and TREE_DELETE not in how.controls:
            raise refusals.has_children()
        if any(part.truth("isCriticalSystemObject") or part.parent is self._directory.root for part in whole):
            raise refusals.unwilling("0000055B")
        self._directory.remove(one, self._graveyard)

    def rename(self, request: messages.Rename) -> DirectoryObject:
        """Raises `refusals.Refused`."""
        one = self._searcher.base(request.dn)
        try:
            (rdn,) = names.split(request.rdn)
        except (names.BadName, ValueError) as error:
            raise refusals.bad_name(request.rdn) from error
        parent = one.parent if request.superior is None else self._searcher.base(request.superior)
        if parent is None or one.truth("isCriticalSystemObject") or parent.is_within(one):
            raise refusals.unwilling("0000055B" if one.truth("isCriticalSystemObject") else "000020A5")
        if rdn[0] != one.rdn or (one.cls.below and not one.cls.below.intersection(parent.classes)):
            raise refusals.naming_violation(f"{request.rdn},{parent.dn}")
        if len(rdn[1]) > 64:
            raise self._refused(refusals.TOO_LONG, self._schema.attributes[one.rdn], len(rdn[1]))
        other = parent.children.get(names.fold(rdn))
        if other is not None and other is not one:
            raise refusals.exists()
        if parent is not one.parent:
            rights.check_removal(one, tree=False)
        self._directory.move(one, parent, rdn[1])
        return one
