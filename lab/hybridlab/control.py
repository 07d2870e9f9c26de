# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's own control endpoint: state, faults at run time, and changes that no cmdlet makes.

``GET /status`` · ``POST /fault`` with ``{"name": …, "options": {…}}``, or ``{"name": …, "clear": true}`` (no name: all) ·
``POST /estate`` with an object that the product understands.  Every request carries ``Authorization: Bearer <token>``.
"""

from __future__ import annotations

import dataclasses
import hmac
import http.server
import json
import pathlib
import secrets
import threading
import typing as t
import urllib.error
import urllib.request

FILE = "control.json"


class Controlled(t.Protocol):
    """What the endpoint controls."""

    def status(self) -> dict[str, t.Any]: ...

    def fault(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        """Arm or clear a fault.  Raises ValueError."""
        ...

    def change(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        """Change the emulated estate.  Raises ValueError."""
        ...


class Server:
    """Serves a lab's control endpoint on a free loopback port."""

    def __init__(self, lab: Controlled) -> None:
        self.token = secrets.token_urlsafe(24)
        routes = {("GET", "/status"): lambda order: lab.status(), ("POST", "/fault"): lab.fault, ("POST", "/estate"): lab.change}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(routes, self.token))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="control", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def write(self, directory: pathlib.Path) -> None:
        """Tell the owner of the directory how to reach the endpoint."""
        path = directory / FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps({"port": self.port, "token": self.token}), encoding="utf-8")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(routes: t.Mapping[tuple[str, str], t.Callable[[dict[str, t.Any]], dict[str, t.Any]]], token: str) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*self._decide(b"{}"))

        def do_POST(self) -> None:
            self._answer(*self._decide(self.rfile.read(int(self.headers.get("Content-Length") or 0))))

        def log_message(self, format: str, *args: t.Any) -> None:
            """Say nothing: the log belongs to the emulated services."""

        def _decide(self, body: bytes) -> tuple[int, dict[str, t.Any]]:
            if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
                return 401, {"error": "the token of control.json is missing"}
            route = routes.get((self.command, self.path))
            if route is None:
                return 404, {"error": f"there is no {self.command} {self.path}"}
            try:
                order = json.loads(body or b"{}")
                return (200, route(order)) if isinstance(order, dict) else (400, {"error": "an object is expected"})
            except (ValueError, TypeError, KeyError) as error:
                return 400, {"error": str(error)}

        def _answer(self, status: int, content: dict[str, t.Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@dataclasses.dataclass(frozen=True)
class Client:
    """Talks to the control endpoint of the lab in a directory."""

    port: int
    token: str

    @classmethod
    def of(cls, directory: pathlib.Path) -> Client:
        """Raises OSError or ValueError when no lab left its address there."""
        noted = json.loads((directory / FILE).read_text(encoding="utf-8"))
        return cls(int(noted["port"]), str(noted["token"]))

    def status(self) -> dict[str, t.Any]:
        return self._ask("GET", "/status", None)

    def fault(self, name: str, **options: t.Any) -> dict[str, t.Any]:
        return self._ask("POST", "/fault", {"name": name, "options": options})

    def clear(self, name: str | None = None) -> dict[str, t.Any]:
        return self._ask("POST", "/fault", {"name": name, "clear": True})

    def change(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        return self._ask("POST", "/estate", order)

    def _ask(self, method: str, path: str, order: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """Raises OSError when nobody answers, ValueError with the endpoint's words when it refuses."""
        data = None if order is None else json.dumps(order).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return t.cast("dict[str, t.Any]", json.load(answer))
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error
