# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant in the file of an inventory: options of its connection become variables, but none that is a secret."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _tenant_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

_OPTIONS = {option.key: option for option in _tenant_docs.OPTIONS}
_FILES = ("certificate", "certificate_key")
"""Secrets as content, and none as the path of a file."""


def variables(what: str, options: t.Any, registered: str | None) -> dict[str, t.Any]:
    """Variables of the tenant's hosts; ``registered`` is the tenant that the directory names.  Raises `UsageError`."""
    if not isinstance(options, t.Mapping):
        raise UsageError(f"{what} must be a dictionary of the tenant's options, such as id and client_id")
    unknown = [str(key) for key in options if key not in _OPTIONS]
    if unknown:
        raise UsageError(f"{what} has no option {unknown[0]}", advice=f"There are {', '.join(_OPTIONS)}")
    secret = [key for key, value in options.items() if value and _OPTIONS[key].secret and not _harmless(key, str(value))]
    if secret:
        group = f"tenant_{what.rpartition('.')[2].lower()}"
        raise UsageError(
            f"{what}.{secret[0]} is a secret, which everybody would see who lists the inventory",
            advice=f"Set m365_tenant_{secret[0]} in group_vars/{group}, with ansible-vault, or M365_TENANT_{secret[0].upper()} in the environment",
        )
    found = {f"m365_tenant_{key}": value for key, value in options.items() if value is not None}
    if registered:
        found.setdefault("m365_tenant_id", registered)
    if "m365_tenant_id" not in found:
        raise UsageError(
            f"{what} needs an id", advice="Give the tenant's GUID or one of its domains; the directory names it only where computers register with it"
        )
    return found


def _harmless(key: str, value: str) -> bool:
    return value.startswith(("/", "~/")) if key in _FILES else key == "proxy" and "@" not in value
