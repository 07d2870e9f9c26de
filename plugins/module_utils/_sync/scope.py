# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an object of Active Directory is synchronised, which rules keep it out, and which of its attributes go where.  No input or output.

The facts are in `_scope_data`.  The scopes that administrators choose in the wizard are given by name: no cmdlet shows them.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import re
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._directory import names
from ansible_collections.m365.hybrid.plugins.module_utils._sync import _scope_data as data

GENERATIONS = {"entra_connect": "connect", "aad_sync": "connect", "dirsync": "dirsync", "cloud_sync": "cloud"}
"""The rules that each generation goes by.  AAD Sync is the first release of what became Entra Connect; its own list was never published."""
UNPUBLISHED = ("cloud_sync",)
"""Generations of which not all rules, and not the attributes, are published: what no rule keeps out is not known to be synchronised."""
EXCHANGE = ("Exchange Online", "Exchange mail public folder")
"""Services whose attributes stay at home while `EXCHANGE_NEEDS` is empty."""
SERVICES = {re.sub(r"\W+", "_", name.lower()): name for name in data.FLOWING}
"""The services by the choices that name them, for example teams_and_skype_for_business_online."""
METAVERSE = {
    "sourceanchor": ("mS-DS-ConsistencyGuid", "objectGUID"),
    "usagelocation": ("msExchUsageLocation", "c"),
    "accountenabled": ("userAccountControl",),
    "securityenabled": ("groupType",),
    "domainfqdn": (),
    "domainnetbios": (),
    "devicetrusttype": (),
}
"""What the published list names by the metaverse's name, with the attributes of Active Directory behind it; without any, it is worked out."""
CONSISTENCY = "mS-DS-ConsistencyGuid"
UNKNOWN_CLASS = "objects of this class are not synchronised"
OUTSIDE = "no chosen organizational unit holds it"
_SECURITY = 0x80000000
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_CLASSES = (("computer", "computer"), ("inetorgperson", "inetOrgPerson"), ("user", "user"), ("contact", "contact"), ("group", "group"))
_KINDS = {"inetOrgPerson": "user", "computer": "device"}
"""Classes that the list of attributes calls otherwise."""

Given = t.Mapping[str, t.Any]


class Seen:
    """An object: its attributes by name without case, each a list."""

    def __init__(self, found: Given) -> None:
        self._found = {name.lower(): value if isinstance(value, (list, tuple)) else [value] for name, value in found.items() if value is not None}

    def all(self, name: str) -> list[t.Any]:
        return [one for one in self._found.get(name.lower(), ()) if one not in ("", None)]

    def text(self, name: str) -> str:
        return next((str(one) for one in self.all(name)), "")

    def number(self, name: str) -> int:
        try:
            return int(self.text(name) or 0)
        except ValueError:
            return 0

    def true(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    @property
    def dn(self) -> str:
        return self.text("dn") or self.text("distinguishedName")

    @property
    def security(self) -> bool:
        return bool(self.number("groupType") & _SECURITY)

    @property
    def object_class(self) -> str:
        """The class that rules are written for; empty for one that is never synchronised."""
        held = {str(one).lower() for one in self.all("objectClass")}
        return next((name for found, name in _CLASSES if found in held), "")

    @property
    def kind(self) -> str:
        """What the list of attributes calls it: user, contact, group, device, or nothing."""
        return _KINDS.get(self.object_class, self.object_class)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self._found if self.all(name))

    @property
    def count(self) -> int:
        """Direct members of a group."""
        return len(self.all("member"))


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What the wizard was told: distinguished names of places that are synchronised (none: everything) and of places in them that are not."""

    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def refuses(self, dn: str) -> str | None:
        """Why the place keeps an object out; the nearest place that is named decides."""
        if not self.within and not self.without:
            return None
        inside = max((len(_parts(one)) for one in self.within if _below(dn, one)), default=-1 if self.within else 0)
        outside = max(((len(_parts(one)), one) for one in self.without if _below(dn, one)), default=(-2, ""))
        if outside[0] > inside:
            return f"it is in {outside[1]}, which is not synchronised"
        return OUTSIDE if inside < 0 else None


@functools.lru_cache(maxsize=4096)
def _parts(dn: str) -> tuple[str, ...]:
    """The parts of a distinguished name in one spelling, the domain's first."""
    return tuple(reversed(names.parts(names.key(dn))))


def _below(dn: str, place: str) -> bool:
    parts = _parts(place)
    return _parts(dn)[: len(parts)] == parts


def excluding(one: Seen, generation: str, chosen: Chosen = Chosen()) -> list[str]:
    """All rules that keep the object out, in words; none for one that is synchronised."""
    rules = data.RULES[GENERATIONS[generation]]
    named = one.object_class
    if GENERATIONS[generation] == "dirsync" and named == "group":
        named = "securityGroup" if one.security else "mailEnabledGroup"
    if named not in rules:
        return [UNKNOWN_CLASS]
    found = [text for text, test in (*rules.get("any", ()), *rules[named]) if holds(test, one)]
    place = chosen.refuses(one.dn)
    return found if place is None else [*found, place]


def anchor(one: Seen, generation: str) -> str | None:
    """The source anchor, in the form of the tenant's onPremisesImmutableId; None where the object shows neither attribute that it is made of.

    Entra Connect takes mS-DS-ConsistencyGuid where it has a value, and writes the objectGUID there where it has none; Cloud Sync does not write it.
    """
    kept = one.text(CONSISTENCY) if generation in ("entra_connect", "cloud_sync") else ""
    found = kept or one.text("objectGUID")
    try:
        return base64.b64encode(uuid.UUID(found).bytes_le).decode() if found else None
    except ValueError:
        return found  # octets come as base64 already


def holds(test: tuple[t.Any, ...], one: Seen) -> bool:
    """Whether a test of the data fits an object."""
    name, *given = test
    return _TESTS[name](one, *given)


def _all(one: Seen, *tests: tuple[t.Any, ...]) -> bool:
    return all(holds(test, one) for test in tests)


def _begins(one: Seen, name: str, *beginnings: str) -> bool:
    return one.text(name).casefold().startswith(tuple(map(str.casefold, beginnings)))


def _contains(one: Seen, name: str, part: str) -> bool:
    return part.casefold() in one.text(name).casefold()


def _is(one: Seen, name: str, value: str) -> bool:
    return one.text(name).casefold() == value.casefold()


def _hidden(one: Seen, name: str, part: str) -> bool:
    return _contains(one, name, part) and one.true("msExchHideFromAddressLists")


def _conflict(one: Seen, where: str) -> bool:
    """The names of losers of a replication conflict have a line feed and CNF: in them, in a distinguished name escaped as \\0A."""
    dn = one.dn if where == "dn" else next(iter(names.parts(one.dn)), "")
    return "\\0acnf:" in dn.lower() or "\ncnf:" in one.text("name").lower()


def _no_address(one: Seen) -> bool:
    """The contact's rule of mail: neither a primary SMTP address with an @ nor a mail attribute with one."""
    primary = next((str(value)[5:] for value in one.all("proxyAddresses") if str(value).startswith("SMTP:")), "")
    return not (_ADDRESS.fullmatch(primary) or _ADDRESS.fullmatch(one.text("mail")))


_TESTS: dict[str, t.Callable[..., bool]] = {
    "absent": lambda one, name: not one.all(name),
    "all": _all,
    "begins": _begins,
    "bits": lambda one, name, mask: bool(one.number(name) & mask),
    "conflict": _conflict,
    "contains": _contains,
    "distribution": lambda one: not one.security,
    "hidden": _hidden,
    "is": _is,
    "members": lambda one, most: one.count >= most,
    "no_address": _no_address,
    "number": lambda one, name, *values: one.number(name) in values,
    "present": lambda one, name: bool(one.all(name)),
    "true": lambda one, name: one.true(name),
}


def flowing(kind: str, services: t.Collection[str] = (), exchange: bool = True) -> list[str]:
    """The attributes that are brought for a kind of object, for all services or these; ``exchange``: its Exchange attributes come, too."""
    wanted = [SERVICES[one] for one in services] if services else list(data.FLOWING)
    found = (name for service in wanted if exchange or service not in EXCHANGE for name in data.FLOWING[service].get(kind, ()))
    return list(dict.fromkeys(found))


def written_back(kind: str, generation: str = "entra_connect") -> list[str]:
    """The attributes that the tenant may change in Active Directory in an Exchange hybrid."""
    table = data.WRITTEN_BACK_BY_CLOUD_SYNC if generation == "cloud_sync" else data.WRITTEN_BACK
    return list(table.get(kind, ()))


def set_of(one: Seen, names: t.Iterable[str]) -> list[str]:
    """Those of the attributes that the object has; what is worked out counts as there."""
    held = frozenset(one.names)
    return [name for name in names if _there(name.lower(), held)]


def _there(name: str, held: frozenset[str]) -> bool:
    sources = METAVERSE.get(name, (name,))
    return not sources or any(source.lower() in held for source in sources)


def needed(generation: str) -> list[str]:
    """The attributes that the rules look at, to be asked for."""
    found: dict[str, str] = {}
    for rules in data.RULES[GENERATIONS[generation]].values():
        for _text, test in rules:
            _collect(test, found)
    return list(found.values())


_LOOKED_AT = {
    "no_address": ("proxyAddresses", "mail"),
    "members": ("member",),
    "conflict": ("name",),
    "hidden": ("msExchHideFromAddressLists",),
    "distribution": ("groupType",),
}


def _collect(test: tuple[t.Any, ...], found: dict[str, str]) -> None:
    name, *given = test
    if name == "all":
        for one in given:
            _collect(one, found)
        return
    named = () if name in ("no_address", "members", "conflict", "distribution") else given[:1]
    for attribute in (*named, *_LOOKED_AT.get(name, ())):
        found.setdefault(attribute.lower(), attribute)
