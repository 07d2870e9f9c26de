# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_xml: elements, texts and attributes of a file such as web.config.

The XPath that is understood is that of ElementTree, from the document's root on, with ``/@name`` at its end for an attribute.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from hybridlab.windows.files import File
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

NO_MATCH = "The supplied xpath did not match any nodes.  If this is unexpected, check your xpath is valid for the xml file at supplied path."
_ATTRIBUTE = re.compile(r"^(?P<path>.*?)/@(?P<name>[\w:.-]+)$")


def win_xml(task: Task) -> dict[str, t.Any]:
    file, root = _document(task)
    match = _ATTRIBUTE.match(task["xpath"])
    nodes = _select(root, match["path"] if match else task["xpath"])
    if match:
        nodes = [node for node in nodes if match["name"] in node.attrib]
    counted: dict[str, t.Any] = {"count": len(nodes)} if task["count"] else {}
    if task["count"] and not task["fragment"]:
        return counted
    if not nodes:
        return {**counted, "msg": NO_MATCH}
    changed = _KINDS[task["type"]](task, root, nodes, match["name"] if match else None)
    if not changed:
        return {**counted, "msg": "not changed"}
    if task.check:
        return {**counted, "changed": True, "msg": "not changed check mode"}
    backup = {"backup_file": f"{file.path}.4711.20260101-000000.bak"} if task["backup"] else {}
    if backup:
        task.machine.files.copy(file, backup["backup_file"])
    ET.indent(root)
    task.machine.files.write(file.path, b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8"))
    return {**counted, **backup, "changed": True, "msg": f"{task['type']} {'removed' if task['state'] == 'absent' else 'changed'}"}


def _document(task: Task) -> tuple[File, ET.Element]:
    file = task.machine.files.file(task["path"])
    if file is None:
        raise Failed(f"Specified path {task['path']} does not exist or is not a file.")
    try:
        return file, ET.fromstring(file.content, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
    except ET.ParseError as error:
        raise Failed(f"Failed to parse file at '{task['path']}' as an XML document: {error}") from error


def _select(root: ET.Element, xpath: str) -> list[ET.Element]:
    """The elements at a path that begins at the document."""
    document = ET.Element("document")
    document.append(root)
    try:
        return document.findall(f".{xpath}" if xpath.startswith("/") else xpath)
    except (SyntaxError, KeyError) as error:
        raise Failed(f"the lab does not understand the XPath {xpath!r}: {error}") from error


def _element(task: Task, root: ET.Element, nodes: list[ET.Element], attribute: str | None) -> bool:
    if task["state"] == "absent":
        parents = {child: parent for parent in root.iter() for child in parent}
        if not task.check:
            for node in nodes:
                parents[node].remove(node)
        return not task.check  # As the module: check mode does not foretell a removal.
    try:
        wanted = ET.fromstring(task["fragment"] or "")
    except ET.ParseError as error:
        raise Failed(f"Failed to parse fragment as XML: {error}") from error
    missing = [node for node in nodes if not any(_same(wanted, child) for child in (list(node) or [node]))]
    for node in missing:
        node.append(ET.fromstring(task["fragment"]))
    return bool(missing)


def _same(one: ET.Element, other: ET.Element) -> bool:
    texts = ((one.text or "").strip(), (other.text or "").strip())
    return (
        one.tag == other.tag
        and list(one.attrib.items()) == list(other.attrib.items())
        and texts[0] == texts[1]
        and len(one) == len(other)
        and all(_same(*pair) for pair in zip(one, other, strict=True))
    )


def _text(task: Task, root: ET.Element, nodes: list[ET.Element], attribute: str | None) -> bool:
    changed = [node for node in nodes if "".join(node.itertext()) != (task["fragment"] or "")]
    for node in changed:
        for child in list(node):
            node.remove(child)
        node.text = task["fragment"]
    return bool(changed)


def _attribute(task: Task, root: ET.Element, nodes: list[ET.Element], attribute: str | None) -> bool:
    name = task["attribute"]
    if not name:
        raise Failed("Get-AnsibleParam: Missing required argument: attribute")
    if task["state"] == "absent":
        found = [node for node in nodes if attribute is not None or node.tag == name]
        for node in found:
            node.attrib.pop(name, None)
        return bool(found)
    changed = [node for node in nodes if node.get(name) != task["fragment"] and attribute in (None, name)]
    for node in changed:
        node.set(name, task["fragment"] or "")
    return bool(changed)


_KINDS: dict[str, t.Callable[[Task, ET.Element, list[ET.Element], str | None], bool]] = {"element": _element, "text": _text, "attribute": _attribute}
STAND_INS: dict[str, StandIn] = {"community.windows.win_xml": win_xml}
