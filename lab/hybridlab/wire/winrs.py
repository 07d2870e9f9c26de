# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WinRS: shells that run one command line after the other, as Ansible's connection ``winrm`` uses them."""

from __future__ import annotations

import base64
import dataclasses
import logging
import threading
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET

from hybridlab.wire import faults, wsman

URI = f"{wsman.SHELL_URI}/cmd"
_ENVELOPE_OVERHEAD = 4096

log = logging.getLogger("hybridlab.winrs")


@dataclasses.dataclass(frozen=True)
class Finished:
    """How a command ended."""

    code: int
    output: bytes = b""
    errors: bytes = b""


class Runner(t.Protocol):
    """Runs a command line with what was sent to its standard input."""

    def __call__(self, line: str, input: bytes) -> Finished: ...


class Command:
    """One command, from its Command to its Signal."""

    def __init__(self, line: str, piped: bool) -> None:
        self.line = line
        self.input = bytearray()
        self.input_ended = threading.Event()
        self.finished: Finished | None = None
        self.streams: dict[str, bytes] = {}
        if not piped:
            self.input_ended.set()


class Session:
    """A WSMan shell of cmd.exe."""

    def __init__(self, shell_id: str, account: str, runner: Runner, idle_timeout: float) -> None:
        self.id = shell_id
        self.account = account
        self.idle_since = time.monotonic()
        self.idle_timeout = idle_timeout
        self._runner = runner
        self._commands: dict[str, Command] = {}
        self._changed = threading.Condition()

    def open(self, element: ET.Element) -> None:
        """A shell of cmd.exe is open when it was made."""

    def command(self, element: ET.Element, options: t.Mapping[str, str]) -> str:
        """Start a command line; WINRS_CONSOLEMODE_STDIN says that no input will come."""
        words = [element.findtext(wsman.SHELL + "Command", ""), *(argument.text or "" for argument in element.findall(wsman.SHELL + "Arguments"))]
        command = Command(" ".join(word.strip() for word in words), options.get("WINRS_CONSOLEMODE_STDIN", "").upper() != "TRUE")
        command_id = (element.attrib.get("CommandId") or str(uuid.uuid4())).upper()
        with self._changed:
            self._commands[command_id] = command
        threading.Thread(target=self._execute, args=(command,), name="winrs", daemon=True).start()
        return command_id

    def send(self, element: ET.Element) -> None:
        command = self._command(element)
        command.input += base64.b64decode(element.text or "")
        if element.attrib.get("End", "").lower() in ("true", "1"):
            command.input_ended.set()

    def receive(self, request: wsman.Request, element: ET.Element) -> str:
        command = self._command(element)
        budget = request.envelope * 3 // 4 - _ENVELOPE_OVERHEAD
        deadline = time.monotonic() + request.timeout
        with self._changed:
            while command.finished is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise faults.timed_out()
                self._changed.wait(left)
        return _answer(element.attrib["CommandId"], command, command.finished, budget)

    def signal(self, element: ET.Element) -> None:
        with self._changed:
            command = self._commands.pop(element.attrib["CommandId"].upper(), None)
        if command is not None:
            command.input_ended.set()

    def close(self) -> None:
        with self._changed:
            commands, self._commands = list(self._commands.values()), {}
        for command in commands:
            command.input_ended.set()

    def activity(self, element: ET.Element) -> str | None:
        """A command line has no cmdlet that a fault could name."""
        return None

    def _command(self, element: ET.Element) -> Command:
        with self._changed:
            command = self._commands.get(element.attrib.get("CommandId", "").upper())
        if command is None:
            raise faults.command_missing()
        return command

    def _execute(self, command: Command) -> None:
        """The body of a command's thread."""
        command.input_ended.wait()
        try:
            finished = self._runner(command.line, bytes(command.input))
        except Exception as defect:  # The lab's own mistake must reach the client, or it would wait for ever.
            log.exception("a command failed")
            finished = Finished(1, errors=f"The lab failed: {type(defect).__name__}: {defect}\r\n".encode())
        with self._changed:
            command.finished = finished
            command.streams = {"stdout": finished.output, "stderr": finished.errors}
            self._changed.notify_all()


class Endpoint:
    """Shells for the accounts in ``admitted``."""

    uri = URI

    def __init__(self, runner: Runner, idle_timeout: float, admitted: t.Container[str]) -> None:
        self._runner = runner
        self._idle_timeout = idle_timeout
        self._admitted = admitted

    def shell(self, shell_id: str, account: str) -> Session:
        """Raises `faults.Fault`."""
        if account not in self._admitted:
            raise faults.access_denied()
        return Session(shell_id, account, self._runner, self._idle_timeout)


def _answer(command_id: str, command: Command, finished: Finished, budget: int) -> str:
    """As much of the output as fits; with the last of it comes the exit code."""
    pieces = []
    for name, data in command.streams.items():
        now, command.streams[name] = data[:budget], data[budget:]
        budget -= len(now)
        if now:
            pieces.append(f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(now).decode()}</rsp:Stream>')
    state = f"{wsman.SHELL_URI}/CommandState"
    if any(command.streams.values()):
        pieces.append(f'<rsp:CommandState CommandId="{command_id}" State="{state}/Running"/>')
    else:
        pieces += [f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"/>' for name in command.streams]
        pieces.append(f'<rsp:CommandState CommandId="{command_id}" State="{state}/Done"><rsp:ExitCode>{finished.code}</rsp:ExitCode></rsp:CommandState>')
    return f"<rsp:ReceiveResponse>{''.join(pieces)}</rsp:ReceiveResponse>"
