# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of calls: one JSON line per call, in the order in which the products get them.

Cmdlets and requests to Microsoft Graph, which have a published contract, are in one file; operations of LDAP in another one beside it.
"""

from __future__ import annotations

import json
import pathlib
import threading
import typing as t

from hybridlab.wire.parameters import recordable


class Recorder:
    """Appends to a file; without one it does nothing.  Thread-safe; each line is flushed."""

    def __init__(self, path: pathlib.Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file: t.TextIO | None = None if path is None else path.open("a", encoding="utf-8")
        self._directory_file: t.TextIO | None = None if path is None else beside(path).open("a", encoding="utf-8")

    def cmdlet(self, target: str, cmdlet: str, parameters: t.Mapping[str, t.Any]) -> None:
        """Note a cmdlet call of ``target``, a product's name."""
        if self._file is None:
            return
        line = json.dumps({"target": target, "cmdlet": cmdlet, "parameters": recordable(dict(parameters))}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def request(self, method: str, path: str, body: t.Any) -> None:
        """Note a request to Microsoft Graph; ``path`` begins with the version."""
        if self._file is None:
            return
        line = json.dumps({"method": method, "path": path} | ({} if body is None else {"body": _without_passwords(body)}), ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def operation(self, operation: str, details: t.Mapping[str, t.Any]) -> None:
        """Note an operation of LDAP on the domain controller; ``details`` hold no secrets."""
        if self._directory_file is None:
            return
        line = json.dumps({"target": "ad", "operation": operation, **details}, ensure_ascii=False)
        with self._lock:
            self._directory_file.write(line + "\n")
            self._directory_file.flush()

    def close(self) -> None:
        with self._lock:
            for file in (self._file, self._directory_file):
                if file is not None:
                    file.close()
            self._file = self._directory_file = None


def beside(path: pathlib.Path) -> pathlib.Path:
    """Where the operations of LDAP are recorded: ``calls.jsonl`` has ``calls.ldap.jsonl`` beside it."""
    return path.with_name(f"{path.stem}.ldap{path.suffix}")


def _without_passwords(body: t.Any) -> t.Any:
    """A body as a record may hold it."""
    if isinstance(body, dict):
        return {name: {"$any": True} if name.lower() == "password" else _without_passwords(item) for name, item in body.items()}
    return [_without_passwords(item) for item in body] if isinstance(body, list) else body
