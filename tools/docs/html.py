# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links of finished pages: Sphinx checks references, and not what stands in raw HTML or was written as an address."""

from __future__ import annotations

import html
import pathlib
import re
import urllib.parse

TARGET = re.compile(r"\b(?:href|src)=\"([^\"]*)\"")
NAME = re.compile(r"\b(?:id|name)=\"([^\"]+)\"")


def broken(folder: pathlib.Path) -> list[str]:
    """What a link or picture of a page leads to and is not there, with the page."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}
    names = {path: {html.unescape(one) for one in NAME.findall(text)} for path, text in texts.items()}
    found = []
    for path, text in texts.items():
        for target in sorted(set(TARGET.findall(text))):
            parts = urllib.parse.urlsplit(html.unescape(target))
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            anchor = urllib.parse.unquote(parts.fragment)
            if not file.exists() or (file in names and anchor and anchor not in names[file]):
                found.append(f"{path.relative_to(folder)}: {target} leads to nothing")
    return found
