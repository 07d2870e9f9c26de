# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PowerShell remoting: cmdlets over a few sessions to one target; see `pool` for what is repeated when one of them fails."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, cmdlets, libraries, pool
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.pool import Retry, Unsent

__all__ = ["Pool", "PowerShellSession", "Retry", "Unsent", "open_wire"]


class PowerShellSession(pool.Pooled, t.Protocol):
    """One session, used by one call at a time."""

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        """Raises `Unsent` (the session is gone, nothing ran), `SessionError`, `CmdletError`."""


def open_wire(options: t.Mapping[str, t.Any]) -> Wire:
    """The wire for the options that the connection plugin resolved.  Raises `MissingLibrary`."""
    libraries.require_powershell(options["auth"])
    # Imported late: without the library the user shall read which one is missing.
    from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import attended, psrp

    target = psrp.Target(options)
    return Pool(
        lambda: attended.Attended(psrp.Session(target)),
        target.label,
        options["endpoint"],
        options["max_sessions"],
        options["retry_timeout"],
        bool(options.get("password")),
    )


class Pool(pool.Pool[PowerShellSession]):
    """The sessions of one target under one identity."""

    wire = "powershell"

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        cmdlets.check(cmdlet, parameters)
        return self.run(call, cmdlet, cmdlets.reads(cmdlet), lambda session: session.invoke(call, cmdlet, parameters, properties))
