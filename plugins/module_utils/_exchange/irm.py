# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of Information Rights Management: a confirmation, and a test that comes with the result."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

TEST = "Test-IRMConfiguration"
FIELDS = (Field("licensing_location", codec="uris"), Field("rms_online_key_sharing_location", codec="uri"))
_OVERALL = re.compile(r"(?im)^\s*OVERALL RESULT:\s*(.+?)\s*$")
_STEP = re.compile(r"(?im)^\s*-\s*(PASS|WARNING|FAIL)\s*:\s*(.+?)\s*$")


class IrmConfiguration(CmdletResource):
    """The one configuration of an organization."""

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        made = super().calls(todo, options, found)
        if "internal_licensing_enabled" in todo.changes:
            for call in made:
                call.parameters["Force"] = True  # it asks whether that is meant, and the task has said so
        return made


@dataclasses.dataclass(frozen=True)
class IrmModule(CmdletModule):
    """The configuration, and on request its test."""

    def check(self, options: Options) -> None:
        super().check(options)
        if options.get("test_recipients") is not None and not options.get("test_sender"):
            raise UsageError("test_recipients needs test_sender")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        result = super().execute(session, task)
        if not task.options.get("test_sender"):
            return result
        pending = task.check_mode and result["changed"]  # what would be set is not there to be tested
        return result | {"test": None if pending else tested(session, task.options)}


def tested(session: engine.Tally, options: Options) -> dict[str, t.Any]:
    """What the test of the configuration that is there says.  Raises HybridError where it says nothing that can be understood."""
    recipients = {"Recipient": options["test_recipients"]} if options.get("test_recipients") else {}
    asked = {"Sender": options["test_sender"], **recipients, **({} if online.is_online(session) else common(options))}
    found = single(session.invoke(TEST, asked, properties=("results",)), TEST, session.target, "the test of the IRM configuration")
    text = next((values.text(value) for name, value in found.items() if values.fold(name) == "results"), "")
    overall = _OVERALL.findall(text)
    if not overall:
        raise HybridError(f"the test does not say how it ended: {text!r}", cmdlet=TEST, target=session.target)
    steps = [{"result": kind.lower(), "text": said} for kind, said in _STEP.findall(text)]
    return {"passed": overall[-1].upper().startswith("PASS"), "overall": overall[-1], "steps": steps}
