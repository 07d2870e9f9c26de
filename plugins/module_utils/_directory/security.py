# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights in security descriptors: two that the tools of Active Directory show as check boxes, and who may read.

An object is protected from accidental deletion when everyone is denied to delete it and what is below it, and to delete children of what
holds it: either right is enough to delete an object.  A user cannot change the
password when that right is denied to the user and to everyone.  Only these entries are read and written, the others stay byte for byte.
Sources: [MS-DTYP] 2.4.4 to 2.4.6 (layout), [MS-ADTS] 5.1.3.2 (access rights) and 5.1.3.2.1 (the right to change a password).
"""

from __future__ import annotations

import base64
import dataclasses
import struct
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec

_HEADER = struct.Struct("<BBHIIII")
_DACL_PRESENT = 0x0004
_ALLOWED, _DENIED, _DENIED_OBJECT = 0x00, 0x01, 0x06
_READ = 0x10
_INHERITED, _FOR_CHILDREN_ALONE = 0x10, 0x08
_DELETE, _DELETE_TREE, _DELETE_CHILD, _CONTROL_ACCESS = 0x10000, 0x40, 0x2, 0x100
EVERYONE, SELF = "S-1-1-0", "S-1-5-10"
_CHANGE_PASSWORD = codec.guid_bytes("ab721a53-1e2f-11d0-9819-00aa0040529b")


@dataclasses.dataclass(frozen=True)
class Right:
    """What is denied to whom: ``mask`` of rights, and for one right of many the GUID that it is known by."""

    who: tuple[str, ...]
    mask: int
    right: bytes = b""

    def entries(self) -> list[bytes]:
        """The access control entries that deny it."""
        return [self._entry(codec.sid_bytes(who)) for who in self.who]

    def _entry(self, sid: bytes) -> bytes:
        kind, body = (_DENIED_OBJECT, struct.pack("<II", self.mask, 1) + self.right) if self.right else (_DENIED, struct.pack("<I", self.mask))
        return struct.pack("<BBH", kind, 0, 4 + len(body) + len(sid)) + body + sid

    def is_in(self, entry: bytes, who: str) -> bool:
        """Whether an entry of the object itself denies it."""
        kind, flags = entry[0], entry[1]
        if kind != (_DENIED_OBJECT if self.right else _DENIED) or flags & (_INHERITED | _FOR_CHILDREN_ALONE):
            return False
        mask = struct.unpack_from("<I", entry, 4)[0]
        fits = not self.right or (struct.unpack_from("<I", entry, 8)[0] == 1 and entry[12:28] == self.right)
        return bool(fits and mask & self.mask == self.mask and codec.sid(entry[28 if self.right else 8 :]) == who)

    def without(self, entry: bytes) -> bytes:
        """An entry that denies it, as far as it denies anything else; empty where it does not."""
        mask = struct.unpack_from("<I", entry, 4)[0] & ~self.mask
        return entry[:4] + struct.pack("<I", mask) + entry[8:] if mask else b""


PROTECTED = Right((EVERYONE,), _DELETE | _DELETE_TREE)
CHILDREN_PROTECTED = Right((EVERYONE,), _DELETE_CHILD)
CANNOT_CHANGE_PASSWORD = Right((SELF, EVERYONE), _CONTROL_ACCESS, _CHANGE_PASSWORD)


def denies(descriptor: str, right: Right) -> bool:
    """Whether a descriptor in base64 denies it to all that it is denied to."""
    entries = _parts(base64.b64decode(descriptor))[1]
    return all(any(right.is_in(one, who) for one in entries) for who in right.who)


def changed(descriptor: str, right: Right, denied: bool) -> str:
    """The descriptor with the right denied, or no longer denied; base64.  What an entry denies beside it stays denied.

    Raises UsageError for a descriptor without a list of rights: the first denial in it would take every right from everybody.
    """
    raw = base64.b64decode(descriptor)
    revision, entries = _parts(raw)
    if denied and not entries:
        raise UsageError("the object has no list of rights, so that everybody may do everything with it", advice="Give it rights before one is denied")
    kept = [left for one in entries if (left := right.without(one) if any(right.is_in(one, who) for who in right.who) else one)]
    found = [*right.entries(), *kept] if denied else kept  # what the object itself denies stands before all else
    return base64.b64encode(_joined(raw, 4 if right.right else revision, found)).decode()


def readers(descriptor: str) -> list[str]:
    """The security identifiers that a descriptor in base64 lets read properties; entries that deny are not looked at."""
    entries = _parts(base64.b64decode(descriptor))[1]
    return [codec.sid(one[8:]) for one in entries if one[0] == _ALLOWED and struct.unpack_from("<I", one, 4)[0] & _READ]


def raw(descriptor: str) -> bytes:
    return base64.b64decode(descriptor)


def _parts(raw: bytes) -> tuple[int, list[bytes]]:
    """The revision and the entries of the list of rights.  A descriptor without one gives every right to everybody."""
    _revision, _zero, control, _owner, _group, _auditing, offset = _HEADER.unpack_from(raw)
    if not control & _DACL_PRESENT or not offset:
        return 2, []
    revision, count = raw[offset], struct.unpack_from("<H", raw, offset + 4)[0]
    entries, position = [], offset + 8
    for _number in range(count):
        size = struct.unpack_from("<H", raw, position + 2)[0]
        entries.append(raw[position : position + size])
        position += size
    return revision, entries


def _joined(raw: bytes, revision: int, entries: t.Sequence[bytes]) -> bytes:
    """A descriptor that holds the list of rights alone; owner and group are not written with it."""
    control = _HEADER.unpack_from(raw)[2]
    size = 8 + sum(map(len, entries))
    rights = struct.pack("<BBHHH", revision, 0, size, len(entries), 0) + b"".join(entries)
    return _HEADER.pack(1, 0, (control | _DACL_PRESENT) & ~0x0003 & ~0x0010, 0, 0, 0, _HEADER.size) + rights
