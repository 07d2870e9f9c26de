# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection changed, with the values before and after: one line of JSON for each object.

The callback plugin ``change_record`` says in an environment variable where the lines go and what they have in common.  Whoever does a change, a
worker of ansible-playbook or a module process, writes its line itself: results carry nothing of it, and however many objects a task changes,
nothing is kept of them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import json
import os
import stat
import typing as t
import uuid

VARIABLE = "M365_HYBRID_CHANGE_RECORD"
"""Of the environment: a `Place` as JSON."""
_NAMES = ("identity", "name", "cmdlet")
"""Options that name the object where no diff does."""

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where records go.

    ``owner`` is the process whose children may write, None for a module process that was handed the place; ``check_mode`` says whether what
    would be changed is recorded, too.  ``known`` is what all records have in common, ``hidden`` that their values are not to be shown.
    """

    path: str
    check_mode: bool = False
    owner: int | None = None
    hidden: bool = False
    known: Row = dataclasses.field(default_factory=dict)

    def as_text(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def place(environment: t.Mapping[str, str], parent: int) -> Place | None:
    """Where a process with this environment and this parent writes; None where nobody asked for records, or not of this run."""
    try:
        found = Place(**json.loads(environment[VARIABLE]))
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.owner in (None, parent) else None


def sides(diff: t.Any) -> tuple[Row | None, Row | None] | None:
    """The values before and after, each None where the object did not exist; None where the diff does not say."""
    if not isinstance(diff, t.Mapping) or "before" not in diff or "after" not in diff:
        return None
    before, after = (_side(diff[name]) for name in ("before", "after"))
    return (before, after) if before or after else None


def _side(value: t.Any) -> Row | None:
    if isinstance(value, t.Mapping):
        return dict(value) or None
    return None if value in (None, "") else {"content": value}


def change(diff: t.Any, named: t.Any = None) -> Row:
    """What one change is about.  A value that nobody knows is null, and ``before_known`` or ``after_known`` says so."""
    found = sides(diff)
    before, after = found or (None, None)
    header = diff.get("before_header") or diff.get("after_header") if isinstance(diff, t.Mapping) else None
    names = dict.fromkeys([*(before or {}), *(after or {})])
    changes = [{"property": name, "before": (before or {}).get(name), "after": (after or {}).get(name)} for name in names]
    known = found is not None
    return {"object": named or header, "before_known": known, "after_known": known, "changes": changes, "before": before, "after": after}


def unproven(found: Row) -> Row:
    """The same change, of which nobody knows how much was done."""
    changes = [{**one, "after": None} for one in found["changes"]]
    return {**found, "after": None, "after_known": False, "changes": changes, "failed": True}


def without_values(found: Row) -> Row:
    """A change of which no more may be known than that it was done."""
    return {**found, "object": None, "before": None, "after": None, "before_known": False, "after_known": False, "changes": [], "no_log": True, "call": None}


def named(options: t.Mapping[str, t.Any]) -> str | None:
    """How options name their object, as far as one can tell without their module."""
    if options.get("method") and options.get("path"):
        return f"{options['method']} {options['path']}"
    return next((str(options[name]) for name in _NAMES if options.get(name)), None)


def line(known: Row, found: Row, now: datetime.datetime | None = None) -> Row:
    """A record as it is written.  Its ``id`` tells it from one of the same moment and content, as tasks with no_log leave many."""
    time = (now or datetime.datetime.now(datetime.UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = {"time": time, "id": uuid.uuid4().hex, "target": None, "call": None, "failed": False, "no_log": False, **known, **found}
    return {name: whole[name] for name in (*_ORDER, *(set(whole) - set(_ORDER))) if name in whole}


_ORDER = (
    *"time id run user awx host delegated_to target play task role module call object".split(),
    *"check_mode failed no_log before_known after_known changes before after".split(),
)


def append(path: str, text: str) -> None:
    """Add a line to the file, which is made with mode 0600 where it is missing.  All of it is written or nothing.  Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe without a reader must not be waited for
    descriptor = os.open(path, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(None, "it is no file")
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # other runs wait for microseconds; a line of which a part did not fit is taken back
        begin, content = os.fstat(descriptor).st_size, f"{text}\n".encode("utf-8", "surrogatepass") if text else b""
        if content and _written(descriptor, content) < len(content):
            os.ftruncate(descriptor, begin)
            raise OSError(None, "there is no space left")
    finally:
        os.close(descriptor)


def _written(descriptor: int, content: bytes) -> int:
    return os.write(descriptor, content)


class Recorder:
    """Writes the records of one task.  ``hide`` masks secrets, ``warn`` is told once what keeps records from being written."""

    def __init__(self, where: Place, hide: t.Callable[[t.Any], t.Any], warn: t.Callable[[str], None]) -> None:
        self._where, self._hide, self._warn = where, hide, warn

    def __call__(self, found: Row) -> None:
        """Write one change; never raises."""
        if found.get("check_mode") and not self._where.check_mode:
            return
        if self._where.hidden:
            found = without_values(found)
        try:
            append(self._where.path, json.dumps(self._hide(line(self._where.known, found)), ensure_ascii=False, default=str))
        except (OSError, ValueError) as error:
            self._warn(not_written(self._where.path, error))


def not_written(path: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"Changes are not recorded: {path} cannot be written: {reason}"


@contextlib.contextmanager
def handed_over(where: Place | None) -> t.Iterator[None]:
    """While a module process is started: the place in its environment."""
    before = os.environ.get(VARIABLE)
    if where is not None:
        os.environ[VARIABLE] = dataclasses.replace(where, owner=None).as_text()
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before
