# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk runs on the emulated organization, without a wire."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk_task
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Surroundings, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import Emulated, FakeSession

Options = dict[str, t.Any]
Before = t.Callable[[str, Options], HybridError | None]
After = Before


def nothing(_cmdlet: str, _parameters: Options) -> HybridError | None:
    return None


class Sessions(FakeSession):
    """Several sessions to one organization.  ``before`` and ``after`` may end a call that they see with an error."""

    def __init__(self, product: Emulated, width: int = 1, before: Before = nothing, after: After = nothing) -> None:
        super().__init__(product)
        self.width, self.before, self.after = width, before, after
        self.root: Sessions = self
        self.opened = self.closed = 0

    def another(self) -> Sessions:
        part = Sessions(self.product, self.width, self.before, self.after)
        part.root = self.root
        self.root.opened += 1
        return part

    def close(self) -> None:
        self.root.closed += 1

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        self._raise(self.before(cmdlet, dict(parameters or {})))
        answer = super().invoke(cmdlet, parameters, properties=properties)
        self._raise(self.after(cmdlet, dict(parameters or {})))
        return answer

    @staticmethod
    def _raise(error: HybridError | None) -> None:
        if error:
            raise error


def run(session: FakeSession, objects: t.Sequence[t.Any], around: Surroundings | None = None, check_mode: bool = False, **options: t.Any) -> Result:
    given = {"module": "exchange_mailbox", "objects": list(objects), **options}
    module = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), pauses=(0.0, 0.01)).bound(given, surroundings.named)
    return module.run(lambda: session, Task(module.validate(given), check_mode, diff=True, verbosity=1, surroundings=around or Surroundings()))


def users(number: int, text: str = "x") -> list[Options]:
    return [{"identity": f"user{one}", "custom_attribute1": text} for one in range(number)]


def writes(product: Exchange) -> list[str]:
    return [str(parameters.get("Identity")) for cmdlet, parameters in product.calls if cmdlet == "Set-Mailbox"]


class Kept(Surroundings):
    def __init__(self) -> None:
        self.lines: list[Options] = []
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def keep(self, path: str, whole: bool = False) -> contextlib.AbstractContextManager[t.Callable[[t.Mapping[str, t.Any]], None]]:
        return contextlib.nullcontext(lambda line: self.lines.append(dict(line)))
