# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that the role mfa_server plans with; mfa_server_plan.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._windows import mfa_server


def plan(reading: t.Mapping[str, t.Any], wishes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The plan for what was read; names in the directories are other people's, so texts are marked as no templates."""
    try:
        return t.cast(dict[str, t.Any], wrap_var(mfa_server.make(reading, wishes)))
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"m365.hybrid.mfa_server_plan: {error!r} is missing or has a form that is not expected") from error


class FilterModule:
    """The filter for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"mfa_server_plan": plan}
