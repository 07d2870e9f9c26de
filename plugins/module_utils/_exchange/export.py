# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that exist, as options of their module."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.docs import Documentation
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource

_UNSET: tuple[t.Any, ...] = (None, "", [], values.UNSET)
"""What every service shows where nothing is set."""


def entry(
    resource: CmdletResource, docs: Documentation, defaults: t.Mapping[str, t.Any], naming: t.Mapping[str, t.Any], state: plan.State, full: bool
) -> dict[str, t.Any]:
    """One object's options: what the module can read and write, the secrets left out.

    ``naming`` are the options that identify it; ``defaults`` are the service's, as options; what equals them is left out unless ``full``,
    and what is needed to create the object never.
    """
    options = dict(naming)
    idle = () if full else resource.idle(state)
    for name, attribute in resource.attributes.items():
        if name in idle or not _can_be_said(docs.options.get(name), state.get(name)) or attribute.secret or not attribute.readable:
            continue
        if full or attribute.immutable or name in resource.essential or not _is_default(attribute.codec, defaults.get(name), state[name]):
            options[name] = state[name]
    return options


def without_rivals(options: dict[str, t.Any], groups: t.Iterable[t.Sequence[str]]) -> dict[str, t.Any]:
    """The options with one of each group that excludes each other: the first that is set, because a server shows one thing in several forms."""
    for group in groups:
        present = [name for name in group if name in options]
        kept = next((name for name in present if options[name] not in _UNSET), None)
        options = {name: value for name, value in options.items() if name not in present or name == kept}
    return options


def _can_be_said(option: t.Mapping[str, t.Any] | None, value: t.Any) -> bool:
    """Whether there is the option, and it takes the value: an empty one may have no word, and a kind of object may be none that the module makes."""
    if value is None or option is None:
        return False
    return "choices" not in option or value in option["choices"]


def _is_default(codec: values.Codec, default: t.Any, value: t.Any) -> bool:
    if value in _UNSET:
        return True
    return default is not None and codec.key(codec.load(default)) == codec.key(value)
