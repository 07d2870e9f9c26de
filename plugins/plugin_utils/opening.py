# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which session a task uses: the host's own connection where it fits, otherwise one opened beside it."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible.plugins.loader import connection_loader

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

PREFIX = "m365.hybrid."


class Connection(t.Protocol):
    """What the action plugin needs of this collection's connection plugins."""

    ansible_name: str
    wire: str
    endpoint: str

    def session(self) -> Session: ...

    def secrets(self) -> set[str]: ...

    def exposed(self) -> contextlib.AbstractContextManager[None]: ...


class Nowhere:
    """What a module that talks to nobody has instead of a connection."""

    ansible_name = wire = endpoint = "none"

    def session(self) -> Session:
        raise UsageError("the module talks to nobody and has no session")

    def secrets(self) -> set[str]:
        return set()

    def exposed(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


def connection_for(action: t.Any, module: Module, task_vars: dict[str, t.Any]) -> Connection:
    """The connection for one task; raises UsageError when the host's connection cannot serve the module."""
    if not module.wires:
        return Nowhere()
    current = action._connection
    if not getattr(current, "wire", None):
        return open_beside(action, choose(module, variables(action, task_vars), action._templar), task_vars)
    if (current.wire, current.endpoint) not in module.wires:
        because = f": {module.because}" if module.because else ""
        raise UsageError(
            f"{module.docs.module} cannot use {_named(current)}{because}",
            advice=f"Set {' or '.join(_words(wire) for wire in module.wires)}",
        )
    return t.cast(Connection, current)


def _named(current: Connection) -> str:
    """The connection of a host, with its endpoint if it has a choice."""
    return f"connection {PREFIX}{current.wire}" if current.wire == current.endpoint else f"endpoint {current.endpoint} of connection {PREFIX}{current.wire}"


def _words(wire: Wire) -> str:
    return f"ansible_connection: {PREFIX}{wire[0]}" + ("" if wire[0] == wire[1] else f" with m365_endpoint: {wire[1]}")


def choose(module: Module, found: t.Mapping[str, t.Any], templar: t.Any) -> Wire:
    """The wire for a host whose own connection is another's: ``m365_wire`` and ``m365_endpoint`` choose where several fit."""
    asked = [templar.template(found[name]) if name in found else None for name in ("m365_wire", "m365_endpoint")]
    fitting = [wire for wire in module.wires if all(one in (None, have) for one, have in zip(asked, wire, strict=True))]
    # An ordinary Windows host may carry an endpoint for other modules, so only the wire is binding here.
    fitting = fitting or [wire for wire in module.wires if asked[0] in (None, wire[0])]
    if not fitting:
        raise UsageError(
            f"{module.docs.module} cannot use wire {asked[0]}",
            advice=f"Set m365_wire to {' or '.join(dict.fromkeys(wire for wire, _endpoint in module.wires))}",
        )
    return fitting[0]


def variables(action: t.Any, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
    """The variables of the host that the task talks to."""
    delegate = action._task.delegate_to
    return t.cast(dict[str, t.Any], task_vars.get("ansible_delegated_vars", {}).get(delegate, {}) if delegate else task_vars)


def open_beside(action: t.Any, wire: Wire, task_vars: dict[str, t.Any]) -> Connection:
    """Open a wire next to the host's own connection, with that host's variables.

    It does what core does for a task's own connection: only the plugin's own variables are resolved and templated, and the
    play's password (``-k``) and timeout count.
    """
    found = variables(action, task_vars)
    connection = connection_loader.get(PREFIX + wire[0], action._play_context, None, task_uuid=action._task._uuid, ansible_playbook_pid=str(os.getppid()))
    templar = action._templar.copy_with_new_env(available_variables=found)
    keys = action._task.dump_attrs() | {"password": action._play_context.password, "timeout": action._play_context.timeout}
    connection.set_options(task_keys=keys, var_options=connection._resolve_option_variables(found, templar))
    if wire[0] != wire[1]:  # a wire to one service only has no choice among endpoints
        connection.set_option("endpoint", wire[1])
    return t.cast(Connection, connection)
