# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receive connectors that keep a transport service from starting, and what is done about them.  Nothing here talks to a server.

A server with both roles has two transport services, and each opens the ports of its own connectors.  Where both want one, the one that
comes second ends with 10048 (the socket address is in use) and is not started again; which sender a connector is for does not matter to
the port.  Connectors of one role share a port, and are told apart by their remote ranges.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import connector_copies
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.bindings import (
    Listener,
    binding,
    crossing_ranges,
    ip_range,
    shared_bindings,
    shared_ranges,
)

Object = t.Mapping[str, t.Any]
HUB, FRONTEND = "hub_transport", "frontend_transport"
PORT, RANGES = "port", "ranges"
"""Two services want one port; two connectors of one service cannot be told apart."""
WAITING, PARKING = "127.0.0.1", range(52525, 53525)
"""The address and the ports on which a connector may wait for its turn."""
_ROLES = {"hubtransport": HUB, "frontendtransport": FRONTEND}


@dataclasses.dataclass(frozen=True)
class Wishes:
    """``defaults`` are the beginnings of the names that setup gives, ``keep`` connectors that stay as they are; both folded."""

    servers: frozenset[str]
    keep: frozenset[str]
    defaults: tuple[str, ...]

    @staticmethod
    def load(given: Object) -> Wishes:
        """From the role's variables."""
        servers, keep = (frozenset(str(one).partition(".")[0].casefold() for one in given.get("servers") or ()), given.get("keep") or ())
        return Wishes(servers, frozenset(str(one).casefold() for one in keep), tuple(str(one).casefold() for one in given.get("defaults") or ()))


@dataclasses.dataclass(frozen=True)
class Connector:
    """A receive connector; ``kept`` says why it is never changed, empty where it may be."""

    server: str
    listener: Listener
    guid: str
    enabled: bool
    kept: str

    @property
    def label(self) -> str:
        return f"{self.server}\\{self.listener.name}"

    @property
    def role(self) -> str:
        return self.listener.role

    @staticmethod
    def load(row: Object, wishes: Wishes) -> Connector:
        """From an object of Get-ReceiveConnector; one of 2010 has no role, and is what hub transport is since.  Raises KeyError, ValueError."""
        server, name = str(row["Server"]).rpartition("/")[2], str(row["Name"])
        role = _ROLES.get(values.fold(str(row.get("TransportRole") or "HubTransport")))
        if role is None:
            raise ValueError(f"{server}\\{name}: {row['TransportRole']!r} is no transport role")
        try:
            listener = Listener(name, role, [binding(one) for one in row["Bindings"] or ()], [ip_range(one) for one in row["RemoteIPRanges"] or ()])
        except ValueError as error:
            raise ValueError(f"{server}\\{name}: {error}") from None
        return Connector(server, listener, str(row.get("Guid") or ""), row.get("Enabled") is not False, _kept(server, name, wishes))

    def moved(self) -> Connector:
        """The same one as one of frontend transport."""
        return dataclasses.replace(self, listener=dataclasses.replace(self.listener, role=FRONTEND))

    def shown(self) -> dict[str, t.Any]:
        return {
            "connector": self.label,
            "transport_role": self.role,
            "bindings": list(self.listener.bindings),
            "remote_ip_ranges": list(self.listener.ranges),
            "enabled": self.enabled,
            "default": self.kept.startswith("it is a connector that setup made"),
        }


def _kept(server: str, name: str, wishes: Wishes) -> str:
    if name.casefold() in [f"{beginning} {server}".casefold() for beginning in wishes.defaults]:
        return "it is a connector that setup made, and such are never changed"
    if {name.casefold(), f"{server}\\{name}".casefold()} & wishes.keep:
        return "receive_connectors_keep names it"
    return ""


@dataclasses.dataclass(frozen=True)
class Conflict:
    """Two connectors of one server that do not go together; for `PORT` the first one is that of hub transport."""

    kind: str
    first: Connector
    second: Connector

    def bindings(self) -> list[str]:
        return shared_bindings(self.first.listener, self.second.listener)

    def ranges(self) -> list[list[str]]:
        found = shared_ranges if self.kind == PORT else crossing_ranges
        return [list(pair) for pair in found(self.first.listener, self.second.listener)]

    def text(self) -> str:
        """What is wrong, in a sentence."""
        where, one, two = ", ".join(self.bindings()), self.first, self.second
        if self.kind == PORT:
            return f"{one.label} of hub transport and {two.label} of frontend transport both listen on {where}, so one of the services does not start (10048)"
        pairs = ", ".join(" and ".join(pair) for pair in self.ranges())
        return f"{one.label} and {two.label} both listen on {where}, and a sender in {pairs} fits either of them: one range must lie within the other"

    def shown(self, changing: t.Container[str], blocked: t.Mapping[str, str]) -> dict[str, t.Any]:
        change = self.first.label if self.kind == PORT and self.first.label in changing else ""
        what = {"server": self.first.server, "kind": self.kind, "connectors": [self.first.label, self.second.label], "bindings": self.bindings()}
        return {**what, "remote_ip_ranges": self.ranges(), "change": change, "why_not": "" if change else self.why_not(blocked), "text": self.text()}

    def curable(self) -> bool:
        """Whether the role would move the first connector."""
        return self.kind == PORT and not self.first.kept

    def why_not(self, blocked: t.Mapping[str, str]) -> str:
        """Why neither of the two is changed."""
        label = self.first.label
        if self.kind == RANGES:
            return "Which of the two is meant for these senders is for you to say"
        if self.first.kept:
            return f"{label} stays: {self.first.kept}"
        return f"{label} stays: as one of frontend transport, {blocked[label]}. Change bindings or remote_ip_ranges with exchange_receive_connector"


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan; filter/receive_connector_plan.yml says what it holds.  Raises KeyError, ValueError, `Truncated`."""
    listed = reading["connectors"]
    if listed.get("truncated"):
        raise Truncated("there is only a part of the receive connectors", cmdlet="Get-ReceiveConnector")
    everything = [Connector.load(row, wishes) for row in listed["output"]]
    servers = _both_roles(reading["servers"], everything, wishes)
    connectors = [one for one in everything if one.server.casefold() in servers and one.enabled]
    found = list(_conflicts(connectors))
    changing, blocked = _movable(connectors, {one.first.label: one.first for one in found if one.curable()})
    left = [one for one in found if one.kind == RANGES or one.first.label not in changing]
    return {
        "servers": [str(name) for name in servers.values()],
        "state": [one.shown() for one in everything if one.server.casefold() in servers],
        "conflicts": [one.shown(changing, blocked) for one in found],
        "problems": [*_unknown(reading["servers"], everything, wishes), *_waiting(one for one in everything if one.server.casefold() in servers)],
        "changes": list(_changes(changing, everything)),
        "left": [{"server": one.first.server, "kind": one.kind, "text": f"{one.text()}. {one.why_not(blocked)}"} for one in left],
        **connector_copies.make(reading.get("details") or (), reading.get("permissions") or ()),
    }


def _changes(changing: t.Mapping[str, Connector], connectors: t.Sequence[Connector]) -> t.Iterator[dict[str, t.Any]]:
    """What is moved.  `parked` is where a connector listens meanwhile, when others of its server are moved too, of which one has to be the first."""
    for place, (label, one) in enumerate(changing.items()):
        beside = [other for other in connectors if other.server.casefold() == one.server.casefold()]
        taken = {binding.rpartition(":")[2] for other in beside for binding in other.listener.bindings}
        free = [port for port in PARKING if str(port) not in taken]
        alone = sum(other.label in changing for other in beside) == 1
        parked = [] if alone else [f"{WAITING}:{free[place]}"]
        yield {"connector": label, "name": one.listener.name, "server": one.server, "guid": one.guid, "parked": parked}


def _waiting(connectors: t.Iterable[Connector]) -> t.Iterator[str]:
    """Connectors that a run which was interrupted left on the port where they waited: nothing of theirs is in conflict, and nobody reaches them."""
    for one in connectors:
        ends = [binding.rpartition(":") for binding in one.listener.bindings]
        if ends and not one.kept and all(address == WAITING and int(port) in PARKING for address, _colon, port in ends):
            yield (
                f"{one.label} listens on {', '.join(one.listener.bindings)}, where an interrupted run of this role left it: give it its bindings back with "
                "tasks_from: restore and receive_connectors_restore_role: frontend_transport, or with exchange_receive_connector"
            )


def _both_roles(rows: t.Iterable[Object], connectors: t.Sequence[Connector], wishes: Wishes) -> dict[str, str]:
    """Servers with both transport services, folded name → name: those that say so, and those whose connectors do."""
    roles: dict[str, set[str]] = {}
    for one in connectors:
        roles.setdefault(one.server.casefold(), set()).add(one.role)
    found = {}
    for row in rows:
        name = str(row["name"])
        says = row.get("is_hub_transport_server") is True and row.get("is_frontend_transport_server") is True
        wanted = not wishes.servers or name.casefold() in wishes.servers
        if wanted and (says or len(roles.get(name.casefold(), ())) > 1):
            found[name.casefold()] = name
    return found


def _conflicts(connectors: t.Sequence[Connector]) -> t.Iterator[Conflict]:
    for one, two in itertools.combinations(connectors, 2):
        if one.server.casefold() != two.server.casefold():
            continue
        if one.role != two.role:
            hub, frontend = (one, two) if one.role == HUB else (two, one)
            if shared_bindings(hub.listener, frontend.listener):
                yield Conflict(PORT, hub, frontend)
        elif set(one.listener.bindings) & set(two.listener.bindings) and crossing_ranges(one.listener, two.listener):
            yield Conflict(RANGES, one, two)


def _unknown(rows: t.Iterable[Object], connectors: t.Sequence[Connector], wishes: Wishes) -> t.Iterator[str]:
    """Names in the variables that nothing answers to: a name misspelt would change what was to stay."""
    servers = {str(row["name"]).casefold() for row in rows}
    for name in sorted(wishes.servers - servers):
        yield f"receive_connectors_servers: there is no server {name}"
    known = {name.casefold() for one in connectors for name in (one.label, one.listener.name)}
    for name in sorted(wishes.keep - known):
        yield f"receive_connectors_keep: there is no receive connector {name}"


def _movable(connectors: t.Sequence[Connector], curable: t.Mapping[str, Connector]) -> tuple[dict[str, Connector], dict[str, str]]:
    """The connectors that can be moved, and why others cannot be: they would be in a conflict then, which the product refuses."""
    changing = dict(curable)
    blocked: dict[str, str] = {}
    while True:
        after = [one.moved() if one.label in changing else one for one in connectors]
        worse = {label: one.text() for one in _conflicts(after) for label in (one.first.label, one.second.label) if label in changing}
        if not worse:
            return changing, blocked
        blocked |= worse
        changing = {label: one for label, one in changing.items() if label not in worse}
