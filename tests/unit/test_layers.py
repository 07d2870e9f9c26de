# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the project: who may import or name whom, in every folder.

playbooks → roles → modules → module_utils/_<service> → module_utils/_core; action, connection, inventory → plugin_utils → plugin_utils/_wires;
doc_fragments → module_utils/_fragments.  The lab and the plugins never import each other: the wire is the contract.
Neither knows the tools or the tests.
"""

from __future__ import annotations

import ast
import re
import sys
import typing as t

import pytest
import yaml

from tools import project
from tools.sources import OURS, Import, Source, sources

ANSIBLE_FOR_MODULES = ("ansible.module_utils",)
CORE = "module_utils._core"
SHARED_DOCS = tuple(f"module_utils.{one}" for one in ("_fragments", "_connection_docs", "_tenant_docs", "_ldap_docs", "_directory_fragments"))


class Layer(t.NamedTuple):
    """What a part of the collection may import besides the standard library and itself."""

    part: str
    """The part's dotted name below ``plugins``; the longest that fits a file counts."""
    ours: tuple[str, ...]
    ansible: tuple[str, ...] = ()
    third_party: bool = False


LAYERS = (
    Layer(CORE, ("module_utils._fragments", "module_utils._directory_fragments"), ANSIBLE_FOR_MODULES),  # the documentation is the specification
    Layer("module_utils._exchange", (CORE,), ANSIBLE_FOR_MODULES),
    Layer("module_utils._entra", (CORE,), ANSIBLE_FOR_MODULES),
    Layer("module_utils._directory", (CORE,), ANSIBLE_FOR_MODULES),
    Layer("module_utils._sync", (CORE, "module_utils._directory", "module_utils._entra"), ANSIBLE_FOR_MODULES),
    Layer("module_utils._skype", (CORE, "module_utils._exchange"), ANSIBLE_FOR_MODULES),  # what holds for the cmdlets of any noun is there
    Layer("module_utils._windows", (CORE,), ANSIBLE_FOR_MODULES),
    Layer("module_utils._adfs", (CORE, "module_utils._exchange", "module_utils._entra"), ANSIBLE_FOR_MODULES),
    Layer("module_utils._audit", (CORE,), ANSIBLE_FOR_MODULES),
    Layer("module_utils._fragments", SHARED_DOCS),
    Layer("module_utils._directory_fragments", ()),
    Layer("module_utils._ldap_docs", (CORE, "module_utils._connection_docs")),
    Layer("module_utils._connection_docs", (CORE,)),
    Layer("module_utils._tenant_docs", (CORE, "module_utils._connection_docs")),
    Layer("modules", (CORE, *(f"module_utils._{one}" for one in "exchange entra directory skype sync adfs audit".split())), ANSIBLE_FOR_MODULES),
    Layer("doc_fragments", SHARED_DOCS),
    Layer("filter", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("lookup", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("callback", (CORE, "plugin_utils"), ("ansible",)),
    Layer("action", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("inventory", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("connection", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("plugin_utils", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("plugin_utils._wires", ("module_utils", "plugin_utils"), ANSIBLE_FOR_MODULES, third_party=True),
)
BROUGHT_BY_ANSIBLE_CORE = {("plugins/module_utils/_core/docs.py", "yaml"), ("plugins/plugin_utils/estate_yaml.py", "yaml")}
"""(file, library) that a file may import because ansible-core needs the library itself; a file that modules use does it under a guard."""
LAB_LAYERS = (
    ("records", "clixml", "faults", "process", "control"),
    ("wire",),
    ("contract",),
    ("ad",),
    ("exchange", "graph", "windows"),
    ("directory",),
    ("windows_host",),
    ("edge_host",),
    ("skype", "sync", "adfs", "cloud"),
    ("skype_host", "inventory"),
    ("estate", "sessions"),
    ("cli",),
    ("__main__",),
)
"""The parts of ``lab/hybridlab``, from the bottom up: one imports what stands below it, those of one line not each other."""
EACH_OTHER = ("records", "estate")
"""Parts whose line may: what everything rests on, and the estate with what it counts."""
LIBRARIES_OF_THE_LAB = {"cryptography", "jwt", "psrpcore", "spnego", "yaml"}
FOREIGN_MODULES = ("ansible.builtin.", "ansible.windows.", "community.windows.", "microsoft.iis.", "m365.hybrid.")
"""Whose modules roles and playbooks name: those of ansible-core, of the dependencies in galaxy.yml, and ours."""
FOR_ONE_PLAYBOOK = {"extensions/awx/tasks.yml": ("awx.awx.",)}
"""What only one playbook names (awx_setup.yml), which says in its first lines that this collection has to be installed."""
IN_A_PLAY = {"hosts", "import_playbook", "ansible.builtin.import_playbook"}
MAY_END_A_MODULE = "plugins/module_utils/_core/run.py"


def is_within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def layer_of(source: Source) -> Layer:
    name = source.module.removeprefix(OURS)
    fitting = [layer for layer in LAYERS if is_within(name, layer.part)]
    assert fitting, f"{source} belongs to no layer; give it one in tests/unit/test_layers.py"
    return max(fitting, key=lambda layer: len(layer.part))


def allowed(source: Source, found: Import) -> bool:
    layer = layer_of(source)
    if found.name.startswith(OURS):
        name = found.name.removeprefix(OURS)
        into_wires = is_within(name, "plugin_utils._wires") and not is_within(layer.part, "plugin_utils")
        return not into_wires and any(is_within(name, part) for part in (layer.part, *layer.ours))
    top = found.name.partition(".")[0]
    if top == "ansible":
        return any(is_within(found.name, part) for part in layer.ansible)
    return layer.third_party or top in sys.stdlib_module_names or (source.path, top) in BROUGHT_BY_ANSIBLE_CORE


@pytest.mark.parametrize("source", sources("plugins"), ids=str)
def test_a_plugin_imports_only_what_its_layer_may(source: Source) -> None:
    wrong = [f"line {one.line}: {one.name}" for one in source.imports() if one.name != "__future__.annotations" and not allowed(source, one)]
    assert not wrong, f"{source} ({layer_of(source).part}) may not import: {'; '.join(wrong)}"


@pytest.mark.parametrize("source", sources("plugins"), ids=str)
def test_nothing_imports_a_module(source: Source) -> None:
    assert not [one for one in source.imports() if is_within(one.name, OURS + "modules")]


@pytest.mark.parametrize("source", sources("plugins"), ids=str)
def test_plugins_do_not_know_the_lab(source: Source) -> None:
    assert "hybridlab" not in source.text


@pytest.mark.parametrize("source", sources("lab"), ids=str)
def test_the_lab_does_not_know_ansible_or_the_plugins(source: Source) -> None:
    assert not [one for one in source.imports() if is_within(one.name, "ansible") or is_within(one.name, "ansible_collections")]


@pytest.mark.parametrize("source", [source for source in sources("plugins") if source.path != MAY_END_A_MODULE], ids=str)
def test_only_the_run_function_ends_a_module(source: Source) -> None:
    calls = [node.lineno for node in source.nodes(ast.Attribute) if node.attr in ("fail_json", "exit_json")]
    assert not calls, f"{source}, lines {calls}: raise a HybridError"
    assert not [one for one in source.imports() if one.name == "ansible.module_utils.basic.AnsibleModule"]


def test_every_folder_of_the_plugins_has_one_layer() -> None:
    parts = [layer.part for layer in LAYERS]
    assert len(parts) == len(set(parts))
    for folder in (project.ROOT / "plugins").iterdir():
        assert any(part.partition(".")[0] == folder.name for part in parts) or not any(folder.rglob("*.py")), f"plugins/{folder.name} has no layer"


@pytest.mark.parametrize("source", [*sources("plugins"), *sources("lab")], ids=str)
def test_what_is_shipped_or_emulated_knows_neither_tools_nor_tests(source: Source) -> None:
    assert not [one for one in source.imports() if is_within(one.name, "tools") or is_within(one.name, "tests")]


@pytest.mark.parametrize("source", sources("tools"), ids=str)
def test_tools_do_not_know_the_tests(source: Source) -> None:
    assert not [one for one in source.imports() if is_within(one.name, "tests")]


def level(part: str) -> int:
    found = [number for number, parts in enumerate(LAB_LAYERS) if part in parts]
    assert found, f"lab/hybridlab/{part} belongs to no layer; give it one in tests/unit/test_layers.py"
    return found[0]


@pytest.mark.parametrize("source", sources("lab"), ids=str)
def test_a_part_of_the_lab_imports_only_what_is_below_it(source: Source) -> None:
    own = source.path.removeprefix("lab/hybridlab/").removesuffix(".py").partition("/")[0]
    if own == "__init__":
        assert not source.imports()
        return
    wrong = []
    for one in source.imports():
        name = one.name.removeprefix("ansible_collections.m365.hybrid.").removeprefix("lab.")  # how relative imports are told
        top, _dot, rest = name.partition(".")
        part = rest.partition(".")[0]
        if top != "hybridlab":
            wrong += [one] if top not in sys.stdlib_module_names and top not in LIBRARIES_OF_THE_LAB else []
        elif part != own and not (level(part) < level(own) or level(part) == level(own) in map(level, EACH_OTHER)):
            wrong.append(one)
    assert not wrong, f"{source} may not import: {'; '.join(f'line {one.line}: {one.name}' for one in wrong)}"


def task_lists(data: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """The tasks in a file of tasks, handlers or plays, those in blocks included."""
    for one in data if isinstance(data, list) else []:
        nested = [one[key] for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers") if key in one]
        for tasks in nested:
            yield from task_lists(tasks)
        if not nested and not IN_A_PLAY & set(one):
            yield one


def task_files() -> list[str]:
    roles = [path for part in ("tasks", "handlers") for path in (project.ROOT / "roles").glob(f"*/{part}/**/*.yml")]
    return [
        path.relative_to(project.ROOT).as_posix()
        for path in sorted([*roles, *(project.ROOT / "playbooks").glob("*.yml"), project.ROOT / "extensions/awx/tasks.yml"])
    ]


@pytest.mark.parametrize("path", task_files())
def test_roles_and_playbooks_name_only_modules_that_come_with_the_collection(path: str) -> None:
    allowed_here = FOREIGN_MODULES + FOR_ONE_PLAYBOOK.get(path, ())
    for task in task_lists(yaml.safe_load((project.ROOT / path).read_text(encoding="utf-8"))):
        names = [key for key in task if "." in key]
        assert len(names) == 1, f"{path}: {task.get('name')}: a task names one module, in full: {names}"
        assert names[0].startswith(allowed_here), f"{path}: {task.get('name')}: {names[0]}"
        if path.startswith("roles/"):
            assert not names[0].endswith(".import_playbook")


def test_the_picture_in_the_readme_shows_every_part_of_the_collection() -> None:
    picture = (project.ROOT / "README.md").read_text(encoding="utf-8").partition("## The layers")[2].partition("```text")[2].partition("```")[0]
    assert picture
    parts = {
        layer.part.replace(".", "/")
        for layer in LAYERS
        if re.fullmatch(r"(module_utils|plugin_utils)\._[a-z]+|callback|connection|inventory|filter|lookup|action", layer.part)
    }
    documents = {part for part in parts if part.endswith(("_fragments", "_docs"))} | {"module_utils/_fragments"}
    missing = [part for part in sorted(parts - documents) if part not in picture]
    assert not missing, f"README, The layers: {missing}"
    for named in re.findall(r"(?:module_utils|plugin_utils)/_?\w+", picture):
        assert (project.ROOT / "plugins" / named).exists(), f"README, The layers: there is no {named}"
