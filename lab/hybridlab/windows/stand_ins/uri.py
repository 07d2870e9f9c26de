# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_uri, for what the machine's own sites answer; the lab has no web to look at."""

from __future__ import annotations

import typing as t
import urllib.parse

from hybridlab.windows.certificates import Certificates, covers
from hybridlab.windows.iis import Iis
from hybridlab.windows.machine import Machine
from hybridlab.windows.packages import SITE
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_ERROR = "Error occurred when sending web request. Message:"


class Accounts:
    """Who may use an application, by its name in lower case: ``DOMAIN\\\\user`` → password.  One that is not named lets everybody in."""

    def __init__(self, machine: Machine) -> None:
        self.told: dict[str, dict[str, str]] = {}
        self.tell(machine.profile.get("web_accounts") or {})

    def tell(self, told: t.Mapping[str, t.Mapping[str, str]]) -> None:
        self.told |= {name.lower(): dict(accounts) for name, accounts in told.items()}


def win_uri(task: Task) -> dict[str, t.Any]:
    url = urllib.parse.urlsplit(task["url"])
    if url.scheme != "https" or not url.hostname or task["url_method"] not in ("GET", "HEAD"):
        raise Failed(f"the lab asks the sites of {task.machine.name} with GET over HTTPS, and nothing else of win_uri: {task['url']}")
    status = _answer(task, url.hostname, url.port or 443, url.path.strip("/").partition("/")[0])
    if status not in task["status_code"]:
        raise Failed(f"Status code of request '{status}' is not in list of valid status codes {task['status_code']} : {status}'.", status_code=status)
    return {"changed": False, "url": task["url"], "status_code": status, "status_description": "OK", "content_length": 0, "elapsed": 0.01}


def _answer(task: Task, host: str, port: int, name: str) -> int:
    iis = task.machine.part(Iis)
    held = task.machine.part(Certificates).personal.get(iis.served(port) or "")
    if held is None:
        raise Failed(f"{_ERROR} Unable to connect to the remote server", status_code=None)
    if not covers(held.certificate, host):
        text = "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel."
        raise Failed(f"{_ERROR} {text}", status_code=None)
    if (SITE.lower(), name.lower()) not in iis.applications:
        return 404
    accounts = task.machine.part(Accounts).told.get(name.lower())
    known = accounts is None or (task["url_username"] in accounts and accounts[task["url_username"]] == task["url_password"])
    return 200 if known else 401


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"web_accounts": lambda machine, told: machine.part(Accounts).tell(told)}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_uri": win_uri}
