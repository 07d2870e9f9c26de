# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way to Microsoft Graph in this process: the lab's service without its wire, its answers as the wire would deliver them."""

from __future__ import annotations

import json
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import graph_errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply
from hybridlab.graph import Caller, Graph, Request, permissions


class FakeGraph:
    """Implements `_core.session.RestSession` on an emulated tenant."""

    wire, endpoint = "graph", "graph"

    def __init__(self, product: Graph, roles: t.Iterable[str] = permissions.ALL) -> None:
        self.product = product
        self.target = f"Microsoft Graph for {product.tenant.domain}"
        self._caller = Caller("tests", frozenset(roles))

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        found = self._once(method, path, body, eventual)
        if not isinstance(found, dict) or not isinstance(found.get("value"), list):
            return Answer([found] if found is not None else [])
        items, page = list(found["value"]), found
        while "@odata.nextLink" in page:
            link = urllib.parse.urlsplit(page["@odata.nextLink"])
            page = self._once(method, f"{link.path}?{link.query}", body, eventual)
            items += page["value"]
        return Answer(items)

    def page(self, path: str, *, eventual: bool = False) -> Answer:
        page = self._once("GET", path, None, eventual)
        link = urllib.parse.urlsplit(page.get("@odata.nextLink", ""))
        return Answer(page["value"], more=f"{link.path}?{link.query}" if link.path else None)

    def _once(self, method: str, path: str, body: t.Any, eventual: bool) -> t.Any:
        response = self.product.handle(Request(method, path, self._caller, body, {"consistencylevel": "eventual"} if eventual else {}))
        if response.status >= 400:
            headers = {name.lower(): value for name, value in response.headers.items()}
            error = graph_errors.error(Reply(response.status, headers, json.dumps(response.body).encode()))
            error.cmdlet, error.target = f"{method} {getattr(path, 'template', path.partition('?')[0])}", self.target
            raise error
        return response.body
