# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_xml, for attributes and texts of elements; what is done with whole elements no role of ours does."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from hybridlab.windows.files import InUse
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_NOTHING = "The supplied xpath did not match any nodes.  If this is unexpected, check your xpath is valid for the xml file at supplied path."


def win_xml(task: Task) -> dict[str, t.Any]:
    path = task["path"]
    file = task.machine.files.file(path)
    if file is None:
        raise Failed(f"Specified path {path} does not exist or is not a file.")
    if task["type"] == "element" or task["state"] == "absent":
        raise Failed("the lab sets attributes and texts of elements, and does nothing else of win_xml")
    try:
        root = ET.fromstring(file.content)
    except ET.ParseError as error:
        raise Failed(f"Failed to parse file at '{path}' as an XML document: {error}") from None
    nodes = _select(root, task["xpath"])
    result: dict[str, t.Any] = {"changed": False} | ({"count": len(nodes)} if task["count"] else {})
    fragment = task["fragment"]
    if not nodes or (task["count"] and not fragment):
        return result | ({} if nodes else {"msg": _NOTHING})
    changed = [one for one in nodes if _set(one, task["attribute"] if task["type"] == "attribute" else None, fragment or "")]
    if not changed:
        return result | {"msg": "not changed"}
    if task.check:
        return result | {"changed": True, "msg": "not changed check mode"}
    try:
        task.machine.files.write(path, ET.tostring(root, encoding="utf-8", xml_declaration=True))
    except InUse as error:
        raise Failed(f"Unhandled exception while executing module: {error}") from None
    return result | {"changed": True, "msg": f"{task['type']} changed"}


def _select(root: ET.Element, xpath: str) -> list[ET.Element]:
    """Elements by an absolute path, or one that begins with ``//``."""
    if xpath.startswith("//"):
        return root.findall(f".{xpath}")
    name, _slash, rest = xpath.lstrip("/").partition("/")
    return (root.findall(f"./{rest}") if rest else [root]) if name == root.tag else []


def _set(node: ET.Element, attribute: str | None, value: str) -> bool:
    """Whether that changed it."""
    if attribute is None:
        changed, node.text = (node.text or "") != value, value
    else:
        changed = node.get(attribute) != value
        node.set(attribute, value)
    return changed


STAND_INS: dict[str, StandIn] = {"community.windows.win_xml": win_xml}
