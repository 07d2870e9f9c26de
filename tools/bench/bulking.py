# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten thousand mailboxes of which every tenth differs: `bulk` against a pypsrp loop of the needed calls, and against a loop of tasks.

As a program it is the former: ``python -m tools.bench.bulking stock|fast CREDENTIALS LIST`` reads all mailboxes once, writes what differs
from LIST over several sessions, and prints seconds as JSON.  ``stock`` is pypsrp as it comes, whose reading of a long list takes most of
its time; ``fast`` has the collection's reader in its place, so that only the rest is compared.  Neither looks at what it wrote.
The lab runs on the same processors; its work counts on both sides.
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

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.fragments import PlainFragmenter
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.plain import Converter
from tools import project
from tools.bench.figures import Figure, median, paired, rounded
from tools.bench.playing import BenchFailed, TaskTime, play, seconds
from tools.bench.reading import MAILBOXES, pool
from tools.bench.tasks import Task, one_play

SESSIONS = 4
DRIFT = 10
LOOPED = 200
ROUNDS = 3
MANY = 5 * MAILBOXES
TARGET_AGAINST_RAW = 1.15
TARGET_AGAINST_LOOP = 0.1
TARGET_UNCHANGED = 1.3
TARGET_GROWTH = 1.1
"""Memory for each object where there are five times as many: 1 is linear growth."""

_FIRST: Task = {"name": "first", "m365.hybrid.exchange_remote_domain": {"name": "Default"}}
_BARE: Task = {"name": "bare", "m365.hybrid.exchange_mailbox_info": {}}
_LAST: Task = {"name": "last", "ansible.builtin.debug": {"msg": "the worker before has ended"}}


def write(way: str, access: t.Mapping[str, t.Any], path: pathlib.Path) -> dict[str, float]:
    """Seconds of the read and of the writes; sessions are opened before each."""
    wanted = {one["identity"]: one["custom_attribute1"] for one in json.loads(path.read_text(encoding="utf-8"))}
    with pool(access) as session:
        started = time.monotonic()
        left = collections.deque(differing(way, session, wanted))
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
                pipeline = PowerShell(session).add_cmdlet("Set-Mailbox").add_parameter("Identity", identity)
                pipeline.add_parameter("CustomAttribute1", wanted[identity]).add_parameter("Confirm", False).invoke()

    changed = len(left)
    threads = [threading.Thread(target=thread) for _ in range(SESSIONS)]
    for one in threads:
        one.start()
    ready.wait()
    started = time.monotonic()
    for one in threads:
        one.join()
    return {"read": read, "write": time.monotonic() - started, "changed": changed}


def differing(way: str, session: t.Any, wanted: t.Mapping[str, str]) -> list[str]:
    """The mailboxes that are not as they are wanted, from one read of all."""
    if way == "fast":
        session._fragmenter = PlainFragmenter(session._fragmenter.max_size, session._serializer)
        session._fragmenter.converter = Converter(("Alias", "CustomAttribute1"))
    found = PowerShell(session).add_cmdlet("Get-Mailbox").add_parameter("ResultSize", "Unlimited").invoke()
    shown = [one if isinstance(one, dict) else one.adapted_properties for one in found]
    now = {one["Alias"]: one["CustomAttribute1"] or "" for one in shown}
    return [name for name, text in wanted.items() if now[name] != text]


def raw(way: str, lab: pathlib.Path, path: pathlib.Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tools.bench.bulking", way, str(lab.parent / "credentials.yml"), str(path)]
    environment = project.environment(PYTHONPATH=f"{project.CHECKOUT_COLLECTIONS}:{project.ROOT / 'lab'}")
    done = subprocess.run(command, env=environment, cwd=project.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"the loop with pypsrp failed:\n{done.stderr[-3000:]}")
    found = t.cast("dict[str, float]", json.loads(done.stdout))
    if found["changed"] != MAILBOXES // DRIFT:
        raise BenchFailed(f"the loop with pypsrp changed {found['changed']} mailboxes")
    return found


def listed(folder: pathlib.Path, text: str, number: int = MAILBOXES) -> pathlib.Path:
    """A file with the wanted mailboxes, as a user's would be."""
    path = folder / f"objects-{text}-{number}.json"
    entries = [{"identity": f"user{one}", "custom_attribute1": "" if one % DRIFT else text} for one in range(number)]
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def bulk(name: str, path: pathlib.Path, **keywords: t.Any) -> Task:
    given = {"module": "exchange_mailbox", "objects": f"{{{{ lookup('file', '{path}') | from_json }}}}", "read": "list"}
    return {"name": name, "m365.hybrid.bulk": given, **keywords}


def looped(text: str) -> Task:
    """The single module in a loop, which is one task for the clock."""
    given = {"identity": "user{{ item }}", "custom_attribute1": f"{{{{ '{text}' if item % {DRIFT} == 0 else '' }}}}"}
    return {"name": "loop", "m365.hybrid.exchange_mailbox": given, "loop": f"{{{{ range({LOOPED}) | list }}}}"}


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """In turn: writes by ours, a run without anything to do, the bare list, the loop of tasks, the raw loop; each writes a text of its own."""
    times: list[TaskTime] = []
    fast = []
    for number in range(ROUNDS):
        path = listed(folder, f"ours{number}")
        tasks = [_FIRST, bulk("change", path), bulk("again", path), _BARE, looped(f"loop{number}")]
        times += play([one_play("ex01", tasks) | {"vars": {"m365_max_sessions": SESSIONS}}], folder, [lab])
        fast.append(raw("fast", lab, listed(folder, f"raw{number}")))
    stock = raw("stock", lab, listed(folder, "stock"))
    ours, again, bare, loop = (seconds(times, name) for name in ("change", "again", "bare", "loop"))
    detail = {"sessions": SESSIONS, "changed": MAILBOXES // DRIFT}
    by_hand = [one["read"] + one["write"] for one in fast]
    parts = {f"raw_{name}": median(one[name] for one in fast) for name in ("read", "write")}
    whole_stock = stock["read"] + stock["write"]
    return [
        paired("bulk_10000_against_pypsrp_loop", ours[-1:], [whole_stock], TARGET_AGAINST_RAW, raw_read=rounded(stock["read"]), **detail),
        paired("bulk_10000_against_pypsrp_loop_with_our_reader", ours, by_hand, TARGET_AGAINST_RAW, **parts, **detail),
        paired("bulk_10000_against_task_loop", ours, [one * MAILBOXES / LOOPED for one in loop], TARGET_AGAINST_LOOP, looped=LOOPED),
        paired("bulk_10000_unchanged_against_list", again, bare, TARGET_UNCHANGED),
    ]


def memory(lab: pathlib.Path, folder: pathlib.Path, number: int) -> dict[str, float]:
    """The most MB (2**20 bytes) that a check mode run over all of the lab's mailboxes needs, and a task that reads one object (``first``)."""
    tasks = [_FIRST, _LAST, bulk("look", listed(folder, "memory", number), check_mode=True), {**_LAST, "name": "end"}]
    times = {one.name: one for one in play([one_play("ex01", tasks)], folder, [lab])}
    first, look = (max(size[1] for size in times[name].brokers.values()) for name in ("first", "look"))
    found = {"broker_first": first, "broker": look, "worker_first": times["last"].workers, "worker": times["end"].workers}
    return {name: rounded(size / 2**20) for name, size in found.items()}


def memory_figures(sizes: t.Mapping[int, t.Mapping[str, float]]) -> list[Figure]:
    """Of the worker process and of the broker: the most for each number of objects, and how it grows from the fewest to the most of them."""
    few, many = min(sizes), max(sizes)
    found = []
    for process in ("worker", "broker"):
        peaks = {number: sizes[number][process] for number in (few, many)}
        grown = {number: peaks[number] - sizes[number][f"{process}_first"] for number in (few, many)}
        found += [Figure(f"bulk_{process}_memory_{number}", peaks[number], "MB", None, {"beyond_one_object": rounded(grown[number])}) for number in (few, many)]
        found.append(
            Figure(f"bulk_{process}_memory_growth", rounded(grown[many] / many / (grown[few] / few)), "ratio", TARGET_GROWTH, {"from": few, "to": many})
        )
    return found


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], yaml.safe_load(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")), pathlib.Path(sys.argv[3]))))
