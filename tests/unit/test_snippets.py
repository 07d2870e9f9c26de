# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows is what works: EXAMPLES of filters and lookups, commands of the README, playbooks of the roles' READMEs.

Modules' EXAMPLES run in `test_examples`; the README's playbook, and the inventory plugin's EXAMPLES, in the integration test `test_readme`.  A role's
snippet is not run here, because a run costs seconds and molecule runs every role: its variables are validated against the role's argument
specification, as ansible-core does before it runs the role, and no variable may be unknown.
"""

from __future__ import annotations

import ast
import base64
import importlib
import pathlib
import re
import shlex
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.loader import lookup_loader

from ansible_collections.m365.hybrid.plugins.lookup import federation_service
from ansible_collections.m365.hybrid.plugins.plugin_utils import serving
from hybridlab.adfs import issuing
from tests import templating
from tests.fake_farm import AUTHORITY, fixed
from tools import project

Row = dict[str, t.Any]
ROOT = project.ROOT
PLUGINS = ROOT / "plugins"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
README = FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
PREFIX = "m365.hybrid."
FILTERS = sorted(PLUGINS.glob("filter/*.yml"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
GALAXY: Row = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
EXCEPTED = {
    ("connection/exchange_online", "EXAMPLES"): "a connection is no task: its options are variables, shown and checked in the guides",
    ("connection/graph", "EXAMPLES"): "as above",
    ("connection/ldap", "EXAMPLES"): "as above",
    ("connection/powershell", "EXAMPLES"): "as above; the inventory of the README has it",
    ("callback/change_record", "EXAMPLES"): "it is enabled in ansible.cfg, which its requirements show; tests/integration/test_change_record.py does so",
    ("README.md", "text"): "the picture of the layers: tests/unit/test_layers.py holds it against the tree",
}
"""What cannot be executed, and why.  For a plugin it means that there are no EXAMPLES, for the README the language of the block."""


def trusted(value: t.Any) -> t.Any:
    """All texts in a value as templates."""
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return templating.trusted(value) if isinstance(value, str) else value


def rendered(task: Row) -> list[t.Any]:
    """What a task of debug or assert says; every claim of an assertion must hold."""
    templar = templating.templar(**trusted(task.get("vars", {})))
    for path in PLUGINS.glob("filter/*.py"):
        for name, function in importlib.import_module(f"ansible_collections.m365.hybrid.plugins.filter.{path.stem}").FilterModule().filters().items():
            templar.environment.filters[PREFIX + name] = function
    assert set(task) - {"name", "vars"} <= {"ansible.builtin.debug", "ansible.builtin.assert"}, f"{task['name']} is neither debug nor assert"
    if "ansible.builtin.debug" in task:
        return [templar.template(templating.trusted(task["ansible.builtin.debug"]["msg"]))]
    claims = task["ansible.builtin.assert"]["that"]
    said = [templar.template(templating.trusted(f"{{{{ ({claim}) | bool }}}}"), escape_backslashes=False) for claim in claims]
    assert [claim for claim, holds in zip(claims, said, strict=True) if holds is not True] == []
    return said


class Lookup(federation_service.LookupModule):
    """The lookup, whose options come from its own DOCUMENTATION: ansible-core's way to a collection is not open in this process."""

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        known = yaml.safe_load(federation_service.DOCUMENTATION)["options"]
        assert set(direct) <= set(known)
        self._given = {name: direct.get(name, option.get("default")) for name, option in known.items()}

    def get_option(self, option: str, hostvars: t.Any = None) -> t.Any:
        return self._given[option]


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lookups by their full names, as examples have them."""
    original = lookup_loader.get

    def get(name: str, *args: t.Any, **more: t.Any) -> t.Any:
        return Lookup() if name == f"{PREFIX}federation_service" else original(name.removeprefix("ansible.builtin."), *args, **more)

    monkeypatch.setattr(lookup_loader, "get", get)


@pytest.mark.parametrize("path", FILTERS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("lookups")
def test_examples_of_a_filter_hold(path: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PFX_PASSWORD", "Sn1ppet-2026!")
    issuing.write_pfx(tmp_path / "sts.pfx", fixed(7, "sts.contoso.com"), "Sn1ppet-2026!", with_key=True, chain=(AUTHORITY.held,))
    encoded = base64.b64encode((tmp_path / "sts.pfx").read_bytes())
    (tmp_path / "sts.pfx.b64").write_bytes(encoded)
    examples = yaml.safe_load(path.read_text(encoding="utf-8"))["EXAMPLES"]
    assert f"{PREFIX}{path.stem}" in examples
    for task in yaml.safe_load(examples):
        assert rendered(task)


@pytest.mark.usefixtures("lookups")
def test_examples_of_the_lookup_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are those of a farm that is not there, so what a server answers is given."""
    asked: list[tuple[t.Any, ...]] = []

    def look(address: str, name: str, timeout: float, now: t.Any) -> Row:
        asked.append((address, name, timeout))
        return {"address": address, "reached": True, "certificate": {"days_left": 30}}

    monkeypatch.setattr(serving, "look", look)
    for task in yaml.safe_load(federation_service.EXAMPLES):
        assert rendered(task) == [[{"days_left": 30}] * 2]
    assert asked == [("adfs01.contoso.com:443", "sts.contoso.com", 10.0), ("wap01.contoso.com:443", "sts.contoso.com", 10.0)]


def has_examples(path: pathlib.Path) -> bool:
    return any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES" for node in ast.parse(path.read_text(encoding="utf-8")).body)


def test_what_is_not_executed_is_listed_with_its_reason() -> None:
    kinds = ("callback", "connection", "inventory", "lookup")
    without = {f"{kind}/{path.stem}" for kind in kinds for path in PLUGINS.glob(f"{kind}/*.py") if not has_examples(path)}
    assert without == {where for where, what in EXCEPTED if what == "EXAMPLES"}
    executed = {"lookup/federation_service", "inventory/estate"}
    assert {f"{kind}/{path.stem}" for kind in kinds for path in PLUGINS.glob(f"{kind}/*.py")} == without | executed
    assert {language for language, code in README} == {"yaml", "shell"} | {what for where, what in EXCEPTED if where == "README.md"}


def specifier(requirement: str) -> tuple[str, frozenset[str]]:
    """(project, its limits) of a requirement; an extra does not count."""
    name, limits = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(.*)", requirement.strip()).groups()  # type: ignore[union-attr]
    return name, frozenset(limits.split(","))


def test_commands_of_the_readme_install_what_the_project_requires() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line for language, code in README if language == "shell" for line in code.splitlines()]
    commands = [shlex.split(line, comments=True) for line in [*lines, *re.findall(r"`((?:pip|ansible-galaxy) [^`]+)`", text)]]
    required = dict(specifier(line) for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    package = f"{GALAXY['namespace']}-{GALAXY['name']}"
    known = {f"{GALAXY['namespace']}.{GALAXY['name']}", f"build/package/{package}-*.tar.gz"}
    installed = set()
    for command in commands:
        if command[:2] == ["pip", "install"]:
            for name, limits in map(specifier, command[2:]):
                assert limits == required[name], f"{name}: README {sorted(limits)}, requirements.txt {sorted(required[name])}"
                installed.add(name)
        else:
            assert command[:3] == ["ansible-galaxy", "collection", "install"] and set(command[3:]) <= known, command
    assert installed == {"pypsrp", "msal", "ldap3", "gssapi"}


class Given(t.NamedTuple):
    """What a snippet gives to a role."""

    role: str
    entry: str
    variables: Row


def gives(item: Row) -> list[Given]:
    """Of a play with roles, of one with tasks, or of a task."""
    included = [(one["ansible.builtin.include_role"], one["vars"]) for one in item.get("tasks", [item]) if "ansible.builtin.include_role" in one]
    tasks = [Given(options["name"], options.get("tasks_from", "main"), variables) for options, variables in included]
    return [Given(one["role"], "main", one["vars"]) for one in item.get("roles", [])] + tasks


def snippets(role: str) -> list[Given]:
    """All in the role's README.  A block that gives nothing to the role, or to another one, is an error."""
    found = []
    for language, code in FENCE.findall((ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")):
        assert language == "yaml", f"{role}: nothing executes a block of {language or 'no language'}"
        for item in yaml.safe_load(code):
            assert {one.role for one in gives(item)} == {PREFIX + role}, item
            found += gives(item)
    return found


def spec_of(options: Row) -> Row:
    """An argument specification as modules have it, without what only documents.  What is required has no default there."""
    kept = {"type", "elements", "choices", "default", "required", "no_log"}
    found: Row = {}
    for name, option in options.items():
        found[name] = {key: value for key, value in option.items() if key in kept - ({"default"} if option.get("required") else set())}
        if "options" in option:
            found[name]["options"] = spec_of(option["options"])
    return found


@pytest.mark.parametrize("role", ROLES)
def test_snippets_of_a_role_give_what_it_takes(role: str) -> None:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    given = snippets(role)
    assert "main" in {one.entry for one in given}, f"{role} shows no playbook"
    for one in given:
        tasks = ROOT / "roles" / role / "tasks" / f"{one.entry}.yml"
        assert tasks.is_file()
        if one.entry in specs:
            asked = spec_of(specs[one.entry].get("options", {}))
            assert ArgumentSpecValidator(asked).validate(one.variables).error_messages == []
        else:  # the way back of a role that has no specification for it
            assert [name for name in one.variables if name not in tasks.read_text(encoding="utf-8")] == []
