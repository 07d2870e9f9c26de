# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that list objects of Microsoft Graph."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GRAPH, advised

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class GraphInfoModule(Module):
    """Lists the members of a collection.

    ``collection`` is its path, ``returns`` the key of the result, ``row`` makes a result of an object (by default its properties in the
    spelling of options), ``choose`` the filter and further query options for a task's options; ``eventual`` says that the filter is one
    that only copies answer.
    """

    wires: tuple[Wire, ...] = GRAPH
    collection: str = ""
    returns: str = ""
    row: t.Callable[[t.Mapping[str, t.Any]], Row] | None = None
    choose: t.Callable[[t.Mapping[str, t.Any]], dict[str, t.Any]] | None = None
    eventual: bool = False

    def explained(self, error: HybridError) -> HybridError:
        return advised(self.docs.module, error)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        query = self.choose(task.options) if self.choose else {}
        found = session.request("GET", paths.path(self.collection, **query), eventual=self.eventual).output
        return {self.returns: [(self.row or properties)(one) for one in found]}


def properties(found: t.Mapping[str, t.Any]) -> Row:
    """An object's properties, and those of what is in it, in the spelling of options; annotations are left out."""
    return {values.snake(name): inner(item) for name, item in found.items() if "@" not in name}


def inner(item: t.Any) -> t.Any:
    """A property's value, with the names of what is in it in the spelling of options."""
    if isinstance(item, dict):
        return properties(item)
    return [inner(one) for one in item] if isinstance(item, list) else item
