# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that the role loose_truncation plans with; truncation_plan.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import truncation_plan
from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native


def plan(reading: t.Mapping[str, t.Any], wishes: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """The plan for what was read; texts of other hosts are marked, so that ansible-core before 2.19 takes no ``{{ }}`` in them as templates."""
    try:
        return t.cast(dict[str, t.Any], wrap_var(truncation_plan.make(native(reading), native(wishes or {}))))
    except (HybridError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"m365.hybrid.truncation_plan: {type(error).__name__ + ' ' if isinstance(error, KeyError) else ''}{error}") from error


class FilterModule:
    """The filter for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"truncation_plan": plan}
