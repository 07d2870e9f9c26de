# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Five thousand mailboxes of a tenant that all differ: `bulk`, which sends ten calls in one request, against one request for each call.

Every request takes ``LATENCY`` seconds more, on both sides; both have as many requests under way.  The loop writes a part of the mailboxes
and is scaled up.
"""

from __future__ import annotations

import concurrent.futures
import pathlib
import time
import typing as t

from hybridlab.control import Client
from tools.bench import bare
from tools.bench.bulking import bulk, listed
from tools.bench.figures import Figure, ratio
from tools.bench.playing import play, seconds
from tools.bench.tasks import Task, one_play

MAILBOXES = 5000
LOOPED = 300
AT_A_TIME = 3
LATENCY = 0.1
TARGET_AGAINST_SINGLE = 0.2

FIRST: Task = {"name": "first", "m365.hybrid.exchange_remote_domain": {"name": "Default"}}


class Single:
    """One request for each call."""

    def __init__(self, host: t.Mapping[str, t.Any]) -> None:
        self._bare = bare.Bare(host, bare.EXCHANGE)
        self._path = f"https://{host['m365_tenant_exchange_host']}/adminapi/beta/{host['m365_tenant_id']}/InvokeCommand"

    def write(self, number: int) -> None:
        given = {"Identity": f"user{number}", "CustomAttribute1": "single", "Confirm": False}
        body = {"CmdletInput": {"CmdletName": "Set-Mailbox", "Parameters": given}}
        self._bare.session().post(self._path, json=body, timeout=60).raise_for_status()

    def seconds(self, count: int) -> float:
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(self.write, range(count)))
        return time.monotonic() - started


def changed(folder: pathlib.Path, number: int, text: str) -> pathlib.Path:
    """A list that changes every mailbox, not only every tenth as in `bulking`."""
    path = listed(folder, text, number)
    path.write_text(path.read_text(encoding="utf-8").replace('"custom_attribute1": ""', f'"custom_attribute1": "{text}"'), encoding="utf-8")
    return path


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    client = Client.of(lab.parent)
    client.fault("slow-answer", seconds=LATENCY)
    times = play(
        [one_play("exo01", [FIRST, bulk("change", changed(folder, MAILBOXES, "ours"))]) | {"vars": {"m365_tenant_max_requests": AT_A_TIME}}], folder, [lab]
    )
    (load,) = client.status()["cloud"]["load"].values()
    single = [Single(bare.host(lab, "exchange_online", "exo01")).seconds(LOOPED) * MAILBOXES / LOOPED]
    detail = {"latency": LATENCY, "looped": LOOPED, "requests": load["requests"]}
    return [
        ratio("online_bulk_5000_against_single_requests", seconds(times, "change"), single, TARGET_AGAINST_SINGLE, **detail),
        Figure("online_requests_at_a_time", load["most"], "requests", AT_A_TIME, {"batches": load["batches"]}),
    ]
