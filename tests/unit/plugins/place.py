# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab with a few cmdlets that show what arrived, and the sessions that a test opens to it."""

from __future__ import annotations

import datetime
import json
import os
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import OPTIONS
from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, options
from hybridlab import clixml, estate, records


class Product:
    """A handful of cmdlets that show what arrived."""

    name = "exchange-2019"

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, t.Any]]] = []

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[records.Record]:
        self.calls.append((cmdlet, parameters))
        run = {"Get-Mailbox": self._mailboxes, "Test-Echo": self._echo, "Set-Sleep": self._sleep, "Set-ADServerSettings": self._nothing}.get(cmdlet)
        if run is None:
            missing = f"The term '{cmdlet}' is not recognized as the name of a cmdlet, function, script file, or operable program."
            kind = "System.Management.Automation.CommandNotFoundException"
            raise records.Terminating(records.ErrorRecord(missing, kind, "CommandNotFoundException", "ObjectNotFound"))
        yield from run(parameters)

    @staticmethod
    def _nothing(_parameters: dict[str, t.Any]) -> t.Iterator[records.Record]:
        return iter(())

    @staticmethod
    def _mailboxes(parameters: dict[str, t.Any]) -> t.Iterator[records.Record]:
        if parameters.get("Identity") == "nobody":
            text = "The operation couldn't be performed because object 'nobody' couldn't be found on 'dc01.contoso.com'."
            error_id = "[Server=EX01,RequestId=0a] [FailureCategory=Cmdlet-ManagementObjectNotFoundException] 1082ECE3,Microsoft.Get"
            yield records.ErrorRecord(text, "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException", error_id, activity="Get-Mailbox")
            return
        moment = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)
        for number in range(3):
            properties = {"Name": f"user{number}", "Addresses": clixml.MultiValued([f"u{number}@x"], "System.String"), "When": moment}
            yield records.Output(clixml.Obj(["Mailbox", "System.Object"], properties))
        yield records.Warned("There are more results available than are currently displayed.")

    @staticmethod
    def _echo(parameters: dict[str, t.Any]) -> t.Iterator[records.Record]:
        def shown(value: t.Any) -> t.Any:
            if isinstance(value, records.Credential):
                return ["credential", value.user, str(value.password)]
            return ["secure", str(value)] if isinstance(value, records.SecureString) else repr(value)

        yield records.Output(json.dumps({name: str(value) if type(value) is str else shown(value) for name, value in parameters.items()}))

    @staticmethod
    def _sleep(parameters: dict[str, t.Any]) -> t.Iterator[records.Record]:
        end = time.monotonic() + float(parameters["Seconds"])
        while time.monotonic() < end:
            time.sleep(0.05)
            yield records.Output("tick")


class Place:
    """A lab and the sessions that a test opens to it."""

    def __init__(self, lab: estate.Estate, product: Product, directory: str) -> None:
        self.lab, self.product, self.directory = lab, product, directory
        self.launches: list[broker.Launch] = []

    def launch(self, owner: int | None = None, **given: t.Any) -> broker.Launch:
        scheme = given.get("scheme", "https")
        port = self.lab.http_port if scheme == "http" else self.lab.https_port
        common = {"host": "localhost", "user": self.lab.user, "password": self.lab.password, "ca_cert": str(self.lab.ca_path), "retry_timeout": 5}
        values = {option.name: option.default for option in OPTIONS} | common | {"scheme": scheme, "tcp_port": port, "auth": "basic"} | given
        resolved = options.resolve(values.get)
        transient = {name: resolved.pop(name) for name in options.TRANSIENT}
        found = broker.Launch("powershell", resolved, transient, owner or os.getpid(), self.directory, command_timeout=transient["command_timeout"])
        self.launches.append(found)
        return found

    def session(self, launch: broker.Launch | None = None, **given: t.Any) -> rpc.RemoteSession:
        launch = launch or self.launch(**given)
        return rpc.connect(rpc.Client(broker.socket_path(launch), lambda: broker.find_or_start(launch)))

    @property
    def live(self) -> int:
        return int(self.lab.status()["sessions"]["live"])

    @property
    def opened(self) -> int:
        return int(self.lab.status()["sessions"]["opened"])


def until(condition: t.Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
