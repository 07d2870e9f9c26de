# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build of Exchange Server is, and until when it is supported.

Builds come in several forms: ``15.02.1748.010`` is the version of a file; Get-ExchangeServer and Active Directory show ``Version 15.2 (Build
1748.10)``, Active Directory with 30,000 added to the build, and ``versionNumber`` packs the first three parts into one number.  All but the first
name the cumulative update alone: security updates leave them as they are (Microsoft, "Exchange Server build numbers and release dates").
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _builds

ADDED = 30000
"""What Active Directory adds to the third part, so that versions of Exchange 2003 and earlier compare as smaller."""
PAIRS_SINCE = datetime.date(2021, 9, 28)
"""With this day's cumulative updates the pace changed from quarters to half years.  Until then a cumulative update was supported until three
months after the next one, since then it is as long as it is the newest or the one before."""
PREVIEW = "Preview"
_SHOWN = re.compile(r"\s*Version\s+(\d{1,3})\.(\d{1,3})\s*\(Build\s+(\d{1,6})(?:\.(\d{1,6}))?\)\s*", re.IGNORECASE)
_DOTTED = re.compile(r"\s*(\d{1,3})\.(\d{1,3})\.(\d{1,6})(?:\.(\d{1,6}))?\s*")
_FORMS = "15.02.1748.010, Version 15.2 (Build 1748.10), or the versionNumber of Active Directory"
Parts = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Number:
    """A build's parts, three or four of them; ``complete`` says whether they tell the security update, too."""

    parts: Parts
    complete: bool

    def __str__(self) -> str:
        return ".".join(map(str, self.parts))


@dataclasses.dataclass(frozen=True)
class Build:
    """A row of the list: ``cumulative`` is CU15, RTM, SP3; ``update`` what was installed on top, empty for nothing.  ``date`` may lack its day."""

    product: str
    cumulative: str
    update: str
    parts: Parts
    date: str

    @property
    def day(self) -> datetime.date:
        return datetime.date.fromisoformat(self.date if len(self.date) == 10 else f"{self.date}-01")


@dataclasses.dataclass(frozen=True)
class End:
    """The last day of support, and why it is; ``open`` while the next cumulative updates are not known, which end it."""

    day: datetime.date
    why: str
    open: bool = False


def parse(value: t.Any) -> Number:
    """The build that a text or a number means.  Raises ValueError with a sentence."""
    if value is None or value == "":
        raise ValueError("there is no version to look up")
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value!r} is no build; it must be like {_FORMS}")
    if isinstance(value, int) or value.strip().isdecimal():
        return _unpacked(int(value))
    shown, dotted = _SHOWN.fullmatch(value), _DOTTED.fullmatch(value)
    match = shown or dotted
    if match is None:
        raise ValueError(f"{value!r} is no build; it must be like {_FORMS}")
    parts = [int(part) for part in match.groups() if part is not None]
    encoded = parts[2] >= ADDED
    parts[2] -= ADDED if encoded else 0
    return Number(tuple(parts), complete=len(parts) == 4 and shown is None and not encoded)


def _unpacked(value: int) -> Number:
    """versionNumber: 4 bits that are 7, then 6 for the first part, 6 for the second, one that is set, 15 for the third."""
    if value >> 32:
        raise ValueError(f"{value} is the version of an object's schema (msExchVersion), not of a server; take serialNumber or versionNumber")
    if value >> 28 != 7 or not value >> 15 & 1:
        raise ValueError(f"{value} is no versionNumber of an Exchange server; a build must be like {_FORMS}")
    return Number((value >> 22 & 0x3F, value >> 16 & 0x3F, value & 0x7FFF), complete=False)


@functools.cache
def known() -> tuple[Build, ...]:
    """All builds of the list, the oldest of each product first."""
    found, product = [], ""
    for line in re.sub(r"\n +", " ", _builds.BUILDS).splitlines():
        if line.startswith("= "):
            product = line[2:]
            continue
        cumulative, entries = line.split(": ", 1)
        for entry in entries.split(", "):
            number, date, *update = entry.split(" ", 2)
            found.append(Build(product, cumulative, "".join(update), tuple(map(int, number.split("."))), date))
    return tuple(sorted(found, key=lambda one: one.parts))


def newest() -> str:
    """The date of the newest build of the list, which may lack its day."""
    return max(one.date for one in known())


def product_of(number: Number) -> dict[str, t.Any]:
    """The product.  Raises ValueError where no Exchange Server has such a build."""
    fitting = [
        (first, product)
        for product in _builds.PRODUCTS
        for first in (tuple(map(int, version.split("."))) for version in product["versions"])
        if first[:2] == number.parts[:2] and first <= number.parts[:3]
    ]
    if not fitting:
        cloud = "Exchange Online, whose builds have no support of their own" if number.parts[:2] == (15, 20) else "no version of Exchange Server since 2007"
        raise ValueError(f"{number} is {cloud}")
    return max(fitting, key=lambda one: one[0])[1]


def cumulatives(product: str) -> list[Build]:
    """The cumulative updates of a product in order, previews left out; of one that was published twice, the second."""
    found = {one.cumulative: one for one in known() if one.product == product and not one.update and one.cumulative != PREVIEW}
    return list(found.values())


def located(product: t.Mapping[str, t.Any], number: Number) -> tuple[Build | None, str | None]:
    """The row of exactly this build, and the cumulative update that it is, or is an update for; None where the list does not tell."""
    rows = [one for one in known() if one.product == product["name"]]
    exact = next((one for one in rows if one.parts == number.parts), None)
    if exact is not None:
        return exact, exact.cumulative
    # Updates change the fourth part; those of 2010 change the third, and each of its service packs has a second part of its own.
    shared = 2 if len(product["versions"]) > 1 else 3
    same = [one for one in rows if one.parts[:shared] == number.parts[:shared] and one.cumulative != PREVIEW]
    fits = bool(same) and (len(number.parts) == 3 or same[0].parts < number.parts)
    return None, same[0].cumulative if fits else None


def end_of(product: t.Mapping[str, t.Any], cumulative: str) -> End:
    """Until when a cumulative update is supported, as far as the list of builds reaches."""
    last = datetime.date.fromisoformat(product["end"])
    updates = cumulatives(product["name"])
    place = [one.cumulative for one in updates].index(cumulative)
    after = updates[place + 1 :]
    months = product.get("months", {}).get(cumulative, 3)
    if cumulative in product.get("until", {}):
        found = End(datetime.date.fromisoformat(product["until"][cumulative]), f"updates for {cumulative} ended")
    elif not after:
        found = End(last, f"{cumulative} is the newest cumulative update that is known", open=True)
    elif after[0].day < PAIRS_SINCE or months != 3:
        rule = f"{cumulative} is supported until {months} months after the next cumulative update"
        found = End(_later(after[0].day, months), f"{rule}, {after[0].cumulative} of {after[0].date}")
    elif len(after) > 1:
        found = End(after[1].day, f"only the newest cumulative update and the one before are supported, and {after[1].cumulative} came on {after[1].date}")
    else:
        found = End(last, f"{cumulative} is the cumulative update before the newest that is known", open=True)
    return found if found.day < last else dataclasses.replace(found, day=last)


def _later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
