# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of an estate as text: YAML with a comment at every place, the same text for the same estate.

It is read as variables, so a text of the estate that looks like a template is marked ``!unsafe``: what somebody wrote into a display name or a
disclaimer must not be run on the control node.
"""

from __future__ import annotations

import textwrap
import typing as t

import yaml
from ansible.module_utils.common.yaml import SafeDumper, yaml_dump

WIDTH = 150
_TEMPLATES = ("{{", "{%", "{#", "#jinja2:")
Tree = dict[str, t.Any]


class _Dumper(SafeDumper):
    """Without anchors: the second of two equal lists is written out."""

    def ignore_aliases(self, data: t.Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> t.Any:
    if any(one in value for one in _TEMPLATES):
        return dumper.represent_scalar("!unsafe", value, style='"')
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if _block(value) else None)


def _block(value: str) -> bool:
    """Whether it reads best as lines, and survives that: blank lines at its end would need a mark that ends the document."""
    return (
        "\n" in value
        and value.strip("\n") != ""
        and not value.endswith("\n\n")
        and all(line == line.rstrip() and line.isprintable() for line in value.split("\n"))
    )


_Dumper.add_representer(str, _text)


def comment(text: str, indent: int = 0) -> str:
    """Lines of a comment; line breaks in the text, which may be a server's, end no comment."""
    start = f"{' ' * indent}# "
    words = "".join(one if one.isprintable() else " " for one in text)
    return textwrap.fill(words, WIDTH, initial_indent=start, subsequent_indent=start, break_long_words=False, break_on_hyphens=False) + "\n"


def block(value: t.Any, indent: int) -> str:
    """A list or a mapping in block style, its entries' order kept."""
    text = yaml_dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False)
    return textwrap.indent(text, " " * indent, lambda line: bool(line.strip()))


def entry(key: str, value: t.Any, notes: t.Sequence[str], indent: int) -> str:
    """One key with its comments above it; an empty value stands on the key's line."""
    head = "".join(comment(one, indent) for one in notes)
    if value in ([], {}):
        return f"{head}{' ' * indent}{key}: {value}\n"
    return f"{head}{' ' * indent}{key}:\n{block(value, indent + 2)}"


def broken_at(text: str) -> str:
    """Where a text is no YAML, as line and column; empty where it is.  Not in the parser's words, which may quote a secret."""
    mark = None
    try:
        yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
