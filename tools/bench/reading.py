# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading every mailbox: our task against pypsrp as it comes, against the mere transport, and against a mere parse of the same bytes.

As a program it is one of those others: ``python -m tools.bench.reading raw|transport|parse CREDENTIALS`` prints seconds and sizes as JSON.
"""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys
import time
import typing as t
import xml.etree.ElementTree as ET

import yaml
from pypsrp.messages import Message, MessageType
from pypsrp.powershell import Fragmenter, PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from tools import project
from tools.bench.figures import Figure, median, ratio, rounded
from tools.bench.playing import BenchFailed, TaskTime, play, seconds
from tools.bench.tasks import one_play

MAILBOXES = 10_000
ROUNDS = 3
RAW_ROUNDS = 1
"""pypsrp as it comes needs a minute or more each time; against a ratio far from its target, once will do."""
TARGET_AGAINST_RAW = 0.3
TARGET_AGAINST_PARSE = 4.0
"""The parse is a lower bound for whoever reads CLIXML.  A task besides carries the bytes through TLS and base64, makes values of the
wanted properties, and hands them from broker to worker to ansible-playbook: each about as long as a parse, some of it beside the server's work."""
TARGET_MEMORY = 60.0

_FIRST = {"name": "first", "m365.hybrid.exchange_remote_domain": {"name": "Default"}}
_READ = {"name": "read", "m365.hybrid.exchange_mailbox_info": {}}


class Collected(Fragmenter):
    """Takes the output's bytes and makes nothing of them."""

    def __init__(self, max_size: int, serializer: t.Any) -> None:
        super().__init__(max_size, serializer)
        self.parts: dict[int, list[bytes]] = {}
        self.objects: list[bytes] = []

    def defragment(self, data: bytes) -> list[t.Any]:
        messages, position = [], 0
        while position < len(data):
            number, last = int.from_bytes(data[position : position + 8], "big"), data[position + 16] & 2
            length = int.from_bytes(data[position + 17 : position + 21], "big")
            self.parts.setdefault(number, []).append(data[position + 21 : position + 21 + length])
            position += 21 + length
            if last:
                messages += self._message(b"".join(self.parts.pop(number)))
        return messages

    def _message(self, data: bytes) -> list[t.Any]:
        if int.from_bytes(data[4:8], "little") != MessageType.PIPELINE_OUTPUT:
            return [Message.unpack(data, self.serializer)]
        self.objects.append(data[40:].removeprefix(b"\xef\xbb\xbf"))
        return []


def pool(access: t.Mapping[str, t.Any]) -> RunspacePool:
    """A session as the inventory's host ex01 has it."""
    wsman = WSMan(
        "localhost",
        port=access["https_port"],
        username=access["user"],
        password=access["password"],
        ssl=True,
        path="PowerShell",
        auth="negotiate",
        cert_validation=access["ca_cert"],
    )
    return RunspacePool(wsman, configuration_name="Microsoft.Exchange")


def read(way: str, access: t.Mapping[str, t.Any]) -> dict[str, float]:
    """Seconds of one Get-Mailbox over an open session, how many objects came, and the most memory that this process had, in MB."""
    with pool(access) as session:
        collected = Collected(session._fragmenter.max_size, session._serializer)
        if way != "raw":
            session._fragmenter = collected
        pipeline = PowerShell(session)
        pipeline.add_cmdlet("Get-Mailbox").add_parameter("ResultSize", "Unlimited")
        started = time.monotonic()
        output = pipeline.invoke()
        took = time.monotonic() - started
    if way == "parse":
        started = time.monotonic()
        for data in collected.objects:
            ET.fromstring(data)
        took = time.monotonic() - started
    size = sum(map(len, collected.objects)) / 1e6
    return {"seconds": took, "objects": len(output) or len(collected.objects), "mb": size, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def in_own_process(way: str, credentials: pathlib.Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tools.bench.reading", way, str(credentials)]
    done = subprocess.run(command, env=project.environment(), cwd=project.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"reading with {way} failed:\n{done.stderr[-3000:]}")
    return t.cast("dict[str, float]", json.loads(done.stdout))


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """All ways in turn, each in a process of its own."""
    times: list[TaskTime] = []
    others: dict[str, list[dict[str, float]]] = {"raw": [], "transport": [], "parse": []}
    for number in range(ROUNDS):
        times += play([one_play("ex01", [_FIRST, _READ])], folder, [lab])
        for way, results in others.items():
            if way != "raw" or number < RAW_ROUNDS:
                results.append(in_own_process(way, lab.parent / "credentials.yml"))
    return [*_ratios(times, others), *_memory(times)]


def _ratios(times: t.Sequence[TaskTime], others: t.Mapping[str, t.Sequence[t.Mapping[str, float]]]) -> list[Figure]:
    ours = seconds(times, "read")
    raw, transport, parse = ([one["seconds"] for one in others[way]] for way in ("raw", "transport", "parse"))
    last = others["transport"][-1]
    served = median(transport)
    size = {"mailboxes": last["objects"], "mb": rounded(last["mb"]), "lab_and_transport": served}
    # The server's work is in both; without it the ratio says what the two clients add, as far as client and server do not overlap.
    beyond = {"ratio_beyond_transport": rounded((median(ours) - served) / (median(raw) - served)), "raw_memory_mb": rounded(others["raw"][-1]["memory"])}
    return [
        ratio("read_10000_against_pypsrp", ours, raw, TARGET_AGAINST_RAW, **size, **beyond),
        ratio("read_10000_against_parse", [max(one - served, 0.0) for one in ours], parse, TARGET_AGAINST_PARSE, **size, task=median(ours)),
    ]


def _memory(times: t.Sequence[TaskTime]) -> list[Figure]:
    """In MB (2**20 bytes), as the kernel counts the resident pages."""
    before = [size[0] / 2**20 for one in times if one.name == "first" for size in one.brokers.values()]
    after = [size[0] / 2**20 for one in times if one.name == "read" for size in one.brokers.values()]
    most = [size[1] / 2**20 for one in times if one.name == "read" for size in one.brokers.values()]
    if not (before and after):
        raise BenchFailed("no session broker was found to measure")
    return [
        Figure("broker_memory_before_read", median(before), "MB", TARGET_MEMORY, {"repetitions": len(before)}),
        Figure("broker_memory_after_read_10000", median(after), "MB", None, {"most": median(most), "repetitions": len(after)}),
    ]


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1], yaml.safe_load(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")))))
