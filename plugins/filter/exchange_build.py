# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that tells what a build of Exchange Server is; exchange_build.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import lifecycle


def described(value: t.Any, today: t.Any = None) -> dict[str, t.Any]:
    """What the build is, and whether it is supported on the day."""
    try:
        return lifecycle.describe(value, lifecycle.day(today))
    except ValueError as error:
        raise AnsibleFilterError(f"m365.hybrid.exchange_build: {error}") from error


class FilterModule:
    """The filter for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"exchange_build": described}
