# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX makes of the data in ``extensions/awx``: the environment and the files of a credential, and the variables of a survey's answers.

Facts: a custom credential type's injectors are templates of a sandboxed Jinja, where a field that was left empty is an empty text and
``tower.filename`` names the files; an answer that is not given is the question's default; an answer that does not fit the question's limits is refused.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tools import project

DATA = project.ROOT / "extensions" / "awx"

Mapping = t.Mapping[str, t.Any]


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's ``!unsafe``, whose text is not a template of the playbook's."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(t.cast(yaml.ScalarNode, node)))


class Refused(Exception):
    """AWX does not launch the job; the message says why."""


def credential_types() -> dict[str, dict[str, t.Any]]:
    """Every credential type by its name."""
    loaded = yaml.load((DATA / "credential_types.yml").read_text(encoding="utf-8"), Loader=_Loader)
    return {one["name"]: one for one in loaded["awx_setup_credential_types"]}


def survey(name: str) -> dict[str, t.Any]:
    """``survey_spec`` and ``extra_vars`` of a job template."""
    loaded: dict[str, t.Any] = json.loads((DATA / "surveys" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def injected(kind: Mapping, inputs: Mapping, folder: pathlib.Path, seen_as: pathlib.Path) -> tuple[dict[str, str], dict[str, str]]:
    """The environment and the extra variables of a job with this credential; its files are written to ``folder``, which the job knows as ``seen_as``."""
    jinja = ImmutableSandboxedEnvironment()
    fields = {field["id"]: inputs.get(field["id"], field.get("default", "")) for field in kind["inputs"]["fields"]}
    names: dict[str, str] = {}
    for key, template in kind["injectors"].get("file", {}).items():
        name = key.partition(".")[2]
        path = folder / f"{kind['name'].replace(' ', '_').replace(',', '')}_{name}"
        path.write_text(jinja.from_string(template).render(**fields), encoding="utf-8")
        path.chmod(0o600)
        names[name] = str(seen_as / path.name)
    fields["tower"] = {"filename": names}
    environment, variables = (
        {key: jinja.from_string(text).render(**fields) for key, text in kind["injectors"].get(part, {}).items()} for part in ("env", "extra_vars")
    )
    return environment, variables


def answered(found: Mapping, answers: Mapping) -> dict[str, t.Any]:
    """The extra variables of a job whose survey was answered so.  Raises `Refused` as the API does."""
    unknown = set(answers) - {question["variable"] for question in found["survey_spec"]["spec"]}
    if unknown:
        raise Refused(f"there is no question for {', '.join(sorted(unknown))}")
    variables: dict[str, t.Any] = dict(found["extra_vars"])
    for question in found["survey_spec"]["spec"]:
        name = question["variable"]
        if name not in answers and question["required"] and question["default"] == "":
            raise Refused(f"{name} needs an answer")
        value = answers.get(name, question["default"])
        if name in answers:
            _check(question, value)
        elif question["type"] in ("integer", "float") and value == "":
            continue  # a default that is no number is not used
        variables[name] = value
    return variables


def _check(question: Mapping, value: t.Any) -> None:
    name, kind = question["variable"], question["type"]
    if kind in ("integer", "float"):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Refused(f"{name}: {value!r} is no number")
        if not question["min"] <= value <= question["max"]:
            raise Refused(f"{name}: {value} is not between {question['min']} and {question['max']}")
    elif not isinstance(value, str):
        raise Refused(f"{name}: {value!r} is no text")
    elif kind == "multiplechoice" and value not in question["choices"]:
        raise Refused(f"{name}: {value} is not one of {', '.join(question['choices'])}")
    elif kind in ("text", "textarea", "password") and not question["min"] <= len(value) <= question["max"]:
        raise Refused(f"{name}: the text is too long")
