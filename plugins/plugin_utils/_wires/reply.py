# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer of a REST service as it came."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc


@dataclasses.dataclass(frozen=True)
class Reply:
    """An answer, or one in a batch.  ``headers`` have names in lower case; ``content`` is the body as it came."""

    status: int
    headers: t.Mapping[str, str]
    content: bytes

    @property
    def data(self) -> t.Any:
        """The body's JSON, None where it is none."""
        with rpc.collecting_nothing():
            try:
                return json.loads(self.content)
            except ValueError:
                return None

    @property
    def wait(self) -> float | None:
        """Seconds that the server asks to wait; None where it does not say, or names a date, which no service of a tenant is known to do."""
        given = self.headers.get("retry-after", "")
        return float(given) if re.fullmatch(r"\d{1,5}(?:\.\d+)?", given) else None


def shown(reply: Reply, length: int = 200) -> str:
    """The body as a message may show it."""
    text = re.sub(r"<[^>]*>|\s+", " ", reply.content.decode("utf-8", "replace").replace("\0", "")).strip()
    return re.sub(r" {2,}", " ", text)[:length] or "no text"


def parts(reply: Reply) -> dict[str, Reply]:
    """The answers in a batch's answer, by the ids of their requests; what cannot be read is missing."""
    found = reply.data
    listed = found.get("responses") if isinstance(found, dict) else None
    result: dict[str, Reply] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("status"), int):
            content = one.get("body")
            text = content if isinstance(content, str) else "" if content is None else json.dumps(content)
            named = one.get("headers") or {}
            result[str(one.get("id"))] = Reply(one["status"], {str(name).lower(): str(item) for name, item in named.items()}, text.encode("utf-8", "replace"))
    return result
