# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the file ExSetup.exe of a server says about its build: the security update, which the directory does not show."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import build

Object = t.Mapping[str, t.Any]
FILE = "ExSetup.exe"
_PARTS = ("file_major_part", "file_minor_part", "file_build_part", "file_private_part")
_NOT_ASKED = f"the server's Windows was not asked for {FILE}; name its host in exchange_lifecycle_windows_hosts"


def joined(servers: t.Iterable[Object], results: t.Iterable[Object]) -> list[dict[str, t.Any]]:
    """The servers with the version of the file where it could be read, and otherwise with why not, in ``security_update_why``.

    ``results`` are those of a loop of community.windows.win_file_version over ``{server, host}``.  Raises ValueError for a result without a server.
    """
    servers, answers = list(servers), {_short(one["item"]["server"]): one for one in results}
    unknown = answers.keys() - {_short(one["name"]) for one in servers}
    if unknown:
        raise ValueError(f"exchange_lifecycle_windows_hosts: there is no server {', '.join(sorted(unknown))}")
    return [_told(one, answers.get(_short(one["name"]))) for one in servers]


def _told(server: Object, answer: Object | None) -> dict[str, t.Any]:
    if answer is None:
        return {**server, "security_update_why": _NOT_ASKED}
    found = answer.get("win_file_version") or {}
    version = ".".join(str(found.get(name)) for name in _PARTS)
    try:
        number = build.parse(version)
        build.product_of(number)
    except ValueError:
        what = f"it has version {version}" if found else str(answer.get("msg") or "there was no answer")
        why = f"{FILE} was not read on {answer['item']['host']}: {what}"
        return {**server, "security_update_why": why}
    return {**server, "version": version, "security_update_why": None}


def _short(name: t.Any) -> str:
    return str(name).partition(".")[0].casefold()
