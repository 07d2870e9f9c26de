# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers as people write them, and as Microsoft Graph takes them: ``+49 1701234567``, with an extension ``+49 301234567x12``.

Source of the lengths of country codes and of the digits before a national number: ITU-T E.164 and its list of assigned codes.
"""

from __future__ import annotations

import re

_SHORT_CODES = frozenset("1 7".split())
_TWO_DIGITS = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)
_KEEPS_ITS_ZERO = frozenset("39 225 229 242 378".split())
"""Countries whose numbers begin with a zero that belongs to them."""
_TRUNK = {"1": ("1", 10), "7": ("8", 10), "36": ("06", 8), "370": ("8", 8), "375": ("80", 9)}
"""What stands before a number that is dialled within the country, where it is not a zero, and the fewest digits of a number behind it: area
codes may begin with the same digit, as that of Saint Petersburg, +7 812."""
_EXTENSION = re.compile(r"(?i)\s*(?:x|ext\.?|#)\s*([0-9]{1,11})\s*$")
_BETWEEN = re.compile(r"[\s./()\[\]\-\u2010-\u2015]")
_MOST_DIGITS = 15
_FEWEST_DIGITS = 4


def normal(text: str, default_code: str = "") -> str:
    """The form that Graph takes.  ``default_code`` is the country code of a number that has none; empty refuses such a number.

    Raises ValueError with a sentence.

    >>> normal("+49 (0)170 / 123-4567"), normal("0049 170 1234567"), normal("0170 1234567", "49")
    ('+49 1701234567', '+49 1701234567', '+49 1701234567')
    """
    found = _EXTENSION.search(text)
    digits = _BETWEEN.sub("", text[: found.start()] if found else text)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    if not re.fullmatch(r"\+?[0-9]+", digits):
        raise ValueError(f"{text!r} is not a phone number such as +49 1701234567")
    if digits.startswith("+"):
        code = _code(digits[1:], text)
        rest = digits[1 + len(code) :]
    elif default_code:
        code, rest = country_code(default_code), digits
    else:
        raise ValueError(f"{text!r} has no country code; write it as in +49 1701234567, or give default_country_code")
    rest = _without_trunk(code, rest)
    if not _FEWEST_DIGITS <= len(rest) <= _MOST_DIGITS - len(code):
        raise ValueError(f"{text!r} has {len(code) + len(rest)} digits; a phone number has at most {_MOST_DIGITS}, and {_FEWEST_DIGITS} after the country code")
    return f"+{code} {rest}" + (f"x{found.group(1)}" if found else "")


def country_code(text: str) -> str:
    """The digits of a country code that a user wrote as ``49``, ``+49`` or ``0049``.  Raises ValueError."""
    digits = re.sub(r"^(\+|00)", "", text.strip())
    if not re.fullmatch(r"[0-9]{1,3}", digits) or _code(digits.ljust(4, "1"), text) != digits:
        raise ValueError(f"{text!r} is not a country code such as +49")
    return digits


def shown(text: str) -> str:
    """The form that Graph takes, where the text has one; otherwise the text itself, for what a server may hold."""
    try:
        return normal(text)
    except ValueError:
        return text


def key(text: str | None) -> str:
    """What two spellings of one number have in common."""
    return re.sub(r"[^0-9+x]", "", shown(text).lower()) if text else ""


def _code(digits: str, text: str) -> str:
    if digits.startswith("0"):
        raise ValueError(f"{text!r} has no country code after the plus sign")
    length = 1 if digits[:1] in _SHORT_CODES else 2 if digits[:2] in _TWO_DIGITS else 3
    return digits[:length]


def _without_trunk(code: str, digits: str) -> str:
    """The national number without what is dialled before it within the country: from elsewhere it would not be reached."""
    if code in _KEEPS_ITS_ZERO:
        return digits
    trunk, least = _TRUNK.get(code, ("0", 0))
    return digits[len(trunk) :] if digits.startswith(trunk) and len(digits) - len(trunk) >= least else digits
