# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README, guides, decisions and CONTRIBUTING say what is so: links, names, variables, defaults, examples."""

from __future__ import annotations

import ast
import importlib
import json
import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.module_utils import _connection_docs, _ldap_docs, _tenant_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import exchange_online, graph, graph_budgets, verdict
from hybridlab import cli, estate, faults
from hybridlab.exchange import seed
from tests import scenarios
from tests.unit import test_export
from tools import project

ROOT = project.ROOT
README = ROOT / "README.md"
CONNECT = ROOT / "docs" / "guides" / "connect_to_exchange.md"
COVERAGE = ROOT / "docs" / "coverage.md"
FILES = ROOT / "docs" / "guides" / "from_an_existing_organization_to_playbooks.md"
ONLINE = ROOT / "docs" / "guides" / "connect_to_exchange_online_and_graph.md"
CLOUD = ROOT / "docs" / "guides" / "national_clouds.md"
THROTTLING = ROOT / "docs" / "guides" / "throttling.md"
DIRECTORY = ROOT / "docs" / "guides" / "connect_to_active_directory.md"
LAB = ROOT / "docs" / "guides" / "the_lab.md"
DOCUMENTS = sorted((README, ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")))
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if not path.stem.startswith("_")}
CONNECTIONS = {path.stem for path in (ROOT / "plugins" / "connection").glob("*.py")}
FILTERS = {path.stem for path in (ROOT / "plugins" / "filter").glob("*.py")}
ROLES = {path.name for path in (ROOT / "roles").glob("*") if path.is_dir()}
ANYWHERE = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"] + "/blob/main/"
"""Galaxy shows the README without the rest of the tree, so its links are whole addresses."""
OTHER_NAMES = {"m365_wire", "m365_hybrid"}
"""A variable of the action plugin, and the section of ansible.cfg."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
VARIABLE = re.compile(r"\bm365_[a-z]\w*")

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def text(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: pathlib.Path, language: str) -> list[str]:
    """The fenced code blocks of a language."""
    return [code for found, code in FENCE.findall(text(path)) if found == language]


def rows(path: pathlib.Path, heading: str) -> list[list[str]]:
    """The cells of the tables below a heading, without the tables' head."""
    part = text(path).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def tasks(value: t.Any) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """(module, options) of every task of our collection in a parsed block."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if str(key).startswith("m365.hybrid.") and isinstance(inner, dict):
                yield str(key).removeprefix("m365.hybrid."), inner
            else:
                yield from tasks(inner)
    elif isinstance(value, list):
        for one in value:
            yield from tasks(one)


@every_document
def test_a_link_leads_to_a_file_of_the_project(path: pathlib.Path) -> None:
    links = [link for link in LINK.findall(text(path)) if link.startswith(ANYWHERE) or "://" not in link]
    targets = [ROOT / link.removeprefix(ANYWHERE) if link.startswith(ANYWHERE) else path.parent / link for link in (one.partition("#")[0] for one in links)]
    assert not [str(target) for target in targets if not target.exists()]


def test_links_of_the_readme_work_away_from_the_tree() -> None:
    assert not [link for link in LINK.findall(text(README)) if "://" not in link]


@every_document
def test_code_blocks_parse(path: pathlib.Path) -> None:
    for code in blocks(path, "yaml"):
        list(yaml.safe_load_all(code))
    for code in blocks(path, "json"):
        json.loads(code)
    for code in blocks(path, "python"):
        ast.parse(code)


@every_document
def test_examples_give_options_that_their_module_takes(path: pathlib.Path) -> None:
    for module, options in tasks([list(yaml.safe_load_all(code)) for code in blocks(path, "yaml")]):
        importlib.import_module(f"ansible_collections.m365.hybrid.plugins.modules.{module}").MODULE.validate(options)


@every_document
def test_variables_are_options_of_the_connection(path: pathlib.Path) -> None:
    options = [*_connection_docs.definitions().values(), *_tenant_docs.definitions().values(), *_ldap_docs.definitions().values()]
    known = {variable["name"] for option in options for variable in option["vars"]}
    assert not set(VARIABLE.findall(text(path))) - known - OTHER_NAMES


@every_document
def test_make_targets_exist(path: pathlib.Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.M))
    assert not set(re.findall(r"`make ([a-z]+)`", text(path))) - targets


def test_the_readme_names_every_module_and_role() -> None:
    named = {name for row in rows(README, "What is in it") for name in names(row[0])}
    assert not (MODULES | ROLES) - named
    assert not {name for name in named if name.startswith("exchange_")} - MODULES - CONNECTIONS - FILTERS - ROLES


def test_the_coverage_page_has_every_module_of_a_service() -> None:
    named = {name for row in rows(COVERAGE, "Cmdlets")[1:] for name in names(row[0])}
    assert named == {name for name in MODULES if name.startswith("exchange_")}


def test_the_guide_to_playbooks_exports_whatever_can_be_exported() -> None:
    """Domains before what has addresses in them, mailboxes before groups, all before those who administer them."""
    listed = next(yaml.safe_load(code)["resources"] for code in blocks(FILES, "yaml") if code.startswith("# resources.yml"))
    there = {name for name in test_export.NAMES if ("powershell", "exchange") in scenarios.module(name).wires}
    assert set(listed) == there
    order = ["exchange_accepted_domain", "exchange_mailbox_database", "exchange_mailbox", "exchange_distribution_group", "exchange_role_group"]
    assert [one for one in listed if one in order] == order and listed[-1] == order[-1]


def test_the_table_of_variables_has_every_option() -> None:
    found = {name.removeprefix("m365_"): row for row in rows(CONNECT, "Variables")[1:] for name in names(row[0])}
    assert set(found) == {option.key for option in _connection_docs.OPTIONS}
    assert {key for key, row in found.items() if row[2] == "yes"} == {option.key for option in _connection_docs.PER_ENDPOINT}


def test_the_table_of_variables_has_the_defaults() -> None:
    exchange = ENDPOINTS["exchange"]
    wanted: dict[str, t.Any] = {option.key: option.default for option in _connection_docs.OPTIONS if option.default is not None}
    wanted |= {"scheme": exchange.scheme, "path": exchange.path, "configuration_name": exchange.configuration, "auth": exchange.auth}
    wanted |= {"negotiate_service": exchange.service}
    found = {name.removeprefix("m365_"): row[1].strip("`") for row in rows(CONNECT, "Variables")[1:] for name in names(row[0])}
    del wanted["host"]  # a template
    assert {key: found[key] for key in wanted} == {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in wanted.items()}


def test_the_table_of_a_tenants_variables_has_every_option_and_default() -> None:
    found = {name.removeprefix("m365_tenant_"): row[1] for row in rows(ONLINE, "Variables")[1:] for name in names(row[0])}
    assert set(found) == {option.key for option in _tenant_docs.OPTIONS}
    assert all(found[option.key] == f"`{str(option.default).lower()}`" for option in _tenant_docs.OPTIONS if option.default is not None)


def test_the_table_of_a_directorys_variables_has_every_option_and_default() -> None:
    found = {name.removeprefix("m365_ldap_"): row[1] for row in rows(DIRECTORY, "Variables")[1:] for name in names(row[0])}
    assert set(found) == {option.key for option in _ldap_docs.OPTIONS}
    assert all(found[option.key] == f"`{str(option.default).lower()}`" for option in _ldap_docs.OPTIONS if option.default is not None)


def test_the_table_of_clouds_is_the_data() -> None:
    found = {names(row[0])[0]: [row[1], *names(row[2]), *names(row[3]), *names(row[4])] for row in rows(CLOUD, "Hosts")[1:]}
    assert found == {cloud.name: [cloud.title, cloud.login, cloud.exchange, cloud.graph] for cloud in CLOUDS.values()}


def test_the_guide_to_throttling_has_the_budgets() -> None:
    for paths, allowed in rows(THROTTLING, "Services with small budgets")[1:]:
        number, seconds = map(int, re.findall(r"\d+", allowed))
        for path in names(paths):
            budget = next(one for one in graph_budgets.BUDGETS if one.paths.match(f"/v1.0{path}/x"))
            assert (budget.requests, budget.seconds) == (number, seconds)
    named = [path for row in rows(THROTTLING, "Services with small budgets")[1:] for path in names(row[0])]
    assert not [one for one in graph_budgets.BUDGETS if not any(one.paths.match(f"/beta{path}/x") for path in named)]


def test_the_guide_to_throttling_says_what_is_sent_again() -> None:
    table = rows(THROTTLING, "What is sent again")[1:]
    busy, perhaps = (frozenset(int(one) for one in names(row[0]) if one.isdecimal()) for row in (table[0], table[2]))
    assert (busy, perhaps) == (verdict.REFUSED_FOR_NOW, verdict.PERHAPS_DONE)
    assert tuple(float(one) for one in re.findall(r"\d+(?=,| s|, then)", table[0][2])) == verdict.PAUSES
    told = re.search(r"up to (\d+) cmdlets for Exchange Online, up to (\d+) requests", text(THROTTLING))
    assert told and tuple(map(int, told.groups())) == (exchange_online.ExchangeOnline.most, graph.Graph.most)
    defaults = dict(re.findall(r"`m365_tenant_(\w+)` \((\d+) s\)", text(THROTTLING)))
    assert defaults == {option.key: str(option.default) for option in _tenant_docs.OPTIONS if option.key in defaults} and len(defaults) == 2


def tree(cls: type[errors.HybridError]) -> t.Iterator[type[errors.HybridError]]:
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from tree(child)


def test_the_table_of_errors_has_every_class() -> None:
    found = {name: row[1] for row in rows(CONNECT, "Errors") for name in names(row[0])}
    assert set(found) == {one.__name__ for one in tree(errors.HybridError)}
    assert {name for name, host in found.items() if host == "unreachable"} == {"Unreachable"} | {one.__name__ for one in tree(errors.Unreachable)}


def test_the_table_of_faults_is_the_labs() -> None:
    found = {names(row[0])[0]: row for row in rows(LAB, "Faults")[1:]}
    assert {name: row[2] for name, row in found.items()} == {name: {None: "always", 1: "once"}[kind.count] for name, kind in faults.KINDS.items()}
    options = {name: [f"{option}={value}" for option, value in kind.options.items()] for name, kind in faults.KINDS.items()}
    assert {name: names(row[3]) for name, row in found.items()} == options


def test_the_guide_to_the_lab_names_its_options_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["up", "--help"])
    offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    found = {names(row[0])[0].split()[0].split("[")[0]: row for row in rows(LAB, "Up, status, down")[1:]}
    assert set(found) == offered
    assert (found["--version"][1], found["--mailboxes"][1]) == ("`2019`", "10")
    assert set(names(found["--version"][2])) == set(estate.VERSIONS)


def test_the_guide_to_the_lab_names_what_a_fresh_lab_holds() -> None:
    named = {name for row in rows(LAB, "With your own playbooks") for name in names(row[1])}
    held = {entry[0] for entry in (*seed.ACCOUNTS, *seed.SPECIAL, *seed.PUBLIC_FOLDERS, *seed.CONTACTS, *seed.GROUPS)}
    assert not held - named


@every_document
def test_a_document_speaks_of_the_project_alone(path: pathlib.Path) -> None:
    assert not re.findall(r"(?i)/work/|/tmp/|prototypes/", text(path))
