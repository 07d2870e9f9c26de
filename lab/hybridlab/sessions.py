# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who opened how many sessions where, and how many of them are still open: the lab's side of the promise of one session for each target."""

from __future__ import annotations

import typing as t

from hybridlab.cloud.tenants import EXCHANGE, GRAPH

if t.TYPE_CHECKING:
    from hybridlab.estate import Estate


def counted(estate: Estate) -> dict[str, t.Any]:
    """The sessions of PowerShell in all, and under ``services`` those of each service."""
    live = estate.live()
    counters = estate.counters
    return {"live": sum(live.values()), "by_account": live, "opened": counters["opened"], "refused": counters["refused"], "services": _services(estate)}


def _services(estate: Estate) -> dict[str, dict[str, int]]:
    """Service and account → sessions ever ``opened``, and ``live``.

    What is a session differs: a shell on a server, a connection that logged on to the directory, a token in the cloud.  The cloud does not see which of its
    services a connection was opened for; ``live`` are those to all of them.
    """
    found = {"EX01": estate.service} | {host.machine: host.service for host in estate.windows} | ({"SFB01": estate.skype.service} if estate.skype else {})
    shells = {
        f"{machine}\\{account}": {"opened": opened, "live": service.live().get(account, 0)}
        for machine, service in found.items()
        for account, opened in service.opened().items()
    }
    directory = {"directory": {"opened": estate.dc.opened, "live": estate.dc.live}}
    if estate.site is None:
        return shells | directory
    tokens = estate.site.tokens.issued_for
    cloud = {name: {"opened": tokens.get(resource, 0), "live": estate.site.live()} for name, resource in (("exchange_online", EXCHANGE), ("graph", GRAPH))}
    return shells | directory | cloud
