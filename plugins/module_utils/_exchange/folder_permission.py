# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on one folder of a mailbox: every user has one entry at the most, and Default and Anonymous always have theirs."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.permission import Entry, Found, Permission, PermissionModule, rights
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options, common

_AUTHOR = ("create_items", "delete_owned_items", "edit_owned_items", "folder_visible", "read_items")
_EDITOR = (*_AUTHOR, "delete_all_items", "edit_all_items")
ROLES: dict[str, tuple[str, ...]] = {
    "owner": (*_EDITOR, "create_subfolders", "folder_contact", "folder_owner"),
    "publishing_editor": (*_EDITOR, "create_subfolders"),
    "editor": _EDITOR,
    "publishing_author": (*_AUTHOR, "create_subfolders"),
    "author": _AUTHOR,
    "non_editing_author": ("create_items", "delete_owned_items", "folder_visible", "read_items"),
    "reviewer": ("folder_visible", "read_items"),
    "contributor": ("create_items", "folder_visible"),
}
"""Roles and the rights they stand for (published reference of Add-MailboxFolderPermission)."""

SINGLE = (*ROLES["owner"],)
FREE_BUSY = ("limited_details", "availability_only")
NONE = "none"
RIGHTS = (*ROLES, *SINGLE, *FREE_BUSY, NONE)
SPECIAL = ("default", "anonymous")
FIELDS = (Field("access_rights", codec=rights(RIGHTS)),)
_NO_ENTRY = "UserNotFoundInPermissionEntry"
# Types of folders in which a mailbox keeps what is its own affair, and on which nobody has rights (published reference: FolderScope).
_UNSEEN = re.compile(r"recoverableitems|(adminauditlogs|audits|calendarlogging|nonipmroot)\Z")
# How the path of a folder writes a slash that is part of a name.
_SLASH = "\uf8ff"


class FolderPermission(Permission):
    """The entry of one user on one folder."""

    writing_verb = "Set"
    owners = ("Mailbox",)
    apart = ("user", "folder", "folder_type")
    choices: t.ClassVar[dict[str, tuple[str, ...]]] = {"access_rights": RIGHTS}

    def label(self, options: Options) -> str:
        return f"{self.noun} of '{options['user']}' on '{options['mailbox']}:{options.get('folder') or options.get('folder_type')}'"

    # reading

    def target(self, session: Session, options: Options) -> dict[str, t.Any]:
        path = self._well_known(session, options) if options.get("folder_type") else str(options["folder"])
        return {"Identity": f"{options['mailbox']}:\\{path.removeprefix(chr(92))}"}

    def _well_known(self, session: Session, options: Options) -> str:
        """The path of a folder whose name depends on the language of who first opened the mailbox."""
        kind = options["folder_type"]
        paths = [path for path, shown in self._folders(session, options, {"FolderScope": values.pascal(kind)}) if shown == values.fold(kind)]
        if len(paths) != 1:
            raise NotFound(
                f"the mailbox '{options['mailbox']}' has {len(paths) or 'no'} folders of type {kind}",
                cmdlet="Get-MailboxFolderStatistics",
                target=session.target,
                advice="A mailbox that nobody has opened yet may have no folders",
            )
        return paths[0]

    @staticmethod
    def _folders(session: Session, options: Options, scope: dict[str, t.Any]) -> list[tuple[str, str]]:
        """Paths and folded types."""
        cmdlet, mailbox = "Get-MailboxFolderStatistics", options["mailbox"]
        answer = session.invoke(cmdlet, {"Identity": mailbox} | scope | common(options), properties=("FolderPath", "FolderType"))
        if answer.truncated:
            raise Truncated(f"the list of folders of '{mailbox}' is incomplete", cmdlet=cmdlet, target=session.target)
        shown = [(str(one["FolderPath"]).removeprefix("/"), values.fold(str(one.get("FolderType")))) for one in answer.output]
        return [(path.replace("/", "\\").replace(_SLASH, "/"), kind) for path, kind in shown]

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self._users: dict[str, list[str]] = {}

    # reading many

    def held(self, session: Session, options: Options) -> t.Iterator[tuple[dict[str, t.Any], t.Any]]:
        """The entries on all folders that a user sees, or on the one of the wanted type."""
        mailbox, kind = options["mailbox"], options.get("folder_type")
        if kind:
            places = [({"mailbox": mailbox, "folder_type": kind}, self._well_known(session, options), values.fold(kind))]
        else:
            found = [("" if kind == "root" else path, kind) for path, kind in self._folders(session, options, {}) if not _UNSEEN.match(kind)]
            places = [({"mailbox": mailbox, "folder": path or "\\"}, path, kind) for path, kind in found]
        for place, path, folded in places:
            for naming, state in self._held(session, options, place, {"Identity": f"{mailbox}:\\{path}"}):
                if options.get("full") or state["access_rights"] != self._given(naming["user"], folded):
                    yield self._named(session, naming, state, options)

    def _named(self, session: Session, naming: dict[str, t.Any], state: plan.State, options: Options) -> tuple[dict[str, t.Any], t.Any]:
        """An entry shows a display name, by which several users may go; the list that is exported names its user by the address."""
        user = naming["user"]
        if user.casefold() in SPECIAL:
            return naming, state
        if user not in self._users:
            try:
                answer = session.invoke("Get-Recipient", {"Identity": user} | common(options), properties=("PrimarySmtpAddress",))
                self._users[user] = [str(one.get("PrimarySmtpAddress") or "") for one in answer.output]
            except NotFound:
                self._users[user] = []
        found = self._users[user]
        if len(found) == 1 and found[0]:
            return {**naming, "user": found[0]}, state
        text = f"the entry of '{user}' on {naming['folder'] if 'folder' in naming else naming['folder_type']}: {len(found) or 'no'} recipients have this name"
        return naming, NotFound(text, target=session.target, advice="")

    @staticmethod
    def _given(user: str, kind: str) -> list[str] | None:
        """What the entries have that are always there, in a folder of which nobody has changed it."""
        if user.casefold() not in SPECIAL:
            return None
        return ["availability_only"] if kind == "calendar" and user.casefold() == "default" else [NONE]

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        user = found.get("user")
        return {"user": values.text(user.get("DisplayName") if isinstance(user, dict) else user)}

    def entries(self, session: Session, options: Options, target: dict[str, t.Any]) -> list[Entry]:
        """A user without an entry is an error of its own kind; a folder or a user that does not exist is another."""
        try:
            return super().entries(session, options, target)
        except NotFound as error:
            if _NO_ENTRY in f"{error.error_type} {error.error_id}":
                return []
            raise

    def entry(self, shown: t.Mapping[str, t.Any]) -> Entry:
        user = shown.get("user")
        found = super().entry({**shown, "user": user.get("DisplayName") if isinstance(user, dict) else user})
        return Entry({name: self.single(name, held) for name, held in found.rights.items()}, found.user)

    def single(self, name: str, held: t.Sequence[str]) -> list[str]:
        return list(dict.fromkeys(right for one in held for right in ROLES.get(one, (one,))))

    def joined(self, name: str, held: t.Sequence[str]) -> list[str]:
        """A role where one fits.  Rights on items include what is less: to see when somebody is busy, or nothing."""
        items = [one for one in held if one not in (*FREE_BUSY, NONE)]
        if items:
            role = next((role for role, stands_for in ROLES.items() if set(stands_for) == set(items)), None)
            return [role] if role else items
        return next(([one] for one in (*FREE_BUSY, NONE) if one in held), [])

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if special(options) and wanted.get("access_rights") == Wanted(exact=[]):
            wanted["access_rights"] = Wanted(exact=[NONE])  # these entries cannot be removed
        return wanted

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        known: Found = found.background
        held = [right for entry in known.all for right in entry.rights["access_rights"]]
        gone = [right for entry in known.entries for right in entry.rights["access_rights"]]
        after = [one for one in held if one not in gone] if todo.after is None else todo.after["access_rights"]
        named = known.target | {"User": options["user"]}
        if not after:
            return [self.call("Remove", options, named)]
        written = self.attributes["access_rights"].codec.dump(self.joined("access_rights", after))
        return [self.call("Set" if known.all else "Add", options, named | {"AccessRights": written})]


def special(options: Options) -> bool:
    """Whether the entry is one that every folder has."""
    return str(options["user"]).strip().casefold() in SPECIAL


@dataclasses.dataclass(frozen=True)
class FolderPermissionModule(PermissionModule):
    """Rights on folders are not passed on."""

    defaults: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        if ":" in options["mailbox"]:
            raise UsageError("mailbox has a colon; it names the mailbox alone, and folder or folder_type the folder in it")
        if options.get("folder") is not None and not options["folder"].strip():
            raise UsageError("folder is empty; the topmost folder is \\")
        if options["state"] == "absent" and special(options):
            advice = "Give it none with access_rights: [none]"
            raise UsageError(f"the entry {options['user']} is always there and cannot be removed", advice=advice)
