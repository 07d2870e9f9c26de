# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange Online: cmdlets over HTTPS.  How calls travel, alone or ten in one request, is in `batching`."""

from __future__ import annotations

import time
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionError, SessionLost
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, batching, cmdlets, http, invoke_command, libraries, reply, tokens
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.cmdlet_job import Job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import Doubtful

_NO_BATCHES = frozenset((404, 405, 501))


def open_wire(options: t.Mapping[str, t.Any]) -> Wire:
    """The wire for the options that the connection plugin resolved.  Raises `MissingLibrary` and `UsageError`."""
    libraries.require_tenant()
    web = http.session(options)
    return ExchangeOnline(options, web, tokens.for_options(options, web))


class ExchangeOnline(batching.Batching[Job]):
    """One tenant under one identity."""

    wire = "exchange_online"
    endpoint = "exchange_online"
    most = 10

    def __init__(self, options: t.Mapping[str, t.Any], web: http.Http, identity: tokens.Tokens) -> None:
        super().__init__(options, web, identity, options["exchange_host"], CLOUDS[options["cloud"]].exchange)
        self.target = f"Exchange Online of {options['id']}"
        self._tenant = str(options["id"])
        self._path = f"{self._root}/adminapi/beta/{self._tenant}"
        self._connection = str(uuid.uuid4())

    def test(self, call: Call) -> None:
        """Ask something small.  A refusal of the cmdlet is an answer, too."""
        try:
            self.invoke(call, "Get-AcceptedDomain", {}, ())
        except HybridError as error:
            if isinstance(error, SessionError):
                raise

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        cmdlets.check(cmdlet, parameters)
        call.check()
        body = invoke_command.body(cmdlet, parameters)
        until = time.monotonic() + self._retry_timeout
        return self._made(Job(call, cmdlet, parameters, properties, body, f"{self._path}/InvokeCommand", until), cmdlet)

    def _single(self, job: Job, identity: tokens.Token) -> batching.Outcome:
        return self._send([job], "POST", self._here(job.url), job.body, self._headers(job, identity), identity)

    def _batch(self, jobs: list[Job], identity: tokens.Token) -> list[tuple[Job, batching.Outcome]]:
        parts = [
            {"id": str(number), "method": "POST", "url": self._here(job.url), "headers": self._headers(job, identity), "body": job.body}
            for number, job in enumerate(jobs)
        ]
        own = {"connection-id": self._connection, "X-AnchorMailbox": parts[0]["headers"]["X-AnchorMailbox"]}
        own |= {"Accept": "application/json", "Prefer": "odata.continue-on-error", "client-request-id": str(uuid.uuid4())}
        outcome = self._send(jobs, "POST", f"{self._path}/$batch", {"requests": parts}, own, identity)
        if isinstance(outcome, Exception):
            return [(job, outcome) for job in jobs]
        if outcome.status in _NO_BATCHES:
            self._batches = False
        if outcome.status in _NO_BATCHES | batching.NOT_TAKEN:
            return [(job, self._single(job, identity)) for job in jobs]
        if outcome.status != 200:
            return [(job, outcome) for job in jobs]
        found = reply.parts(outcome)
        missing = Doubtful(SessionLost("the answer to a batch of calls lacks this call's"))
        return [(job, found.get(str(number), missing)) for number, job in enumerate(jobs)]

    def _headers(self, job: Job, identity: tokens.Token) -> dict[str, str]:
        where = invoke_command.anchor(job.cmdlet, job.parameters, self._tenant, identity.user)
        return invoke_command.headers(job.cmdlet, where, self._connection)

    def _roleless(self, job: Job, error: HybridError) -> HybridError:
        token = self._identity.token(self._resource, Call())
        if token.user is None and invoke_command.PERMISSION not in token.roles():
            error.text = f"the application has no permission {invoke_command.PERMISSION}. {error.text}"
        return error
