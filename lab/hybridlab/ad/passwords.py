# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords of accounts: how they arrive, which the domain takes, and how they are kept (MS-ADTS 3.1.1.3.1.5, MS-SAMR 3.1.1.7.2)."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import re

HISTORY = 24
LEAST = 7
LONGEST = 256
_TOKENS = re.compile(r"[ ,.\t\-_#]+")


@dataclasses.dataclass
class Kept:
    """Digests of an account's passwords, the present one first."""

    digests: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list, repr=False)

    def set(self, password: str) -> None:
        salt = os.urandom(16)
        self.digests = [(salt, _digest(salt, password)), *self.digests][:HISTORY]

    def fits(self, password: str) -> bool:
        """Whether it is the present one."""
        return bool(self.digests) and _same(self.digests[0], password)

    def was(self, password: str) -> bool:
        """Whether the account has, or had, it."""
        return any(_same(one, password) for one in self.digests)


def _digest(salt: bytes, password: str) -> bytes:
    return hashlib.sha256(salt + password.encode("utf-16-le", "surrogatepass")).digest()


def _same(one: tuple[bytes, bytes], password: str) -> bool:
    return hmac.compare_digest(_digest(one[0], password), one[1])


def decoded(value: bytes) -> str | None:
    """The password in a value of unicodePwd: UTF-16 in double quotes.  None where it is not."""
    try:
        text = value.decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else None


def acceptable(password: str, account: str, display_name: str) -> bool:
    """Whether the domain's policy takes it: length, three kinds of characters, and no name of its owner."""
    if not LEAST <= len(password) <= LONGEST:
        return False
    lowered = password.casefold()
    if len(account) > 2 and account.casefold() in lowered:
        return False
    if any(len(part) > 2 and part.casefold() in lowered for part in _TOKENS.split(display_name)):
        return False
    kinds = (
        any("A" <= one <= "Z" for one in password),
        any("a" <= one <= "z" for one in password),
        any("0" <= one <= "9" for one in password),
        any(one.isascii() and not one.isalnum() for one in password),
        any(not one.isascii() and one.isalpha() for one in password),
    )
    return sum(kinds) >= 3
