# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is logged on: a cmdlet that works on Exchange Server 2010, and what to ask later versions instead.

Get-LogonStatistics "is functional only in Exchange Server 2010" (its reference).  Later versions still have it, and it fails with an
object-not-found error for objects that exist, so the version is looked up before it is called.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, HybridError, NotFound
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import statistics
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, single

CMDLET = "Get-LogonStatistics"
LAST_WORKING = 14
"""Major version of Exchange Server 2010."""
ALTERNATIVES = (
    "Use fallback: true for the last logon that m365.hybrid.exchange_mailbox_statistics_info returns; who is logged on now is in the server's RPC Client "
    "Access, MAPI and IIS logs, and who did what in a mailbox in its audit log"
)
FIELDS = (
    Field("account", read="Windows2000Account", codec="text"),
    Field("database", read="DatabaseName", codec="text"),
    Field("logon_time", codec="timestamp"),
    Field("last_access_time", codec="timestamp"),
    Field("client_ip_address", codec="text"),
    Field("mailbox_legacy_dn", read="FullMailboxDirectoryName", codec="text"),
)
LAST_LOGON = ("display_name", "mailbox_guid", "database", "server_name", "last_logon_time", "last_logoff_time", "last_logged_on_user_account")
_MAJOR = re.compile(r"\bVersion (\d+)\.")


@dataclasses.dataclass(frozen=True)
class Target:
    """One thing to ask about: the parameter that names it, its name, and the version of the server that holds it (None: it does not exist)."""

    parameter: str
    name: str
    server: str = ""
    version: str = ""
    exists: bool = True

    @property
    def works(self) -> bool:
        found = _MAJOR.search(self.version)
        return found is not None and int(found.group(1)) <= LAST_WORKING


class LogonModule(InfoModule):
    """Logons by mailbox, database or server, where the server can tell."""

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        targets = [self.target(session, parameter, name, options) for parameter, name in asked(options)]
        late = [one for one in targets if one.exists and not one.works]
        if late and not options["fallback"]:
            raise unsupported(late[0], session.target)
        result: Result = {"logons": [], "last_logons": [], "never_opened": [], "missing": [one.name for one in targets if not one.exists]}
        columns = self.columns(options["properties"])
        for one in targets:
            if one.works:
                result["logons"] += self._list(session, {one.parameter: one.name} | common(options), columns)
        for one in late:
            fallback(session, one, options, result)
        return result

    def target(self, session: engine.Tally, parameter: str, name: str, options: t.Mapping[str, t.Any]) -> Target:
        """Where the thing lives, and which version that server has."""
        server = name
        if parameter != "Server":
            noun, prop = ("Mailbox", "ServerName") if parameter == "Identity" else ("MailboxDatabase", "Server")
            try:
                found = read(session, f"Get-{noun}", name, (prop,), options)
            except NotFound as error:
                if parameter != "Identity" or name.casefold() not in error.text.casefold():
                    raise
                return Target(parameter, name, exists=False)
            server = str(found[prop])
        version = str(read(session, "Get-ExchangeServer", server, ("AdminDisplayVersion",), options)["AdminDisplayVersion"])
        if not _MAJOR.search(version):
            raise HybridError(f"the version of server {server} cannot be understood: {version!r}", cmdlet="Get-ExchangeServer", target=session.target)
        return Target(parameter, name, server, version)


def asked(options: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """(parameter, name) of everything the task asks about."""
    several = [("Identity", name) for name in options.get("identity") or ()]
    return several + [(parameter, options[parameter.lower()]) for parameter in ("Database", "Server") if options.get(parameter.lower())]


def read(session: engine.Tally, cmdlet: str, name: str, properties: t.Collection[str], options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    answer = session.invoke(cmdlet, {"Identity": name} | common(options), properties=properties)
    return single(answer, cmdlet, session.target, f"'{name}'")


def unsupported(target: Target, where: str) -> HybridError:
    holds = "" if target.parameter == "Server" else f", which holds '{target.name}',"
    text = (
        f"{CMDLET} works on Exchange Server 2010 only, and server {target.server}{holds} has {target.version}. The cmdlet is still there, but fails with the "
        "misleading error that the object couldn't be found, so it was not called"
    )
    return CommandMissing(text, target=where, advice=ALTERNATIVES)


def fallback(session: engine.Tally, target: Target, options: t.Mapping[str, t.Any], result: Result) -> None:
    """The last logon from mailbox statistics; disconnected mailboxes have nobody who could log on."""
    columns = [statistics.column(name) for name in (*LAST_LOGON, "disconnect_reason")]
    parameters = {target.parameter: target.name} | common(options)
    answer = session.invoke(statistics.CMDLET, parameters, properties={column.read for column in columns})
    if statistics.never_opened(answer):
        session.warnings[:] = [text for text in session.warnings if text not in answer.warnings]  # the result says it
        result["never_opened"].append(target.name)
    for row in statistics.complete(session, answer, columns):
        if not row.pop("disconnect_reason"):
            result["last_logons"].append(row)
