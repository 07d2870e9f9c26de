# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTPS front end of the tenant's services: requests in, responses out."""

from __future__ import annotations

import dataclasses
import gzip
import json
import logging
import ssl
import typing as t
import urllib.parse

from hybridlab.wire import listening

log = logging.getLogger("hybridlab.rest")


@dataclasses.dataclass(frozen=True)
class Request:
    """A request.  ``path`` is decoded and without its query, header names are in lower case, ``query`` and form values are the last ones given."""

    method: str
    path: str
    query: t.Mapping[str, str]
    headers: t.Mapping[str, str]
    body: bytes
    base: str
    """Where the service is, for links in answers: ``https://localhost:1234``."""
    target: str = ""
    """Path and query as they came, encoded."""

    @property
    def parts(self) -> list[str]:
        return [part for part in self.path.split("/") if part]

    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in urllib.parse.parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True).items()}

    def json(self) -> t.Any:
        """Raises ValueError."""
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True)
class Response:
    """A response.  ``cut`` sends half of it and closes the connection."""

    status: int
    body: bytes = b""
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    cut: bool = False

    @classmethod
    def of(cls, status: int, content: t.Any, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            status, json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), {"Content-Type": "application/json; charset=utf-8"} | named
        )


Service = t.Callable[[Request], Response | None]
"""Answers the requests that are its own; None for those of others."""


class Handler(listening.Connection):
    """One connection."""

    server: Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        request = Request(
            self.command,
            urllib.parse.unquote(path),
            dict(urllib.parse.parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            self.server.base,
            self.path,
        )
        self._reply(request, self.server.answer(request))

    def _reply(self, request: Request, response: Response) -> None:
        body, headers = response.body, dict(response.headers)
        if len(body) > 1000 and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if response.cut else body)
        self.wfile.flush()
        if response.cut:
            self.cut()


class Server(listening.Listener):
    """Serves REST services on one loopback port; the first that answers a request has it."""

    def __init__(self, services: t.Sequence[Service], context: ssl.SSLContext, port: int = 0) -> None:
        self._services = services
        super().__init__(Handler, context, port)

    @property
    def base(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def live(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    def answer(self, request: Request) -> Response:
        for service in self._services:
            response = service(request)
            if response is not None:
                return response
        log.info("501 %s %s", request.method, request.path)
        return Response.of(501, {"error": {"code": "NotImplemented", "message": f"The lab has no {request.method} {request.path}."}})
