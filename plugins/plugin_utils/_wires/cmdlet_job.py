# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cmdlet call on its way to Exchange Online and back: what it still needs, page by page, until it has an answer or an error."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, classify, cmdlets, invoke_command, job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply, shown
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import PERHAPS_DONE, REFUSED_FOR_NOW, Again, Doubtful, NewToken

PERMISSION_ADVICE = (
    f"Give the app registration the application permission {invoke_command.PERMISSION} of Office 365 Exchange Online, with admin consent, "
    "and its service principal an Entra role such as Exchange Administrator"
)
ROLE_ADVICE = (
    "Check the spelling; if it is right, give the application's service principal an Entra role such as Exchange Administrator (Global Reader to read), "
    "or a role group of Exchange Online whose roles contain the cmdlet and its parameters"
)


class Job(job.Job):
    """A call of a cmdlet."""

    def __init__(
        self,
        call: Call,
        cmdlet: str,
        parameters: t.Mapping[str, t.Any],
        properties: t.Collection[str] | None,
        body: dict[str, t.Any],
        url: str,
        until: float,
    ) -> None:
        super().__init__(call, url, body, until, cmdlets.reads(cmdlet))
        self.cmdlet, self.parameters = cmdlet, parameters
        self._properties = properties
        self._limit = _limit(parameters)
        self._warnings: list[str] = []
        self._pages = 0
        self._truncated = False

    def answer(self) -> Answer:
        return Answer(self._output, self._warnings, self._truncated)

    def take(self, reply: Reply) -> bool:
        """Take an answer; whether there is another part to ask for.  Raises `Again`, `Doubtful`, `NewToken` and `HybridError`."""
        if not 200 <= reply.status < 300:
            raise self._refusal(reply)
        page = invoke_command.page(reply, self.cmdlet, self._properties, silent=not self.reads)
        self._pages += 1
        self._output += page.output
        enough = self._limit is not None and len(self._output) >= self._limit
        cut = any(classify.truncates(text) for text in page.warnings)
        # A shortened list that goes on with the next page is whole in the end.
        self._warnings += [text for text in page.warnings if text not in self._warnings and not (page.more and classify.truncates(text))]
        if page.more and not enough:
            return self.goes_on(page.more)
        self._truncated = cut or bool(page.more) or (self._limit is not None and len(self._output) > self._limit)
        del self._output[len(self._output) if self._limit is None else self._limit :]
        self.done.set()
        return False

    def _refusal(self, reply: Reply) -> Exception:
        if reply.status == 401:
            return NewToken(errors.LoginRefused(_plain_words("Exchange Online refuses the token", reply), advice=PERMISSION_ADVICE))
        if 300 <= reply.status < 400:
            place = reply.headers.get("location", "another address").partition("?")[0]
            return errors.Unreachable(f"Exchange Online refers to {place}", advice="Set m365_tenant_exchange_host to that host, if it is one of Microsoft's")
        failure = invoke_command.failure(reply)
        error = classify.error(failure, cmdlet=self.cmdlet)
        if reply.status in REFUSED_FOR_NOW or isinstance(error, errors.Throttled):
            wait = reply.wait if reply.wait is not None else error.wait
            return Again(errors.Throttled(f"Exchange Online is too busy for the call: {failure.text}", wait=wait), wait)
        enveloped = isinstance(reply.data, dict) and "error" in reply.data
        if reply.status in PERHAPS_DONE or (reply.status >= 500 and not enveloped):
            return Doubtful(errors.SessionLost(f"Exchange Online gave up on the call: {failure.text}"))
        if self._pages and "pagination request" in failure.text:
            return errors.Truncated(f"the list cannot be read beyond its first {len(self._output)} objects: {failure.text}", advice="Run the task again")
        if reply.status == 403 and invoke_command.is_nothing(reply):
            return self._wordless(reply, failure)
        return error

    def _wordless(self, reply: Reply, failure: classify.Failure) -> errors.HybridError:
        """A refusal without words: the cmdlet is unknown, or no role has it, or not with these parameters.  The service does not tell which."""
        named = f" or its parameters {', '.join(self.parameters)}" if self.parameters else ""
        text = f"Exchange Online does not know the cmdlet, or no role of the application contains it{named}"
        known = classify.error(failure, cmdlet=self.cmdlet)
        kind = errors.CommandMissing if isinstance(known, errors.CommandMissing) else errors.AccessDenied
        return kind(text, cmdlet=self.cmdlet, error_type=reply.headers.get("x-exceptiontype"), advice=ROLE_ADVICE)


def _limit(parameters: t.Mapping[str, t.Any]) -> int | None:
    """How many objects the caller asked for: the service pages through more than that."""
    asked = next((value for name, value in parameters.items() if name.lower() == "resultsize"), None)
    return int(str(asked)) if str(asked).isdecimal() else None


def _plain_words(start: str, reply: Reply) -> str:
    said = reply.headers.get("www-authenticate", "").partition('error_description="')[2].partition('"')[0]
    return f"{start}: {said or shown(reply)}"
