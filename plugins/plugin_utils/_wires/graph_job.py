# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request on its way to Microsoft Graph and back: what it still needs, page by page, until it has an answer or an error."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, graph_errors, job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply, shown
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import PERHAPS_DONE, REFUSED_FOR_NOW, Again, Doubtful, NewToken

_NO_CONTENT = 204
_NOT_BEGUN = 424
"""Of a step in a batch: one that it depends on failed."""
EXPIRED_PAGE = "directory_expiredpagetoken"


class Job(job.Job):
    """A request.  With ``one_page`` it is a list of which one page is wanted; its answer says where the next one is."""

    def __init__(self, call: Call, method: str, url: str, body: t.Any, eventual: bool, until: float, one_page: bool = False) -> None:
        super().__init__(call, url, body, until, method == "GET")
        self.method, self.eventual = method, eventual
        self._first, self._one_page = url, one_page
        self._more: str | None = None
        self._restarts = 0

    def answer(self) -> Answer:
        return Answer(self._output, more=self._more)

    @property
    def in_mid_list(self) -> bool:
        """Whether its next request is for a further page."""
        return self.url != self._first

    def take(self, reply: Reply) -> bool:
        """Take an answer; whether there is another page to ask for.  Raises `Again`, `Doubtful`, `NewToken` and `HybridError`."""
        if not 200 <= reply.status < 300:
            if self._may_restart(reply):
                return True
            raise self._refusal(reply)
        self._lost = 0
        found = reply.data
        listed = isinstance(found, dict) and isinstance(found.get("value"), list)
        says_nothing = found is None and (reply.content.strip() or (self.reads and reply.status != _NO_CONTENT))
        if says_nothing or ((self.in_mid_list or self._one_page) and not listed):
            raise errors.CmdletError(f"the answer cannot be understood: HTTP {reply.status}, {shown(reply)}")
        self._output += found["value"] if listed else [] if found is None else [found]
        more = found.get("@odata.nextLink") if listed else None
        if more and not self._one_page:
            return self.goes_on(str(more))
        self._more = str(more) if more else None
        self.done.set()
        return False

    def _may_restart(self, reply: Reply) -> bool:
        """A link to a page lives for minutes.  A list whose link has expired is read anew, once: half of it would be no list."""
        said = reply.data.get("error") if isinstance(reply.data, dict) else None
        expired = isinstance(said, dict) and str(said.get("code")).casefold() == EXPIRED_PAGE
        if not expired or not self.in_mid_list or self._restarts:
            return False
        self._restarts += 1
        self.url, self._output, self._seen = self._first, [], {self._first}
        return True

    def _refusal(self, reply: Reply) -> Exception:
        error = graph_errors.error(reply)
        if reply.status == 401:
            return NewToken(error)
        if 300 <= reply.status < 400:
            place = reply.headers.get("location", "another address").partition("?")[0]
            return errors.Unreachable(f"Microsoft Graph refers to {place}", advice="Check m365_tenant_cloud")
        if reply.status in REFUSED_FOR_NOW:
            return Again(errors.Throttled(f"Microsoft Graph is too busy for the request: {error.text}", wait=reply.wait), reply.wait)
        if reply.status == _NOT_BEGUN:
            return Again(error, 0.0)
        if reply.status in PERHAPS_DONE or (reply.status >= 500 and reply.data is None):
            return Doubtful(errors.SessionLost(f"Microsoft Graph gave up on the request: {error.text}"))
        return error
