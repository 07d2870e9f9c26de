# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of an Entra module on an emulated tenant in this process."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.graph import Graph, permissions
from tests import scenarios
from tests.fake_graph import FakeGraph


def run(product: Graph, name: str, /, roles: t.Iterable[str] = permissions.ALL, check_mode: bool = False, **options: t.Any) -> Result:
    """The result of module ``name`` with these options, for an application with these permissions."""
    module = scenarios.module(name).bound(options, named)
    session: t.Any = FakeGraph(product, roles)
    return module.run(lambda: session, Task(module.validate(options), check_mode, diff=True, verbosity=1))
