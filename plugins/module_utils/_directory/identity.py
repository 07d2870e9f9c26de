# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people call an object of the directory, and the search that finds it."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec, names

Entry = dict[str, t.Any]
_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_SID = re.compile(r"(?i)S-1-\d+(-\d+)+\Z")
KEYS = ("objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "objectClass", "primaryGroupID")
"""The attributes that tell objects apart, and what they are."""


AT_ONCE = 50
"""So many names one filter takes; a domain controller's limit is much higher, a proxy's need not be."""


@dataclasses.dataclass(frozen=True)
class Identity:
    """``form`` is dn, guid, sid, upn or name; ``text`` the name in the spelling in which it is compared."""

    form: str
    text: str

    @property
    def fixed(self) -> bool:
        """Whether the directory itself gives such names, so that a new object cannot be made with one."""
        return self.form in ("guid", "sid")

    def base(self) -> str | None:
        """The name under which the object is read; None where a search has to find it."""
        return {"dn": self.text, "guid": f"<GUID={self.text}>", "sid": f"<SID={self.text}>"}.get(self.form)

    def clause(self, by: t.Collection[str]) -> str:
        """The filter that finds the object; ``by`` are the attributes that a plain name may be the value of."""
        if self.form == "dn":
            return f"(distinguishedName={names.literal(self.text)})"
        if self.form == "guid":
            return f"(objectGUID={names.literal(codec.guid_bytes(self.text))})"
        if self.form == "sid":
            return f"(objectSid={names.literal(codec.sid_bytes(self.text))})"
        value = names.literal(self.text)
        found = "".join(f"({name}={value})" for name in (("userPrincipalName",) if self.form == "upn" and "userPrincipalName" in by else by))
        return f"(|{found})" if found.count("(") > 1 else found

    def fits(self, entry: Entry, by: t.Collection[str]) -> bool:
        """Whether a found object is the one."""
        if self.form == "dn":
            return names.key(entry["dn"]) == names.key(self.text)
        if self.form in ("guid", "sid"):
            return any(str(one).lower() == self.text.lower() for one in entry.get("objectGUID" if self.form == "guid" else "objectSid", ()))
        return any(str(one).casefold() == self.text.casefold() for name in by for one in entry.get(name, ()))


def parse(text: t.Any, account: bool = True) -> Identity:
    """A distinguished name, GUID, SID, user principal name, or plain name.

    Before an ``account``'s name a domain may stand (``CONTOSO\\\\ada``); in the names of other objects, a backslash is part of the name.
    """
    found = str(text).strip()
    if _SID.match(found):
        return Identity("sid", found.upper())
    if _GUID.fullmatch(found):
        return Identity("guid", str(uuid.UUID(found)))
    if names.is_name(found):
        return Identity("dn", found)
    if "@" in found:
        return Identity("upn", found)
    domain, _backslash, name = found.rpartition("\\")
    return Identity("name", name if account and domain and "\\" not in domain else found)


def one(session: DirectorySession, identity: Identity, attributes: t.Collection[str], by: t.Collection[str], within: str = "") -> Entry | None:
    """The object; None where the directory proved that there is none.  ``within`` is a filter that it fits as well.  Raises `Ambiguous`."""
    base = identity.base()
    if base is not None:
        try:
            found = session.search(base, scope="base", attributes=attributes).output
        except NotFound:
            return None
        if len(found) != 1:
            raise UsageError(f"'{identity.text}' cannot be read: neither the object nor an error was returned", target=session.target)
        return t.cast(Entry, found[0])
    clause = identity.clause(by)
    listed = session.search(None, f"(&{within}{clause})" if within else clause, attributes=attributes)
    if len(listed.output) > 1:
        shown = ", ".join(str(entry["dn"]) for entry in listed.output[:3])
        raise Ambiguous(f"'{identity.text}' fits {len(listed.output)} objects: {shown}", target=session.target)
    return t.cast(Entry, listed.output[0]) if listed.output else None


def many(
    session: DirectorySession,
    wanted: t.Iterable[t.Any],
    attributes: t.Collection[str],
    by: t.Collection[str],
    clause: t.Callable[[Identity], str],
    deleted: bool = False,
) -> dict[str, list[Entry]]:
    """Each name with what it fits, many in one question; nothing where the directory proved that there is none.

    What has a name of the directory's own and is not in the domain is read by that name, as it may be in another partition.
    """
    called = {str(name): parse(name) for name in wanted}
    held: dict[str, list[Entry]] = {}
    for start in range(0, len(called), AT_ONCE):
        part = dict(list(called.items())[start : start + AT_ONCE])
        found = session.search(None, f"(|{''.join(map(clause, part.values()))})", attributes=attributes, deleted=deleted).output
        held |= {name: [entry for entry in found if one.fits(entry, by)] for name, one in part.items()}
    for name, one in called.items():
        base = one.base()
        if not held[name] and base is not None:
            with contextlib.suppress(NotFound):
                held[name] = session.search(base, scope="base", attributes=attributes, deleted=deleted).output
    return held
