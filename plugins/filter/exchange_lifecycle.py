# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that the role exchange_lifecycle reports with; exchange_lifecycle.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import lifecycle, setup_files
from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native


def reported(servers: t.Any, today: t.Any = None, notice_days: int = 0, files: t.Any = None) -> dict[str, t.Any]:
    """The servers with what their builds are, by the versions of files on them where there are any.

    What servers say is marked: ansible-core before 2.19 would take ``{{ }}`` in it as a template.
    """
    try:
        rows = native(servers)
        if files is not None:
            rows = setup_files.joined(lifecycle.listed(rows), native(files))
        return t.cast(dict[str, t.Any], wrap_var(lifecycle.report(rows, lifecycle.day(today), notice_days)))
    except ValueError as error:
        raise AnsibleFilterError(f"m365.hybrid.exchange_lifecycle: {error}") from error


class FilterModule:
    """The filter for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"exchange_lifecycle": reported}
