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
import threading
import time
import typing as t

import requests
import yaml

from hybridlab.control import Client
from tools.bench.bulking import bulk, listed
from tools.bench.figures import Figure, ratio
from tools.bench.playing import play, seconds
from tools.bench.tasks import Task, one_play

MAILBOXES = 5000
LOOPED = 300
AT_A_TIME = 3
LATENCY = 0.1
TARGET_AGAINST_SINGLE = 0.2

_FIRST: Task = {"name": "first", "m365.hybrid.exchange_remote_domain": {"name": "Default"}}


class Single:
    """One request for each call, with requests alone."""

    def __init__(self, host: t.Mapping[str, t.Any]) -> None:
        self._base, tenant = f"https://{host['m365_tenant_exchange_host']}", host["m365_tenant_id"]
        self._path = f"{self._base}/adminapi/beta/{tenant}/InvokeCommand"
        self._ca = str(host["m365_tenant_ca_cert"])
        self._local = threading.local()
        form = {"grant_type": "client_credentials", "scope": "https://outlook.office365.com/.default"}
        form |= {"client_id": host["m365_tenant_client_id"], "client_secret": host["m365_tenant_client_secret"]}
        self._token = self._web().post(f"{self._base}/{tenant}/oauth2/v2.0/token", form, timeout=60).json()["access_token"]

    def _web(self) -> requests.Session:
        if not hasattr(self._local, "web"):
            self._local.web = requests.Session()
            self._local.web.trust_env, self._local.web.verify = False, self._ca
        return t.cast(requests.Session, self._local.web)

    def write(self, number: int) -> None:
        given = {"Identity": f"user{number}", "CustomAttribute1": "single", "Confirm": False}
        body = {"CmdletInput": {"CmdletName": "Set-Mailbox", "Parameters": given}}
        self._web().post(self._path, json=body, headers={"Authorization": f"Bearer {self._token}"}, timeout=60).raise_for_status()

    def seconds(self, count: int) -> float:
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(self.write, range(count)))
        return time.monotonic() - started


def changed(folder: pathlib.Path) -> Task:
    """A task that changes every mailbox, not only every tenth as in `bulking`."""
    path = listed(folder, "ours", MAILBOXES)
    path.write_text(path.read_text(encoding="utf-8").replace('"custom_attribute1": ""', '"custom_attribute1": "ours"'), encoding="utf-8")
    return bulk("change", path)


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    host = yaml.safe_load(lab.read_text(encoding="utf-8"))["all"]["children"]["exchange_online"]["hosts"]["exo01"]
    client = Client.of(lab.parent)
    client.fault("slow-answer", seconds=LATENCY)
    times = play([one_play("exo01", [_FIRST, changed(folder)]) | {"vars": {"m365_tenant_max_requests": AT_A_TIME}}], folder, [lab])
    (load,) = client.status()["cloud"]["load"].values()
    single = [Single(host).seconds(LOOPED) * MAILBOXES / LOOPED]
    detail = {"latency": LATENCY, "looped": LOOPED, "requests": load["requests"]}
    return [
        ratio("online_bulk_5000_against_single_requests", seconds(times, "change"), single, TARGET_AGAINST_SINGLE, **detail),
        Figure("online_requests_at_a_time", load["most"], "requests", AT_A_TIME, {"batches": load["batches"]}),
    ]
