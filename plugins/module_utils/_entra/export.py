# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that exist, as options of their module."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.docs import Documentation
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import GraphResource

_UNSET: tuple[t.Any, ...] = (None, "", [])
"""What the service shows where nothing is set."""


def entry(resource: GraphResource, docs: Documentation, named: dict[str, str], state: plan.State, full: bool) -> dict[str, t.Any]:
    """One object's options: what the module can read and write, the secrets left out; what is not set only when ``full``.

    ``named`` is how the options name it; the property that the name is says nothing more.
    """
    options: dict[str, t.Any] = dict(named)
    for name, attribute in resource.attributes.items():
        value = state.get(name)
        if attribute.secret or not attribute.readable or not _can_be_said(docs.options[name], value):
            continue
        if attribute.write == resource.named_by and value in named.values():
            continue
        if full or value not in _UNSET:
            options[name] = values.plain(value)
    return options


def _can_be_said(option: t.Mapping[str, t.Any], value: t.Any) -> bool:
    """Whether the option takes the value: an empty one may have no word, and the service may know more words than the module."""
    return value is not None and ("choices" not in option or value in option["choices"])
