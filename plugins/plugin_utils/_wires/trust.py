# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificate authorities a server is verified with, and PEM text for libraries that read files only."""

from __future__ import annotations

import os
import ssl

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError


class Held:
    """Text in files in memory, for as long as this object lives."""

    def __init__(self) -> None:
        self._handles: list[int] = []

    def path(self, value: str | None) -> str | None:
        """A path for a path or PEM text; text goes to a file in memory, as the TLS library reads files only."""
        if not value or "-----BEGIN" not in value:
            return os.path.expanduser(value) if value else None
        handle = os.memfd_create("m365", os.MFD_CLOEXEC)
        os.write(handle, value.encode())
        self._handles.append(handle)
        return f"/proc/self/fd/{handle}"


def authorities(path: str | None, option: str) -> bool | str:
    """The authorities' path: the chosen one, the environment's, the system's (requests' own list is not the system's).  Raises `UsageError`."""
    chosen = path or os.environ.get("REQUESTS_CA_BUNDLE")
    if chosen:
        if not os.path.exists(chosen):
            raise UsageError(f"{option}: there is no file {chosen}")
        return chosen
    system = ssl.get_default_verify_paths()
    return system.cafile or system.capath or True
