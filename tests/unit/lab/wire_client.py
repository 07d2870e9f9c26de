# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small product for the wire to serve, and pypsrp as its unmodified client."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from hybridlab.clixml import Obj
from hybridlab.estate import Estate
from hybridlab.records import ErrorRecord, Output, Record, Terminating, Warned

CONFIGURATION = "Microsoft.Exchange"
THING = ("Microsoft.Exchange.Data.Thing", "System.Object")
DENIED_ID = "[FailureCategory=Cmdlet-DeniedException] 1,X"
DENIED = ErrorRecord("Access is denied.", "Microsoft.Exchange.DeniedException", DENIED_ID, "PermissionDenied", "Get-Denied")


class Sample:
    """A product with a cmdlet for each thing that a wire has to carry."""

    name = "exchange-2019"

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.cancelled = threading.Event()
        self.release = threading.Event()

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        self.calls.append((cmdlet, parameters))
        if cmdlet == "Get-Thing":
            for number in range(int(parameters.get("Count", 1))):
                yield Output(Obj(THING, {"Name": f"thing {number}", "Size": number}, string=f"thing {number}"))
        elif cmdlet == "Get-Endless":
            yield from self._endless()
        elif cmdlet == "Wait-Release":
            self.release.wait(10)
        elif cmdlet == "Get-Mixed":
            yield Warned("careful")
            yield ErrorRecord("Not found.", "Microsoft.Exchange.NotFoundException", "[FailureCategory=Cmdlet-NotFound] 2,X", target_name="thing")
            yield Output("after")
        elif cmdlet == "Get-Denied":
            raise Terminating(DENIED)
        elif cmdlet == "Get-Defect":
            raise KeyError("defect")

    def change(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        return {"changed": order["name"]}

    def _endless(self) -> t.Iterator[Record]:
        try:
            while True:
                yield Output("x" * 1000)
        finally:
            self.cancelled.set()


def client(lab: Estate, **options: t.Any) -> WSMan:
    """A pypsrp connection; by default Basic over TLS with the lab's account."""
    settings: dict[str, t.Any] = {
        "port": lab.https_port,
        "ssl": True,
        "cert_validation": str(lab.ca_path),
        "auth": "basic",
        "username": lab.user,
        "password": lab.password,
        "path": "PowerShell",
        "reconnection_retries": 0,
    }
    return WSMan("localhost", **{**settings, **options})


def clear_client(lab: Estate, **options: t.Any) -> WSMan:
    """A connection over plain HTTP."""
    return client(lab, port=lab.http_port, ssl=False, **options)


@contextlib.contextmanager
def pool(lab: Estate, connection: WSMan | None = None, **options: t.Any) -> t.Iterator[RunspacePool]:
    """An open session."""
    with RunspacePool(connection or client(lab), configuration_name=CONFIGURATION, **options) as opened:
        yield opened


def shell(session: RunspacePool, cmdlet: str, **parameters: t.Any) -> PowerShell:
    """A call that is not made yet."""
    powershell = PowerShell(session)
    powershell.add_cmdlet(cmdlet)
    for name, value in parameters.items():
        powershell.add_parameter(name, value)
    return powershell


def call(session: RunspacePool, cmdlet: str, **parameters: t.Any) -> list[t.Any]:
    """The output of one call."""
    return shell(session, cmdlet, **parameters).invoke()


def within(seconds: float, condition: t.Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()
