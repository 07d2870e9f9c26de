# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_uri: web servers that a machine can reach, as its profile or a change of the lab tells them, and its own sites.  Nothing leaves the lab.

``web`` is host → ``{pages: {path: status}, trusted: bool}``.  Any other name leads to the machine's own sites, once one is served over HTTPS;
``web_accounts`` are who may use an application there: its name → ``DOMAIN\\\\user`` → password.
"""

from __future__ import annotations

import http
import typing as t
import urllib.parse

from hybridlab.windows.certificates import Certificates, covers
from hybridlab.windows.iis import Iis
from hybridlab.windows.machine import Machine
from hybridlab.windows.packages import SITE
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_UNHANDLED = "Unhandled exception occurred when sending web request. Exception: "
_UNTRUSTED = "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel."


class Web:
    """What a machine finds on the web, and whom the applications of its own sites let in; one that is not named lets everybody in."""

    def __init__(self, machine: Machine) -> None:
        self.by_host: dict[str, t.Mapping[str, t.Any]] = {}
        self.accounts: dict[str, dict[str, str]] = {}
        self.add(machine.profile.get("web") or {})
        self.let_in(machine.profile.get("web_accounts") or {})

    def add(self, sites: t.Mapping[str, t.Any]) -> None:
        """Host → what is there, or None to take it away."""
        for host, site in sites.items():
            self.by_host.pop(host.lower(), None)
            if site is not None:
                self.by_host[host.lower()] = site

    def let_in(self, told: t.Mapping[str, t.Mapping[str, str]]) -> None:
        self.accounts |= {name.lower(): dict(accounts) for name, accounts in told.items()}


def win_uri(task: Task) -> dict[str, t.Any]:
    """Requests that read; the module sends them in check mode, too."""
    url = urllib.parse.urlsplit(task["url"])
    facts: dict[str, t.Any] = {"elapsed": 0.01, "url": task["url"]}
    if task.get("url_method", "GET") not in ("GET", "HEAD") or task["dest"] or task["creates"] or task["removes"]:
        raise Failed("the lab's win_uri only reads: GET and HEAD, without dest, creates and removes", **facts)
    site = task.machine.part(Web).by_host.get((url.hostname or "").lower())
    answer = _own(task, url, facts) if site is None else _far(task, url, site, facts)
    status = http.HTTPStatus(answer)
    words = "".join(word.capitalize() for word in status.phrase.split())
    facts |= {"status_code": status.value, "status_description": status.phrase, "response_uri": task["url"], "method": "GET", "content_length": 0}
    if status.value not in (task.get("status_code") or [200]):
        allowed = " ".join(map(str, task.get("status_code") or [200]))
        raise Failed(f"Status code of request '{status.value}' is not in list of valid status codes {allowed} : {words}'.", **facts)
    return facts | ({"content": ""} if task["return_content"] else {})


def _far(task: Task, url: urllib.parse.SplitResult, site: t.Mapping[str, t.Any], facts: dict[str, t.Any]) -> int:
    if url.scheme == "https" and not site.get("trusted", True) and task["validate_certs"]:
        raise Failed(_UNHANDLED + _UNTRUSTED, **facts)
    return int(site["pages"].get(url.path or "/", 404))


def _own(task: Task, url: urllib.parse.SplitResult, facts: dict[str, t.Any]) -> int:
    iis, host = task.machine.part(Iis), url.hostname or ""
    held = task.machine.part(Certificates).personal.get(iis.served(url.port or 443) or "") if url.scheme == "https" else None
    if held is None:
        raise Failed(f"{_UNHANDLED}The remote name could not be resolved: '{host}'", **facts)
    if not covers(held.certificate, host) and task["validate_certs"]:
        raise Failed(_UNHANDLED + _UNTRUSTED, **facts)
    name = url.path.strip("/").partition("/")[0].lower()
    if (SITE.lower(), name) not in iis.applications:
        return 404
    accounts = task.machine.part(Web).accounts.get(name)
    known = accounts is None or (task["url_username"] in accounts and accounts[task["url_username"]] == task["url_password"])
    return 200 if known else 401


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {
    "web": lambda machine, sites: machine.part(Web).add(sites),
    "web_accounts": lambda machine, told: machine.part(Web).let_in(told),
}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_uri": win_uri}
