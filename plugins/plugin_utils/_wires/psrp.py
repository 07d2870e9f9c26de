# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One PowerShell remoting session over pypsrp."""

from __future__ import annotations

import contextlib
import time
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    CmdletError,
    CommandMissing,
    HybridError,
    LoginRefused,
    SessionLost,
    Throttled,
    TimedOut,
    UsageError,
    sentence,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, classify, opening, parameters, plain, trust
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.fragments import PlainFragmenter
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.powershell import Retry, Unsent

try:
    from pypsrp.complex_objects import PSInvocationState
    from pypsrp.exceptions import WSManFaultError
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.wsman import WSMan
except ImportError:  # `libraries` names what is missing before anything here is used
    PowerShell = None  # type: ignore[assignment,misc]

# Seconds: what the server may take for an ordinary request, and for one look at a running pipeline.  The look is short because a
# call can be cancelled only between two looks: an encrypted connection carries one request at a time.
_OPERATION = 60
_LOOK = 1
# A connection that was idle this long is replaced before a call is entrusted to it: servers close idle ones (IIS and WinRM after two
# minutes), firewalls forget them, and an encrypted one cannot be taken up again by the HTTP library.  The session itself outlives it.
_DOUBTFUL = 20.0

# How PowerShell 5.1 refuses a snap-in that is not registered, or that does not load (AddPSSnapinCommand; the text depends on the system's language).
_ADD_SNAPIN = "Add-PSSnapin"
_NO_SNAPIN = "AddPSSnapIn"

# System.Management.Automation.ErrorCategory by number.
_CATEGORIES = (
    "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData InvalidOperation InvalidResult InvalidType MetadataError "
    "NotImplemented NotInstalled ObjectNotFound OperationStopped OperationTimeout SyntaxError ParserError PermissionDenied ResourceBusy ResourceExists "
    "ResourceUnavailable ReadError WriteError FromStdErr SecurityError ProtocolError ConnectionError AuthenticationError LimitsExceeded QuotaExceeded "
    "NotEnabled"
).split()


class Target:
    """Where sessions go and as whom, from the connection plugin's options.  Raises `UsageError` for what cannot work or is not safe."""

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self.endpoint = ENDPOINTS[options["endpoint"]]
        self.options = options
        usual = options["port"] == self.endpoint.ports[options["scheme"]]
        self.label = f"{options['endpoint']} on {options['host']}" + ("" if usual else f":{options['port']}")
        self.url = f"{options['scheme']}://{options['host']}:{options['port']}/{options['path'].lstrip('/')}"
        self._held = trust.Held()
        self._check()
        self.trust = self._trust()
        self.certificate: dict[str, t.Any] = {
            "certificate_pem": self._held.path(options.get("client_cert")),
            "certificate_key_pem": self._held.path(options.get("client_key") or options.get("client_cert")),
            "certificate_key_password": options.get("client_key_password"),
        }

    def _check(self) -> None:
        auth, secure = self.options["auth"], self.options["scheme"] == "https"
        encryption = self.options["message_encryption"]
        if auth == "basic" and not secure and encryption != "never":
            raise UsageError(
                "Basic over plain http would send the password and everything else unencrypted",
                advice="Set m365_scheme: https, choose another m365_auth, or set m365_message_encryption: never to do it all the same",
            )
        if auth in ("basic", "certificate") and encryption == "always":
            raise UsageError(f"Messages cannot be encrypted with m365_auth: {auth}", advice="Set m365_message_encryption: auto; https encrypts everything")
        if auth == "certificate" and not (secure and self.options.get("client_cert")):
            raise UsageError("A client certificate needs m365_scheme: https and m365_client_cert")
        if auth in ("basic", "ntlm") and not (self.options.get("user") and self.options.get("password")):
            raise UsageError(f"m365_auth: {auth} needs a user and a password", advice="Set ansible_user and ansible_password")

    def _trust(self) -> bool | str:
        """What pypsrp verifies the server's certificate with: False, or the path of the authorities."""
        return trust.authorities(self._held.path(self.options.get("ca_cert")), "m365_ca_cert") if self.options["validate_certs"] else False

    def wsman(self) -> WSMan:
        """A connection that follows no redirect: a redirected session would lose its credentials or its body."""
        options = self.options
        wsman = WSMan(
            options["host"],
            port=options["port"],
            username=options.get("user"),
            password=options.get("password"),
            ssl=options["scheme"] == "https",
            path=urllib.parse.quote(options["path"].lstrip("/"), safe="/?=;&%"),
            auth=options["auth"],
            cert_validation=t.cast(bool, self.trust),  # a path, too, as in requests
            connection_timeout=options["connect_timeout"],
            read_timeout=_OPERATION + 30,
            operation_timeout=_OPERATION,
            encryption=options["message_encryption"],
            reconnection_backoff=0.0,
            proxy=options.get("proxy") if options.get("proxy") != "none" else None,
            no_proxy=options.get("proxy") == "none",
            negotiate_service=options["negotiate_service"],
            negotiate_delegate=options["negotiate_delegate"],
            negotiate_hostname_override=options.get("negotiate_hostname"),
            **self.certificate,
        )
        self.connect(wsman)
        return wsman

    @staticmethod
    def connect(wsman: WSMan) -> None:
        """Have the next request make a new connection and log in; cookies stay, by which a load balancer finds the session's server."""
        transport = wsman.transport
        earlier, session = transport.session, transport._build_session()
        session.max_redirects = 0
        if earlier is not None:
            session.cookies.update(earlier.cookies)
            earlier.close()
        transport.session, transport.encryption = session, None


class Session:
    """One runspace: opened, used by one call at a time, closed.  Meaning and errors: see `powershell.PowerShellSession`.

    ``doubtful``: seconds without use after which its connection is replaced.
    """

    def __init__(self, target: Target, doubtful: float = _DOUBTFUL) -> None:
        self._target = target
        self._doubtful = doubtful
        self._wsman: WSMan | None = None
        self._pool: RunspacePool | None = None
        self._fragmenter: PlainFragmenter | None = None
        self._broken = False
        self._cut = False
        self._used = 0.0

    @property
    def broken(self) -> bool:
        return self._broken or self._pool is None

    def open(self, call: Call) -> None:
        target = self._target
        try:
            self._wsman = target.wsman()
            self._pool = RunspacePool(self._wsman, configuration_name=target.options["configuration_name"])
            self._fragmenter = PlainFragmenter(self._pool._fragmenter.max_size, self._pool._serializer)
            self._pool._fragmenter = self._fragmenter
            self._pool.open()
        except opening.EXCEPTIONS as error:
            found = opening.opening(error, target=target.label, url=target.url)
            if isinstance(found, LoginRefused):
                self._pool = None  # there is nothing to close, and closing would log in once more
            raise found from error
        self._used = time.monotonic()
        for cmdlet, given in target.endpoint.first_calls:
            self._prepare(call, cmdlet, given)
        if target.endpoint.snapins:
            self._load(call, target.endpoint.snapins)

    def _prepare(self, call: Call, cmdlet: str, given: t.Mapping[str, t.Any]) -> None:
        """A call without which the session is of no use."""
        try:
            self.invoke(call, cmdlet, given, ())
        except Unsent as unsent:
            raise Retry(unsent.error) from unsent
        except Throttled as error:
            raise Retry(error) from error
        except HybridError as error:
            error.cmdlet, error.target = error.cmdlet or cmdlet, self._target.label
            raise

    def _load(self, call: Call, names: t.Iterable[str]) -> None:
        """Load the first snap-in that the server has.  Raises `CommandMissing` where it has none: then it has no cmdlets of the product."""
        refusals: list[str] = []
        for name in names:
            try:
                return self._prepare(call, _ADD_SNAPIN, {"Name": name})
            except CommandMissing as error:
                error.advice = "The session must be one of Windows PowerShell, which alone knows snap-ins: check m365_edge_configuration_name"
                raise
            except CmdletError as error:
                if not (error.error_id or "").startswith(_NO_SNAPIN):
                    raise
                refusals.append(sentence(error.text))
        raise CommandMissing(
            f"No snap-in with Exchange's cmdlets could be loaded. {' '.join(dict.fromkeys(refusals))}",
            cmdlet=_ADD_SNAPIN,
            target=self._target.label,
            advice="Endpoint edge is for Exchange servers with the Edge Transport role: check that the host is one, and that Exchange is installed there",
        )

    def alive(self, call: Call) -> bool:
        if self._pool is None or self._broken:
            return False
        try:
            self._refresh()
            self._pool.shell._get_shell(timeout=5)
        except WSManFaultError as error:
            # Whatever else the server says: it answers, if only that it does not know the question.
            return int(error.code or 0) not in (opening.SHELL_NOT_FOUND, opening.OPERATION_TIMED_OUT)
        except opening.EXCEPTIONS as error:
            self._break(error)
            return False
        self._used = time.monotonic()
        return True

    def _refresh(self) -> None:
        if self._wsman is not None and time.monotonic() - self._used > self._doubtful:
            self._target.connect(self._wsman)

    def _break(self, error: BaseException) -> None:
        """Take no further call.  Where it was the connection that failed, another one may still close the session."""
        self._broken = True
        self._cut = opening.is_cut(error)
        if opening.is_login(error):
            self._pool = None  # closing would log in once more, which counts against the account

    def invoke(self, call: Call, cmdlet: str, given: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        self._refresh()
        pipeline = self._pipeline(cmdlet, given)
        if cmdlet.lower() in plain.SELECTED and properties is not None:
            pipeline.add_cmdlet("Select-Object").add_parameter("Property", parameters.serializable(sorted(properties)))
        if self._fragmenter is None:
            raise SessionLost("the session is not open", target=self._target.label)
        self._fragmenter.converter = plain.Converter(properties)
        self._begin(pipeline)
        try:
            self._follow(call, pipeline)
            self._end(pipeline)
        except TimedOut:
            self._stop(pipeline)
            raise
        except opening.EXCEPTIONS as error:
            self._break(error)
            raise opening.lost(error, self._target.label) from error
        finally:
            self._used = time.monotonic()
        return self._answer(cmdlet, pipeline)

    def _pipeline(self, cmdlet: str, given: t.Mapping[str, t.Any]) -> PowerShell:
        if self._pool is None:
            raise SessionLost("the session is not open", target=self._target.label)
        pipeline = PowerShell(self._pool)
        pipeline.add_cmdlet(cmdlet)
        for name, value in given.items():
            pipeline.add_parameter(name, parameters.serializable(value))
        if parameters.has_secret(given):
            try:
                self._pool.exchange_keys()
            except opening.EXCEPTIONS as error:
                self._break(error)
                raise Unsent(opening.lost(error, self._target.label)) from error
        return pipeline

    def _begin(self, pipeline: PowerShell) -> None:
        try:
            pipeline.begin_invoke()
        except opening.EXCEPTIONS as error:
            self._break(error)
            lost = opening.lost(error, self._target.label)
            if opening.surely_not_sent(error):
                raise Unsent(lost) from error
            said = classify.error(classify.Failure(opening.fault_text(error))) if isinstance(error, WSManFaultError) else None
            # A fault that answers the command itself says why the server did not take it.
            raise said if isinstance(said, Throttled) else lost from error

    def _follow(self, call: Call, pipeline: PowerShell) -> None:
        """Collect what the pipeline says until it ends."""
        if self._wsman is None:
            raise SessionLost("the session is not open", target=self._target.label)
        self._wsman.operation_timeout = _LOOK
        try:
            while pipeline.state == PSInvocationState.RUNNING:
                call.check()
                pipeline.poll_invoke()
        finally:
            self._wsman.operation_timeout = _OPERATION

    def _end(self, pipeline: PowerShell) -> None:
        """Tell the server to forget the pipeline: it allows a session only so many.  The answer is complete without it."""
        try:
            pipeline.close()
        except opening.EXCEPTIONS as error:
            self._break(error)

    def _stop(self, pipeline: PowerShell) -> None:
        try:
            pipeline.stop()
        except opening.EXCEPTIONS as error:
            self._break(error)  # then closing the session ends the pipeline

    def _answer(self, cmdlet: str, pipeline: PowerShell) -> Answer:
        if pipeline.streams.error:
            error = classify.first_of([_failure(record) for record in pipeline.streams.error], cmdlet=cmdlet, target=self._target.label)
            if isinstance(error, Throttled) and pipeline.output:
                error = CmdletError(error.text, cmdlet=cmdlet, target=error.target, error_id=error.error_id, advice="The call ran in part")
            raise error
        if pipeline.state != PSInvocationState.COMPLETED:
            raise CmdletError("The server stopped the cmdlet without a reason", cmdlet=cmdlet, target=self._target.label)
        warnings = [plain.text(str(record.message or "")) for record in pipeline.streams.warning]
        return Answer(pipeline.output, warnings, any(classify.truncates(warning) for warning in warnings))

    def close(self) -> None:
        pool, self._pool = self._pool, None
        wsman, self._wsman = self._wsman, None
        if wsman is None:
            return
        wsman.operation_timeout = 10
        wsman.transport.read_timeout = 12
        # An error means that the server is gone, or ends the session itself at its idle timeout; there is nobody left to tell.
        with contextlib.closing(wsman.transport), contextlib.suppress(*opening.EXCEPTIONS):
            if self._cut or time.monotonic() - self._used > self._doubtful:
                self._target.connect(wsman)
            if pool is not None:
                pool.close()


def _failure(record: t.Any) -> classify.Failure:
    """What pypsrp read of an ErrorRecord."""
    exception = getattr(record, "exception", None)
    types = getattr(exception, "types", None) or []
    text = getattr(exception, "adapted_properties", {}).get("Message") or getattr(record, "details_message", None) or str(record)
    number = record.category if isinstance(record.category, int) else 0
    return classify.Failure(
        text=str(text),
        error_id=str(record.fq_error or ""),
        category=_CATEGORIES[number] if 0 <= number < len(_CATEGORIES) else "",
        error_type=str(types[0] if types else record.reason or ""),
    )
