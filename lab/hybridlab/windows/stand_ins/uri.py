# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_uri: web servers that a machine can reach, as the machine's profile or a change of the lab tells them.  Nothing leaves the lab.

``sites`` is host → ``{pages: {path: status}, trusted: bool}``; a host that is not there has no address.
"""

from __future__ import annotations

import http
import typing as t
import urllib.parse

from hybridlab.windows.machine import Machine
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_UNHANDLED = "Unhandled exception occurred when sending web request. Exception: "
_UNTRUSTED = "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel."


class Sites:
    """What a machine finds on the web."""

    def __init__(self, machine: Machine) -> None:
        self.by_host: dict[str, t.Mapping[str, t.Any]] = {}
        self.add(machine.profile.get("sites") or {})

    def add(self, sites: t.Mapping[str, t.Any]) -> None:
        """Host → what is there, or None to take it away."""
        for host, site in sites.items():
            self.by_host.pop(host.lower(), None)
            if site is not None:
                self.by_host[host.lower()] = site


def win_uri(task: Task) -> dict[str, t.Any]:
    """Requests that read; the module sends them in check mode, too."""
    url = urllib.parse.urlsplit(task["url"])
    facts: dict[str, t.Any] = {"elapsed": 0.01, "url": task["url"]}
    if task.get("url_method", "GET") not in ("GET", "HEAD") or task["dest"] or task["creates"] or task["removes"]:
        raise Failed("the lab's win_uri only reads: GET and HEAD, without dest, creates and removes", **facts)
    site = task.machine.part(Sites).by_host.get((url.hostname or "").lower())
    if site is None:
        raise Failed(f"{_UNHANDLED}The remote name could not be resolved: '{url.hostname}'", **facts)
    if url.scheme == "https" and not site.get("trusted", True) and task["validate_certs"]:
        raise Failed(_UNHANDLED + _UNTRUSTED, **facts)
    status = http.HTTPStatus(site["pages"].get(url.path or "/", 404))
    words = "".join(word.capitalize() for word in status.phrase.split())
    facts |= {"status_code": status.value, "status_description": status.phrase, "response_uri": task["url"], "method": "GET", "content_length": 0}
    if status.value not in (task.get("status_code") or [200]):
        allowed = " ".join(map(str, task.get("status_code") or [200]))
        raise Failed(f"Status code of request '{status.value}' is not in list of valid status codes {allowed} : {words}'.", **facts)
    return facts | ({"content": ""} if task["return_content"] else {})


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"sites": lambda machine, sites: machine.part(Sites).add(sites)}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_uri": win_uri}
