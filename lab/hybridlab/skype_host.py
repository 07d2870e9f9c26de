# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool of Skype for Business Server: its web services on HTTPS, where /OcsPowerShell takes remote sessions of accounts of the domain."""

from __future__ import annotations

import ssl
import typing as t

from hybridlab.faults import Faults
from hybridlab.skype import Skype
from hybridlab.wire import auth, faults, http, pipeline, psrp, recorder, wsman

CONFIGURATION = "Microsoft.PowerShell"
PATH = "ocspowershell"
MACHINE = "SFB01"
SHELL_LIMIT = 20
"""Sessions that one account may have open."""


class SkypeHost:
    """A front end server; made stopped, `start` brings it up.  ``administrators`` are the accounts with a role in Skype for Business."""

    def __init__(self, product: Skype, armed: Faults, calls: recorder.Recorder, counters: wsman.Counters, administrators: t.Container[str]) -> None:
        self.product = product
        self.service = wsman.Service(armed, counters, machine=MACHINE, limit=SHELL_LIMIT, over_limit=faults.too_many_shells)
        runner = pipeline.CmdletRunner(product, armed, calls, counters)
        self.service.add(psrp.Endpoint(CONFIGURATION, lambda: runner, admitted=administrators))
        self._armed = armed
        self._server: http.Server | None = None

    @property
    def https_port(self) -> int:
        return self._server.port if self._server else 0

    def live(self) -> dict[str, int]:
        """How many sessions each account has open, as ``MACHINE\\account``."""
        return {f"{MACHINE}\\{account}": count for account, count in self.service.live().items()}

    def start(self, policy: auth.Policy, context: ssl.SSLContext, certificate_hash: bytes) -> None:
        self._server = http.Server({PATH: self.service}, policy, self._armed, context=context, certificate_hash=certificate_hash, clear_text=True)
        self._server.start()

    def stop(self) -> None:
        self.service.close()
        if self._server is not None:
            self._server.stop()
