# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of servers, listed."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import certificate
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common

_SERVERS = "Get-ExchangeServer"


@dataclasses.dataclass(frozen=True)
class CertificateInfo(Module):
    """Certificates and requests, server by server."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for one in options.get("thumbprint") or ():
            try:
                certificate.thumbprint(one)
            except ValueError as error:
                raise UsageError(f"thumbprint: {error}") from None
        if options.get("server") is not None and not all(str(one).strip() for one in options["server"]):
            raise UsageError("server has an empty member; each must name one server")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        servers = options["server"] if options.get("server") is not None else all_servers(session, common(options))
        found = [{"server": server} | one for server in servers for one in self._of(session, server, common(options))]
        return {"certificates": [one for one in found if fits(one, options)]}

    def _of(self, session: engine.Tally, server: str, asked: dict[str, t.Any]) -> list[certificate.Row]:
        try:
            return certificate.listed(session, {"Server": server} | asked)
        except HybridError as error:
            raise error.about(f"certificates of {server}", session.target) from None


def all_servers(session: engine.Tally, asked: dict[str, t.Any]) -> list[str]:
    """Every server whose certificates others can ask for: Edge Transport servers answer only themselves."""
    answer = session.invoke(_SERVERS, asked, properties=("name", "isedgeserver"))
    if answer.truncated:
        raise Truncated("the list of servers is incomplete", cmdlet=_SERVERS, target=session.target)
    folded = [{values.fold(name): value for name, value in one.items()} for one in answer.output]
    return [values.text(one["name"]) for one in folded if not one.get("isedgeserver")]


def fits(one: certificate.Row, options: t.Mapping[str, t.Any]) -> bool:
    wanted = options.get("thumbprint")
    if wanted is not None and one["thumbprint"] not in {certificate.thumbprint(each) for each in wanted}:
        return False
    service, days = options.get("service"), options.get("expires_within_days")
    if service and service not in one["services"]:
        return False
    return days is None or (one["days_left"] is not None and one["days_left"] <= days)
