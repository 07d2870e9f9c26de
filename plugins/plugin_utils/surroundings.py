# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the worker of a task does for a module: other modules by name, lines on the terminal, a file of results."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Sink, Surroundings

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
    """The worker of a task.  ``hide`` masks the task's secrets in whatever leaves it; ``display`` shows a line on the terminal."""

    def __init__(self, hide: censor.Censor, display: t.Callable[[str], None]) -> None:
        self._hide, self._display = hide, display

    def say(self, text: str) -> None:
        self._display(self._hide.text(text))

    @contextlib.contextmanager
    def keep(self, path: str) -> t.Iterator[Sink]:
        """JSON lines of mode 0600, each written as a whole when it is put, so that a run that is ended leaves what it did."""
        try:
            descriptor = os.open(os.path.expanduser(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            os.fchmod(descriptor, 0o600)
        except OSError as error:
            raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None
        lock = threading.Lock()
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:

            def put(line: t.Mapping[str, t.Any]) -> None:
                text = json.dumps(self._hide(line), ensure_ascii=False)
                with lock:
                    file.write(text + "\n")
                    file.flush()

            yield put
