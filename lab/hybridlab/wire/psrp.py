# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PSRP session (runspace pool) on psrpcore's server classes.

What psrpcore leaves to its user, all of it measured: one send buffer mixes the messages of pool and pipelines, so it is emptied
into a queue per pipeline after every write; a pipeline object must exist before its CreatePipeline message is fed; there is no
public way to fail a pipeline; ``start`` announces state Running, which Windows does not.
"""

from __future__ import annotations

import base64
import collections
import logging
import threading
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET

import psrpcore
from psrpcore._payload import PSRPMessage, create_message
from psrpcore.types import ErrorCategory, ErrorCategoryInfo, HostMethodIdentifier, NETException, PSInvocationState, PSRPMessageType
from psrpcore.types import ErrorRecord as WireError

from hybridlab import clixml, records
from hybridlab.wire import faults, wsman

FRAGMENT = 32768
# A pipeline waits for its client when so many bytes are not received yet; a stop therefore reaches a long list in its middle.
QUEUE_LIMIT = 4 * 1024 * 1024
_ENVELOPE_OVERHEAD = 4096

log = logging.getLogger("hybridlab.psrp")


class Stopped(Exception):
    """The client stopped the pipeline or closed the session."""


class Runner(t.Protocol):
    """Executes the commands of a pipeline.  Raises `Stopped` or `records.Terminating`."""

    def __call__(self, pipeline: psrpcore.PowerShell, streams: Streams) -> None: ...


class Streams(t.Protocol):
    """Where a running pipeline writes to, and its ``input``.  Each method raises `Stopped` once the client gave up."""

    stopped: threading.Event
    input: list[t.Any]

    def write(self, record: records.Record) -> None: ...

    def exit(self, code: int) -> None:
        """Tell the client's host the exit code, as ``exit`` in a script does."""
        ...


class _Pipeline(psrpcore.ServerPipeline):
    """psrpcore's pipeline with the two state changes that it lacks."""

    def start_quietly(self) -> None:
        self._change_state(PSInvocationState.Running, emit=False)

    def fail(self, error: WireError) -> None:
        self._change_state(PSInvocationState.Failed, error=error)


class Run:
    """One pipeline of a session, from its Command to its last Receive."""

    def __init__(self, session: Session, pipeline: _Pipeline) -> None:
        self.pipeline = pipeline
        self.queue: collections.deque[bytes] = collections.deque()
        self.queued = 0
        self.powershell: psrpcore.PowerShell | None = None
        self.input: list[t.Any] = []
        self.input_ended = threading.Event()
        self.stopped = threading.Event()
        self.finished = False
        self._session = session

    @property
    def cmdlet(self) -> str:
        """The first command's name."""
        return str(self.powershell.commands[0].command_text) if self.powershell and self.powershell.commands else ""

    def write(self, record: records.Record) -> None:
        if isinstance(record, records.Output):
            self._session.write_output(self, clixml.dumps(record.value))
        elif isinstance(record, records.Warned):
            self._session.write(self, lambda: self.pipeline.write_warning(record.text))
        else:
            error = wire_error(record)
            self._session.write(self, lambda: self.pipeline.prepare_message(error, message_type=PSRPMessageType.ErrorRecord))

    def exit(self, code: int) -> None:
        self._session.write(self, lambda: self.pipeline.host_call(HostMethodIdentifier.SetShouldExit, [code]))

    def stop(self) -> None:
        """Ask the runner to end and tell the client that it did.  The session's lock is held."""
        self.stopped.set()
        self.input_ended.set()
        if not self.finished:
            self.finished = True
            self.pipeline.stop()


class Session:
    """A WSMan shell that is a runspace pool."""

    def __init__(self, shell_id: str, account: str, runner: Runner, idle_timeout: float = wsman.IDLE_TIMEOUT) -> None:
        self.id = shell_id
        self.account = account
        self.idle_since = time.monotonic()
        self.idle_timeout = idle_timeout
        self._runner = runner
        self._pool = psrpcore.ServerRunspacePool(application_private_data={"PSVersionTable": _VERSIONS})
        self._queue: collections.deque[bytes] = collections.deque()
        self._runs: dict[uuid.UUID, Run] = {}
        self._busy = 0
        self._changed = threading.Condition(threading.RLock())
        self._closed = False

    # What WSMan asks of a shell.

    def open(self, element: ET.Element) -> None:
        creation = element.find(wsman.POWERSHELL + "creationXml")
        if creation is None or not creation.text:
            raise faults.Fault(87, "The shell has no creationXml.", subcode="w:SchemaValidationError", value="s:Sender")
        with self._changed:
            self._feed(base64.b64decode(creation.text))

    def command(self, element: ET.Element, options: t.Mapping[str, str]) -> str:
        command = uuid.UUID(element.attrib["CommandId"]) if "CommandId" in element.attrib else uuid.uuid4()
        data = base64.b64decode("".join(argument.text or "" for argument in element.findall(wsman.SHELL + "Arguments")))
        with self._changed:
            for other in [key for key, run in self._runs.items() if run.stopped.is_set()]:
                self._end(other)  # A client that stopped a pipeline need not ask for the rest of it.
            self._runs[command] = Run(self, _Pipeline(self._pool, command))
            self._feed(data, command)
        return str(command).upper()

    def send(self, element: ET.Element) -> None:
        command = uuid.UUID(element.attrib["CommandId"]) if "CommandId" in element.attrib else None
        prompt = element.attrib.get("Name") == "pr"
        with self._changed:
            self._feed(base64.b64decode(element.text or ""), command, psrpcore.StreamType.prompt_response if prompt else psrpcore.StreamType.default)

    def receive(self, request: wsman.Request, element: ET.Element) -> str:
        command = element.attrib.get("CommandId")
        attribute = f' CommandId="{command}"' if command else ""
        budget = request.envelope * 3 // 4 - _ENVELOPE_OVERHEAD
        with self._changed:
            run = self._run(command)
            queue = self._queue if run is None else run.queue
            self._wait_for_data(queue, run, request.timeout)
            pieces = [f'<rsp:Stream Name="stdout"{attribute}>{base64.b64encode(data).decode()}</rsp:Stream>' for data in self._take(queue, run, budget)]
            if run is not None:
                done = run.finished and not queue
                pieces.append(f'<rsp:CommandState{attribute} State="{wsman.SHELL_URI}/CommandState/{"Done" if done else "Running"}"/>')
                if done:
                    self._end(run.pipeline.pipeline_id)
        return f"<rsp:ReceiveResponse>{''.join(pieces)}</rsp:ReceiveResponse>"

    def signal(self, element: ET.Element) -> None:
        command = uuid.UUID(element.attrib["CommandId"])
        code = element.findtext(wsman.SHELL + "Code", "")
        with self._changed:
            run = self._runs.get(command)
            if run is None:
                return  # Its last answer was delivered: nothing is left to end.
            run.stop()
            self._flush()
            if code.endswith("terminate"):
                self._end(command)

    def close(self) -> None:
        with self._changed:
            for command in list(self._runs):
                self._end(command)
            self._closed = True
            self._changed.notify_all()

    def activity(self, element: ET.Element) -> str | None:
        """The cmdlet that a Receive or Signal is about; None when it is about the session."""
        command = element.attrib.get("CommandId")
        with self._changed:
            run = self._runs.get(uuid.UUID(command)) if command else None
            return None if run is None else run.cmdlet

    # What a run asks of its session.

    def write(self, run: Run, action: t.Callable[[], t.Any]) -> None:
        """Let ``action`` put a message in the send buffer, after the client took enough of the earlier ones."""
        with self._changed:
            while run.queued > QUEUE_LIMIT and not run.stopped.is_set():
                self._changed.wait()
            if run.stopped.is_set():
                raise Stopped
            action()
            self._flush()

    def write_output(self, run: Run, element: bytes) -> None:
        """Send one CLIXML element as it is; psrpcore's own serialiser needs six times as long for a list of mailboxes."""
        kind, pool = PSRPMessageType.PipelineOutput, self._pool

        def action() -> None:
            message = create_message(False, kind, element, pool.runspace_pool_id, run.pipeline.pipeline_id)
            pool._send_buffer.append(PSRPMessage(kind, bytearray(message), pool.runspace_pool_id, run.pipeline.pipeline_id, pool._fragment_counter))

        self.write(run, action)

    # Inside.  Everything below runs with the lock held, except _execute.

    def _run(self, command: str | None) -> Run | None:
        if command is None:
            return None
        run = self._runs.get(uuid.UUID(command))
        if run is None:
            raise faults.command_missing()
        return run

    def _wait_for_data(self, queue: collections.deque[bytes], run: Run | None, timeout: float) -> None:
        end = time.monotonic() + timeout
        while not queue and not (run and run.finished):
            if self._closed:
                raise faults.shell_missing()
            left = end - time.monotonic()
            if left <= 0:
                raise faults.timed_out()
            self._changed.wait(left)

    def _take(self, queue: collections.deque[bytes], run: Run | None, budget: int) -> list[bytes]:
        taken: list[bytes] = []
        size = 0
        while queue and (not taken or size + len(queue[0]) < budget):
            taken.append(queue.popleft())
            size += len(taken[-1])
        if run is not None:
            run.queued -= size
            self._changed.notify_all()
        return taken

    def _end(self, command: uuid.UUID) -> None:
        run = self._runs.pop(command)
        run.stop()
        run.pipeline.close()
        self._flush()

    def _feed(self, data: bytes, command: uuid.UUID | None = None, stream: psrpcore.StreamType = psrpcore.StreamType.default) -> None:
        self._pool.receive_data(psrpcore.PSRPPayload(data, stream, command))
        while (event := self._pool.next_event()) is not None:
            self._react(event)
        self._flush()

    def _flush(self) -> None:
        while (payload := self._pool.data_to_send(FRAGMENT)) is not None:
            run = self._runs.get(payload.pipeline_id) if payload.pipeline_id else None
            if run is not None:
                run.queue.append(payload.data)
                run.queued += len(payload.data)
            elif payload.pipeline_id is None:
                self._queue.append(payload.data)
        self._changed.notify_all()

    def _react(self, event: object) -> None:
        if isinstance(event, psrpcore.CreatePipelineEvent):
            self._start(self._runs[event.pipeline_id], event.pipeline)
        elif isinstance(event, psrpcore.GetCommandMetadataEvent):
            self._refuse_metadata(self._runs[event.pipeline_id])
        elif isinstance(event, psrpcore.PipelineInputEvent):
            self._runs[event.pipeline_id].input.append(event.data)
        elif isinstance(event, psrpcore.EndOfPipelineInputEvent):
            self._runs[event.pipeline_id].input_ended.set()
        elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
            self._pool.runspace_availability_response(event.ci, self._pool.max_runspaces - self._busy)
        elif isinstance(event, (psrpcore.SetMaxRunspacesEvent, psrpcore.SetMinRunspacesEvent, psrpcore.ResetRunspaceStateEvent)):
            self._pool.runspace_availability_response(event.ci, True)

    def _start(self, run: Run, powershell: psrpcore.PowerShell) -> None:
        run.powershell = powershell
        run.pipeline.start_quietly()
        if powershell.no_input:
            run.input_ended.set()
        threading.Thread(target=self._execute, args=(run, powershell), name="pipeline", daemon=True).start()

    def _refuse_metadata(self, run: Run) -> None:
        """Answer a proxy generator (Import-PSSession): the lab tells nothing about its cmdlets' syntax."""
        text = "The metadata of commands is not available in this session."
        run.pipeline.start_quietly()
        run.finished = True
        run.pipeline.fail(wire_error(records.ErrorRecord(text, "System.InvalidOperationException", "CommandMetadata", "InvalidOperation")))

    def _execute(self, run: Run, powershell: psrpcore.PowerShell) -> None:
        """The body of a pipeline's thread."""
        error: WireError | None = None
        run.input_ended.wait()
        self._enter(run)
        try:
            if not run.stopped.is_set():
                self._runner(powershell, run)
        except Stopped:
            log.debug("%s stopped", run.cmdlet)
        except records.Terminating as terminating:
            error = wire_error(terminating.record)
        except Exception as defect:  # The lab's own mistake must reach the client, or it would wait for ever.
            log.exception("%s failed", run.cmdlet)
            text = f"The lab failed: {type(defect).__name__}: {defect}"
            error = wire_error(records.ErrorRecord(text, "System.InvalidOperationException", "LabDefect", "InvalidOperation", run.cmdlet))
        with self._changed:
            self._busy -= 1
            if not run.finished:
                run.finished = True
                if error is None:
                    run.pipeline.complete()
                else:
                    run.pipeline.fail(error)
                self._flush()
            self._changed.notify_all()

    def _enter(self, run: Run) -> None:
        """Wait for a free runspace."""
        with self._changed:
            while self._busy >= self._pool.max_runspaces and not run.stopped.is_set():
                self._changed.wait()
            self._busy += 1


class Endpoint:
    """Sessions of one configuration, for example Microsoft.Exchange.

    ``runner`` makes what runs the pipelines of a new session.  ``admitted`` are the accounts that may open one; None: all.
    """

    def __init__(
        self, configuration: str, runner: t.Callable[[], Runner], idle_timeout: float = wsman.IDLE_TIMEOUT, admitted: t.Container[str] | None = None
    ) -> None:
        self.uri = f"http://schemas.microsoft.com/powershell/{configuration}"
        self._runner = runner
        self._idle_timeout = idle_timeout
        self._admitted = admitted

    def shell(self, shell_id: str, account: str) -> Session:
        """Raises `faults.Fault`."""
        if self._admitted is not None and account not in self._admitted:
            raise faults.access_denied()
        return Session(shell_id, account, self._runner(), self._idle_timeout)


def wire_error(record: records.ErrorRecord) -> WireError:
    """The record in psrpcore's form, the exception with its own type names as a server sends it."""
    exception = NETException(Message=record.message, HResult=-2146233087)
    exception.PSObject.type_names = [record.exception_type, "System.Exception", "System.Object"]
    exception.PSObject.to_string = f"{record.exception_type}: {record.message}"
    error = WireError(
        Exception=exception,
        TargetObject=record.target_name or None,
        FullyQualifiedErrorId=record.error_id,
        CategoryInfo=ErrorCategoryInfo(
            Category=ErrorCategory[record.category],
            Activity=record.activity,
            Reason=record.exception_type.rpartition(".")[2],
            TargetName=record.target_name,
            TargetType=record.target_type,
        ),
    )
    error.serialize_extended_info = False
    return error


_VERSIONS = {
    "PSVersion": "5.1.14393.6343",
    "PSEdition": "Desktop",
    "WSManStackVersion": "3.0",
    "PSRemotingProtocolVersion": "2.3",
    "SerializationVersion": "1.1.0.1",
}
