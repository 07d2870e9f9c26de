# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module that makes a timeline of what others have read: states the sources, merges their files, and writes what differs from what is there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit import choosing, page, rows, states, writing
from ansible_collections.m365.hybrid.plugins.module_utils._audit.merging import Sorter
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, failure
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

FILES = ("json_file", "csv_file", "html_file")
_BROKEN = "{} of its lines cannot be understood, the first is line {}: {}"


@dataclasses.dataclass(frozen=True)
class TimelineModule(Module):
    """Needs no session: it works where ansible-playbook runs, with the files that are there."""

    stays_in_worker: t.ClassVar[bool] = True

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        names = [one["name"] for one in options["sources"]]
        if len(set(names)) < len(names):
            raise UsageError("two sources have the same name; a timeline could not say which of them an entry is from")
        paths = [os.path.abspath(os.path.expanduser(options[name])) for name in FILES if options[name]]
        if len(set(paths)) < len(paths):
            raise UsageError("json_file, csv_file and html_file need files of their own")
        if options["html_rows"] < 1:
            raise UsageError(f"html_rows is {options['html_rows']}; it must be 1 or more")
        choosing.Choice.of(options)

    def run(self, open_session: t.Callable[[], Session], task: Task) -> Result:
        try:
            self.check(task.options)
            result = self._made(task)
        except HybridError as error:
            result = failure(error) | {"changed": False}
        return result | {"invocation": {"module_args": self.shown(task.options)}}

    def _made(self, task: Task) -> Result:
        choice = choosing.Choice.of(task.options)
        with Sorter() as sorter:
            sources = [taken(one, number, choice, sorter) for number, one in enumerate(task.options["sources"])]
            count = sorter.merge()
            whole = writing.Timeline(task.options["title"], sources, choice.shown(), count)
            written, errors = self._written(whole, sorter, task)
        files = {name: os.path.expanduser(task.options[name]) for name in written}
        result = {"changed": any(written.values()), "count": count, "shown": min(count, task.options["html_rows"]), "sources": sources, "files": files}
        return failure(UsageError("; ".join(errors))) | result if errors else result

    def _written(self, whole: writing.Timeline, sorter: Sorter, task: Task) -> tuple[dict[str, bool], list[str]]:
        """Which outputs are there, each with whether it changed; and why others are not."""
        written, errors = dict[str, bool](), list[str]()
        for name in FILES:
            if task.options[name]:
                try:
                    written[name] = written_to(task.options[name], self._output(name, whole, sorter, task), task.check_mode)
                except UsageError as error:
                    errors.append(str(error))
        return written, errors

    def _output(self, name: str, whole: writing.Timeline, sorter: Sorter, task: Task) -> t.Iterator[str]:
        if name == "json_file":
            return writing.as_json(whole, sorter)
        if name == "csv_file":
            return writing.as_csv(sorter)
        others = [os.path.basename(task.options[one]) for one in FILES[:2] if task.options[one]]
        return page.as_html(whole, sorter, task.options["html_rows"], others)


def taken(source: t.Mapping[str, t.Any], number: int, choice: choosing.Choice, sorter: Sorter) -> dict[str, t.Any]:
    """Sort in what a source's file has and say how whole it is.  What cannot be understood is counted, not passed over."""
    state = states.State(states.COMPLETE) if source["result"] is None else states.of_result(source["result"])
    count = kept = broken = 0
    first = ""
    lines = _lines(source["path"])
    try:
        for line, content in enumerate(lines or (), 1):
            try:
                row = rows.KINDS[source["kind"]](json.loads(content))
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
                broken += 1
                first = first or _BROKEN.format("{}", line, f"{type(error).__name__}: {error}")
                continue
            count += row is not None
            if row is not None and choice.takes(row := row | {"source": source["name"], "source_kind": source["kind"], "_source": number}):
                kept += 1
                sorter.add(row)
    except OSError as error:
        state = states.State(states.FAILED, f"the file {source['path']} cannot be read: {error.strerror}")
    if lines is None and state.state in (states.COMPLETE, states.PARTIAL, states.DISABLED):
        state = states.State(states.FAILED, f"there is no file {source['path']}" if source["path"] else "no file of entries was given")
    if broken:
        state = states.State(
            states.TRUNCATED if state.state in (states.COMPLETE, states.PARTIAL) else state.state, state.reason or first.format(broken), state.notes
        )
    told = {"name": source["name"], "kind": source["kind"], "state": state.state, "reason": state.reason, "notes": list(state.notes)}
    return {**told, "read": count, "count": kept}


def _lines(path: str | None) -> t.Iterator[str] | None:
    """The lines of a file, None where there is none; opening and reading may raise OSError later."""
    if not path or not os.path.exists(os.path.expanduser(path)):
        return None

    def read(name: str) -> t.Iterator[str]:
        with open(name, encoding="utf-8", errors="surrogateescape") as file:
            yield from (line for line in file if line.strip())

    return read(os.path.expanduser(path))


def written_to(path: str, content: t.Iterable[str], check_mode: bool) -> bool:
    """Whether a file differs from its content; it is replaced as a whole then, readable for its owner only, but not in check mode.  Raises UsageError."""
    path = os.path.expanduser(path)
    with contextlib.ExitStack() as stack:
        new = stack.enter_context(tempfile.TemporaryFile())
        for part in content:
            new.write(part.encode("utf-8", "backslashreplace"))
        try:
            if _same(path, new):
                return False
            if not check_mode:
                _replace(path, new)
        except OSError as error:
            raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None
    return True


def _same(path: str, new: t.IO[bytes]) -> bool:
    try:
        with open(path, "rb") as there:
            new.seek(0)
            while block := there.read(1 << 16):
                if block != new.read(len(block)):
                    return False
            return not new.read(1)
    except FileNotFoundError:
        return False


def _replace(path: str, new: t.IO[bytes]) -> None:
    new.seek(0)
    descriptor, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            while block := new.read(1 << 16):
                file.write(block)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
