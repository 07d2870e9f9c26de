# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty thousand users through the pages of Microsoft Graph: by the collection's session against a bare loop with requests.

Both ask for the same pages and end with the same list in the same process; ours travels through the broker besides.  As a program it is
that broker: ``python -m tools.bench.paging SOCKET INVENTORY``.  The whole task is reported, too: what it takes beyond the session is the
form of its rows, and the way of a large result from Ansible's worker to its main process, which no module can shorten.
"""

from __future__ import annotations

import pathlib
import sys
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _tenant_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.plugin_utils import tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import graph
from tools.bench import bare, passing
from tools.bench.figures import Figure, median, paired, spread
from tools.bench.playing import BenchFailed, play, seconds
from tools.bench.tasks import Task, one_play

USERS = 20_000
ROUNDS = 9
TASKS = 3
TARGET_AGAINST_LOOP = 1.15
PATH = "/v1.0/users?$select=accountEnabled,department,displayName,id,mail,userPrincipalName&$top=999"

_FIRST: Task = {"name": "first", "m365.hybrid.entra_license_info": {}}
_READ: Task = {"name": "read", "m365.hybrid.entra_user_info": {}}


def tenant(lab: pathlib.Path) -> dict[str, t.Any]:
    return bare.host(lab, "entra", "entra01")


def serve(path: str, lab: pathlib.Path) -> None:
    """Serve the Graph of the lab's first tenant until the starter ends."""
    variables = tenant(lab)
    given = {option.name: variables.get(f"m365_tenant_{option.key}", option.default) for option in _tenant_docs.OPTIONS}
    wire = graph.open_wire(tenant_options.resolve(given.get, "graph"))
    wire.open()
    passing.serve(path, wire)


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """In turn, the first round of each not counted: it makes connections."""
    variables = tenant(lab)
    loop = bare.Bare(variables, bare.GRAPH)
    ours: list[float] = []
    theirs: list[float] = []
    with passing.broker("tools.bench.paging", str(lab)) as path:
        session = rpc.connect(rpc.Client(path))
        for _ in range(ROUNDS + 1):
            started = time.monotonic()
            found = session.request("GET", PATH).output
            between = time.monotonic()
            other = loop.pages(f"https://{variables['m365_tenant_graph_host']}{PATH}")
            ours.append(between - started)
            theirs.append(time.monotonic() - between)
            if found != other or len(found) < USERS:
                raise BenchFailed(f"the session read {len(found)} users, the loop {len(other)}")
            del found, other
        session.close()
    task = seconds(play([one_play("entra01", [_FIRST, *[_READ] * TASKS])], folder, [lab]), "read")
    return [
        paired("graph_read_20000_against_requests", ours[1:], theirs[1:], TARGET_AGAINST_LOOP, users=USERS),
        Figure("graph_read_20000_task", median(task), "s", None, {"range": spread(task), "repetitions": TASKS}),
    ]


if __name__ == "__main__":
    serve(sys.argv[1], pathlib.Path(sys.argv[2]))
