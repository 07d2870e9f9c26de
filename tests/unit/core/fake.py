# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session whose answers a test writes down."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer


class FakeSession:
    """Implements `_core.session.Session`.

    ``answers`` gives per cmdlet an object, an Answer, an error to raise, or a function of the parameters that returns one of these; a
    list of them is used up call by call, and its last one stays.  ``calls`` records what was asked.
    """

    wire, endpoint, target = "powershell", "exchange", "exchange on fake"

    def __init__(self, answers: dict[str, t.Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, t.Any]]] = []

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        given = dict(parameters or {})
        self.calls.append((cmdlet, given))
        answer = self.answers[cmdlet]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(given)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer([] if answer is None else [answer])

    def sent(self) -> list[str]:
        """The cmdlets that were called, in order."""
        return [cmdlet for cmdlet, _ in self.calls]
