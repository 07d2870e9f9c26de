# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where receive connectors listen and to whom, and which of them cannot be on one server."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

Range = tuple[int, int, int]
_MASKED = re.compile(r"([0-9.]+)\s*\(\s*([0-9.]+)\s*\)")


def binding(value: t.Any) -> str:
    """``192.0.2.1:25`` or ``[2001:db8::1]:25``, addresses in their shortest form."""
    host, _colon, port = values.text(value).strip().rpartition(":")
    try:
        address = ipaddress.ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    except ValueError:
        port = ""
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError(f"{value!r} is not an address with a port such as 0.0.0.0:25 or [::]:25")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def ip_range(value: t.Any) -> str:
    """What the user wrote; refused when it is no address, network or range of addresses."""
    found = values.text(value).strip()
    bounds(found)
    return found


def bounds(text: str) -> Range:
    """IP version, first and last address: two spellings of one range are equal.

    >>> bounds("10.0.0.0/8") == bounds("10.0.0.0-10.255.255.255") == bounds("10.0.0.0(255.0.0.0)")
    True
    """
    first, dash, last = text.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            if low.version != high.version or int(low) > int(high):
                raise ValueError("the last address is before the first one")
            return low.version, int(low), int(high)
        network = ipaddress.ip_network(_MASKED.sub(r"\1/\2", text), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not an address, a network such as 10.0.0.0/8, or a range such as 10.0.0.1-10.0.0.9") from None
    return network.version, int(network.network_address), int(network.broadcast_address)


@dataclasses.dataclass(frozen=True)
class Listener:
    """A connector as the transport services see it; ``bindings`` in the form of `binding`, ``ranges`` in that of `ip_range`."""

    name: str
    role: str
    bindings: t.Sequence[str]
    ranges: t.Sequence[str]


def conflict(mine: Listener, others: t.Iterable[Listener]) -> str | None:
    """Why the server cannot have the connector beside one of the others; None where nothing is known against it.

    Connectors of two transport roles "must listen on unique local IP address & port bindings", those of one are told apart by their ranges: equal
    ones, and such that overlap without one being within the other, are refused (the messages of New- and Set-ReceiveConnector).
    """
    for other in others:
        if mine.role != other.role:
            shared = shared_bindings(mine, other)
            if shared:
                return f"{shared[0]} is a binding of {other.name} too, whose transport_role is {other.role}; two transport services cannot share a port"
        elif set(mine.bindings) & set(other.bindings):
            found = crossing_ranges(mine, other)[:1]
            if found:
                return f"{found[0][0]} cannot be told from {found[0][1]} of {other.name}, which has the same binding: one must lie within the other"
    return None


def shared_bindings(mine: Listener, other: Listener) -> list[str]:
    """The first one's bindings that take a port of an address that the second one takes, too."""
    return [one for one in mine.bindings if any(_meet(one, two) for two in other.bindings)]


def crossing_ranges(mine: Listener, other: Listener) -> list[tuple[str, str]]:
    """The pairs of ranges by which a sender's connection cannot be assigned to one of the two."""
    return [(one, two) for one in mine.ranges for two in other.ranges if _cannot_be_told_apart(bounds(one), bounds(two))]


def shared_ranges(mine: Listener, other: Listener) -> list[tuple[str, str]]:
    """The pairs of ranges that have an address in common."""
    return [(one, two) for one in mine.ranges for two in other.ranges if _overlap(bounds(one), bounds(two))]


def _meet(one: str, two: str) -> bool:
    """Whether two bindings take one port of one address; ``0.0.0.0`` and ``[::]`` are every address of their kind."""
    (mine, _colon, my_port), (theirs, _colon, their_port) = one.rpartition(":"), two.rpartition(":")
    same_kind = mine.startswith("[") == theirs.startswith("[")
    return my_port == their_port and same_kind and (mine == theirs or bool({mine, theirs} & {"0.0.0.0", "[::]"}))


def _cannot_be_told_apart(one: Range, two: Range) -> bool:
    within = (one[1] <= two[1] and two[2] <= one[2]) or (two[1] <= one[1] and one[2] <= two[2])
    return _overlap(one, two) and (one == two or not within)


def _overlap(one: Range, two: Range) -> bool:
    return one[0] == two[0] and one[1] <= two[2] and two[1] <= one[2]
