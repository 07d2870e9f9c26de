# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizational units: shown by their canonical name, and named by that or by their distinguished name."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_PART = re.compile(r"\s*(\w+)\s*=\s*((?:\\.|[^\\,])*)")


def canonical(value: t.Any) -> str:
    """``contoso.com/Sales/North``, also from ``OU=North,OU=Sales,DC=contoso,DC=com``; empty for none.

    Another name, which only the server can resolve, would never equal what the server shows.
    """
    found = values.text(value).strip()
    if re.search(r"(?i)(^|,)\s*DC\s*=", found):
        parts = [(kind.upper(), re.sub(r"\\(.)", r"\1", name.strip())) for kind, name in _PART.findall(found)]
        domain = ".".join(name for kind, name in parts if kind == "DC")
        return "/".join([domain, *(name.replace("/", "\\/") for kind, name in reversed(parts) if kind != "DC")])
    if found and "/" not in found and "." not in found:
        raise ValueError(f"{value!r} is not an organizational unit such as contoso.com/Sales or OU=Sales,DC=contoso,DC=com")
    return found.rstrip("/")


CONTAINER = values.Codec(canonical, str.casefold, values.TEXT.dump)
