# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WSMan service without a transport: the bytes of one SOAP request in, status and bytes of the answer out.

A shell's Receive is a long poll: `Service.handle` blocks its thread up to the request's OperationTimeout.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import threading
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from hybridlab.faults import Faults
from hybridlab.wire import faults as refusals

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
SHELL = "{" + SHELL_URI + "}"
POWERSHELL = "{http://schemas.microsoft.com/powershell}"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"

# Exchange ends a session after 15 idle minutes.
IDLE_TIMEOUT = 900.0
# PowerShellMaxConcurrency of the global throttling policy.
SESSION_LIMIT = 18

_ENVELOPE = (
    '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">'
    "<s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:{id}</a:MessageID>"
    "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To><a:RelatesTo>{relates}</a:RelatesTo></s:Header>"
    "<s:Body>{body}</s:Body></s:Envelope>"
)
_SECONDS = re.compile(r"PT(?:(?P<minutes>\d+)M)?(?:(?P<seconds>[\d.]+)S)?$")
_CONFIG = (
    '<cfg:Config xmlns:cfg="http://schemas.microsoft.com/wbem/wsman/1/config"><cfg:MaxEnvelopeSizekb>500</cfg:MaxEnvelopeSizekb>'
    "<cfg:MaxTimeoutms>60000</cfg:MaxTimeoutms></cfg:Config>"
)

log = logging.getLogger("hybridlab.wsman")


@dataclasses.dataclass
class Request:
    """One parsed SOAP request.  ``timeout`` is OperationTimeout in seconds, ``envelope`` MaxEnvelopeSize in bytes."""

    account: str
    body: ET.Element
    action: str = ""
    message_id: str = ""
    uri: str = ""
    timeout: float = 60.0
    envelope: int = 153600
    selectors: dict[str, str] = dataclasses.field(default_factory=dict)
    options: dict[str, str] = dataclasses.field(default_factory=dict)

    def element(self, name: str) -> ET.Element:
        """The named child of the body; its absence is the sender's mistake."""
        found = self.body.find(SHELL + name)
        if found is None:
            raise refusals.Fault(2150858817, f"The request has no {name} element.", subcode="w:SchemaValidationError", value="s:Sender")
        return found


def parse(raw: bytes, account: str) -> Request:
    """Read a SOAP request.  Raises ET.ParseError or ValueError when it is none."""
    root = ET.fromstring(raw)
    header, body = root.find(SOAP + "Header"), root.find(SOAP + "Body")
    if header is None or body is None:
        raise ValueError("not a SOAP envelope")
    request = Request(account, body)
    for element in header:
        text = (element.text or "").strip()
        if element.tag == ADDRESSING + "Action":
            request.action = text
        elif element.tag == ADDRESSING + "MessageID":
            request.message_id = text
        elif element.tag == WSMAN + "ResourceURI":
            request.uri = text
        elif element.tag == WSMAN + "OperationTimeout":
            request.timeout = seconds(text, request.timeout)
        elif element.tag == WSMAN + "MaxEnvelopeSize":
            request.envelope = int(text)
        elif element.tag == WSMAN + "SelectorSet":
            request.selectors = {selector.attrib["Name"]: selector.text or "" for selector in element}
        elif element.tag == WSMAN + "OptionSet":
            request.options = {option.attrib["Name"]: option.text or "" for option in element}
    return request


def seconds(duration: str, default: float) -> float:
    """The seconds of an XML duration such as PT20S."""
    match = _SECONDS.match(duration)
    if match is None or not match.group(0):
        return default
    return 60 * int(match["minutes"] or 0) + float(match["seconds"] or 0)


class Shell(t.Protocol):
    """A session behind an endpoint."""

    id: str
    account: str
    idle_since: float
    idle_timeout: float

    def open(self, element: ET.Element) -> None: ...
    def command(self, element: ET.Element, options: t.Mapping[str, str]) -> str: ...
    def send(self, element: ET.Element) -> None: ...
    def receive(self, request: Request, element: ET.Element) -> str: ...
    def signal(self, element: ET.Element) -> None: ...
    def close(self) -> None: ...
    def activity(self, element: ET.Element) -> str | None: ...


class Endpoint(t.Protocol):
    """Makes the shells of one resource URI."""

    uri: str

    def shell(self, shell_id: str, account: str) -> Shell: ...


class Counters:
    """What happened since the lab came up.  Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, int] = {"opened": 0, "refused": 0, "calls": 0, "requests": 0}

    def add(self, name: str) -> None:
        with self._lock:
            self._values[name] = self._values.get(name, 0) + 1

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._values.get(name, 0)


class Service:
    """Shells of all endpoints, the limit of shells per account, and the faults that belong to sessions."""

    def __init__(
        self,
        faults: Faults,
        counters: Counters,
        *,
        machine: str = "EX01",
        limit: int = SESSION_LIMIT,
        over_limit: t.Callable[[int], refusals.Fault] = refusals.too_many_runspaces,
    ) -> None:
        self.limit = limit
        self._over_limit = over_limit
        self._faults = faults
        self._counters = counters
        self._machine = machine
        self._endpoints: dict[str, Endpoint] = {}
        self._shells: dict[str, Shell] = {}
        self._opened: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.uri.lower()] = endpoint

    def live(self) -> dict[str, int]:
        """How many shells each account has open."""
        with self._lock:
            accounts = [shell.account for shell in self._shells.values()]
        return {account: accounts.count(account) for account in sorted(set(accounts))}

    def opened(self) -> dict[str, int]:
        """How many shells each account ever opened."""
        with self._lock:
            return dict(self._opened)

    def handle(self, raw: bytes, account: str) -> tuple[int, bytes]:
        """Answer one request.  Raises `refusals.Dropped` when the answer is to be cut off; ValueError or ET.ParseError for no SOAP."""
        request = parse(raw, account)
        self._counters.add("requests")
        try:
            action, body = self._dispatch(request)
        except refusals.Fault as fault:
            return 500, _envelope(FAULT_ACTION, request, fault.body(self._machine))
        except refusals.Dropped:
            raise
        except Exception as error:  # A defect of the lab: the client shall see it and not wait for ever.
            log.exception("request failed")
            defect = refusals.Fault(995, f"The lab failed: {type(error).__name__}: {error}")
            return 500, _envelope(FAULT_ACTION, request, defect.body(self._machine))
        return 200, _envelope(action, request, body)

    def close(self) -> None:
        """Close every shell."""
        with self._lock:
            shells, self._shells = list(self._shells.values()), {}
        for shell in shells:
            shell.close()

    def close_idle(self) -> None:
        """Close the shells that outlived their idle timeout."""
        now = time.monotonic()
        with self._lock:
            idle = [shell for shell in self._shells.values() if now - shell.idle_since > shell.idle_timeout]
            for shell in idle:
                del self._shells[shell.id]
        for shell in idle:
            shell.close()

    def _dispatch(self, request: Request) -> tuple[str, str]:
        if request.action.startswith(TRANSFER):
            return self._transfer(request, request.action[len(TRANSFER) + 1 :])
        if request.action.startswith(SHELL_URI):
            return self._operate(request, request.action[len(SHELL_URI) + 1 :])
        raise refusals.action_unknown(request.action)

    def _transfer(self, request: Request, operation: str) -> tuple[str, str]:
        answer = f"{TRANSFER}/{operation}Response"
        if operation == "Create":
            return answer, self._create(request)
        if operation == "Delete":
            self._forget(self._shell(request))
            return answer, ""
        if operation == "Get":
            if request.uri.endswith("/wsman/1/config"):
                return answer, _CONFIG
            return answer, _describe(self._shell(request), request.uri)
        raise refusals.action_unknown(request.action)

    def _operate(self, request: Request, operation: str) -> tuple[str, str]:
        shell = self._shell(request)
        shell.idle_since = time.monotonic()
        answer = f"{SHELL_URI}/{operation}Response"
        if operation == "Command":
            self._lose(shell, "command")
            command = shell.command(request.element("CommandLine"), request.options)
            return answer, f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"
        if operation == "Send":
            for element in request.element("Send"):
                shell.send(element)
            return answer, "<rsp:SendResponse/>"
        if operation == "Receive":
            return answer, self._receive(shell, request)
        if operation == "Signal":
            shell.signal(request.element("Signal"))
            return answer, "<rsp:SignalResponse/>"
        raise refusals.action_unknown(request.action)

    def _create(self, request: Request) -> str:
        endpoint = self._endpoints.get(request.uri.lower())
        if endpoint is None:
            raise refusals.resource_missing(request.uri)
        element = request.element("Shell")
        shell = endpoint.shell((element.attrib.get("ShellId") or str(uuid.uuid4())).upper(), request.account)
        idle = element.find(SHELL + "IdleTimeOut")
        if idle is not None and idle.text:
            shell.idle_timeout = min(shell.idle_timeout, seconds(idle.text, shell.idle_timeout))
        try:
            self._admit(shell)
        except refusals.Fault:
            self._counters.add("refused")
            raise
        try:
            shell.open(element)
        except Exception:
            self._forget(shell)
            raise
        self._counters.add("opened")
        with self._lock:
            self._opened[shell.account] = self._opened.get(shell.account, 0) + 1
        return (
            f"<x:ResourceCreated><a:Address>https://{self._machine}/PowerShell</a:Address><a:ReferenceParameters><w:ResourceURI>{escape(request.uri)}"
            f'</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
            f"</x:ResourceCreated>{_describe(shell, request.uri)}"
        )

    def _admit(self, shell: Shell) -> None:
        throttled = self._faults.peek("throttle")
        if throttled and throttled["at"] == "runspace" and self._faults.take("throttle"):
            raise refusals.runspace_budget(throttled["wait"])
        if self._faults.take("session-limit"):
            raise self._over_limit(self.limit)
        with self._lock:
            if sum(other.account == shell.account for other in self._shells.values()) >= self.limit:
                raise self._over_limit(self.limit)
            self._shells[shell.id] = shell

    def _shell(self, request: Request) -> Shell:
        with self._lock:
            shell = self._shells.get(request.selectors.get("ShellId", "").upper())
        if shell is None or shell.account != request.account:
            raise refusals.shell_missing()
        return shell

    def _forget(self, shell: Shell) -> None:
        with self._lock:
            self._shells.pop(shell.id, None)
        shell.close()

    def _receive(self, shell: Shell, request: Request) -> str:
        stream = request.element("Receive")[0]
        cmdlet = shell.activity(stream)  # Asked first: the last answer of a call ends it.
        body = shell.receive(request, stream)
        if cmdlet is not None:
            self._lose(shell, "receive", cmdlet)  # now that there is an answer, the call has run
        shell.idle_since = time.monotonic()
        if cmdlet is not None and self._faults.take("drop-in-receive", cmdlet):
            raise refusals.Dropped(body.encode())
        return body

    def _lose(self, shell: Shell, at: str, cmdlet: str | None = None) -> None:
        fault = self._faults.peek("lost-shell")
        if fault is not None and fault["at"] == at and self._faults.take("lost-shell", cmdlet):
            self._forget(shell)
            raise refusals.shell_missing()


def _envelope(action: str, request: Request, body: str) -> bytes:
    return _ENVELOPE.format(action=action, id=str(uuid.uuid4()).upper(), relates=escape(request.message_id), body=body).encode()


def _describe(shell: Shell, uri: str) -> str:
    return (
        f"<rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId><rsp:ResourceUri>{escape(uri)}</rsp:ResourceUri><rsp:Owner>{escape(shell.account)}</rsp:Owner>"
        f"<rsp:ClientIP>127.0.0.1</rsp:ClientIP><rsp:IdleTimeOut>PT{shell.idle_timeout:.3f}S</rsp:IdleTimeOut><rsp:InputStreams>stdin pr</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout</rsp:OutputStreams><rsp:State>Connected</rsp:State></rsp:Shell>"
    )
