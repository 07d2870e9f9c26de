# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: requests over HTTPS.  How they travel, alone or twenty in one request, is in `batching`."""

from __future__ import annotations

import dataclasses
import json
import re
import time
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError, SessionError, SessionLost, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, batching, graph_budgets, http, libraries, reply, tokens
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.graph_job import Job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import Doubtful

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
# Printable, without spaces: what a user wrote is percent-encoded when it gets here.
_PATH = re.compile(r"/(v1\.0|beta)/[!-~]+\Z")
# Collection and name of the object that a path is about.
_ABOUT = re.compile(r"/(?:v1\.0|beta)/([^/?]+/[^/?]+)")
_NOT_IN_A_BATCH = 1_000_000
"""Bytes of a body that travels alone."""


def open_wire(options: t.Mapping[str, t.Any]) -> Wire:
    """The wire for the options that the connection plugin resolved.  Raises `MissingLibrary` and `UsageError`."""
    libraries.require_tenant()
    web = http.session(options)
    return Graph(options, web, tokens.for_options(options, web))


class Graph(batching.Batching[Job]):
    """One tenant under one identity."""

    wire = "graph"
    endpoint = "graph"
    most = 20

    def __init__(self, options: t.Mapping[str, t.Any], web: http.Http, identity: tokens.Tokens) -> None:
        super().__init__(options, web, identity, options["graph_host"], CLOUDS[options["cloud"]].graph)
        self.target = f"Microsoft Graph for {options['id']}"
        self._ledger = graph_budgets.Ledger() if options["pace"] else graph_budgets.Ledger(())

    def test(self, call: Call) -> None:
        """Ask something small.  A refusal of it is an answer, too."""
        try:
            self.request(call, "GET", "/v1.0/organization?$select=id", None, False)
        except HybridError as error:
            if isinstance(error, SessionError):
                raise

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        raise UsageError(f"{self.target} takes requests, not cmdlets", advice="Run Exchange modules with ansible_connection: m365.hybrid.exchange_online")

    def request(self, call: Call, method: str, path: str, body: t.Any, eventual: bool) -> Answer:
        """Make one request: see `session.RestSession.request`.  Ends soon after ``call`` says so."""
        if method not in METHODS:
            raise UsageError(f"'{method}' is no method of a request")
        return self._asked(call, method, path, body, eventual)

    def page(self, call: Call, path: str, eventual: bool) -> Answer:
        """One page of a list: see `session.Paged.page`."""
        answer = self._asked(call, "GET", path, None, eventual, one_page=True)
        return dataclasses.replace(answer, more=answer.more and _relative(answer.more))

    def _asked(self, call: Call, method: str, path: str, body: t.Any, eventual: bool, one_page: bool = False) -> Answer:
        if not _PATH.match(path) or "/../" in path:
            raise UsageError(
                f"'{path}' is no path of Microsoft Graph: it begins with /v1.0/ or /beta/, and other characters than plain ones are percent-encoded"
            )
        self._wait_for_budget(call, path)
        until = time.monotonic() + self._retry_timeout
        return self._made(Job(call, method, self._root + path, body, eventual, until, one_page), f"{method} {path.partition('?')[0]}")

    def _wait_for_budget(self, call: Call, path: str) -> None:
        call.check()
        seconds = self._ledger.reserve(path)
        if seconds > 0:
            call.sleep(seconds)

    def _single(self, job: Job, identity: tokens.Token) -> batching.Outcome:
        if job.in_mid_list:
            try:
                self._wait_for_budget(job.call, _relative(job.url))  # a page costs what a request costs
            except HybridError as error:
                return error
        return self._send([job], job.method, self._here(job.url), job.body, _headers(job), identity)

    def _batch(self, jobs: list[Job], identity: tokens.Token) -> list[tuple[Job, batching.Outcome]]:
        """One batch for each version of the service; what is alone or large travels alone."""
        done: list[tuple[Job, batching.Outcome]] = []
        for version in ("/v1.0/", "/beta/"):
            of_version = [job for job in jobs if _relative(job.url).startswith(version)]
            alone = [job for job in of_version if len(of_version) == 1 or len(json.dumps(job.body)) > _NOT_IN_A_BATCH]
            done += [(job, self._single(job, identity)) for job in alone]
            together = [job for job in of_version if job not in alone]
            if together:
                done += self._together(version, together, identity)
        return done

    def _together(self, version: str, jobs: list[Job], identity: tokens.Token) -> list[tuple[Job, batching.Outcome]]:
        before = _before(jobs)
        steps = [_step(str(number), job, version, before.get(number)) for number, job in enumerate(jobs)]
        outcome = self._send(jobs, "POST", f"{self._root}{version}$batch", {"requests": steps}, _own_headers(), identity)
        if isinstance(outcome, Exception):
            return [(job, outcome) for job in jobs]
        if outcome.status in batching.NOT_TAKEN:
            return [(job, self._single(job, identity)) for job in jobs]
        if outcome.status != 200:
            return [(job, outcome) for job in jobs]
        found = reply.parts(outcome)
        missing = Doubtful(SessionLost("the answer to a batch of requests lacks this one's"))
        return [(job, found.get(str(number), missing)) for number, job in enumerate(jobs)]

    def _roleless(self, job: Job, error: HybridError) -> HybridError:
        if job.token is not None and job.token.user is None and not job.token.roles():
            return AccessDenied(f"the application has no permission of Microsoft Graph. {error.text}", advice="Give it the permissions that the module names")
        return error


def _relative(url: str) -> str:
    """The path of a URL with its query."""
    return "/" + url.partition("://")[2].partition("/")[2]


def _own_headers() -> dict[str, str]:
    return {"Accept": "application/json", "client-request-id": str(uuid.uuid4())}


def _headers(job: Job) -> dict[str, str]:
    return _own_headers() | ({"ConsistencyLevel": "eventual"} if job.eventual else {})


def _before(jobs: t.Sequence[Job]) -> dict[int, int]:
    """By their places: the write that goes before a write, where both are about one object.

    A batch has no order of its own, and a directory refuses changes of one object that meet.  A write that is not done because the one
    before it failed is sent again: see `graph_job`.
    """
    last: dict[str, int] = {}
    found: dict[int, int] = {}
    for number, job in enumerate(jobs):
        about = _ABOUT.match(_relative(job.url)) if job.method != "GET" else None
        if about:
            name = about.group(1).casefold()
            found |= {number: last[name]} if name in last else {}
            last[name] = number
    return found


def _step(number: str, job: Job, version: str, after: int | None) -> dict[str, t.Any]:
    """A request as a part of a batch; its URL is below the version."""
    headers = ({"ConsistencyLevel": "eventual"} if job.eventual else {}) | ({"Content-Type": "application/json"} if job.body is not None else {})
    step: dict[str, t.Any] = {"id": number, "method": job.method, "url": "/" + _relative(job.url).removeprefix(version)}
    step |= {"headers": headers} if headers else {}
    step |= {} if after is None else {"dependsOn": [str(after)]}
    return step | ({"body": job.body} if job.body is not None else {})
