# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How options of directory modules meet the values of attributes, where the rule of `_core.values` does not say it."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec, security


class Bit(t.NamedTuple):
    """A bit of a number that an option stands for; ``inverted`` where the option means that it is not set."""

    bit: int
    inverted: bool = False

    def codec(self) -> values.Codec:
        """The server's number, or what a user wrote, as true or false."""

        def load(value: t.Any) -> bool | None:
            if isinstance(value, int) and not isinstance(value, bool):
                return bool(value & self.bit) is not self.inverted
            return values.boolean(value)

        return values.Codec(load)

    def put(self, number: int, value: t.Any) -> int:
        """The number with the bit as the option wants it."""
        return number | self.bit if bool(value) is not self.inverted else number & ~self.bit


def rights(right: security.Right) -> values.Codec:
    """A security descriptor in base64, or what a user wrote, as whether the right is denied."""
    return values.Codec(lambda value: security.denies(value, right) if isinstance(value, str) and len(value) > 20 else values.boolean(value))


def _expiry(value: t.Any) -> str:
    if value in (None, "", 0, "0") or str(value).strip().lower() == codec.NEVER:
        return codec.NEVER
    return values.timestamp(codec.moment(value)) or codec.NEVER


EXPIRY = values.Codec(_expiry, dump=codec.ticks)
"""A time, or ``never``."""


def _must_change(value: t.Any) -> bool:
    """The time when the password was set: none means that it must be changed."""
    return value == codec.NEVER if isinstance(value, str) and value.lower() not in ("true", "false", "yes", "no") else bool(values.boolean(value))


MUST_CHANGE = values.Codec(_must_change, dump=lambda value: "0" if value else "-1")


def _locked(value: t.Any) -> bool:
    """The time when the account was locked: none means that it is not."""
    return (
        value not in (codec.NEVER, None, "") if isinstance(value, str) and value.lower() not in ("true", "false", "yes", "no") else bool(values.boolean(value))
    )


LOCKED = values.Codec(_locked, dump=lambda _value: "0")

ENCRYPTION_TYPES = {"des_cbc_crc": 1, "des_cbc_md5": 2, "rc4": 4, "aes128": 8, "aes256": 16, "aes256_sk": 32}
"""Option's word → bit of msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7)."""


def _types(value: t.Any) -> list[str]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [word for word, bit in ENCRYPTION_TYPES.items() if value & bit]
    return [str(one).lower() for one in value or ()]


KERBEROS_TYPES = values.Codec(
    _types,
    frozenset,
    lambda value: str(sum(ENCRYPTION_TYPES[one] for one in set(value))),
    values.Codec(lambda value: str(value).lower()),
    names=tuple(ENCRYPTION_TYPES),
    whole=True,
)


def _computer(value: t.Any) -> str:
    found = values.text(value).strip()
    if not found or "," in found:
        raise ValueError(f"{value!r} is no name of one computer")
    return found


def _computers(value: t.Any) -> list[str]:
    given = [one for one in value.split(",") if one.strip()] if isinstance(value, str) else value or ()
    return [_computer(one) for one in given]


COMPUTERS = values.Codec(
    _computers,
    lambda value: frozenset(one.casefold() for one in value),
    lambda value: ",".join(value) or None,
    values.Codec(_computer, str.casefold),
    whole=True,
)
"""Names of computers in one text, with commas between them."""


def _country(value: t.Any) -> str:
    return values.text(value).upper()


COUNTRY = values.Codec(_country, dump=lambda value: value or None)
