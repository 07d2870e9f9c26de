# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A caller of the lab's Graph without a wire."""

from __future__ import annotations

import typing as t
import urllib.parse

from hybridlab.graph import Caller, Graph, Request, Response, permissions, seed

LICENSED = "6fd2c87f-b296-42f0-b197-1e91e994b900"


class Client:
    """Asks a service of its own; ``roles`` are all that the lab knows unless a test says otherwise."""

    def __init__(self, roles: t.Iterable[str] = permissions.ALL, users: int = 0) -> None:
        self.graph = Graph(seed.tenant(users=users))
        self.caller = Caller("tests", frozenset(roles))

    def ask(self, method: str, path: str, body: t.Any = None, /, *, eventual: bool = False, **query: t.Any) -> Response:
        version = "" if path.startswith(("/beta/", "/v1.0/")) else "/v1.0"
        options = urllib.parse.urlencode({f"${name}": value for name, value in query.items()})
        headers = {"consistencylevel": "eventual"} if eventual else {}
        return self.graph.handle(Request(method, f"{version}{path}{'?' if options else ''}{options}", self.caller, body, headers))

    def good(self, method: str, path: str, body: t.Any = None, /, **query: t.Any) -> t.Any:
        response = self.ask(method, path, body, **query)
        assert response.status < 300, response.body
        return response.body

    def refused(self, status: int, words: str, method: str, path: str, body: t.Any = None, /, **query: t.Any) -> dict[str, t.Any]:
        """The error, after looking that it is this one and that nothing was written."""
        before = len(self.graph.tenant.audits)
        response = self.ask(method, path, body, **query)
        assert response.status == status, response.body
        error: dict[str, t.Any] = response.body["error"]
        assert words.casefold() in f"{error['code']}: {error['message']}".casefold(), error
        assert len(self.graph.tenant.audits) == before
        return error

    def list(self, path: str, /, **query: t.Any) -> list[dict[str, t.Any]]:
        found: list[dict[str, t.Any]] = self.good("GET", path, **query)["value"]
        return found

    def person(self, **values: t.Any) -> dict[str, t.Any]:
        """A body that makes a user."""
        names = {"displayName": "Emmy Noether", "mailNickname": "emmy", "userPrincipalName": "emmy@contoso.com"}
        return {"accountEnabled": True, "passwordProfile": {"password": "Wort-und-Zahl-7"}, "usageLocation": "DE"} | names | values
