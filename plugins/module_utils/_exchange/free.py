# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The escape hatch: any cmdlet with typed parameters."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret

_CMDLET = re.compile(r"[A-Za-z]+-[A-Za-z][A-Za-z0-9]*")


class FreeCmdlet(Module):
    """Runs the cmdlet that the task names; in check mode only one that reads."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if not _CMDLET.fullmatch(options["cmdlet"]):
            raise UsageError(
                f"'{options['cmdlet']}' is not the name of a cmdlet such as Get-Mailbox", advice="Give parameters as parameters; script text is never sent"
            )
        typed_parameters(options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        cmdlet = task.options["cmdlet"]
        reads = engine.reads(cmdlet)
        if task.check_mode and not reads:
            return {"changed": True, "endpoint": session.endpoint, "output": [], "truncated": False, "msg": f"{cmdlet} was not run in check mode."}
        answer = session.invoke(cmdlet, typed_parameters(task.options), properties=task.options["properties"])
        return {"changed": not reads, "endpoint": session.endpoint, "output": answer.output, "truncated": answer.truncated}

    def about(self, options: t.Mapping[str, t.Any]) -> str | None:
        """What names the object among the parameters; a dictionary can be a secret."""
        given = {str(name).casefold(): value for name, value in (options["parameters"] or {}).items() if isinstance(value, (str, int))}
        return next((str(given[name]) for name in ("identity", "name") if given.get(name)), options["cmdlet"])

    def call(self, options: t.Mapping[str, t.Any]) -> str | None:
        return str(options["cmdlet"])


def typed_parameters(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {str(name): typed(value) for name, value in (options["parameters"] or {}).items()}


def typed(value: t.Any) -> t.Any:
    """A parameter value, with ``{"$secret": text}`` and ``{"$credential": {user, password}}`` as what they stand for."""
    if isinstance(value, t.Mapping):
        if "$secret" in value:
            return _secret("$secret", _only("$secret", value))
        if "$credential" in value:
            inner = _only("$credential", value)
            if not isinstance(inner, t.Mapping) or set(inner) != {"user", "password"}:
                raise UsageError("$credential takes a dictionary with user and password")
            return Credential(str(inner["user"]), _secret("the password of $credential", inner["password"]))
        return {str(key): typed(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [typed(one) for one in value]
    return value


def _secret(what: str, value: t.Any) -> Secret:
    if value is None or isinstance(value, (t.Mapping, list, tuple)):
        raise UsageError(f"{what} is not a text")
    return Secret(value)


def _only(tag: str, value: t.Mapping[str, t.Any]) -> t.Any:
    if len(value) > 1:
        raise UsageError(f"{tag} stands alone in its dictionary")
    return value[tag]
