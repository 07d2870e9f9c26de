# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the collection: who may import whom.

playbooks → roles → modules → module_utils/_<service> → module_utils/_core; action, connection, inventory → plugin_utils → plugin_utils/_wires;
doc_fragments → module_utils/_fragments.  The lab and the plugins never import each other: the wire is the contract.
"""

from __future__ import annotations

import ast
import sys
import typing as t

import pytest

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
    Layer("filter", (CORE, "module_utils._exchange"), ("ansible",)),
    Layer("inventory", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("connection", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("plugin_utils", ("module_utils", "plugin_utils"), ("ansible",)),
    Layer("plugin_utils._wires", ("module_utils", "plugin_utils"), ANSIBLE_FOR_MODULES, third_party=True),
)
GUARDED = {("plugins/module_utils/_core/docs.py", "yaml")}
"""(file, library) that a file imports under a guard, because ansible-core brings the library wherever modules run."""
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
    return layer.third_party or top in sys.stdlib_module_names or (source.path, top) in GUARDED


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
