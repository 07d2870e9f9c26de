# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places: what the service keeps about rooms and workspaces besides their mailboxes, and how it shows it.

Sources: Microsoft's reference of Get-Place and Set-Place.  A place comes and goes with its mailbox; of a new room it appears later than
the mailbox, because another part of the service has it.
"""

from __future__ import annotations

import decimal
import re
import time
import typing as t
import unicodedata

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _countries
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, single

OF_THE_ACCOUNT = ("street", "city", "state_or_province", "postal_code", "country_or_region", "phone", "geo_coordinates")
"""What Set-Place does not change where directory synchronisation brings the account."""
PLACELESS = ("UserMailbox", "SharedMailbox", "EquipmentMailbox", "LinkedMailbox", "TeamMailbox", "GroupMailbox", "SchedulingMailbox", "DiscoveryMailbox")
"""Mailboxes that never get a place; of others the service is waited for."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between looks for a place that is not there yet; the last one holds on."""
_LARGEST = {"latitude": 90, "longitude": 180}


def _folded(name: str) -> str:
    """A country's name without what its spellings differ in: accents, punctuation, ``and``, ``the``, ``St``."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)).casefold()
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("&", " and ")).split()
    return " ".join({"st": "saint"}.get(word, word) for word in words if word not in ("and", "the"))


_CODES = {_folded(name): code for code, names in _countries.NAMES.items() for name in (code, *names)}


def country(value: t.Any) -> str:
    """The two-letter code of a country; a name that the table does not know stays as it is, and the service says whether it does."""
    found = values.text(value).strip()
    return _CODES.get(_folded(found), found)


def coordinates(value: t.Any) -> str:
    """``47.644125;-122.122411``, with the altitude in metres behind another semicolon; a comma may stand for the decimal point.  Empty for none."""
    found = values.text(value).strip()
    if not found:
        return ""
    parts = [part.strip().replace(",", ".") for part in found.split(";")]
    if len(parts) not in (2, 3) or not all(re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{1,15})?", part) for part in parts):
        raise ValueError(f"{value!r} is not latitude and longitude, as in 47.644125;-122.122411, perhaps with an altitude behind another semicolon")
    numbers = [decimal.Decimal(part) for part in parts]
    for (name, largest), number in zip(_LARGEST.items(), numbers, strict=False):
        if abs(number) > largest:
            raise ValueError(f"the {name} is {number.normalize():f}; it must be between -{largest} and {largest}")
    return ";".join(f"{number.normalize():f}" if number else "0" for number in numbers)


def _nothing_is_null(value: t.Any) -> t.Any:
    return value or None


def _count(value: t.Any) -> int | None:
    found = values.integer(value)
    if found is not None and found < 0:
        raise ValueError(f"{found} is less than nothing")
    return found


FIELDS = (
    Field("tags", codec=values.array(values.TEXT)),
    Field("capacity", codec=values.Codec(_count)),
    Field("mtr_enabled", write="MTREnabled"),
    Field("state_or_province", read="State", write="State"),
    Field("country_or_region", codec=values.Codec(country, str.casefold, _nothing_is_null)),
    Field("geo_coordinates", codec=values.Codec(coordinates, dump=_nothing_is_null)),
)
DEFAULTS = {"is_wheel_chair_accessible": False, "mtr_enabled": False}


class Place(CmdletResource):
    """A room's or a workspace's place.  It is looked for as long as ``wait`` says, if its mailbox is there."""

    facts = ("type", "display_name")
    scopes = ({"kind": "Room"}, {"kind": "Space"})  # a list of all kinds has room lists, too, which are distribution groups

    def scope(self, options: Options) -> dict[str, t.Any]:
        return {"Type": options["kind"]} if "kind" in options else {}

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        until, number = time.monotonic() + (options.get("wait") or 0), 0
        while True:
            try:
                return super().fetch(session, options)
            except NotFound as error:
                if number == 0:
                    self._expect(session, options, error)
                left = until - time.monotonic()
                if left <= 0:
                    raise NotFound(
                        f"'{options['identity']}' has a mailbox, but its place is not there yet",
                        cmdlet=error.cmdlet,
                        target=session.target,
                        advice="The place of a new room appears some time after its mailbox; run the task again, or wait longer",
                    ) from None
                time.sleep(min(PAUSES[min(number, len(PAUSES) - 1)], left))
                number += 1

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        changed = [name for name in OF_THE_ACCOUNT if name in wanted and self._differs(name, wanted, current or {})]
        if changed and self._mailbox(session, options).get("isdirsynced") is True:
            raise UsageError(
                f"{self.label(options)} is synchronised from on-premises Active Directory, which has the last word about {', '.join(changed)}",
                advice="Change the account on-premises; directory synchronisation brings it to the tenant. Coordinates cannot be set there: leave them out",
            )
        return wanted

    def _differs(self, name: str, wanted: plan.State, current: plan.State) -> bool:
        key = self.attributes[name].codec.key
        return key(wanted[name]) != key(current.get(name) or "")

    def _expect(self, session: Session, options: Options, error: NotFound) -> None:
        """Raises NotFound where there is no mailbox, and UsageError where it is none that has a place."""
        try:
            kind = str(self._mailbox(session, options).get("recipienttypedetails"))
        except NotFound:
            raise NotFound(
                f"there is no room or workspace '{options['identity']}'",
                cmdlet=error.cmdlet,
                target=session.target,
                advice="A place comes and goes with its mailbox: name one that exists, or make it first, for example with m365.hybrid.exchange_mailbox",
            ) from None
        if kind in PLACELESS:
            raise UsageError(f"'{options['identity']}' is a {kind}; only rooms and workspaces have a place", target=session.target)

    def _mailbox(self, session: Session, options: Options) -> dict[str, t.Any]:
        answer = session.invoke("Get-Mailbox", self.identity(options), properties=("recipienttypedetails", "isdirsynced"))
        found = single(answer, "Get-Mailbox", session.target, f"mailbox '{options['identity']}'")
        shown = {values.fold(name): value for name, value in found.items()}
        if "recipienttypedetails" not in shown:
            raise HybridError(f"mailbox '{options['identity']}' does not say of what kind it is", cmdlet="Get-Mailbox", target=session.target)
        return shown
