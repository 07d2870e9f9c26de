# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stream of PSRP fragments, with the output stream converted on the fly.

pypsrp's own defragmenter copies the rest of the buffer for every fragment and deserializes each object into property bags; both
are quadratic or slow on long lists.  Source of the layout: [MS-PSRP] 2.2.4 (fragment) and 2.2.1 (message).
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.plain import Converter

try:
    from pypsrp.messages import Message
    from pypsrp.powershell import Fragmenter
except ImportError:  # `libraries` names what is missing before anything here is used
    Fragmenter = object  # type: ignore[assignment,misc]

_FRAGMENT = struct.Struct(">QQBI")
_TYPE = struct.Struct("<I")
_MESSAGE_HEADER = 40
_PIPELINE_OUTPUT = 0x00041004  # MessageType in [MS-PSRP] 2.2.1
_BOM = b"\xef\xbb\xbf"


@dataclasses.dataclass
class _Value:
    data: t.Any


@dataclasses.dataclass
class _OutputMessage:
    """What pypsrp's PowerShell reads of an output message."""

    data: _Value
    message_type: int = _PIPELINE_OUTPUT


class PlainFragmenter(Fragmenter):
    """Replaces a runspace pool's fragmenter before it opens.  ``converter`` converts the output of the call that runs."""

    def __init__(self, max_size: int, serializer: t.Any) -> None:
        super().__init__(max_size, serializer)
        self.max_size = max_size
        self.converter = Converter()
        self._parts: dict[int, list[bytes]] = {}

    def defragment(self, data: bytes) -> list[t.Any]:
        """The messages that this data completes.  Raises ValueError if a fragment is missing."""
        messages, position, view = [], 0, memoryview(data)
        while position < len(data):
            identifier, number, flags, length = _FRAGMENT.unpack_from(data, position)
            position += _FRAGMENT.size
            parts = self._parts.setdefault(identifier, [])
            if number != len(parts):
                raise ValueError(f"fragment {number} of message {identifier} arrived instead of {len(parts)}")
            parts.append(bytes(view[position : position + length]))
            position += length
            if flags & 2:
                del self._parts[identifier]
                messages.append(self._message(parts[0] if len(parts) == 1 else b"".join(parts)))
        return messages

    def _message(self, data: bytes) -> t.Any:
        (kind,) = _TYPE.unpack_from(data, 4)
        if kind != _PIPELINE_OUTPUT:
            return Message.unpack(data, self.serializer)
        start = _MESSAGE_HEADER + (len(_BOM) if data.startswith(_BOM, _MESSAGE_HEADER) else 0)
        return _OutputMessage(_Value(self.converter.convert(data[start:])))
