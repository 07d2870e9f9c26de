# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large result on its way from the broker through the censor, without a server: seconds, and against JSON alone.

As a program it is the broker: ``python -m tools.bench.passing SOCKET`` serves one wire that has nothing but the result.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor, rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import LoginRefused
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import brokerd
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire
from ansible_collections.m365.hybrid.plugins.plugin_utils.owner import process_start
from tools import project
from tools.bench.figures import Figure, median, ratio
from tools.bench.playing import BenchFailed

MEGABYTES = 20
REPETITIONS = 9
TARGET_AGAINST_JSON = 2.0
"""JSON alone writes and reads the value once, as broker and client have to; what else they do should take no longer than that."""
SECRET = 'Sécret "of the session"'


def rows(megabytes: int = MEGABYTES) -> list[dict[str, t.Any]]:
    """Rows like mailboxes, as JSON so many megabytes (10**6 bytes) long."""
    row = {"Name": "Zoë Müller", "Addresses": ["SMTP:zoe@contoso.com", "smtp:z.muller@contoso.com"], "Hidden": False, "Size": 4711, "Forward": None}
    length = len(json.dumps(row | {"Id": 100_000}, ensure_ascii=False).encode()) + len(", ")
    return [row | {"Id": 100_000 + number} for number in range(megabytes * 1_000_000 // length)]


class Ready:
    """A wire whose every call has the same answer."""

    target, wire, endpoint = "bench", "powershell", "exchange"
    refusal: LoginRefused | None = None

    def __init__(self) -> None:
        self._answer = Answer(rows(), [], False)

    def open(self, call: Call | None = None) -> None:
        """Nothing to open."""

    def test(self, call: Call) -> None:
        """Always well."""

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        return self._answer

    def close(self) -> None:
        """Nothing to close."""


def serve(path: str, wire: Wire) -> None:
    """Serve a wire that is open until the starter ends."""
    config = {"owner_pid": os.getppid(), "owner_start": process_start(os.getppid()), "idle_timeout": 600, "command_timeout": 600}
    brokerd.Broker(wire, brokerd.listen(path), path, config).serve()


@contextlib.contextmanager
def broker(module: str = "tools.bench.passing", *arguments: str) -> t.Iterator[str]:
    """A broker in a process of its own, a program that serves the socket that it is given; gives the socket's path."""
    with tempfile.TemporaryDirectory(prefix="m365b-") as folder:
        path = pathlib.Path(folder, "socket")
        collections = os.pathsep.join((str(project.CHECKOUT_COLLECTIONS), os.environ.get("PYTHONPATH", "")))
        command = [sys.executable, "-m", module, str(path), *arguments]
        process = subprocess.Popen(command, env=project.environment(PYTHONPATH=collections), cwd=project.ROOT)
        try:
            until = time.monotonic() + 60
            while not path.exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise BenchFailed(f"the broker {module} did not start")
                time.sleep(0.05)
            yield str(path)
        finally:
            process.terminate()
            process.wait()


def figures() -> list[Figure]:
    passed, plain = [], []
    value = rows()
    mask = censor.Censor([SECRET, "another secret"])
    with broker() as path:
        session = rpc.connect(rpc.Client(path))
        for _ in range(REPETITIONS):
            started = time.monotonic()
            mask(session.invoke("Get-Ready").output)
            passed.append(time.monotonic() - started)
            started = time.monotonic()
            json.loads(json.dumps(value))
            plain.append(time.monotonic() - started)
        session.close()
    return [
        ratio("pass_20_mb_against_json", passed, plain, TARGET_AGAINST_JSON, rows=len(value)),
        Figure("pass_20_mb", median(passed), "s", None, {"repetitions": len(passed)}),
    ]


if __name__ == "__main__":
    serve(sys.argv[1], Ready())
