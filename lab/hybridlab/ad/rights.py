# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security descriptors, as far as they keep objects from being deleted; who may write is decided by membership in `forest.EDITORS`.

Layout: [MS-DTYP] 2.4.4 to 2.4.6.  Which right a deletion needs: [MS-ADTS] 3.1.1.5.5.1, a move: 3.1.1.5.4.2.
"""

from __future__ import annotations

import struct
import typing as t

from hybridlab.ad import refusals, syntaxes
from hybridlab.ad.directory import DirectoryObject

NAME = "nTSecurityDescriptor"
_HEADER = struct.Struct("<BBHIIII")
_SELF_RELATIVE, _DACL_PRESENT, _AUTO_INHERITED = 0x8000, 0x0004, 0x0400
_ALLOWED, _DENIED = 0, 1
_DELETE, _DELETE_TREE, _DELETE_CHILD, _ALL, _READ = 0x10000, 0x40, 0x2, 0xF01FF, 0x20094
_EVERYONE = syntaxes.sid_bytes("S-1-1-0")
_ADMINISTRATORS, _AUTHENTICATED = syntaxes.sid_bytes("S-1-5-32-544"), syntaxes.sid_bytes("S-1-5-11")


def _entry(kind: int, mask: int, sid: bytes) -> bytes:
    return struct.pack("<BBHI", kind, 0, 8 + len(sid), mask) + sid


def _made(rights: bytes) -> bytes:
    """A descriptor with this list of rights, owned by the administrators."""
    owner = _HEADER.size
    control = _SELF_RELATIVE | _DACL_PRESENT | _AUTO_INHERITED
    return _HEADER.pack(1, 0, control, owner, owner, 0, owner + len(_ADMINISTRATORS)) + _ADMINISTRATORS + rights


def _listed(entries: t.Sequence[bytes]) -> bytes:
    return struct.pack("<BBHHH", 4, 0, 8 + sum(map(len, entries)), len(entries), 0) + b"".join(entries)


_DEFAULT = _made(_listed([_entry(_ALLOWED, _ALL, _ADMINISTRATORS), _entry(_ALLOWED, _READ, _AUTHENTICATED)]))


def descriptor(one: DirectoryObject) -> bytes:
    """What a read of the attribute gives."""
    return one.values.get(NAME, [_DEFAULT])[0]


def written(value: bytes) -> bytes:
    """What is kept of a value that a client writes: its list of rights.  Raises `refusals.Refused` for what is no descriptor."""
    rights = _rights(value)
    if rights is None or len(rights) < 8 or struct.unpack_from("<H", rights, 2)[0] != len(rights):
        raise refusals.conversion(refusals.INVALID_SYNTAX)
    return _made(rights)


def _rights(value: bytes) -> bytes | None:
    """The list of rights in a descriptor, with its header."""
    try:
        _revision, _zero, control, _owner, _group, _auditing, offset = _HEADER.unpack_from(value)
        size = struct.unpack_from("<H", value, offset + 2)[0]
    except struct.error:
        return None
    return value[offset : offset + size] if control & _DACL_PRESENT and offset else None


def _denied(one: DirectoryObject, mask: int) -> bool:
    """Whether everyone is denied a right to an object."""
    rights = _rights(descriptor(one)) or b""
    position = 8
    while position + 8 <= len(rights):
        kind, _flags, size, denied = struct.unpack_from("<BBHI", rights, position)
        if kind == _DENIED and denied & mask and rights[position + 8 : position + size] == _EVERYONE:
            return True
        position += size
    return False


def check_removal(one: DirectoryObject, tree: bool) -> None:
    """Raises `refusals.Refused` where nobody may delete an object, or move it away: neither it nor what holds it allows it."""
    if tree and _denied(one, _DELETE_TREE):
        raise refusals.rights("00000005")
    if _denied(one, _DELETE) and (one.parent is None or _denied(one.parent, _DELETE_CHILD)):
        raise refusals.rights("00000005")
