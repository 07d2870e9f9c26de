# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments of modules for Windows: what documentation and argument specification say, and the words of Ansible's own checks."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from hybridlab.windows import arguments, documents

SCRIPT = """#!powershell
#AnsibleRequires -CSharpUtil Ansible.Basic
$spec = @{
    options = @{
        name = @{ type = 'str'; required = $true; aliases = 'title' }
        token = @{ type = 'str'; no_log = $true }
        members = @{
            type = 'dict'
            options = @{
                add = @{ type = 'list'; elements = 'str' }
            }
            mutually_exclusive = @(
                , @('add', 'set')
            )
        }
    }
    mutually_exclusive = @(, @('first', 'second'))
    required_together = @(
        , @('first', 'count')
    )
    required_one_of = @(, @('flag', 'path', 'many'))
    required_if = @(
        , @('state', 'absent', @('path', 'token'), $true)
        , @('state', 'other', @(, 'path'))
    )
    required_by = @{
        token = @('path')
    }
    supports_check_mode = $true
}
"""
DOCUMENTATION = """
DOCUMENTATION:
  extends_documentation_fragment: [lab.test.more, ansible.builtin.action_common_attributes]
  options:
    name: {type: str, required: true, aliases: [title]}
    state: {type: str, default: present, choices: [present, absent, other]}
    first: {type: str}
    second: {type: str}
    count: {type: int}
    flag: {type: bool, default: true}
    path: {type: path}
    many: {type: list, elements: int, choices: [1, 2]}
    token: {type: str}
    members:
      type: dict
      suboptions:
        add: {type: list, elements: str}
        set: {type: list, elements: str}
"""
FRAGMENT = 'class ModuleDocFragment:\n    DOCUMENTATION = r"""\noptions:\n  more: {type: str, default: of a fragment}\n"""\n'


@pytest.fixture(name="specification", scope="module")
def of_a_collection(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[documents.Specification]:
    root = tmp_path_factory.mktemp("collections")
    plugins = root / "ansible_collections" / "lab" / "test" / "plugins"
    for path, text in (("modules/win_thing.ps1", SCRIPT), ("modules/win_thing.yml", DOCUMENTATION), ("doc_fragments/more.py", FRAGMENT)):
        (plugins / path).parent.mkdir(parents=True, exist_ok=True)
        (plugins / path).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSIBLE_COLLECTIONS_PATH", str(root))
        yield documents.specification("lab.test.win_thing")


def bind(specification: documents.Specification, **given: t.Any) -> arguments.Values:
    return arguments.bind(specification, given, lambda path: path.replace("%TEMP%", "C:\\Temp"))


def test_every_option_has_a_value_of_its_type(specification: documents.Specification) -> None:
    values = bind(specification, Title="a", flag="no", path="%TEMP%\\x", many="1,2", first="f", count="7", members={"add": "x,y"})
    assert values["name"] == "a" and values["flag"] is False and values["path"] == "C:\\Temp\\x" and values["count"] == 7
    assert values["many"] == [1, 2] and values["members"] == {"add": ["x", "y"], "set": None}
    assert (values["state"], values["second"], values["more"]) == ("present", None, "of a fragment")
    assert specification.check_mode and not specification.legacy


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "missing required arguments: name"),
        ({"nme": "a"}, "Unsupported parameters for (lab.test.win_thing) module: nme. Supported parameters include: more, name, title, state"),
        ({"name": "a", "state": "gone"}, "value of state must be one of: present, absent, other. Got no match for: gone"),
        ({"name": "a", "many": [1, 3]}, "value of many must be one or more of: 1, 2. Got no match for: 3"),
        ({"name": "a", "count": "x", "first": "f"}, "argument for count is of type System.String and we were unable to convert to int"),
        ({"name": "a", "flag": "perhaps"}, "The value 'perhaps' is not a valid boolean"),
        ({"name": "a", "first": "f", "second": "s"}, "parameters are mutually exclusive: first, second"),
        ({"name": "a", "first": "f"}, "parameters are required together: first, count"),
        ({"name": "a", "state": "absent"}, "state is absent but any of the following are missing: path, token"),
        ({"name": "a", "state": "other"}, "state is other but all of the following are missing: path"),
        ({"name": "a", "token": "t"}, "missing parameter(s) required by 'token': path"),
        ({"name": "a", "members": {"add": [], "set": []}}, "parameters are mutually exclusive: add, set found in members"),
        ({"name": "a", "members": {"ad": []}}, "module: ad found in members. Supported parameters include: add, set"),
        ({"name": "a", "members": 5}, "System.Int32 cannot be converted to a dict"),
        ({"name": "a", "_hidden": 5}, "Unsupported parameters"),
    ],
)
def test_what_ansible_refuses_is_refused_in_its_words(specification: documents.Specification, given: arguments.Values, words: str) -> None:
    with pytest.raises(arguments.Refused) as caught:
        bind(specification, **given)
    assert words in str(caught.value)


def test_one_of_several_is_enough(specification: documents.Specification) -> None:
    options = {name: {**option, "default": None} if name == "flag" else option for name, option in specification.options.items()}
    bare = documents.Specification(**{**vars(specification), "options": options})
    with pytest.raises(arguments.Refused, match="one of the following is required: flag, path, many"):
        bind(bare, name="a")
    assert bind(bare, name="a", path="x")["flag"] is None


def test_a_legacy_module_asks_for_what_it_knows(specification: documents.Specification) -> None:
    legacy = documents.Specification(**{**vars(specification), "legacy": True, "script": 'Get-AnsibleParam -name "files" -type "list"'})
    values = bind(legacy, name="a", unknown="x", files=["f"], _original_basename="o")
    assert "unknown" not in values and values["files"] == ["f"] and "_original_basename" not in values
    with pytest.raises(arguments.Refused, match=r"^Get-AnsibleParam: Missing required argument: name$"):
        bind(legacy)
    with pytest.raises(arguments.Refused, match=r"Argument state needs to be one of present,absent,other but was gone\."):
        bind(legacy, name="a", state="gone")


def test_secrets_are_found_wherever_they_are(specification: documents.Specification) -> None:
    assert arguments.secrets(specification, {"token": "hush", "members": {"add": [{"token": "psst"}]}, "name": "a"}) == ["hush", "psst"]


def test_a_module_that_no_collection_has_is_not_guessed_at(tmp_path: pathlib.Path) -> None:
    with pytest.raises(documents.NoModule, match=r"lab\.test\.win_nothing: no installed collection"):
        documents.specification("lab.test.win_nothing")
