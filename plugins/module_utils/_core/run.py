# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run function for the action plugin and for the ordinary module process."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import os
import typing as t

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor, docs, engine, record
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Unreachable, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

Result = dict[str, t.Any]
Wire = tuple[str, str]


Sink = t.Callable[[t.Mapping[str, t.Any]], None]


@dataclasses.dataclass(frozen=True)
class Pfx:
    """A certificate with its private key in a file.  ``thumbprint`` is the SHA-1 in capitals, as Windows shows it; times are in UTC."""

    thumbprint: str
    subject: str
    not_before: datetime.datetime
    not_after: datetime.datetime


class Surroundings:
    """What the process that runs a module does for it while it works; a module process does nothing."""

    def say(self, text: str) -> None:
        """Show a line to whoever watches the run."""

    def keep(self, path: str, whole: bool = False) -> contextlib.AbstractContextManager[Sink]:
        """A file that keeps what is put into it, readable for its owner only.  Raises UsageError.

        With ``whole`` the file appears, or replaces an older one, when all is in it; an error leaves what was there before.
        """
        raise UsageError(f"no file can be written here: {path}")

    def record(self, change: t.Mapping[str, t.Any]) -> None:
        """Note what was changed, with the values before and after, as `record.change` describes it; never raises."""

    def open_pfx(self, content: bytes, password: str) -> Pfx | None:
        """What a PFX file holds; None where nothing here can open one.  Raises UsageError for a file or a password that is wrong."""
        return None


@dataclasses.dataclass(frozen=True)
class Task:
    """What a module is asked: validated options (None: not given) and how to work."""

    options: t.Mapping[str, t.Any]
    check_mode: bool = False
    diff: bool = False
    verbosity: int = 0
    surroundings: Surroundings = dataclasses.field(default_factory=Surroundings)


@dataclasses.dataclass(frozen=True)
class Module:
    """A module's documentation and what it needs; subclasses say in ``execute`` what it does.

    ``wires`` are the (wire, endpoint) pairs it can use, the preferred one first, ``because`` why it can use no other, where that is
    no matter of course.  ``constraints`` are AnsibleModule's ``mutually_exclusive``, ``required_one_of``, ``required_together``,
    ``required_if`` and ``required_by``.
    """

    documentation: str
    wires: tuple[Wire, ...] = ()
    secrets: tuple[str, ...] = ()
    constraints: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    because: str = ""

    stays_in_worker: t.ClassVar[bool] = False
    """Whether the module cannot be run in a module process, so that `async` is not possible."""

    def bound(self, arguments: t.Mapping[str, t.Any], load: Loader) -> Module:
        """The module for a task with these raw arguments; ``load`` finds another module that they name.  Raises UsageError."""
        return self

    def hidden(self, arguments: t.Mapping[str, t.Any]) -> set[str]:
        """The secrets among a task's raw arguments, before anything is validated."""
        return censor.of_options(self.argument_spec(), arguments)

    def shown(self, options: t.Mapping[str, t.Any]) -> Result:
        """The options as a result shows them."""
        return censor.masked(self.argument_spec(), options)

    @property
    def docs(self) -> docs.Documentation:
        return docs.load(self.documentation)

    def argument_spec(self) -> dict[str, dict[str, t.Any]]:
        return self.docs.argument_spec(self.secrets)

    def validate(self, arguments: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """A task's raw arguments as options, converted and with defaults; raises UsageError as ansible-core words it."""
        plain = self._as_they_are(arguments)
        if plain is not None:
            return plain
        checked = self._validator(frozenset(arguments)).validate(dict(arguments))
        unsupported = f"Unsupported parameters for {self.docs.module}: "
        problems = [f"{unsupported if isinstance(error, UnsupportedError) else ''}{error}" for error in checked.errors]
        if problems:
            raise UsageError(" ".join(problems))
        return self._nothing_given | checked.validated_parameters

    def _as_they_are(self, arguments: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
        """The options where ansible-core has nothing to convert, which is the rule in long lists; None where it has, or something to refuse."""
        if self.constraints or not self._required <= arguments.keys():
            return None
        for name, value in arguments.items():
            row = self._taken_as_they_are.get(name)
            if row is None or not isinstance(value, row[0]) or (row[1] and value not in row[1]):
                return None
        return {**self._nothing_given, **self._defaults, **arguments}

    @functools.cached_property
    def _taken_as_they_are(self) -> dict[str, tuple[type, t.Collection[str]]]:
        """The options of which ansible-core takes a value of this type as it is, with their choices."""
        simple: dict[str, type] = {"str": str, "bool": bool}
        spec = self.argument_spec().items()
        return {name: (simple[kind], row.get("choices", ())) for name, row in spec if (kind := row.get("type", "str")) in simple}

    @functools.cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, row in self.argument_spec().items() if row.get("required"))

    @functools.cached_property
    def _defaults(self) -> dict[str, t.Any]:
        return {name: row["default"] for name, row in self.argument_spec().items() if "default" in row}

    @functools.cached_property
    def _nothing_given(self) -> dict[str, t.Any]:
        return dict.fromkeys(self.argument_spec())

    @functools.cached_property
    def _validators(self) -> dict[frozenset[str], ModuleArgumentSpecValidator]:
        return {}

    def _validator(self, given: frozenset[str]) -> ModuleArgumentSpecValidator:
        """Made once for the same options, for thousands of validations: ansible-core looks at each option that a validator knows several times."""
        if given not in self._validators:
            spec = self.argument_spec()
            if given <= spec.keys() and not self.constraints:
                spec = {name: entry for name, entry in spec.items() if name in given or entry.get("required") or "default" in entry}
            self._validators[given] = ModuleArgumentSpecValidator(spec, **self.constraints)
        return self._validators[given]

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        """Refuse what can be refused before anything is sent; raises UsageError."""

    def execute(self, session: engine.Tally, task: Task) -> Result:
        """Do the work; raises HybridError."""
        raise UsageError(f"{self.docs.module} does nothing")

    def explained(self, error: HybridError) -> HybridError:
        """The error of a task, with what the module knows about it."""
        return error

    def run(self, open_session: t.Callable[[], Session], task: Task) -> Result:
        """The task's result, also of a failure; never prints, never exits.  Nothing is censored yet.  A defect is raised and says whether it ``wrote``."""
        tally: engine.Tally | None = None
        diff: t.Any = None
        try:
            self.check(task.options)
            tally = engine.Tally(open_session(), task.check_mode)
            result = {"changed": False} | self.execute(tally, task)
            diff = result.get("diff")
        except HybridError as error:
            result = failure(self.explained(error)) | {"changed": bool(tally and tally.wrote)}
            diff = error.planned
        except BaseException as error:  # a defect, or the end of the task's time: what was written is recorded all the same
            if tally and tally.wrote:
                t.cast(HybridError, error).wrote = True
                self.record(getattr(error, "planned", None), True, tally, task)
            raise
        if result["changed"] and tally:
            self.record(diff, bool(result.get("failed") or result.get("unreachable")), tally, task)
        return self._finish(result, tally, task)

    def about(self, options: t.Mapping[str, t.Any]) -> str | None:
        """What names the object of a task, as far as the options alone say."""
        return record.named(options)

    def call(self, options: t.Mapping[str, t.Any]) -> str | None:
        """The cmdlet or the request that a task names itself; None for a module that is about a kind of things."""
        return None

    def record(self, diff: t.Any, failed: bool, tally: engine.Tally, task: Task) -> None:
        """Note what the task changed; of a change that an error ended, nobody knows how much was done."""
        for one in diff if isinstance(diff, list) else [diff]:
            found = record.change(one, self.about(task.options))
            found = record.unproven(found) if failed else found
            known = {"module": f"m365.hybrid.{self.docs.module}", "target": tally.target, "check_mode": task.check_mode}
            task.surroundings.record(found | known | {"call": self.call(task.options)})

    def _finish(self, result: Result, tally: engine.Tally | None, task: Task) -> Result:
        if tally and tally.warnings:
            result["warnings"] = list(dict.fromkeys([*result.get("warnings", ()), *tally.warnings]))  # a second read repeats them
        if tally and task.verbosity:
            result["calls"] = dict(tally.calls)
        if not task.diff:
            result.pop("diff", None)
        result["invocation"] = {"module_args": self.shown(task.options)}
        return result

    def main(self) -> None:
        """Run as an ordinary module process; the session's socket comes from the connection plugin."""
        from ansible.module_utils.basic import AnsibleModule, missing_required_lib

        from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc

        module = AnsibleModule(self.argument_spec(), supports_check_mode=True, **self.constraints)
        if docs.YAML_MISSING:
            module.fail_json(msg=missing_required_lib("PyYAML"), exception=docs.YAML_MISSING)
        secrets = censor.of_options(self.argument_spec(), module.params)
        task = Task(module.params, module.check_mode, module._diff, module._verbosity, _Process(secrets, module.warn))

        def opened() -> Session:
            session = rpc.session(module._socket_path)
            secrets.update(session.secrets)
            return session

        result = self.run(opened, task)
        result = censor.Censor(secrets)(result)
        for warning in result.pop("warnings", ()):
            module.warn(warning)
        if result.get("failed"):
            module.fail_json(**result)
        module.exit_json(**result)


Loader = t.Callable[[str], Module]
"""Finds a module of the collection by its name; raises UsageError where there is none."""


class _Process(Surroundings):
    """A module process: it records changes where the process that started it says so."""

    def __init__(self, secrets: set[str], warn: t.Callable[[str], None]) -> None:
        def hidden(found: t.Any) -> t.Any:
            return censor.Censor(secrets)(found)  # those that are known by then

        where = record.place(os.environ, 0)
        self._recorder = record.Recorder(where, hidden, warn) if where else None

    def record(self, change: t.Mapping[str, t.Any]) -> None:
        if self._recorder:
            self._recorder(dict(change))


def failure(error: HybridError) -> Result:
    """The result of a task that failed; a target that cannot be reached is reported as Ansible reports it."""
    result: Result = {"failed": True, "msg": str(error), "error": error.as_result()}
    if isinstance(error, Unreachable):
        return {"unreachable": True, **result, "failed": False}
    return result
