# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection must know about the options of its wire."""

from __future__ import annotations

import dataclasses
import typing as t

Getter = t.Callable[[str], t.Any]
"""Gives the value of one of the plugin's options by its name."""


@dataclasses.dataclass(frozen=True)
class OptionSet:
    """The options of one kind of connection.

    ``resolve`` makes plain options for the wire of them, by key, ``endpoint`` among them; it raises `UsageError`.  ``transient`` are the
    keys that make no other session (timeouts).  ``secrets`` are the values that no output may show, ``patience`` how many seconds
    opening may take with resolved options.
    """

    resolve: t.Callable[[Getter], dict[str, t.Any]]
    transient: tuple[str, ...]
    secrets: t.Callable[[Getter], set[str]]
    patience: t.Callable[[t.Mapping[str, t.Any]], float]
