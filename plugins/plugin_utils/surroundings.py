# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the worker of a task does for a module: other modules by name, lines on the terminal, a file of results."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import re
import stat
import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.record import Recorder
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Pfx, Sink, Surroundings

COLLECTION = "m365.hybrid."
_MODULES = f"{__name__.partition('.plugins.')[0]}.plugins.modules"


def named(name: str) -> Module:
    """The collection's module of that name, with or without the collection's.  Raises UsageError."""
    short = name.removeprefix(COLLECTION)
    try:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", short):
            raise ModuleNotFoundError
        module: Module = importlib.import_module(f"{_MODULES}.{short}").MODULE
    except ModuleNotFoundError:
        raise UsageError(f"there is no module {COLLECTION}{short}") from None
    return module


class Worker(Surroundings):
    """The worker of a task.

    ``hide`` masks the task's secrets in whatever leaves it; ``display`` shows a line on the terminal; ``recorder`` writes down what is changed,
    where that is wanted.
    """

    def __init__(self, hide: censor.Censor, display: t.Callable[[str], None], recorder: Recorder | None = None) -> None:
        self._hide, self._display, self._recorder = hide, display, recorder

    def record(self, change: t.Mapping[str, t.Any]) -> None:
        if self._recorder:
            self._recorder(dict(change))

    def say(self, text: str) -> None:
        self._display(self._hide.text(text))

    @contextlib.contextmanager
    def keep(self, path: str, whole: bool = False) -> t.Iterator[Sink]:
        """JSON lines of mode 0600, each written as a whole when it is put, so that a run that is ended leaves what it did.

        With ``whole`` they are written beside the file, which they replace in the end.
        """
        path = os.path.expanduser(path)
        if whole and os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise UsageError(f"{path} is no file")
        written = f"{path}.part" if whole else path
        descriptor = _writable(written)
        lock = threading.Lock()
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:

                def put(line: t.Mapping[str, t.Any]) -> None:
                    text = json.dumps(self._hide(line), ensure_ascii=False)
                    with lock:
                        file.write(text + "\n")
                        if not whole:
                            file.flush()

                with _renamed(file, written, path) if whole else contextlib.nullcontext():
                    yield put
        except OSError as error:  # of the file: what a task does otherwise raises its own errors
            raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None

    def open_pfx(self, content: bytes, password: str) -> Pfx | None:
        from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import pfx  # a library that other tasks do without takes its time

        return pfx.opened(content, password)


@contextlib.contextmanager
def _renamed(file: t.TextIO, written: str, path: str) -> t.Iterator[None]:
    """The file under its final name when all is in it, or gone.  It is still held in that moment, so that no other task begins one in its place."""
    try:
        yield
        file.flush()
        os.replace(written, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(written)
        raise


def _writable(path: str) -> int:
    """An empty file of mode 0600, held until it is closed so that the task of another host does not write to it as well.  Raises UsageError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe without a reader must not be waited for
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{path} is no file")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), os.lstat(path)):  # whoever held it has renamed it
            raise BlockingIOError
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise UsageError(f"another task writes to {path}", advice="Give each host a file of its own, with inventory_hostname in its name") from None
        if isinstance(error, OSError):
            raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None
        raise
    return descriptor
