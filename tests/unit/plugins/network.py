# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network between the Graph wire and the lab's Graph, replaced by a call."""

from __future__ import annotations

import dataclasses
import json
import threading
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, graph, tokens
from hybridlab.graph import Caller, Graph, Request, permissions

OPTIONS = {"graph_host": "graph.test", "cloud": "worldwide", "id": "contoso.com", "retry_timeout": 5, "max_requests": 2, "pace": False}
ME = "/v1.0/users/ada@contoso.com"


@dataclasses.dataclass
class Answered:
    """What requests gives for an answer."""

    status_code: int
    headers: dict[str, str]
    content: bytes


class Network:
    """Carries requests to the lab.  ``before`` may answer or fail in its place; ``gate`` holds requests back until it is set."""

    def __init__(self, product: Graph) -> None:
        self.product, self.sent = product, t.cast("list[tuple[str, str, dict[str, str]]]", [])
        self.bodies: list[t.Any] = []
        self.before: t.Callable[[int], Answered | None] = lambda number: None
        self.after: t.Callable[[int], None] = lambda number: None
        self.roles = permissions.ALL
        self.gate = threading.Event()
        self.gate.set()

    def request(self, method: str, url: str, json: t.Any, headers: dict[str, str], patience: float) -> Answered:
        assert 0 < patience <= 1800
        self.gate.wait(5)
        self.sent.append((method, url, headers))
        self.bodies.append(json)
        number = len(self.sent)
        early = self.before(number)
        if early:
            return early
        link = urllib.parse.urlsplit(url)
        path = f"{link.path}?{link.query}" if link.query else link.path
        lower = {name.lower(): value for name, value in headers.items()}
        response = self.product.handle(Request(method, path, Caller("tests", self.roles), json, lower, f"{link.scheme}://{link.netloc}"))
        self.after(number)
        return Answered(response.status, dict(response.headers), b"" if response.body is None else dumps(response.body))

    def close(self) -> None:
        pass


def dumps(body: t.Any) -> bytes:
    return json.dumps(body).encode()


class Identity:
    """Gives another token each time one is refused."""

    def __init__(self) -> None:
        self.number = 1
        self.resource = ""

    def token(self, resource: str, call: Call, refused: tokens.Token | None = None) -> tokens.Token:
        self.resource = resource
        if refused and refused.value == str(self.number):
            self.number += 1
        return tokens.Token(str(self.number))


def ask(wire: graph.Graph, method: str, path: str, body: t.Any = None, eventual: bool = False) -> list[t.Any]:
    return wire.request(Call(10), method, path, body, eventual).output


def error_of(code: int, name: str = "x") -> Answered:
    return Answered(code, {}, dumps({"error": {"code": name, "message": f"status {code}"}}))
