# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows server on its WinRM listener: accounts, sessions of Windows PowerShell and of WinRS for its administrators, and the machine behind them."""

from __future__ import annotations

import secrets
import ssl
import typing as t

from hybridlab import records
from hybridlab.ad.forest import DNS
from hybridlab.directory import Directory
from hybridlab.faults import Faults
from hybridlab.windows import profiles
from hybridlab.windows.executor import Executor
from hybridlab.windows.machine import Identity, Machine
from hybridlab.windows.stand_ins import furnish
from hybridlab.windows.wires import HostRunner, LineRunner
from hybridlab.wire import auth, faults, http, pipeline, psrp, recorder, winrs, wsman

CONFIGURATION = "Microsoft.PowerShell"
PATH = "wsman"
ADMINISTRATOR = "administrator"
OTHER_USER = "helpdesk"
"""An account that is not in the local group Administrators."""
# WinRM's quota MaxShellsPerUser, and its IdleTimeoutms of two hours.
SHELL_LIMIT = 30
IDLE_TIMEOUT = 7200.0


class WindowsHost:
    """One server; made stopped, `start` brings it up.

    ``session`` makes what answers the cmdlets of one PowerShell session.  ``profile`` is what the server is when it comes up.  A member of the lab's
    domain has the ``accounts`` of that, and knows its other accounts by ``principal``; without them it has some of its own.
    """

    def __init__(
        self,
        machine: str,
        session: t.Callable[[], records.Product],
        armed: Faults,
        calls: recorder.Recorder,
        counters: wsman.Counters,
        *,
        profile: profiles.Profile | None = None,
        accounts: auth.Accounts | None = None,
        principal: t.Callable[[str], str | None] = lambda name: None,
    ) -> None:
        self.machine = machine
        own = {ADMINISTRATOR: secrets.token_urlsafe(18), OTHER_USER: secrets.token_urlsafe(18)}
        self.member = accounts is not None
        self.accounts = accounts or auth.Accounts(own, machine, machine)
        identity = Identity(machine, DNS if self.member else "", ADMINISTRATOR)
        self.computer = furnish(Machine(identity, profile or profiles.profile("server"), armed, principal))
        self.service = wsman.Service(armed, counters, machine=machine, limit=SHELL_LIMIT, over_limit=faults.too_many_shells)
        self._armed = armed
        self._servers: list[http.Server] = []

        executor = Executor(self.computer)

        def runner() -> HostRunner:
            return HostRunner(executor, pipeline.CmdletRunner(session(), armed, calls, counters))

        self.service.add(psrp.Endpoint(CONFIGURATION, runner, IDLE_TIMEOUT, {ADMINISTRATOR}))
        self.service.add(winrs.Endpoint(LineRunner(executor), IDLE_TIMEOUT, {ADMINISTRATOR}))

    @property
    def user(self) -> str:
        return f"{ADMINISTRATOR}@{self.accounts.realm}" if self.member else f"{self.machine}\\{ADMINISTRATOR}"

    @property
    def password(self) -> str:
        return self.accounts.passwords[ADMINISTRATOR]

    def unreachable(self) -> bool:
        """Whether the fault ``host-unreachable`` is for this server now."""
        return self.computer.take("host-unreachable") is not None

    @property
    def https_port(self) -> int:
        return self._servers[0].port

    @property
    def http_port(self) -> int:
        return self._servers[1].port

    def live(self) -> dict[str, int]:
        """How many shells each account has open, as ``MACHINE\\\\account``."""
        return {f"{self.machine}\\{account}": count for account, count in self.service.live().items()}

    def start(self, place: Directory, context: ssl.SSLContext, certificate_hash: bytes, realm: t.Mapping[str, str]) -> None:
        """Serve HTTPS, and HTTP for encrypted messages only.

        ``realm`` are the variables by which Kerberos' libraries find the domain's realm and the server's keys, empty without one.
        """
        users = place / f"ntlm-{self.machine.lower()}"
        self.accounts.write_ntlm(users)
        kerberos = realm if self.member else {}
        schemes = (auth.NEGOTIATE, auth.KERBEROS) if kerberos else (auth.NEGOTIATE,)
        policy = auth.Policy(self.accounts, schemes, {"NTLM_USER_FILE": str(users), **kerberos})
        services = {PATH: self.service}
        self._servers.append(http.Server(services, policy, self._armed, context=context, certificate_hash=certificate_hash, clear_text=True))
        self._servers.append(http.Server(services, policy, self._armed))
        for server in self._servers:
            server.unreachable = self.unreachable
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        self.service.close()
        for server in self._servers:
            server.stop()
