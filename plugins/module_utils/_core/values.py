# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One normaliser for values that a server returns differently from how they are written.

A codec turns what a user wrote and what a server returned into one readable form (``load``), says when two such forms mean
the same (``key``), and turns the form into what a cmdlet takes (``dump``).  ``load`` raises ValueError with a sentence.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Secret

UNLIMITED = "unlimited"
UNSET = "unset"
"""A choice that stands for a server's ``$null``, where nothing set is something to ask for."""


def fold(name: str) -> str:
    """Vendor names ignore case, options add underscores: both spellings fold to one."""
    return name.replace("_", "").lower()


def pascal(name: str) -> str:
    """A snake_case option or choice as a vendor name; servers ignore the case of both."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def camel(name: str) -> str:
    """A snake_case option as Microsoft Graph spells it, where case counts."""
    found = pascal(name)
    return found[:1].lower() + found[1:]


_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """A property's name in the spelling of options.

    >>> snake("WhenCreatedUTC"), snake("primary_smtp_address")
    ('when_created_utc', 'primary_smtp_address')
    """
    return _WORD.sub("_", name).lower()


def _same(value: t.Any) -> t.Any:
    return value


def _caseless(value: t.Any) -> t.Any:
    return value.casefold() if isinstance(value, str) else value


def _empty_is_null(value: t.Any) -> t.Any:
    return None if value == "" else value


@dataclasses.dataclass(frozen=True)
class Codec:
    """How one kind of value is read, compared and written; ``item`` is the codec of a list's members.

    ``clearable`` says whether an empty text asks for no value; a limit has none, and is not lifted by a variable that is empty.
    ``names`` are the only members that a user may write, ``whole`` says that a list is written as a whole: what is no collection
    on the server takes no members to add and to remove.  ``structured`` members are dictionaries.
    """

    load: t.Callable[[t.Any], t.Any]
    key: t.Callable[[t.Any], t.Hashable] = _same
    dump: t.Callable[[t.Any], t.Any] = _same
    item: Codec | None = None
    clearable: bool = True
    names: tuple[str, ...] = ()
    whole: bool = False
    structured: bool = False


def plain(value: t.Any) -> t.Any:
    """The value without classes of ours: what a result holds is kept as a variable, and Ansible knows plain text only."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def text(value: t.Any) -> str:
    """A server's ``$null`` and an empty string are one; writing an empty string clears."""
    return "" if value is None else str(value)


def boolean(value: t.Any) -> bool | None:
    """None stays None: some properties know a third state."""
    if value is None or isinstance(value, bool):
        return value
    folded = str(value).strip().lower()
    if folded in ("true", "yes", "1", "on"):
        return True
    if folded in ("false", "no", "0", "off"):
        return False
    raise ValueError(f"{value!r} is neither true nor false")


def tristate(value: t.Any) -> str:
    """``true``, ``false`` or ``unset``, for a property whose ``$null`` means something of its own."""
    found = None if value == UNSET else boolean(value)
    return UNSET if found is None else str(found).lower()


def integer(value: t.Any) -> int | None:
    if value is None or value == "":
        return None
    digits = str(value).strip().replace(",", "")
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,19}", digits):  # no cmdlet takes more than 64 bits
        raise ValueError(f"{value!r} is not a whole number")
    return int(digits)


def count(value: t.Any) -> int | str | None:
    """A number or ``unlimited``."""
    return UNLIMITED if _is_unlimited(value) else integer(value)


def _is_unlimited(value: t.Any) -> bool:
    return isinstance(value, str) and value.strip().lower() == UNLIMITED


_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"(?i)^\s*([0-9]{1,19}(?:\.[0-9]{1,19})?)\s*([kmgt]?)(?:b|bytes)?\s*$")
_WIRE_SIZE = re.compile(r"\(([0-9][0-9,.\u00a0\u202f'\u2019 ]*) bytes\)")


def size_in_bytes(value: t.Any) -> int:
    """Bytes of ``50GB``, ``1.5 gb``, ``53687091200`` or a server's ``50 GB (53,687,091,200 bytes)``.

    The exact count in parentheses wins over the rounded text before it; its digits may be grouped by any culture's separator.
    """
    exact = _WIRE_SIZE.search(str(value))
    if exact:
        return int(re.sub(r"[^0-9]", "", exact.group(1))[:19])
    match = _SIZE.match(str(value))
    if not match or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a size such as 50GB, 512 MB, 1048576 or unlimited")
    number, unit = match.group(1), _UNITS[match.group(2).lower()]
    if "." not in number:
        return int(number) * unit
    found = round(float(number) * unit)
    # Active Directory keeps quotas in whole kilobytes: 1.1 GB would come back as something else.
    return -(-found // 1024) * 1024 if unit > 1024 else found


def size(value: t.Any) -> str | None:
    """The readable form of a size: the largest unit that divides it, for example ``50 GB``; ``unlimited``; None for no value."""
    if value is None or value == "":
        return None
    if _is_unlimited(value):
        return UNLIMITED
    number = size_in_bytes(value)
    for unit in ("TB", "GB", "MB", "KB"):
        divisor = _UNITS[unit[0].lower()]
        if number and number % divisor == 0:
            return f"{number // divisor} {unit}"
    return f"{number} B"


def limited_size(value: t.Any) -> str | None:
    """A size that there is always one of, as of a message at a receive connector."""
    if _is_unlimited(value):
        raise ValueError(f"{value!r} is not a size such as 36MB; this limit cannot be lifted")
    return size(value)


def _dump_size(value: t.Any) -> t.Any:
    return value if value is None else "Unlimited" if value == UNLIMITED else str(size_in_bytes(value))


_LONGEST_SPAN = 10_675_198  # days; .NET counts time in 64 bits of 100 ns
_SPAN = re.compile(r"(-)?(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,7}))?)?")
_ISO_SPAN = re.compile(r"(?i)(-)?P(?=.)(?:([0-9]{1,8})D)?(?:T(?=.)(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:\.([0-9]{1,7})[0-9]*)?S)?)?")


_MOST_DAYS = 24_855
"""More whole days than any of Exchange's settings takes (2**31 seconds); a larger bare number is an unquoted 12:00:00, which YAML reads as 43200."""


def timespan_or_unlimited(value: t.Any) -> str | None:
    """A time span or ``unlimited``."""
    return UNLIMITED if _is_unlimited(value) else timespan(value)


def timespan(value: t.Any) -> str | None:
    """The form ``14.00:00:00`` of a .NET time span, an ISO 8601 duration, or a number of days."""
    if value is None or value == "":
        return None
    found = str(value).strip()
    if re.fullmatch(r"[0-9]+", found):
        found = f"P{found}D" if int(found) <= _MOST_DAYS else "an unquoted time"
    match = _SPAN.fullmatch(found) or _ISO_SPAN.fullmatch(found)
    sign, days, hours, minutes, seconds, fraction = match.groups(default="") if match else ("",) * 6
    span = datetime.timedelta(int(days or 0), int(seconds or 0), 0, 0, int(minutes or 0), int(hours or 0))
    if not match or span.days > _LONGEST_SPAN:
        example = "14.00:00:00 (days.hours:minutes:seconds), P14D, or a number of days; a time needs quotes in YAML"
        raise ValueError(f"{value!r} is not a time span such as {example}")
    rest = f".{fraction.ljust(7, '0')}" if fraction.strip("0") else ""
    sign = sign if span or rest else ""
    return f"{sign}{span.days}.{span.seconds // 3600:02}:{span.seconds // 60 % 60:02}:{span.seconds % 60:02}{rest}"


def timestamp(value: t.Any) -> str | None:
    """ISO 8601 in UTC, to the second; a time without zone is taken as UTC."""
    if value is None or value == "":
        return None
    try:
        moment = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value).strip())
        moment = moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):  # a zone can shift the first or last hours of the calendar out of it
        raise ValueError(f"{value!r} is not a time such as 2026-03-01T10:00:00Z") from None
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


NO_GUID = "00000000-0000-0000-0000-000000000000"


def guid(value: t.Any) -> str | None:
    """Lower case, without braces; all zeros are no GUID."""
    if value in (None, ""):
        return None
    try:
        found = str(uuid.UUID(str(value)))
        return found if found != NO_GUID else None
    except ValueError:
        raise ValueError(f"{value!r} is not a GUID such as 4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10") from None


def smtp_address(value: t.Any) -> str:
    """An SMTP address without the ``smtp:`` that a server may put before it."""
    return re.sub(r"(?i)^(smtp:\s*)+", "", text(value).strip())


def _uri_key(value: str) -> str:
    """A System.Uri prints itself with a slash after a host alone."""
    return value.casefold().rstrip("/")


def proxy_address(value: t.Any) -> str:
    """An address with its type: capitals (``SMTP:``, ``EUM:``) mark a type's primary one; no type means ``smtp:``."""
    found = text(value).strip()
    prefix, colon, rest = found.partition(":")
    if not colon:
        return "smtp:" + found
    return found if prefix.isupper() else f"{prefix.lower()}:{rest}"


def members(item: Codec, ordered: bool = False) -> Codec:
    """The codec of a list whose members `item` describes; ``$null`` is an empty list."""

    def load(value: t.Any) -> list[t.Any]:
        found = [] if value is None else list(value) if isinstance(value, (list, tuple, set)) else [value]
        return [item.load(one) for one in found]

    def key(value: t.Any) -> t.Hashable:
        return (tuple if ordered else frozenset)(item.key(one) for one in value)

    def dump(value: t.Any) -> t.Any:
        return [item.dump(one) for one in value]

    return Codec(load, key, dump, item)


def array(item: Codec) -> Codec:
    """The codec of a list that is no collection on the server: written as a whole, and ``$null`` when it is empty."""
    listed = members(item)
    return dataclasses.replace(listed, dump=lambda value: listed.dump(value) or None, whole=True)


TEXT = Codec(text, dump=_empty_is_null)
NAME = Codec(text, _caseless, _empty_is_null)
ADDRESS = Codec(smtp_address, _caseless, _empty_is_null)
URI = Codec(text, _uri_key, _empty_is_null)
PROXY_ADDRESS = Codec(proxy_address, lambda value: (value.startswith("SMTP:"), _caseless(value)))

CODECS: dict[str, Codec] = {
    "text": TEXT,
    "name": NAME,
    "bool": Codec(boolean),
    "tristate": Codec(tristate, dump=lambda value: None if value == UNSET else value == "true"),
    "int": Codec(integer),
    "count": Codec(count, dump=lambda value: "Unlimited" if value == UNLIMITED else value, clearable=False),
    "size": Codec(size, lambda value: value if value in (None, UNLIMITED) else size_in_bytes(value), _dump_size, clearable=False),
    "limited_size": Codec(limited_size, lambda value: value if value is None else size_in_bytes(value), _dump_size, clearable=False),
    "timespan": Codec(timespan),
    "timespan_or_unlimited": Codec(timespan_or_unlimited),
    "timestamp": Codec(timestamp),
    "guid": Codec(guid, dump=lambda value: value or NO_GUID),
    "address": ADDRESS,
    "uri": URI,
    "secret": Codec(_same, dump=Secret),
    "recipient": NAME,
    "recipient_address": ADDRESS,
    "texts": members(NAME),  # a server's list of texts does not hold one twice in different case
    "ordered_names": members(NAME, ordered=True),
    "uris": members(URI),
    "addresses": members(ADDRESS),
    "proxy_addresses": members(PROXY_ADDRESS),
    "recipients": members(NAME),
    "recipient_addresses": array(ADDRESS),
    "owners": members(NAME),
    "members": members(NAME),
    "principals": members(NAME),
}


def choice(choices: t.Collection[str], spelling: t.Callable[[str], str] = pascal) -> Codec:
    """A value out of an option's choices; the server's spelling folds to the option's.  A value the option does not know stays.

    Where ``unset`` is a choice, it is what a server's ``$null`` reads as, and written as such.  ``spelling`` makes the written form.
    """
    empty = UNSET if UNSET in choices else None
    by_fold = {fold(one): one for one in choices}

    def load(value: t.Any) -> t.Any:
        return empty if value is None else by_fold.get(fold(str(value)), str(value))

    def dump(value: t.Any) -> t.Any:
        return None if value == UNSET else spelling(value) if value in by_fold.values() else value

    return Codec(load, lambda value: None if value is None else fold(value), dump)


def choice_or_none(choices: t.Collection[str]) -> Codec:
    """A value out of an option's choices, of which ``none`` stands for ``$null``."""
    inner = choice(choices)
    return Codec(lambda value: "none" if value is None else inner.load(value), inner.key, lambda value: None if value == "none" else inner.dump(value))


def flags(names: t.Collection[str], none: str = "none") -> Codec:
    """Several of an enumeration's names, in any order: a server shows ``Tls, BasicAuth``, and the name ``none`` for an empty list.  Written as a whole.

    A name that the server has and ``names`` lacks stays as it is.
    """
    item = choice(names)
    nothing = ("none", fold(none), "")

    def load(value: t.Any) -> list[t.Any]:
        found = value.split(",") if isinstance(value, str) else [] if value is None else list(value)
        return [item.load(str(one).strip()) for one in found if fold(str(one).strip()) not in nothing]

    def dump(value: t.Any) -> str:
        return ", ".join(item.dump(one) for one in value) or pascal(none)

    return Codec(load, lambda value: frozenset(item.key(one) for one in value), dump, item, names=tuple(names), whole=True)
