# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on objects of Active Directory."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.permission import Entry, Permission, PermissionModule, rights, several
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options, common, single

RIGHTS = {
    "create_child": 0x1,
    "delete_child": 0x2,
    "list_children": 0x4,
    "self": 0x8,
    "read_property": 0x10,
    "write_property": 0x20,
    "delete_tree": 0x40,
    "list_object": 0x80,
    "extended_right": 0x100,
    "delete": 0x10000,
    "read_control": 0x20000,
    "write_dacl": 0x40000,
    "write_owner": 0x80000,
    "synchronize": 0x100000,
    "access_system_security": 0x1000000,
}
"""Bits of System.DirectoryServices.ActiveDirectoryRights."""

GENERIC = {"generic_all": 0xF01FF, "generic_read": 0x20094, "generic_write": 0x20028, "generic_execute": 0x20004}
"""Rights that stand for several, the largest first."""

LIMITS = ("property", "child_object_type", "inherited_object_type")
_SHOWN_AS = {"property": "properties", "child_object_type": "childobjecttypes", "inherited_object_type": "inheritedobjecttype"}
SENT_AS = {"property": "Properties", "child_object_type": "ChildObjectTypes", "inherited_object_type": "InheritedObjectType"}


def schema_name(value: t.Any) -> str:
    """``Send As`` and ``send-as`` are one, and so are ``Telephone-Number`` and ``telephoneNumber``."""
    return str(value).replace("-", "").replace(" ", "").casefold()


EXTENDED = values.members(values.Codec(values.text, schema_name))
FIELDS = (Field("access_rights", codec=rights((*RIGHTS, *GENERIC))), Field("extended_rights", codec=EXTENDED))


class AdPermission(Permission):
    """What one user may do with one object of the directory, or with one of its properties or kinds of children."""

    owners: t.ClassVar[tuple[str, ...]] = ("Recipient", "MailboxDatabase", "ReceiveConnector", "SendConnector", "ExchangeServer")
    named_by: t.ClassVar[tuple[str, ...]] = ("distinguishedname",)
    apart = ("user", "deny", *LIMITS)
    choices: t.ClassVar[dict[str, tuple[str, ...]]] = {"access_rights": (*RIGHTS, *GENERIC)}

    # reading

    def target(self, session: Session, options: Options) -> dict[str, t.Any]:
        """The cmdlets know no addresses."""
        return {"Identity": distinguished_name(session, options)} if "@" in options["identity"] else self.identity(options)

    def read_too(self) -> list[str]:
        return [*super().read_too(), "extendedrights", *_SHOWN_AS.values()]

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        limits = {option: ", ".join(several(found.get(shown))) for option, shown in _SHOWN_AS.items()}
        return super().naming(found) | {option: named for option, named in limits.items() if named}

    def meant(self, shown: t.Mapping[str, t.Any], options: Options) -> bool:
        def limited(option: str) -> set[str]:
            return {schema_name(one) for one in several(shown.get(_SHOWN_AS[option]))}

        asked = {option: options.get(option) for option in LIMITS}
        return super().meant(shown, options) and all(schema_name(name) in limited(one) if name else not limited(one) for one, name in asked.items())

    def entry(self, shown: t.Mapping[str, t.Any]) -> Entry:
        """An entry for an extended right has that right's name and ExtendedRight, which alone would mean all of them."""
        found = super().entry(shown)
        if "access_rights" in found.rights:
            held = [] if several(shown.get("extendedrights")) else found.rights["access_rights"]
            found.rights["access_rights"] = self.single("access_rights", held)
        return found

    def single(self, name: str, held: t.Sequence[str]) -> list[str]:
        if name != "access_rights":
            return list(held)
        parts = [[single for single, bit in RIGHTS.items() if bit & GENERIC[one]] if one in GENERIC else [one] for one in held]
        return list(dict.fromkeys(one for part in parts for one in part))

    def joined(self, name: str, held: t.Sequence[str]) -> list[str]:
        if name != "access_rights":
            return list(held)
        bits = sum(bit for one, bit in RIGHTS.items() if one in held)
        found: list[str] = []
        covered = 0
        for one, generic in GENERIC.items():
            if bits & generic == generic and covered & generic != generic:
                found.append(one)
                covered |= generic
        return [*found, *(one for one in held if one not in RIGHTS or not RIGHTS[one] & covered)]

    # applying

    def change(self, verb: str, options: Options, target: dict[str, t.Any], name: str, changed: list[str], inheritance: str | None) -> list[engine.Call]:
        limits = {SENT_AS[option]: options[option] for option in LIMITS if options.get(option)}
        return super().change(verb, options, target | limits, name, changed, inheritance)


class AdPermissionModule(PermissionModule):
    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        access = plan.load(self.resource().attributes, options).get("access_rights")
        if options.get("extended_rights") is not None and isinstance(access, Wanted) and "extended_right" in access.members():
            advice = "Leave extended_right out to name single ones with extended_rights"
            raise UsageError("access_rights: extended_right stands for all extended rights", advice=advice)


def distinguished_name(session: Session, options: Options) -> str:
    """Of a recipient that is named by any of its names."""
    named = {"Identity": values.smtp_address(options["identity"])}
    answer = session.invoke("Get-Recipient", named | common(options), properties=("DistinguishedName",))
    return str(single(answer, "Get-Recipient", session.target, f"recipient '{options['identity']}'")["DistinguishedName"])
