# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real `ansible-playbook` processes against a real lab, and what they said.

Each run has a folder of its own (its TMPDIR, ANSIBLE_HOME and sockets), so that whatever a run starts or leaves behind can be told
from what others start: the folder's name is in the environment of each process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing as t

import yaml

from hybridlab.control import Client
from tools import project

Variables = dict[str, t.Any]
Hosts = t.Mapping[str, t.Mapping[str, t.Any]]
CALLBACKS = pathlib.Path(__file__).with_name("callback_plugins")
PROGRAMS = pathlib.Path(sys.executable).parent
TRACEBACK = "Traceback (most recent call last)"
FOLDERS: list[pathlib.Path] = []
"""The folders of all runs, until `clear`."""
IMPORT = "ansible.builtin.import_playbook"
LIMIT = 120.0
"""Seconds that a run may take before it counts as hanging."""
SOON = 30.0
"""Seconds after which what a run leaves counts as left for ever; it takes two on a quiet machine."""


class Lab:
    """A lab in a folder of its own, started by its command line."""

    def __init__(self, *options: str) -> None:
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="m365-lab-"))
        self._command("up", "--detach", *options)
        self.client = Client.of(self.directory)
        self.credentials: Variables = yaml.safe_load((self.directory / "credentials.yml").read_text())
        self.abandoned = 0
        """Sessions that nobody can close any more, because a test killed their broker."""
        self._hosts: dict[str, Variables] = {}
        for group in yaml.safe_load((self.directory / "inventory.yml").read_text())["all"]["children"].values():
            self._hosts |= group["hosts"]

    def _command(self, name: str, *options: str) -> None:
        command = [sys.executable, "-m", "hybridlab", name, "--dir", str(self.directory), *options]
        environment = project.environment(PYTHONPATH=str(project.ROOT / "lab"))
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def down(self) -> None:
        self._command("down")
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def pid(self) -> int:
        return int(json.loads((self.directory / "lab.pid").read_text())["pid"])

    def kill(self) -> None:
        """End the lab as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def host(self, inventory_host: str = "ex01", **changes: t.Any) -> Variables:
        """The variables of a host of the lab's own inventory; a change to None removes one."""
        changed = {**self._hosts[inventory_host], **changes}
        return {name: value for name, value in changed.items() if value is not None}

    def fault(self, name: str, **options: t.Any) -> None:
        """Arm a fault once the sessions of earlier runs have ended: it must not hit their farewell."""
        self.rest()
        self.client.fault(name, **options)

    def rest(self) -> None:
        """Wait until the sessions of earlier runs have ended: a broker looks for its owner once a second, and a busy machine takes longer to close one."""
        until(lambda: self.live <= self.abandoned, SOON, lambda: f"the sessions of earlier runs end: {self.client.status()['sessions']}")

    @property
    def opened(self) -> int:
        """How many sessions were ever opened."""
        return int(self.client.status()["sessions"]["opened"])

    @property
    def live(self) -> int:
        return int(self.client.status()["sessions"]["live"])

    @property
    def calls(self) -> int:
        return int(self.client.status()["calls"])


@contextlib.contextmanager
def lab(*options: str) -> t.Iterator[Lab]:
    """A lab for a while; ended whatever happens."""
    running = Lab(*options)
    try:
        yield running
    finally:
        running.down()


@dataclasses.dataclass(frozen=True)
class Result:
    """One result of one task on one host, or of one item of its loop; ``status``: ok, failed, unreachable, skipped or retry."""

    host: str
    task: str
    action: str
    status: str
    item: bool
    result: Variables

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run.  ``output`` is standard output and error together."""

    code: int
    seconds: float
    output: str
    results: list[Result]
    folder: pathlib.Path

    def all(self, task: str, *, items: bool = False) -> list[Result]:
        return [result for result in self.results if result.task == task and result.item == items and result.status != "retry"]

    def one(self, task: str, status: str | None = None) -> Result:
        """The only result of a task; with ``status`` it must be that one."""
        found = self.all(task)
        assert len(found) == 1, f"{task}: {found}\n{self.output}"
        assert status in (None, found[0].status), f"{task} is {found[0].status}: {found[0].message}\n{self.output}"
        return found[0]

    def good(self) -> Run:
        assert self.code == 0, self.output
        return self


@dataclasses.dataclass(frozen=True)
class Playing:
    """A run that goes on."""

    process: subprocess.Popen[str]
    folder: pathlib.Path
    started: float
    verbose: bool

    @property
    def results(self) -> list[Result]:
        """What has been said so far."""
        path = self.folder / "results"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Result(**json.loads(line)) for line in lines if line.endswith("}")]

    def processes(self) -> dict[int, str]:
        return processes(self.folder)

    def brokers(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if "brokerd.py" in command]

    def finish(self) -> Run:
        """Wait for the end.  No user may ever read a traceback; with -vvv a developer may."""
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the run hangs:\n{self._output()}") from None
        run = Run(self.process.returncode, time.monotonic() - self.started, self._output(), self.results, self.folder)
        assert self.verbose or TRACEBACK not in run.output, run.output
        return run

    def _output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")


def processes(folder: pathlib.Path) -> dict[int, str]:
    """The living processes that a run started, by the TMPDIR in their environment: pid → command line."""
    mark, found = f"TMPDIR={folder}\0".encode(), {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            if mark in (path / "environ").read_bytes() + b"\0":
                found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def clear() -> None:
    """Remove what runs left on disk, after proving that none of their processes lives."""

    def left() -> dict[int, str]:
        return {pid: command for folder in FOLDERS for pid, command in processes(folder).items()}

    until(lambda: not left(), 10, f"all processes end (core looks after an asynchronous job every 5 s): {left()}")
    while FOLDERS:
        shutil.rmtree(FOLDERS.pop(), ignore_errors=True)


def sockets(folder: pathlib.Path) -> list[pathlib.Path]:
    """The sockets that a run left; a process that is killed leaves those of Python's own multiprocessing (``pymp-``)."""
    return [path for path in folder.rglob("*") if path.is_socket() and not path.parent.name.startswith("pymp-")]


def until(true: t.Callable[[], t.Any], seconds: float, what: str | t.Callable[[], str]) -> None:
    """Wait until something holds; ``what`` says it, or says how it is now."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what() if callable(what) else what}"
        time.sleep(0.05)


def task(name: str, module: str, options: t.Any = None, **keywords: t.Any) -> Variables:
    """A task; modules without a dot are this collection's."""
    return {"name": name, module if "." in module else f"m365.hybrid.{module}": options, **keywords}


def get(name: str, cmdlet: str = "Get-OrganizationConfig", **keywords: t.Any) -> Variables:
    """A task that makes one cheap call."""
    return task(name, "cmdlet", {"cmdlet": cmdlet, "properties": ["Name"]}, **keywords)


def play_of(*tasks: Variables, **keywords: t.Any) -> Variables:
    return {"name": "play", "hosts": "all", "gather_facts": False, "tasks": list(tasks), **keywords}


def start(
    hosts: Hosts,
    *plays: Variables,
    arguments: t.Sequence[str] = (),
    collections: pathlib.Path = project.CHECKOUT_COLLECTIONS,
    program: t.Sequence[str] = (str(PROGRAMS / "ansible-playbook"),),
    **more: str,
) -> Playing:
    """Start a run; ``plays`` are plays, imports of playbooks or, in a single play, tasks.  ``more`` goes into its environment."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="m365-run-"))
    FOLDERS.append(folder)
    book = list(plays) if all({"hosts", IMPORT} & play.keys() for play in plays) else [play_of(*plays)]
    (folder / "book.yml").write_text(json.dumps(book), encoding="utf-8")
    (folder / "inventory.yml").write_text(json.dumps(inventory(hosts)), encoding="utf-8")
    command = [*program, "-i", "inventory.yml", "book.yml", *arguments]
    environment = environment_for(folder, collections) | more
    started = time.monotonic()
    with (folder / "output").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    return Playing(process, folder, started, any(one.startswith("-vvv") for one in arguments))


def play(hosts: Hosts, *plays: Variables, arguments: t.Sequence[str] = (), **more: t.Any) -> Run:
    """A run from its start to its end: see `start`."""
    return start(hosts, *plays, arguments=arguments, **more).finish()


def inventory(hosts: Hosts) -> Variables:
    """The hosts, those of Exchange Online in a group of their own as in the lab's inventory."""
    online = {name: one for name, one in hosts.items() if one.get("ansible_connection") == "m365.hybrid.exchange_online"}
    groups = {"exchange": {name: one for name, one in hosts.items() if name not in online}, "exchange_online": online}
    return {"all": {"children": {name: {"hosts": members} for name, members in groups.items() if members}}}


def environment_for(folder: pathlib.Path, collections: pathlib.Path = project.CHECKOUT_COLLECTIONS) -> dict[str, str]:
    """What a run finds in its environment: the user's own Ansible settings must not change what a test sees."""
    clean = {name: value for name, value in project.environment(collections).items() if not name.startswith("M365_") or name == "PATH"}
    return clean | {
        "TMPDIR": str(folder),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_ASYNC_DIR": str(folder / "async"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "result_lines",
        "ANSIBLE_DEPRECATION_WARNINGS": "true",
        "ANSIBLE_FORKS": "5",
        "RESULT_LINES": str(folder / "results"),
    }
