# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Named locations of conditional access: ranges of addresses, or countries; and what must not be trusted."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, GraphResource, Options, nested

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]  # noqa: UP007  (an alias is evaluated where Python 3.9 is linted for)
_IP = "#microsoft.graph.ipNamedLocation"
_COUNTRY = "#microsoft.graph.countryNamedLocation"
_OF_IP = ("ip_ranges", "is_trusted")
_OF_COUNTRY = ("countries_and_regions", "include_unknown_countries_and_regions", "country_lookup_method")
_WIDEST = 9
"""The shortest prefix that the service takes (published with the limits of named locations)."""
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4 "
        "::/8 fc00::/7 fe80::/10 ff00::/8"
    ).split()
)
"""Private and reserved ranges (IANA's registries of special-purpose addresses): no sign-in over the internet comes from there.  The ranges
for documentation are left out, because guides are tried out with them."""
EGRESS = "Trusted are the public addresses from which your network reaches the internet; ask whoever runs its firewall or proxy"


def network(value: t.Any) -> str:
    """A range in its canonical form; an address alone is a range of one.  Raises ValueError.

    >>> network("203.0.113.9/24"), network("2001:0DB8::1")
    ('203.0.113.0/24', '2001:db8::1/128')
    """
    text = str(value["cidrAddress"] if isinstance(value, dict) else value).strip()
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"'{text}' is not a range of addresses such as 203.0.113.0/24 or 2001:db8::/48") from None


def _range(text: str) -> dict[str, str]:
    version = ipaddress.ip_network(text).version
    return {"@odata.type": f"#microsoft.graph.iPv{version}CidrRange", "cidrAddress": text}


def country(value: t.Any) -> str:
    found = str(value).strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", found):
        raise ValueError(f"'{value}' is not a country as two letters (ISO 3166), for example DE; in YAML the code NO needs quotes")
    return found


FIELDS = (
    Field("ip_ranges", codec=values.members(values.Codec(network, dump=_range))),
    Field("countries_and_regions", codec=values.members(values.Codec(country))),
)


class NamedLocation(GraphResource):
    """A named location.  Its kind is the one that its options have; it cannot be changed."""

    by = "displayName"
    facts = ("id", "createdDateTime")
    listable = True

    def properties(self) -> None:
        """What a kind of location has of its own cannot be selected from the list of all kinds."""

    def read(self, session: RestSession, options: Options) -> engine.Reading:
        found = super().read(session, options)
        if found.state is None or options.get("state") != "absent":
            return found
        return engine.Reading(found.state, {**found.background, "policies": self._used_by(session, found.state["id"])})

    @staticmethod
    def _used_by(session: RestSession, identifier: str) -> list[str]:
        """The policies that name the location."""
        listed = session.request("GET", paths.path(f"{V1}/identity/conditionalAccess/policies")).output
        both = ("includeLocations", "excludeLocations")
        return [one["displayName"] for one in listed if any(identifier in (nested(one, f"conditions/locations/{name}") or ()) for name in both)]

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        return wanted if current is not None else {"display_name": options["identity"]} | wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        state = found.state or {}
        if todo.action == "delete":
            return self._removal(options, found)
        kind = _kind(todo.changes) or (found.background or {}).get("@odata.type")
        if kind is None or (found.background or {}).get("@odata.type", kind) != kind:
            reason = "is of the other kind, and cannot become one of this" if kind else "does not exist; a new one needs ip_ranges or countries_and_regions"
            raise UsageError(f"{self.label(options)} {reason}")
        self._refuse_empty(todo, options, kind)
        self._refuse_internal(todo, state)
        return [dataclasses.replace(call, parameters={"@odata.type": kind, **call.parameters}) for call in super().calls(todo, options, found)]

    def _removal(self, options: Options, found: engine.Reading) -> list[engine.Call]:
        """A trusted location is not deleted, so it is no longer trusted before; that must not happen to one whose deletion is then refused."""
        state = found.state or {}
        users = found.background["policies"]
        if users:
            raise UsageError(
                f"{self.label(options)} is used by {', '.join(users)}",
                advice="Take it out of these policies first, with m365.hybrid.entra_conditional_access_policy",
            )
        distrust = [self.ask("PATCH", "", state, body={"@odata.type": _IP, "isTrusted": False})] if state.get("is_trusted") else []
        return [*distrust, self.ask("DELETE", "", state)]

    def _refuse_empty(self, todo: plan.Plan, options: Options, kind: str) -> None:
        name = "ip_ranges" if kind == _IP else "countries_and_regions"
        if not (todo.after or {}).get(name):
            raise UsageError(f"{self.label(options)} needs at least one member of {name}", advice="To end it, write state: absent")

    @staticmethod
    def _refuse_internal(todo: plan.Plan, state: plan.State) -> None:
        """Ranges that are new, and all of them where the location is trusted only now.  Raises UsageError."""
        after = (todo.after or {}).get("ip_ranges") or []
        added, _removed = lists.difference(state.get("ip_ranges") or [], after, str)
        trusted = bool((todo.after or {}).get("is_trusted"))
        for text in after if trusted and not state.get("is_trusted") else added:
            reason = unfit(text, trusted)
            if reason:
                raise UsageError(f"ip_ranges: {reason}", advice=EGRESS if trusted else f"Write prefixes of /{_WIDEST} or longer")


def unfit(text: str, trusted: bool) -> str | None:
    """Why a range in canonical form is refused, in a trusted location or in any; None for one that is not."""
    found = ipaddress.ip_network(text)
    if found.prefixlen < _WIDEST:
        return f"{text} is too wide, /{_WIDEST - 1} and wider are refused"
    inside = next((str(one) for one in _NOT_PUBLIC if one.version == found.version and one.overlaps(found)), None)
    return f"{text} is not public, it lies in the private or reserved range {inside}" if trusted and inside else None


def _kind(changes: t.Mapping[str, plan.Change]) -> str | None:
    """The kind of location that has these options; None where both have them."""
    return _IP if any(name in changes for name in _OF_IP) else _COUNTRY if any(name in changes for name in _OF_COUNTRY) else None
