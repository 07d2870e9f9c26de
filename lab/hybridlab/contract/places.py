# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Countries and coordinates as Exchange Online takes and shows them."""

from __future__ import annotations

import functools
import json
import pathlib
import re
import typing as t

_COORDINATE = re.compile(r"[+-]?\d+(\.\d+)?")


@functools.cache
def _countries() -> dict[str, str]:
    document = json.loads((pathlib.Path(__file__).parent / "countries.json").read_text(encoding="utf-8"))
    return {code: name for code, name in t.cast(dict[str, str], document).items() if code != "_"}


def country(text: str) -> str | None:
    """The friendly name for a two-letter code or for the name itself, in any case; None for anything else, other names of a country too."""
    for code, name in _countries().items():
        if text.lower() in (code.lower(), name.lower()):
            return name
    return None


def coordinates(text: str) -> str | None:
    """Latitude, longitude and perhaps altitude, with points; None for what is none."""
    parts = [part.replace(",", ".") for part in text.split(";")]
    if len(parts) not in (2, 3) or not all(map(_COORDINATE.fullmatch, parts)):
        return None
    latitude, longitude = float(parts[0]), float(parts[1])
    return ";".join(f"{float(part):g}" if "." not in part else part for part in parts) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
