# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``roles/<role>/README.md``: the text of ``meta/about.md`` and the variables of ``meta/argument_specs.yml``."""

from __future__ import annotations

import math
import pathlib
import re
import typing as t

import yaml

Spec = t.Mapping[str, t.Any]
BANNER = "<!-- Written by tools/generators/role_readme.py from meta/about.md and meta/argument_specs.yml; renew with: make generate -->"
PATHS = "A relative path is below the working directory of `ansible-playbook`; `~` is the home of who runs it."
_MARKUP = re.compile(r"\b([A-Z])\(([^()]*)\)")


def plain(text: str) -> str:
    """Ansible's documentation markup as Markdown, in one line.

    >>> plain("Needs O(main:name=x); see M(a.b.c).")
    'Needs `name: x`; see `a.b.c`.'
    """

    def shown(match: re.Match[str]) -> str:
        kind, value = match.groups()
        if kind == "O":
            value = value.rpartition(":")[2].replace("=", ": ", 1)
        return f"**{value}**" if kind == "B" else f"*{value}*" if kind == "I" else f"`{value}`"

    return " ".join(_MARKUP.sub(shown, text).split())


def sentences(text: str | list[str]) -> str:
    return " ".join(plain(one) for one in ([text] if isinstance(text, str) else text))


def type_of(option: Spec) -> str:
    elements = option.get("elements")
    return f"{option['type']} of {elements}" if elements else str(option["type"])


def default_of(option: Spec) -> str:
    if option.get("required"):
        return "*required*"
    return f"`{yaml.safe_dump(option['default'], default_flow_style=True, width=math.inf).splitlines()[0]}`" if "default" in option else ""


def rows(options: Spec, prefix: str = "") -> list[str]:
    """Table rows; what a dictionary holds follows it."""
    lines = []
    for name, option in options.items():
        text = sentences(option["description"])
        if option.get("choices"):
            text += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
        text = text.replace("|", "\\|")
        lines.append(f"| `{prefix}{name}` | {type_of(option)} | {default_of(option)} | {text} |")
        lines += rows(option.get("options") or {}, f"{prefix}{name}.")
    return lines


def entry(name: str, spec: Spec) -> list[str]:
    """One entry point's section."""
    heading = "## Variables" if name == "main" else f"## Variables of `tasks_from: {name}`"
    text = [sentences(spec["description"]), ""]
    if not spec.get("options"):
        return [heading.replace("Variables of ", ""), "", *text]
    if any("path" in (option["type"], option.get("elements")) for option in spec["options"].values()):
        text += [PATHS, ""]
    return [heading, "", *text, "| variable | type | default | meaning |", "| --- | --- | --- | --- |", *rows(spec["options"]), ""]


def readme(role: str, about: str, specs: Spec) -> str:
    lines = [BANNER, f"# Role `m365.hybrid.{role}`", "", plain(specs["main"]["short_description"]) + ".", "", about.strip(), ""]
    for name, spec in specs.items():
        lines += entry(name, spec)
    return "\n".join(lines).rstrip() + "\n"


def outputs(root: pathlib.Path) -> dict[str, str]:
    """Each role's README: path → content."""
    found = {}
    for source in sorted((root / "roles").glob("*/meta/argument_specs.yml")):
        role = source.parent.parent
        specs = yaml.safe_load(source.read_text(encoding="utf-8"))["argument_specs"]
        about = (role / "meta" / "about.md").read_text(encoding="utf-8")
        found[f"roles/{role.name}/README.md"] = readme(role.name, about, specs)
    return found
