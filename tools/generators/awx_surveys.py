# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``extensions/awx/surveys/<playbook>.json``: what AWX asks when a job template is launched, from the argument specification of the playbook's role.

An answer is an extra variable, and those win over everything.  So a survey asks for what a role needs and what has a default, which it offers, and leaves out
what may stay unset (an answer cannot be "unset"), what the playbook sets itself, and paths, which would lie in a container that is gone after the job.
Numbers and words go to the role as they are.  AWX has no other types: lists and mappings are asked for as YAML, true and false as words, and the job
template turns the answer, whose name begins with ``survey_``, into the role's variable.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import yaml

from tools.generators.role_readme import plain

FOLDER = "extensions/awx/surveys"
PLAIN = {"str": "text", "int": "integer", "float": "float"}
AS_YAML = ("list", "dict")
LONGEST_TEXT, LONGEST_YAML = 1024, 65536
MOST = 2**31 - 1
"""What AWX takes as a number at the most; no number that a role asks for is below zero."""

Option = t.Mapping[str, t.Any]
Question = dict[str, t.Any]


def roles_of(playbook: pathlib.Path) -> list[tuple[str, set[str]]]:
    """The roles of ours that a playbook runs, with the variables that it sets for each."""
    found = []
    for play in yaml.safe_load(playbook.read_text(encoding="utf-8")):
        given = set(play.get("vars") or {})
        for one in play.get("roles") or []:
            found.append((str(one["role"]), given | set(one.get("vars") or {})))
        for task in play.get("tasks") or []:
            if "ansible.builtin.include_role" in task:
                found.append((str(task["ansible.builtin.include_role"]["name"]), given | set(task.get("vars") or {})))
    return [(role.removeprefix("m365.hybrid."), variables) for role, variables in found if role.startswith("m365.hybrid.")]


def is_asked(option: Option) -> bool:
    return option["type"] != "path" and (bool(option.get("required")) or "default" in option)


def _sentences(option: Option) -> list[str]:
    text = option["description"]
    return [plain(one) for one in ([text] if isinstance(text, str) else text)]


def _shape(option: Option) -> Question:
    """The type of a question, its limits, choices and default."""
    kind, default = option["type"], option.get("default")
    if kind == "bool":
        return {"type": "multiplechoice", "choices": ["false", "true"], "default": str(bool(default)).lower()}
    if option.get("choices") and kind not in AS_YAML:
        return {"type": "multiplechoice", "choices": [str(one) for one in option["choices"]], "default": str(default or "")}
    if kind in AS_YAML:
        text = yaml.safe_dump(default, default_flow_style=True, width=LONGEST_YAML).strip() if default is not None else ""
        return {"type": "textarea", "min": 0, "max": LONGEST_YAML, "default": text}
    if kind in ("int", "float"):
        return {"type": PLAIN[kind], "min": 0, "max": MOST, "default": "" if default is None else default}
    if option.get("no_log"):
        return {"type": "password", "min": 0, "max": LONGEST_TEXT, "default": ""}
    return {"type": "text", "min": 0, "max": LONGEST_TEXT, "default": str(default or "")}


def secrets(option: Option) -> list[str]:
    """The secrets that a list or mapping may hold.  AWX encrypts the answers of password questions only."""
    parts = (option.get("options") or {}).items()
    return [name for name, one in parts if one.get("no_log")] + [name for _, one in parts for name in secrets(one)]


def question(role: str, name: str, option: Option) -> Question:
    """One question, as the API of AWX takes it."""
    words = name.removeprefix(f"{role}_").replace("_", " ")
    hint = " Give it as YAML." if option["type"] in AS_YAML else ""
    if kept := secrets(option):
        hint += f" Leave out {', '.join(kept)}: the answer can be read by everybody who sees the job."
    return {
        "question_name": words[:1].upper() + words[1:],
        "question_description": " ".join(_sentences(option)) + hint,
        "required": bool(option.get("required")),
        "variable": name if option["type"] in PLAIN else f"survey_{name}",
        "new_question": False,
        "choices": "",
        "min": None,
        "max": None,
        **_shape(option),
    }


def converted(name: str, option: Option) -> str | None:
    """The template by which an answer becomes what the role takes; None for one that is that already."""
    if option["type"] in PLAIN:
        return None
    return f"{{{{ survey_{name} | bool }}}}" if option["type"] == "bool" else f"{{{{ survey_{name} | from_yaml }}}}"


def survey(root: pathlib.Path, role: str, given: t.Collection[str]) -> dict[str, t.Any]:
    """The survey of a role, and the extra variables of its job template."""
    path = root / "roles" / role / "meta" / "argument_specs.yml"
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
    asked = {name: option for name, option in spec["options"].items() if name not in given and is_asked(option)}
    return {
        "survey_spec": {
            "name": "",
            "description": plain(spec["short_description"]),
            "spec": [question(role, name, option) for name, option in asked.items()],
        },
        "extra_vars": {name: text for name, option in asked.items() if (text := converted(name, option))},
    }


def outputs(root: pathlib.Path) -> dict[str, str]:
    """Raises ValueError for a playbook with two roles: a survey belongs to one."""
    found = {}
    for playbook in sorted((root / "playbooks").glob("*.yml")):
        roles = roles_of(playbook)
        if playbook.stem == "demo" or not roles:
            continue
        if len(roles) > 1:
            raise ValueError(f"{playbook.name} runs {len(roles)} roles; a job template has the survey of one")
        ((role, given),) = roles
        content = survey(root, role, given)
        if content["survey_spec"]["spec"]:
            found[f"{FOLDER}/{playbook.stem}.json"] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return found
