# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs what ansible-core orders on a machine: its connections' own work, and modules by their stand-ins."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import hashlib
import json
import threading
import typing as t

from hybridlab.windows import arguments, documents, payload, stand_ins
from hybridlab.windows.files import InUse
from hybridlab.windows.machine import Machine
from hybridlab.windows.payload import ModuleOrder, Order
from hybridlab.windows.task import Failed, Task

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_NEVER = ("win_powershell", "win_shell", "win_dsc", "win_psexec", "raw", "script")
"""Modules that run text as a script: the lab never has stand-ins for them."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What PowerShell leaves: its exit code, and lines of output and of errors."""

    code: int = 0
    output: t.Sequence[str] = ()
    errors: t.Sequence[str] = ()


class Executor:
    """Executes orders on one machine, one at a time."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._jobs: dict[str, dict[str, t.Any]] = {}
        self._lock = threading.Lock()

    def run(self, script: str, lines: t.Sequence[str], arguments: t.Sequence[t.Any] = ()) -> Outcome:
        """Run a script, or a command line that is one.  Raises `payload.Unreadable` for a script that is none of ansible-core's."""
        while (line := payload.read_line(script)) is not None:  # Older releases encode the encoded once more.
            script = line.script
            lines = lines if line.file is None else self._standard_input(line.file)
        order = payload.read(script, lines, arguments)
        with self._lock:
            return self._module(order) if isinstance(order, ModuleOrder) else self._own(order)

    def _standard_input(self, path: str) -> list[str]:
        """The lines of a file that a command line pipes into PowerShell.  Raises `payload.Unreadable`."""
        file = self.machine.files.file(path)
        if file is None:
            raise payload.Unreadable(f"The system cannot find the file specified: {path}")
        return file.content.decode("utf-8").splitlines()

    def _own(self, order: Order) -> Outcome:
        work = _OWN.get(order.name)
        if work is None:
            raise payload.Unreadable(f"the lab does not do what ansible-core's {order.name}.ps1 does")
        try:
            return work(self.machine, order)
        except InUse as error:
            return Outcome(1, errors=[str(error)])

    def _module(self, order: ModuleOrder) -> Outcome:
        if order.asynchronous is not None:
            return self._begin_job(order)
        if order.module.endswith(".async_status"):
            return _answer(self._job(order.arguments))
        return _answer(self.result(order.module, order.arguments))

    def result(self, module: str, given: dict[str, t.Any]) -> dict[str, t.Any]:
        """What the module returns."""
        task: Task | None = None
        try:
            stand_in = _stand_in(module)
            specification = documents.specification(module)
            values = arguments.bind(specification, given, self.machine.files.expand)
            task = Task(self.machine, values, bool(given.get("_ansible_check_mode")), bool(given.get("_ansible_diff")))
            self.machine.calls.append((module, values))
            if task.check and not specification.check_mode:
                name = "" if specification.legacy else f" ({module})"
                return {"changed": False, "skipped": True, "msg": f"remote module{name} does not support check mode"}
            result = {"changed": False, **stand_in(task), "invocation": {"module_args": _censored(specification, values)}}
        except (arguments.Refused, documents.NoModule) as refused:
            result = {"changed": False, "failed": True, "msg": str(refused)}
        except Failed as failed:
            result = {"changed": False, **failed.more, "failed": True, "msg": failed.message}
        except InUse as error:
            result = {"changed": False, "failed": True, "msg": str(error)}
        return result | ({"warnings": task.warnings} if task and task.warnings else {})

    def _begin_job(self, order: ModuleOrder) -> Outcome:
        """A job that goes on alone ends at once here: it is asked for later all the same."""
        assert order.asynchronous is not None
        job = f"{order.asynchronous['AsyncJid']}.4711"
        self._jobs[job] = self.result(order.module, order.arguments)
        file = f"C:\\Users\\{self.machine.identity.account}\\.ansible_async\\{job}"
        return _answer({"started": True, "finished": False, "ansible_job_id": job, "results_file": file, "_ansible_suppress_tmpdir_delete": True})

    def _job(self, given: dict[str, t.Any]) -> dict[str, t.Any]:
        job = str(given.get("jid"))
        known = {"ansible_job_id": job}
        if job not in self._jobs:
            return {"changed": False, "failed": True, "msg": "could not find job", "started": True, "finished": True, **known}
        if given.get("mode") == "cleanup":
            del self._jobs[job]
            return {"changed": False, "erased": job, **known}
        return {**self._jobs[job], **known, "started": True, "finished": True}


def _stand_in(module: str) -> stand_ins.StandIn:
    found = stand_ins.known().get(module)
    if found is None and module.rpartition(".")[2] in _NEVER:
        raise Failed(f"the lab never runs script text, so it has no stand-in for {module}")
    if found is None:
        raise Failed(f"the lab has no stand-in for {module}; write one in lab/hybridlab/windows/stand_ins (see CONTRIBUTING.md)")
    return found


def _censored(specification: documents.Specification, values: dict[str, t.Any]) -> t.Any:
    """The arguments as a result may show them."""
    text = json.dumps(values, default=str)
    for secret in arguments.secrets(specification, values):
        text = text.replace(json.dumps(secret)[1:-1], HIDDEN)
    return json.loads(text)


def _answer(result: dict[str, t.Any]) -> Outcome:
    return Outcome(1 if result.get("failed") else 0, [json.dumps(result)])


# What the connections and the shell plugin do themselves.


def _make_directory(machine: Machine, order: Order) -> Outcome:
    path = f"{machine.files.expand(order.parameters['Directory'])}\\{order.parameters['Name']}"
    machine.files.make_directory(path)
    return Outcome(output=[path])


def _expand_user(machine: Machine, order: Order) -> Outcome:
    path = str(order.parameters["Path"])
    home = f"C:\\Users\\{machine.identity.account}"
    return Outcome(output=[home if path == "~" else f"{home}{path[1:]}" if path.startswith("~\\") else path])


def _put(machine: Machine, order: Order) -> Outcome:
    try:
        content = b"".join(base64.b64decode(line.strip(), validate=True) for line in order.input if line.strip())
    except binascii.Error as error:
        return Outcome(1, errors=[str(error)])
    machine.files.write(order.parameters["Path"], content)
    return Outcome(output=[json.dumps({"sha1": hashlib.sha1(content).hexdigest()})])


def _fetch_part(machine: Machine, order: Order) -> Outcome:
    """winrm asks again and again, with an offset."""
    path, start = order.parameters["Path"], int(order.parameters["Offset"])
    file = machine.files.file(path)
    if file is not None:
        part = file.content[start : start + int(order.parameters["BufferSize"])]
        return Outcome(output=[base64.b64encode(part).decode()] if part else [])
    return Outcome(output=["[DIR]"]) if machine.files.directory(path) else Outcome(1, errors=[f"{path} does not exist"])


def _fetch(machine: Machine, order: Order) -> Outcome:
    """psrp gets all of it at once."""
    path, size = order.parameters["Path"], int(order.parameters["BufferSize"])
    file = machine.files.file(path)
    if file is not None:
        pieces = range(0, len(file.content), size)
        return Outcome(output=["[FILE]", *(base64.b64encode(file.content[start : start + size]).decode() for start in pieces)])
    return Outcome(output=["[DIR]"]) if machine.files.directory(path) else Outcome(1, errors=[f"{path} does not exist"])


class Reading:
    """The file that psrp of older releases keeps open between its calls."""

    def __init__(self, machine: Machine) -> None:
        self.path = ""


def _open(machine: Machine, order: Order) -> Outcome:
    path = str(order.parameters["Path"])
    machine.part(Reading).path = path
    if machine.files.directory(path):
        return Outcome(output=["[DIR]"])
    return Outcome() if machine.files.file(path) else Outcome(1, errors=[f"{path} does not exist"])


def _read(machine: Machine, order: Order) -> Outcome:
    return _fetch_part(machine, Order(order.name, order.parameters | {"Path": machine.part(Reading).path}))


def _close(machine: Machine, order: Order) -> Outcome:
    return Outcome()


def _boot_time(machine: Machine, order: Order) -> Outcome:
    """As a FILETIME: tenths of a microsecond since 1601."""
    since = machine.started - datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
    return Outcome(output=[str(since // datetime.timedelta(microseconds=1) * 10)])


def _restart(machine: Machine, order: Order) -> Outcome:
    machine.restart()
    return Outcome(output=[json.dumps({"stdout": "", "stderr": "", "rc": 0})])


def _logged_on(machine: Machine, order: Order) -> Outcome:
    """The key that LogonUI makes when a user can log on is there at once."""
    return Outcome(output=[order.parameters["Text"]])


def _remove(machine: Machine, order: Order) -> Outcome:
    machine.files.remove(order.parameters["Path"])
    return Outcome()


_OWN: dict[str, t.Callable[[Machine, Order], Outcome]] = {
    "powershell_mkdtemp": _make_directory,
    "powershell_expand_user": _expand_user,
    "winrm_put_file": _put,
    "psrp_put_file": _put,
    "winrm_fetch_file": _fetch_part,
    "psrp_fetch_file": _fetch,
    "psrp_fetch_open": _open,
    "psrp_fetch_read": _read,
    "psrp_fetch_close": _close,
    "remove": _remove,
    "boot_time": _boot_time,
    "restart": _restart,
    "logged_on": _logged_on,
}
