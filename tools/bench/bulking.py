# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten thousand mailboxes of which every tenth differs: `bulk` against a pypsrp loop of the needed calls, and against a loop of tasks.

As a program it is the former: ``python -m tools.bench.bulking CREDENTIALS TEXT`` reads all mailboxes over one session, writes TEXT to every
tenth over several, and prints the seconds of both as JSON.
"""

from __future__ import annotations

import collections
import json
import pathlib
import subprocess
import sys
import threading
import time
import typing as t

import yaml
from pypsrp.powershell import PowerShell

from tools import project
from tools.bench.figures import Figure, ratio, rounded
from tools.bench.playing import BenchFailed, play, seconds
from tools.bench.reading import MAILBOXES, pool
from tools.bench.tasks import Task, one_play

SESSIONS = 4
DRIFT = 10
LOOPED = 200
TARGET_AGAINST_RAW = 1.15
TARGET_AGAINST_LOOP = 0.1
TARGET_UNCHANGED = 1.3

_FIRST: Task = {"name": "first", "m365.hybrid.exchange_remote_domain": {"name": "Default"}}
_BARE: Task = {"name": "bare", "m365.hybrid.exchange_mailbox_info": {}}


def write(access: t.Mapping[str, t.Any], text: str) -> dict[str, float]:
    """Seconds of the read and of the writes; sessions are opened before each."""
    left = collections.deque(f"user{number}" for number in range(0, MAILBOXES, DRIFT))
    with pool(access) as session:
        started = time.monotonic()
        found = PowerShell(session).add_cmdlet("Get-Mailbox").add_parameter("ResultSize", "Unlimited").invoke()
        read = time.monotonic() - started
    ready = threading.Barrier(SESSIONS + 1)

    def thread() -> None:
        with pool(access) as session:
            ready.wait()
            while left:
                try:
                    identity = left.popleft()
                except IndexError:
                    break  # another thread took the last one
                pipeline = PowerShell(session).add_cmdlet("Set-Mailbox")
                pipeline.add_parameter("Identity", identity).add_parameter("CustomAttribute1", text).add_parameter("Confirm", False).invoke()

    threads = [threading.Thread(target=thread) for _ in range(SESSIONS)]
    for one in threads:
        one.start()
    ready.wait()
    started = time.monotonic()
    for one in threads:
        one.join()
    return {"read": read, "write": time.monotonic() - started, "objects": len(found)}


def raw(lab: pathlib.Path, text: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tools.bench.bulking", str(lab.parent / "credentials.yml"), text]
    done = subprocess.run(command, env=project.environment(), cwd=project.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"the loop with pypsrp failed:\n{done.stderr[-3000:]}")
    return t.cast("dict[str, float]", json.loads(done.stdout))


def bulk(name: str, folder: pathlib.Path, text: str, number: int = MAILBOXES) -> Task:
    """A task whose list comes from a file, as a user's would."""
    path = folder / f"objects-{text}-{number}.json"
    entries = [{"identity": f"user{one}", "custom_attribute1": "" if one % DRIFT else text} for one in range(number)]
    path.write_text(json.dumps(entries), encoding="utf-8")
    return {"name": name, "m365.hybrid.bulk": {"module": "exchange_mailbox", "objects": f"{{{{ lookup('file', '{path}') | from_json }}}}", "read": "list"}}


def looped(text: str) -> Task:
    """The single module in a loop, which is one task for the clock."""
    given = {"identity": "user{{ item }}", "custom_attribute1": f"{{{{ '{text}' if item % {DRIFT} == 0 else '' }}}}"}
    return {"name": "loop", "m365.hybrid.exchange_mailbox": given, "loop": f"{{{{ range({LOOPED}) | list }}}}"}


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """Writes by ours, by the raw loop, by the loop of tasks, each with a text of its own; then a run without anything to do."""
    tasks = [_FIRST, bulk("change", folder, "ours"), bulk("again", folder, "ours"), _BARE, looped("loop")]
    times = play([one_play("ex01", tasks) | {"vars": {"m365_max_sessions": SESSIONS}}], folder, [lab])
    theirs = raw(lab, "raw")
    ours, again, bare, loop = (seconds(times, name) for name in ("change", "again", "bare", "loop"))
    whole_loop = [sum(loop) * MAILBOXES / LOOPED]
    detail = {"raw_read": rounded(theirs["read"]), "raw_write": rounded(theirs["write"]), "sessions": SESSIONS, "changed": MAILBOXES // DRIFT}
    return [
        ratio("bulk_10000_against_pypsrp_loop", ours, [theirs["read"] + theirs["write"]], TARGET_AGAINST_RAW, **detail),
        ratio("bulk_10000_against_task_loop", ours, whole_loop, TARGET_AGAINST_LOOP, looped=LOOPED),
        ratio("bulk_10000_unchanged_against_list", again, bare, TARGET_UNCHANGED),
    ]


if __name__ == "__main__":
    print(json.dumps(write(yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2])))
