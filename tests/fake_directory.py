# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way to Active Directory in this process: the wire as it is, ldap3 included, on the lab's domain controller without a socket between them."""

from __future__ import annotations

import typing as t

import ldap3

from ansible_collections.m365.hybrid.plugins.module_utils import _ldap_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Modification, Values
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, ldap
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.ldap_link import Link, raw
from hybridlab.ad import ber
from hybridlab.ad.connection import Connection
from hybridlab.ad.forest import Forest
from hybridlab.ad.root import RootEntry

USER, PASSWORD = "administrator", "Adm1n-Passw0rd!"


def options(**given: t.Any) -> dict[str, t.Any]:
    """The options of a connection, resolved."""
    found = {option.name: option.default for option in _ldap_docs.OPTIONS} | given
    return ldap_options.resolve(found.get)


class DirectoryOnWire:
    """`_core.session.DirectorySession` on a wire, without the broker between them; ``calls`` are the operations with what they were about."""

    def __init__(self, wire: ldap.Directory) -> None:
        self.wired = wire
        self.wire, self.endpoint = wire.wire, wire.endpoint
        self.calls: list[tuple[str, t.Any]] = []

    @property
    def target(self) -> str:
        return self.wired.target

    def search(
        self,
        base: str | None,
        text: str = "(objectClass=*)",
        *,
        scope: str = "subtree",
        attributes: t.Collection[str] = ("*",),
        deleted: bool = False,
        limit: int | None = None,
    ) -> Answer:
        return self._sent("search", base=base, text=text, scope=scope, attributes=list(attributes), deleted=deleted, limit=limit)

    def add(self, name: str, attributes: t.Mapping[str, Values]) -> Answer:
        return self._sent("add", name=name, attributes=attributes)

    def modify(self, name: str, changes: t.Sequence[Modification]) -> Answer:
        return self._sent("modify", name=name, changes=[[one.how, one.attribute, list(one.values)] for one in changes])

    def delete(self, name: str, *, tree: bool = False) -> Answer:
        return self._sent("delete", name=name, tree=tree)

    def rename(self, name: str, rdn: str, parent: str | None = None) -> Answer:
        return self._sent("rename", name=name, rdn=rdn, parent=parent)

    def _sent(self, operation: str, **arguments: t.Any) -> Answer:
        self.calls.append((operation, arguments))
        return self.wired.operate(Call(60), operation, rpc.decode(rpc.encode(arguments)))


class _Memory:
    """What ldap3 takes for its socket; what it sends is answered at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked, self._answered = bytearray(), bytearray()

    def sendall(self, data: bytes) -> None:
        self._asked += data
        while (found := ber.extent(self._asked)) is not None and found[1] <= len(self._asked):
            message = bytes(self._asked[: found[1]])
            del self._asked[: found[1]]
            for response in self._connection.answer(message):
                self._answered += response

    def recv(self, size: int) -> bytes:
        found = bytes(self._answered[:size])
        del self._answered[:size]
        return found

    def settimeout(self, seconds: float | None) -> None:
        """It never waits."""

    def shutdown(self, how: int) -> None:
        """Nobody is at the other end."""

    def close(self) -> None:
        """Nothing is held."""


class MemoryLink(Link):
    """A connection to a forest in this process."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self.broken, self.host = False, "memory"

    def open(self, call: Call) -> None:
        known = dict.fromkeys(("auto_range", "auto_referrals", "check_names", "return_empty_attributes"), False)
        server = ldap3.Server("memory", get_info=ldap3.NONE)
        found = raw(ldap3.Connection(server, f"{USER}@{self._forest.realm}", PASSWORD, client_strategy=ldap3.SYNC, **known))
        found.socket = _Memory(Connection(self._forest, RootEntry(self._forest, ()), lambda operation, details: None, secure=True))
        found.strategy._outstanding = {}
        found.closed, found.listening = False, True
        assert found.bind(read_server_info=False), found.result
        self._connection = found

    def perform(self, call: Call, work: t.Callable[[t.Any], t.Any]) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
        return self.worked(work)

    def close(self) -> None:
        """Nothing is held."""


def fake_directory(forest: Forest | None = None) -> DirectoryOnWire:
    """A session to a forest of its own, or to this one."""
    known = forest or Forest({USER: PASSWORD})
    given = options(host=["memory"], user=USER, password=PASSWORD)
    return DirectoryOnWire(ldap.Directory(given, lambda order, prefer: MemoryLink(known)))
