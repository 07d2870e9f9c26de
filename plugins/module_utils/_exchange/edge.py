# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of one Edge Transport server.  They are in the server's own directory, so it must be that server that is asked."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, single

EDGE: tuple[Wire, ...] = (("powershell", "edge"),)
BECAUSE = (
    "connection filtering exists on Edge Transport servers only, which have no Exchange endpoint but that of Windows; Mailbox servers have nothing to set here"
)

# A mailbox part and a domain of two labels at least; no display name, no wildcard, no type prefix.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,64}@(?=.{1,255}\Z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")
_ODD_DOTS = re.compile(r"\A\.|\.\.|\.@")
FIELDS = (Field("bypassed_recipients", codec="addresses"),)


class EdgeSettings(CmdletResource):
    """Settings that an Edge Transport server has once, for itself.  Any other server is refused before they are read."""

    facts = (*CmdletResource.facts, "server")
    _server = ""

    def label(self, options: Options) -> str:
        return f"{self.noun} of {self._server}" if self._server else self.noun

    def admit(self, session: Session, options: Options) -> None:
        super().admit(session, options)
        self._server = self._server or edge_server(session)

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        found = super().fetch(session, options)
        return None if found is None else found | {"Server": self._server}

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "bypassed_recipients" in wanted:
            _refuse_odd("bypassed_recipients", wanted["bypassed_recipients"])
        return wanted


def edge_server(session: Session) -> str:
    """The name of the server that answers.  Raises UsageError unless it is an Edge Transport server.

    The snap-in is on Mailbox servers and management hosts, too.  Get-ExchangeServer without a name lists every server that the directory
    knows, on a Mailbox server the subscribed Edge servers among them: so the machine is asked for its own name first.
    """
    machine = single(session.invoke("Get-Item", {"Path": "Env:COMPUTERNAME"}, properties=("Value",)), "Get-Item", session.target, "the computer's name")
    name = str({values.fold(key): value for key, value in machine.items()}.get("value") or "")
    if not name:
        raise HybridError("the computer's name cannot be read, so its role is not known", cmdlet="Get-Item", target=session.target)
    try:
        answer = session.invoke("Get-ExchangeServer", {"Identity": name}, properties=("Name", "ServerRole", "IsEdgeServer"))
    except NotFound as error:
        error.text, error.advice = f"{name} is not an Exchange server: {error.text}", "Name an Edge Transport server with m365_edge_host"
        raise
    server = {values.fold(key): value for key, value in single(answer, "Get-ExchangeServer", session.target, f"server {name}").items()}
    if not values.boolean(server.get("isedgeserver")):
        raise UsageError(
            f"{name} has the role {server.get('serverrole')}, not Edge: {BECAUSE}", target=session.target, advice="Run it on the Edge Transport servers"
        )
    return name


def _refuse_odd(option: str, request: lists.Wanted) -> None:
    """What is to be on the list must be an address; what is to go need not be one."""
    for one in (*(request.exact or ()), *request.add):
        if not _ADDRESS.fullmatch(one) or _ODD_DOTS.search(one):
            raise UsageError(
                f"{option}: '{one}' is not an SMTP address such as someone@contoso.com", advice="Name each recipient; no display names, no wildcards"
            )
