# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs behind the make targets, where they decide something."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import packaging.specifiers
import pytest
import yaml

from tools import check, checks, demo, generate, playbook, prepare, processes, project, sanity, scaffold
from tools.check import Result, Schedule
from tools.checks import Check
from tools.generators import Skipped, action_plugins, coverage_page, runtime
from tools.generators import _coverage_overview as overview

ENVIRONMENT = project.environment()


def a_check(name: str, code: str = "", **more: t.Any) -> Check:
    return Check(name, (sys.executable, "-c", code), 1)._replace(**more)


def test_the_longest_chain_of_checks_starts_first() -> None:
    wanted = [a_check("short"), a_check("root"), a_check("long", seconds=50, requires=("root",))]
    schedule = Schedule(wanted)
    assert [one.name for one in (schedule.next(), schedule.next()) if one] == ["root", "short"]
    assert schedule.next() is None
    schedule.end(Result(wanted[1], "passed", 0.1))
    follower = schedule.next()
    assert follower == wanted[2]
    assert schedule.obstacle(follower) is None


def test_a_check_whose_requirement_failed_is_a_failure_and_is_not_run() -> None:
    wanted = [a_check("root", "raise SystemExit(1)"), a_check("next", requires=("root",))]
    results = check.run_all(wanted, 2, measure=False)
    assert [result.verdict for result in results] == ["failed", "failed"]
    assert "root" in results[1].text


def test_a_check_without_anything_to_check_fails() -> None:
    result = check.run(a_check("nothing", needs=("no/such/*.py",)), project.ROOT, measure=False)
    assert result.verdict == "failed"
    assert "no/such/*.py" in result.text


def test_a_check_is_skipped_only_where_its_table_entry_says_so(tmp_path: pathlib.Path) -> None:
    result = check.run(a_check("optional", skip_without=tmp_path / "absent"), project.ROOT, measure=False)
    assert result.verdict == "skipped"
    assert check.closing_line([result]) == "0 passed, 0 failed, 1 skipped"


def test_a_check_that_takes_too_long_is_ended_with_all_it_started() -> None:
    result = check.run(a_check("slow-for-test", "import time; time.sleep(60)", limit=1), project.ROOT, measure=False)
    assert result.verdict == "failed"
    assert "limit of 1 s" in result.text


def test_the_tail_of_the_log_shows_why_a_check_failed() -> None:
    result = check.run(a_check("failing-for-test", "print('the reason'); raise SystemExit(3)"), project.ROOT, measure=False)
    assert "exit code 3" in result.text
    assert "the reason" in result.text


def test_the_table_names_each_check_once_and_refers_to_known_ones() -> None:
    table = checks.table()
    names = [one.name for one in table]
    assert len(set(names)) == len(names)
    assert {name for one in table for name in (*one.requires, *one.after)} <= set(names)


def test_choosing_a_check_brings_what_it_requires() -> None:
    assert [one.name for one in check.with_requirements(["sanity"], checks.table())] == ["package", "sanity"]


def test_a_role_without_a_scenario_is_still_a_check(tmp_path: pathlib.Path) -> None:
    (tmp_path / "roles" / "lonely").mkdir(parents=True)
    (one,) = checks.molecule(tmp_path)
    assert check.missing(one, tmp_path) is not None


def test_the_demo_is_as_promised_only_when_the_second_run_changes_nothing() -> None:
    changed, still = playbook.Outcome(True, 1, 2, 0), playbook.Outcome(True, 1, 0, 0)
    assert demo.line(changed, still) == "demo: first run changed=2 failed=0, second run changed=0 failed=0"
    assert demo.is_as_promised(changed, still)
    for first, second in (
        (still, still),
        (changed, changed),
        (changed, still._replace(failed=1)),
        (changed, still._replace(clean=False)),
        (changed, still._replace(hosts=0)),
    ):
        assert not demo.is_as_promised(first, second)


def test_the_outcome_counts_unreachable_hosts_as_failed() -> None:
    hosts = {"a": {"ok": 1, "changed": 2, "failures": 0, "unreachable": 1}, "b": {"ok": 1, "changed": 1, "failures": 1, "unreachable": 0}}
    assert playbook.outcome(processes.Finished(0, {}), hosts) == playbook.Outcome(True, 2, 3, 2)


def test_a_process_left_behind_is_found_named_and_ended(tmp_path: pathlib.Path) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)"
    finished = processes.run([sys.executable, "-c", code], ENVIRONMENT, tmp_path, grace=0.3)
    assert finished.code == 0
    assert not finished.clean
    assert ["time.sleep(60)" in command for command in finished.left.values()] == [True]
    assert not processes.children().keys() & finished.left.keys()


def test_a_clean_command_leaves_nothing(tmp_path: pathlib.Path) -> None:
    assert processes.run([sys.executable, "-c", "raise SystemExit(4)"], ENVIRONMENT, tmp_path) == processes.Finished(4, {})


def test_generated_files_are_compared_and_written(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    def absent(root: pathlib.Path) -> dict[str, str]:
        raise Skipped("the facts are elsewhere")

    found = {"one": lambda root: {"a/b.txt": "text\n"}, "two": absent}
    assert generate.generate(tmp_path, found, check=True) == ["a/b.txt"]
    assert not (tmp_path / "a").exists()
    assert generate.generate(tmp_path, found, check=False) == ["a/b.txt"]
    assert generate.generate(tmp_path, found, check=True) == []
    assert "two: skipped: the facts are elsewhere" in capsys.readouterr().out


def test_every_module_is_in_its_groups_and_runs_through_the_action_plugin(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "plugins" / "modules"
    folder.mkdir(parents=True)
    for name in ("cmdlet", "exchange_thing", "_private"):
        (folder / f"{name}.py").touch()
    text = runtime.outputs(tmp_path)["meta/runtime.yml"]
    assert "  all:\n    - cmdlet\n    - exchange_thing\n  exchange:\n    - exchange_thing\n" in text
    assert text.count("action_plugin: m365.hybrid.cmdlet") == 2


def test_every_module_but_the_plugins_own_has_an_action_plugin_of_its_name(tmp_path: pathlib.Path) -> None:
    (tmp_path / "plugins" / "modules").mkdir(parents=True)
    for name in ("cmdlet", "exchange_thing"):
        (tmp_path / "plugins" / "modules" / f"{name}.py").touch()
    (path, text), *others = action_plugins.outputs(tmp_path).items()
    assert (path, others) == ("plugins/action/exchange_thing.py", [])
    assert 'loaded("exchange_thing")' in text


def test_the_overview_names_every_module_and_what_no_reference_has() -> None:
    facts = {
        "exchange_thing": {"object": "Thing", "endpoints": ["exchange", "exchange_online"], "check": "full", "diff": "none", "scenario": True},
        "entra_thing": {"object": "/v1.0/things", "endpoints": ["graph"], "check": "full", "diff": "full", "scenario": False},
        "adfs_thing": {"object": "", "endpoints": ["windows"], "check": "full", "diff": "N/A", "scenario": True},
    }
    calls = {"exchange_thing": ["Get-Thing"], "adfs_thing": ["Get-AdfsThing", "Get-Item"], "entra_thing": ["GET v1.0/things/1", "GET v1.0/things"]}
    text = overview.section(facts, calls, {"Get-Thing", "Get-AdfsThing"}, {"v1.0/things/{id}"})
    assert "| `exchange_thing` | `Thing` | yes | yes | – | – | – | full | none | yes | yes |" in text
    assert "| `entra_thing` | `/v1.0/things` | – | – | yes | – | – | full | full | – | not in it: `GET v1.0/things` |" in text
    assert "| `adfs_thing` | `AdfsThing` | – | – | – | – | windows | full | N/A | yes | not in it: `Get-Item` |" in text
    assert overview.is_known("GET v1.0/things/1", {"v1.0/things/{id}"})
    assert not overview.is_known("GET v1.0/thingsElse/1", {"v1.0/things/{id}"})
    shown = {
        line.split("`")[1]
        for line in (project.ROOT / coverage_page.PAGE).read_text(encoding="utf-8").partition("## Cmdlets")[0].splitlines()
        if line.startswith("| `")
    }
    assert shown == {path.stem for path in (project.ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}


def test_the_coverage_page_tells_cmdlets_and_parameters_by_version() -> None:
    parameters: dict[str, dict[str, str]] = {
        "Identity": {},
        "OofText": {"applicable": "2019 SE"},
        "Other": {"applicable": "SE"},
        "DomainController": {"applicable": "2010 2019"},
    }
    contract = {"Set-Thing": {"applicable": "2010 2019 SE", "parameters": parameters}}
    calls: coverage_page.Calls = {"bulk": {"Set-Nothing": []}, "exchange_thing": {"Set-Thing": ["Identity", "OOFText", "DomainController", "Misspelt"]}}
    calls = {**calls, "skype_thing": {"Set-CsThing": ["Identity"]}}
    skype = {"Set-CsThing": {"applicable": "2015 2019", "parameters": {"Identity": {}}}}
    text = coverage_page.page(calls, contract)
    beside = coverage_page.other(calls, skype, "Skype for Business Server", "A note.", coverage_page.SKYPE_VERSIONS)
    assert "| `exchange_thing` | `Set-Thing` | part | – | – | yes | yes | – |" in text
    assert "| `exchange_thing` | `Set-Thing` | 2019, SE | `OofText` |\n" in text
    assert beside.endswith("| `skype_thing` | `Set-CsThing` | – | yes | yes |\n")
    assert "Set-Nothing" not in text and "DomainController" not in text


def test_the_coverage_page_waits_for_the_collection(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Skipped, match="build/collections"):
        coverage_page.outputs(tmp_path)


def test_an_environment_is_current_until_its_requirements_change(tmp_path: pathlib.Path) -> None:
    (tmp_path / "requirements.txt").write_text("a\n")
    (tmp_path / "requirements-demo.txt").write_text("b\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n-r requirements-demo.txt\nc\n")
    stamps = tmp_path / ".venv" / "stamps"
    stamps.mkdir(parents=True)
    (stamps / "test").write_text(prepare.fingerprint(tmp_path, "test"))
    assert prepare.is_current(tmp_path, "test")
    assert prepare.is_current(tmp_path, "demo"), "the tests' environment serves the demo"
    (tmp_path / "requirements.txt").write_text("a>1\n")
    assert not prepare.is_current(tmp_path, "test")


def test_only_missing_system_packages_are_named() -> None:
    wanted = [prepare.SystemPackage("here", lambda: True), prepare.SystemPackage("absent", lambda: False)]
    assert prepare.missing_packages(wanted) == ["absent"]


def test_the_checkout_is_loadable_from_a_relative_link(tmp_path: pathlib.Path) -> None:
    (tmp_path / "galaxy.yml").touch()
    prepare.link_checkout(tmp_path)
    prepare.link_checkout(tmp_path)
    assert (tmp_path / "build" / "collections" / "ansible_collections" / "m365" / "hybrid" / "galaxy.yml").is_file()


def test_pip_settings_of_files_and_environment_reach_ansible_test(tmp_path: pathlib.Path) -> None:
    (tmp_path / "pip.conf").write_text("[global]\ntimeout = 5\nindex-url = https://index.example/simple\n")
    text = sanity.pip_configuration([tmp_path / "pip.conf", tmp_path / "absent"], {"PIP_TIMEOUT": "9", "PIP_CONFIG_FILE": "x", "HOME": "y"})
    assert "timeout = 9" in text
    assert "index-url = https://index.example/simple" in text
    assert "config" not in text


def test_a_folder_with_a_python_that_does_not_start_is_left_out(tmp_path: pathlib.Path) -> None:
    for name, code in (("sound", 0), ("broken", 127)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "python3.12").write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name / "python3.12").chmod(0o755)
    assert sanity.search_path(f"{tmp_path}/broken:{tmp_path}/sound:/nowhere") == f"{tmp_path}/sound:/nowhere"


def test_a_scaffold_names_the_noun_and_refuses_what_exists(tmp_path: pathlib.Path) -> None:
    (tmp_path / "galaxy.yml").write_text("version: 0.1.0\n")
    (tmp_path / "plugins" / "modules").mkdir(parents=True)
    found = scaffold.files(tmp_path, "exchange_send_connector", scaffold.noun_of("exchange_send_connector"))
    module = tmp_path / "plugins" / "modules" / "exchange_send_connector.py"
    assert 'noun="SendConnector"' in found[module]
    compile(found[module], str(module), "exec")
    module.touch()
    for name in ("exchange_send_connector", "teams_team", "exchange_Bad"):
        with pytest.raises(scaffold.CannotBegin):
            scaffold.files(tmp_path, name, "SendConnector")


def test_what_is_unpacked_are_the_dependencies_of_the_collection_at_releases_that_it_allows() -> None:
    declared = yaml.safe_load((project.ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    assert set(prepare.COLLECTIONS) - set(declared) == {"awx.awx"}, "what playbooks/awx_setup.yml uses is no dependency of the rest"
    assert set(declared) <= set(prepare.COLLECTIONS)
    for name, allowed in declared.items():
        manifest = json.loads((project.DEPENDENCIES / "ansible_collections" / name.replace(".", "/") / "MANIFEST.json").read_text(encoding="utf-8"))
        assert packaging.specifiers.SpecifierSet(allowed).contains(manifest["collection_info"]["version"]), name
