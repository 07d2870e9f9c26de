# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand changes in bulk while one answer in twenty is 429: each must reach its object, and none twice.

What reached Exchange Online is in the lab's record, which has the calls that were executed; what reached Entra ID is in the directory's
own audit log.
"""

from __future__ import annotations

import collections
import json
import pathlib
import typing as t

from hybridlab.control import Client
from tools.bench import bare, online, paging
from tools.bench.bulking import bulk
from tools.bench.figures import Figure, median
from tools.bench.playing import BenchFailed, play, seconds
from tools.bench.tasks import Task, one_play

OBJECTS = 1000
ONE_IN = 20
WAIT = 1
"""Seconds that the service asks to wait."""
_FIRST: Task = {"name": "first", "m365.hybrid.entra_license_info": {}}


def figures(lab: pathlib.Path, folder: pathlib.Path, record: pathlib.Path) -> list[Figure]:
    path = online.changed(folder, OBJECTS, "throttled")
    done = throttled(lab, folder, "exo01", online.FIRST, bulk("change", path))
    sent = collections.Counter(str(one["parameters"]["Identity"]) for one in _calls(record) if one.get("cmdlet") == "Set-Mailbox")
    found = [astray("throttled_exchange_online_writes_astray", sent, done)]
    users = [{"identity": f"user{number}@contoso.com", "city": "Bonn"} for number in range(OBJECTS)]
    task: Task = {"name": "change", "m365.hybrid.bulk": {"module": "entra_user", "objects": users}}
    done = throttled(lab, folder, "entra01", _FIRST, task)
    return [*found, astray("throttled_graph_writes_astray", _updated(lab), done)]


def throttled(lab: pathlib.Path, folder: pathlib.Path, host: str, first: Task, task: Task) -> dict[str, t.Any]:
    """Seconds of the task, and how many answers were refusals."""
    client = Client.of(lab.parent)
    before = client.status()["happened"].get("too-many-requests", 0)
    client.fault("too-many-requests", count="always", every=ONE_IN, retry_after=WAIT)
    try:
        took = seconds(play([one_play(host, [first, task])], folder, [lab]), "change")
    finally:
        client.clear()
    return {"seconds": median(took), "refused": client.status()["happened"].get("too-many-requests", 0) - before}


def astray(name: str, sent: t.Mapping[str, int], done: t.Mapping[str, t.Any]) -> Figure:
    """How many writes went astray.  ``sent`` counts those that were executed by object.  Raises `BenchFailed` where nothing was refused."""
    if not done["refused"]:
        raise BenchFailed("nothing was refused")
    lost, again = OBJECTS - len(sent), sum(sent.values()) - len(sent)
    return Figure(name, lost + again, "writes", 0, {"lost": lost, "again": again, "objects": OBJECTS, **done}, exact=True)


def _calls(record: pathlib.Path) -> t.Iterator[dict[str, t.Any]]:
    return (json.loads(line) for line in record.read_text(encoding="utf-8").splitlines())


def _updated(lab: pathlib.Path) -> collections.Counter[str]:
    """How often each user was changed, as the directory notes it."""
    variables = paging.tenant(lab)
    link = f"https://{variables['m365_tenant_graph_host']}/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Update user'&$top=999"
    entries = bare.Bare(variables, bare.GRAPH).pages(link)
    return collections.Counter(str(entry["targetResources"][0]["id"]) for entry in entries)
