# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session straight on the wire to a directory, without the broker between them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _ldap_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Modification, Values
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, ldap


def options(**given: t.Any) -> dict[str, t.Any]:
    """The connection's options, resolved."""
    found = {option.name: option.default for option in _ldap_docs.OPTIONS} | given
    return ldap_options.resolve(found.get)


class WireDirectory:
    """`_core.session.DirectorySession` on a wire; ``calls`` are the operations with what they were about."""

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


@contextlib.contextmanager
def connected(**given: t.Any) -> t.Iterator[WireDirectory]:
    wire = t.cast(ldap.Directory, ldap.open_wire(options(**given)))
    try:
        wire.open()
        yield WireDirectory(wire)
    finally:
        wire.close()
