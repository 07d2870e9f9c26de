# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""House rules that a program can see; CONTRIBUTING says why they are rules."""

from __future__ import annotations

import ast
import pathlib
import re
import typing as t

import pytest
import yaml

from tools import project
from tools.sources import Function, Source, sources

FILE_LINES = 400
FUNCTION_LINES = 40
MODULE_LOGIC_LINES = 15
HEADER = tuple((project.ROOT / "tools" / "__init__.py").read_text(encoding="utf-8").splitlines()[:3])
BAD_NAME = re.compile(r"(?i)helper|manager|(^|_)utils?($|_)|[a-z]Utils?($|[A-Z])")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|stub|NotImplementedError|not implemented)\b")
SPOKEN = ("name", "msg", "fail_msg")
"""Keys whose texts are for people."""
TAKEN = r"( \| default\(''\))? \| expanduser \| realpath| \| map\('expanduser'\)| \| map\('regex_replace'| \| m365\.hybrid\.write_problem| is defined"
"""What follows the name of a path where it is used as it should be, or only looked at."""
THIS = "tests/unit/test_house_rules.py"

every_role = pytest.mark.parametrize("role", sorted((project.ROOT / "roles").glob("*")), ids=lambda role: role.name)
every_source = pytest.mark.parametrize("source", sources(), ids=str)


def length(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


@every_source
def test_a_file_begins_with_its_licence(source: Source) -> None:
    lines = source.lines[1:] if source.text.startswith("#!") else source.lines
    assert tuple(lines[:3]) == HEADER


@every_source
def test_a_file_is_short(source: Source) -> None:
    assert len(source.lines) - source.documentation_lines() <= FILE_LINES


@every_source
def test_a_function_is_short(source: Source) -> None:
    long = [f"{one.name} in line {one.lineno}: {length(one)}" for one in source.functions() if length(one) > FUNCTION_LINES]
    assert not long


@every_source
def test_names_say_what_a_thing_is(source: Source) -> None:
    names = [source.path.rpartition("/")[2].removesuffix(".py")]
    names += [node.name for node in source.nodes(ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)]
    assert not [name for name in names if BAD_NAME.search(name) and not name.startswith("test_")]


@every_source
def test_nothing_is_left_unfinished(source: Source) -> None:
    if source.path != THIS:
        assert not [line for line in source.lines if UNFINISHED.search(line)]


@every_source
def test_no_exception_is_swallowed_without_a_word(source: Source) -> None:
    silent = []
    for node in source.nodes(ast.ExceptHandler):
        body = source.lines[node.lineno - 1 : node.end_lineno]
        if all(isinstance(one, ast.Pass) for one in node.body) and not any("#" in line for line in body):
            silent.append(node.lineno)
        if node.type is None:
            silent.append(node.lineno)
    assert not silent, f"{source}, lines {silent}"


@pytest.mark.parametrize("source", sources("plugins"), ids=str)
def test_plugins_run_no_text_as_code(source: Source) -> None:
    calls = [node.func for node in source.nodes(ast.Call)]
    names = [call.id if isinstance(call, ast.Name) else call.attr for call in calls if isinstance(call, ast.Name | ast.Attribute)]
    assert not {"exec", "eval", "add_script", "run_ps"}.intersection(names)


@pytest.mark.parametrize("source", sources("tests"), ids=str)
def test_tests_use_seams_and_patch_no_dotted_paths(source: Source) -> None:
    def patches_a_path(call: ast.Call) -> bool:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        first: t.Any = call.args[0] if call.args else None
        return name in ("patch", "setattr", "delattr") and isinstance(first, ast.Constant) and "." in str(first.value)

    assert not [node.lineno for node in source.nodes(ast.Call) if patches_a_path(node)]


@pytest.mark.parametrize("source", [one for one in sources("plugins") if one.path.startswith("plugins/modules/")], ids=str)
def test_a_module_is_a_table_and_a_scenario_tells_its_behaviour(source: Source) -> None:
    assert sum(length(function) for function in source.functions()) <= MODULE_LOGIC_LINES
    name = source.path.rpartition("/")[2].removesuffix(".py")
    assert (project.ROOT / "tests" / "scenarios" / f"{name}.yml").is_file(), f"{name} has no scenario"


def test_every_role_has_specs_and_a_molecule_scenario() -> None:
    roles = [path for path in (project.ROOT / "roles").glob("*") if path.is_dir()]
    lacking = [role.name for role in roles if not (role / "meta" / "argument_specs.yml").is_file()]
    lacking += [role.name for role in roles if not (project.ROOT / "extensions" / "molecule" / role.name / "molecule.yml").is_file()]
    assert not lacking


def test_every_other_way_into_a_role_has_specs() -> None:
    entries = [(path.parent.parent, path.stem) for path in (project.ROOT / "roles").glob("*/tasks/restore.yml")]
    assert entries
    specs = {role: yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"] for role, _entry in entries}
    assert not [f"{role.name}: {entry}" for role, entry in entries if entry not in specs[role]]


def texts(value: t.Any, but: t.Collection[str]) -> t.Iterator[str]:
    """The texts of a YAML document but those of some keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for name, one in value.items() if name not in but for text in texts(one, but))
    elif isinstance(value, list):
        yield from (text for one in value for text in texts(one, but))


def documents(role: pathlib.Path) -> dict[str, t.Any]:
    """The files of tasks and variables of a role."""
    paths = [path for folder in ("tasks", "vars") for path in role.glob(f"{folder}/*.yml")]
    return {path.relative_to(role).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


@every_role
def test_a_role_takes_relative_paths_from_the_working_directory(role: pathlib.Path) -> None:
    """Ansible would take them from the playbook's folder, which for playbooks of this collection is in the installed collection and goes with an upgrade."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    paths = {name for spec in specs.values() for name, option in spec.get("options", {}).items() if "path" in (option["type"], option.get("elements"))}
    bare = re.compile(rf"\b({'|'.join(sorted(paths)) or '(?!)'})\b(?!{TAKEN})")
    assert not [f"{name}: {text}" for name, document in documents(role).items() for text in texts(document, (*SPOKEN, "that", "when")) if bare.search(text)]


@every_role
def test_a_role_takes_no_text_for_a_truth_value_or_a_list(role: pathlib.Path) -> None:
    """What `-e name=false` or a line of an INI inventory gives is a text, which ansible-core's check of a role's options lets pass and converts for nobody."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    truths = {name for spec in specs.values() for name, option in spec.get("options", {}).items() if option["type"] == "bool"}
    bare = re.compile(rf"\b({'|'.join(sorted(truths)) or '(?!)'})\b(?! \| bool| is defined)")
    quoted = re.compile(r"'[^']*'")
    assert not [f"{name}: {text}" for name, document in documents(role).items() for text in texts(document, SPOKEN) if bare.search(quoted.sub("", text))]
    lists = [name for name, option in specs["main"].get("options", {}).items() if option["type"] == "list" and option["elements"] != "dict"]
    first = documents(role)["tasks/main.yml"][0]
    assert not lists or first["name"] == "Refuse a text where a list belongs"
    assert not [name for name in lists if name not in first["ansible.builtin.assert"]["that"]]


def below(value: t.Any, depth: int = 0) -> t.Iterator[str]:
    """The texts that a dictionary holds; the value of a variable itself is none of them."""
    if isinstance(value, str) and depth:
        yield value
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in below(one, depth + 1))
    elif isinstance(value, list):
        yield from (text for one in value for text in below(one, depth))


def facts(tasks: t.Any) -> t.Iterator[t.Any]:
    """What tasks set as variables, each by its value."""
    for task in tasks:
        yield from [*(task.get("ansible.builtin.set_fact") or {}).values(), *(task.get("vars") or {}).values()]
        yield from (one for part in ("block", "rescue", "always") for one in facts(task.get(part) or []))


@every_role
def test_a_role_makes_dictionaries_with_numbers_and_null_in_one_expression(role: pathlib.Path) -> None:
    """ansible-core before 2.19 makes texts of them where each value of a dictionary is an expression of its own."""
    lost = re.compile(r"(default\(none\)|else none|\| (int|float|length)) *}}\s*$")
    made = {name: document.values() if name.startswith("vars/") else facts(document) for name, document in documents(role).items()}
    assert not [f"{name}: {text}" for name, values in made.items() for value in values for text in below(value) if lost.search(text)]


def test_the_tasks_of_roles_notify_nobody() -> None:
    """The role hybrid_estate hears of changes by a `notify` that it applies to every role; a task's own would take its place."""
    tasks = [path for folder in ("tasks", "handlers") for path in (project.ROOT / "roles").glob(f"*/{folder}/*.yml")]
    assert tasks
    own = {path.relative_to(project.ROOT).as_posix() for path in tasks if re.search(r"^\s*(- )?notify:", path.read_text(encoding="utf-8"), re.MULTILINE)}
    assert own == {"roles/hybrid_estate/tasks/part.yml", "roles/hybrid_estate/tasks/role.yml"}


def test_an_exemption_from_a_sanity_test_gives_its_reason() -> None:
    lines = [line for path in (project.ROOT / "tests" / "sanity").glob("ignore-*.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    assert not [line for line in lines if line.strip() and "#" not in line]
