# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's documentation is its argument spec and its table."""

from __future__ import annotations

import importlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.module_utils import _fragments
from ansible_collections.m365.hybrid.plugins.module_utils._core import docs, fields, values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from tests import scenarios

NAMES = [path.stem for path in scenarios.MODULES.glob("*.py") if path.stem != "__init__"]
every_module = pytest.mark.parametrize("name", NAMES)
LOOKS_SECRET = re.compile(r"(?i)(?:pass(?!ive)|secret|token|key)")  # the expression of ansible-test, which is wider than that of ansible-core
TEXT = "module: thing\noptions:\n  name: {type: str, required: true}\n  colour: {type: str, choices: [dark_red, blue]}\n  many: {type: raw}\n"


def documented(name: str) -> tuple[dict[str, t.Any], frozenset[str]]:
    """All documented options, and the properties of the resource among them, read without the code under test."""
    text = yaml.safe_load(importlib.import_module(f"ansible_collections.m365.hybrid.plugins.modules.{name}").DOCUMENTATION)
    options: dict[str, t.Any] = {}
    properties = set(text["options"])
    for fragment in text.get("extends_documentation_fragment", []):
        shared = yaml.safe_load(_fragments.BY_NAME[fragment]).get("options", {})
        options |= shared
        properties |= set(shared) if fragment.endswith("_properties") else set()
    return options | text["options"], frozenset(properties)


@every_module
def test_the_argument_spec_is_the_documentation(name: str) -> None:
    options, properties = documented(name)
    module = scenarios.module(name)
    spec = module.argument_spec()
    assert (module.docs.module, module.docs.properties) == (name, properties)
    assert list(spec) == list(options)
    for option, entry in spec.items():
        said = {key: value for key, value in options[option].items() if key not in ("description", "version_added", "suboptions")}
        assert {key: value for key, value in entry.items() if key not in ("no_log", "options")} == said


@every_module
def test_an_option_is_documented_once(name: str) -> None:
    text = yaml.safe_load(importlib.import_module(f"ansible_collections.m365.hybrid.plugins.modules.{name}").DOCUMENTATION)
    shared = [yaml.safe_load(_fragments.BY_NAME[one]).get("options", {}) for one in text.get("extends_documentation_fragment", [])]
    said = [option for options in (text["options"], *shared) for option in options]
    assert len(said) == len(set(said))


def test_a_fragment_that_nobody_knows_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match=r"thing extends m365\.hybrid\.recipient_propertys, which is no fragment"):
        docs.load(TEXT + "extends_documentation_fragment: [m365.hybrid.recipient_propertys]\n")


def test_every_fragment_that_ansible_shows_to_modules_is_one_that_they_obey() -> None:
    shown = {path.stem for path in (scenarios.MODULES.parent / "doc_fragments").glob("*.py")} - {"__init__"}
    obeyed = {name.removeprefix("m365.hybrid.") for name in _fragments.BY_NAME}
    assert (obeyed - shown, shown - obeyed) == (set(), {"ldap", "powershell", "tenant"})  # those of the connections have tables of their own
    for name in obeyed:
        fragment = importlib.import_module(f"ansible_collections.m365.hybrid.plugins.doc_fragments.{name}").ModuleDocFragment
        assert fragment.DOCUMENTATION == _fragments.BY_NAME[f"m365.hybrid.{name}"]


def test_the_name_of_a_fragment_says_whether_its_options_are_properties() -> None:
    loaded = docs.load(TEXT + "extends_documentation_fragment: [m365.hybrid.recipient_properties, m365.hybrid.resource]\n")
    assert {"name", "colour", "many", "mail_tip", "custom_attribute15"} < loaded.properties
    assert "state" in loaded.options and "state" not in loaded.properties
    bound = fields.bind(loaded, [fields.Field("mail_tip", read="Tip")], keys=("name",))
    assert bound["mail_tip"].read == "tip" and bound["custom_attribute15"].write == "CustomAttribute15"


@every_module
def test_secrets_are_not_logged_and_what_only_looks_like_one_is(name: str) -> None:
    module = scenarios.module(name)
    for option, entry in module.argument_spec().items():
        assert entry.get("no_log") is (True if option in module.secrets else False if LOOKS_SECRET.search(option) else None)


@every_module
def test_resource_options_have_no_default_because_unset_means_unmanaged(name: str) -> None:
    module = scenarios.module(name)
    if isinstance(module, CmdletModule):
        assert not [option for option in module.resource().attributes if "default" in module.docs.options.get(option, {})]


def test_suboptions_become_options() -> None:
    text = "module: thing\noptions:\n  a: {type: dict, suboptions: {password: {type: str}}}\n"
    assert docs.load(text).argument_spec() == {"a": {"type": "dict", "options": {"password": {"type": "str", "no_log": False}}}}


def test_a_field_of_an_undocumented_option_is_an_error() -> None:
    with pytest.raises(ValueError, match="thing: fields of undocumented options: colr, state"):
        fields.bind(docs.load(TEXT), [fields.Field("colr"), fields.Field("state"), fields.Field("many")])


def test_an_option_without_a_field_keeps_the_rule() -> None:
    bound = fields.bind(docs.load(TEXT), [], keys=("name",))
    assert [(one.option, one.read, one.write, one.kind) for one in bound.values()] == [
        ("colour", "colour", "Colour", "choice"),
        ("many", "many", "Many", "texts"),
    ]
    assert bound["colour"].codec.dump(bound["colour"].codec.load("DARKRED")) == "DarkRed"


def test_a_field_says_what_breaks_the_rule() -> None:
    own = values.Codec(str)
    table = [fields.Field("colour", read="Paint_Kind", write="PaintColour", codec=own, immutable=True), fields.Field("many", read="", codec="texts")]
    bound = fields.bind(docs.load(TEXT), table)
    assert bound["colour"] == fields.Attribute("colour", "paintkind", "PaintColour", "own", own, True, False)
    assert not bound["many"].readable and bound["many"].codec is values.CODECS["texts"]


def test_a_secret_cannot_be_read_unless_a_field_says_how() -> None:
    assert not fields.bind(docs.load(TEXT), [fields.Field("colour", secret=True)])["colour"].readable
    assert fields.bind(docs.load(TEXT), [fields.Field("colour", secret=True, read="Colour")])["colour"].read == "colour"


def test_a_codec_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        fields.bind(docs.load(TEXT), [fields.Field("colour", codec="nonsense")])
