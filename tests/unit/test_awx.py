# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects for AWX: each as the module that makes it wants it, each reference to something that exists, each credential what connections read."""

from __future__ import annotations

import ast
import functools
import inspect
import pathlib
import re
import subprocess
import typing as t
import zoneinfo

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader

from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_hosts
from tests import templating
from tools import awx, project
from tools.generators import awx_surveys

ROOT = project.ROOT
PLAYBOOK = ROOT / "playbooks" / "awx_setup.yml"

Object = dict[str, t.Any]


# What the playbook sends ------------------------------------------------------------------------------------------------------------------


def flat(tasks: list[Object], conditions: t.Sequence[str] = ()) -> t.Iterator[Object]:
    """The tasks, those in blocks with the blocks' conditions."""
    for task in tasks:
        own = [*conditions, *([task["when"]] if isinstance(task.get("when"), str) else task.get("when", []))]
        if "block" in task:
            yield from flat(task["block"], own)
        else:
            yield {**task, "when": own}


def sent(**given: t.Any) -> list[tuple[str, Object]]:
    """Every object that the playbook applies, in its order: the module's name and its options."""
    (play,) = loaded(PLAYBOOK)
    data = {key: value for name in ("credential_types", "objects") for key, value in loaded(awx.DATA / f"{name}.yml").items()}
    variables = {**data, "playbook_dir": str(PLAYBOOK.parent), "awx_setup_image": "registry.example/m365:1", "omit": OMIT, **play["vars"], **given}
    found = []
    for task in flat(loaded(awx.DATA / "tasks.yml")):
        name = next((key for key in task if key.startswith("awx.awx.")), None)
        if name is None:
            continue
        looped = templating.templar(**variables).template(task["loop"])
        for item in looped:
            own = dict(task.get("vars", {}))
            if item.get("survey") and "awx_setup_survey" in own:
                own["awx_setup_survey"] = templating.data(awx.survey(item["survey"]))  # lookups need the whole of Ansible; the playbook's own run has them
            known = templating.templar(**{**variables, **own, "item": item})
            if all(known.template(templating.trusted(f"{{{{ {one} }}}}")) for one in task["when"]):
                arguments = known.template(task.get(name) or task["args"])
                found.append((name.rpartition(".")[2], {key: value for key, value in arguments.items() if value != OMIT}))
    return found


OMIT = "__omit__"


def loaded(path: pathlib.Path) -> t.Any:
    load = DataLoader().load_from_file
    more = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(load).parameters else {}
    return load(str(path), **more)


CREDENTIALS = {"tenant": "Contoso", "exchange": "svc-ansible", "directory": "svc-ldap"}


@functools.cache
def everything() -> list[tuple[str, Object]]:
    return sent(awx_setup_credentials=CREDENTIALS)


def named(module: str) -> dict[str, Object]:
    return {one["name"]: one for kind, one in everything() if kind == module}


# The modules of awx.awx -------------------------------------------------------------------------------------------------------------------


@functools.cache
def specification(module: str) -> Object:
    """The module's options, from its documentation, as an argument specification."""
    path = project.DEPENDENCIES / "ansible_collections/awx/awx/plugins/modules" / f"{module}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (text,) = (
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION" and isinstance(node.value, ast.Constant)
    )
    return _options(yaml.safe_load(str(text))["options"])


def _options(documented: Object) -> Object:
    found = {}
    for name, option in documented.items():
        one = {key: option[key] for key in ("type", "elements", "choices", "required", "aliases") if key in option}
        if "suboptions" in option:
            one["options"] = _options(option["suboptions"])
        found[name] = one
    return found


def refusals(module: str, given: Object) -> list[str]:
    return list(ArgumentSpecValidator(specification(module)).validate(given).error_messages)


def test_every_object_is_as_its_module_documents_it() -> None:
    wrong = [f"{module} {given['name']}: {message}" for module, given in everything() for message in refusals(module, given)]
    assert not wrong


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plabook": "x"}, "plabook. Supported parameters"),
        ({"forks": "many"}, "unable to convert to int"),
        ({"name": None}, "missing required"),
        ({"job_type": "scan"}, "must be one of"),
    ],
)
def test_a_wrong_object_would_be_found(changes: Object, message: str) -> None:
    """The validation above is no empty one."""
    wrong = {**named("job_template")["m365 mail forwarding"], **changes}
    assert any(message in one for one in refusals("job_template", {key: value for key, value in wrong.items() if value is not None}))


def test_objects_are_made_before_what_refers_to_them() -> None:
    kinds = list(dict.fromkeys(module for module, _ in everything()))
    assert kinds == [
        "credential_type",
        "execution_environment",
        "project",
        "inventory",
        "inventory_source",
        "job_template",
        "workflow_job_template",
        "workflow_job_template_node",
        "schedule",
    ]


def test_every_reference_leads_somewhere() -> None:
    templates, projects, places = named("job_template"), named("project"), named("execution_environment")
    inventories = named("inventory")
    for one in templates.values():
        assert one["project"] in projects
        assert one["inventory"] in inventories
        assert one["execution_environment"] in places
        assert set(one["credentials"]) <= set(CREDENTIALS.values())
        assert re.fullmatch(r"playbooks/\w+\.yml", one["playbook"])
    for one in named("inventory_source").values():
        assert one["inventory"] in inventories
        assert one["source_project"] in projects
        assert one["execution_environment"] in places
        assert (ROOT / one["source_path"]).is_file()
    for one in named("schedule").values():
        assert one["unified_job_template"] in templates


def test_every_playbook_has_a_job_template_and_every_job_template_a_playbook() -> None:
    there = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"demo", "awx_setup", "one_session"}
    used = {pathlib.PurePath(one["playbook"]).stem for one in named("job_template").values()}
    assert used == there


def test_the_workflow_checks_asks_and_runs() -> None:
    entries = [one for kind, one in everything() if kind == "workflow_job_template_node"]
    assert {one["workflow_job_template"] for one in entries} == set(named("workflow_job_template"))
    nodes: dict[str, Object] = {}
    for one in entries:
        assert set(one.get("success_nodes", ())) <= set(nodes), "a node is there before another leads to it"
        nodes[one["identifier"]] = {**nodes.get(one["identifier"], {}), **one}
    assert [nodes["check"]["success_nodes"], nodes["approve"]["success_nodes"]] == [["approve"], ["apply"]]
    assert "success_nodes" not in nodes["apply"]
    assert nodes["approve"]["approval_node"]["name"]
    templates = named("job_template")
    assert templates[nodes["check"]["unified_job_template"]]["job_type"] == "check"
    assert templates[nodes["apply"]["unified_job_template"]]["job_type"] == "run"
    assert not any("always_nodes" in one or "failure_nodes" in one for one in entries)


_RULE = re.compile(r"DTSTART;TZID=(?P<zone>[\w/]+):(?P<day>\d{8})T\d{6} RRULE:FREQ=(?P<often>DAILY|WEEKLY);INTERVAL=1(?:;BYDAY=(?:MO|TU|WE|TH|FR|SA|SU))?\Z")


def test_schedules_are_rules_that_the_controller_takes() -> None:
    rules = {name: _RULE.match(one["rrule"]) for name, one in named("schedule").items()}
    assert all(rules.values())
    assert {match["often"] for match in rules.values() if match} == {"DAILY", "WEEKLY"}
    for match in rules.values():
        zoneinfo.ZoneInfo(match["zone"])  # type: ignore[index]


def test_what_a_schedule_answers_is_asked() -> None:
    for one in named("schedule").values():
        spec = named("job_template")[one["unified_job_template"]].get("survey_spec", {"spec": []})
        assert set(one.get("extra_data", {})) <= {question["variable"] for question in spec["spec"]}


def test_some_templates_alone_leave_out_what_refers_to_others() -> None:
    found = sent(awx_setup_only=["m365 mail forwarding"])
    assert [one["name"] for module, one in found if module == "job_template"] == ["m365 mail forwarding"]
    assert not [module for module, _ in found if module in ("workflow_job_template", "schedule")]


# The execution environment ----------------------------------------------------------------------------------------------------------------


def test_ansible_builder_makes_a_context_of_the_definition(tmp_path: pathlib.Path) -> None:
    definition = awx.DATA / "execution-environment.yml"
    command = ["ansible-builder", "create", "-f", str(definition), "-c", str(tmp_path / "context"), "--output-filename", "Containerfile"]
    done = subprocess.run(command, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    container = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert 'ARG EE_BASE_IMAGE="quay.io/' in container, "the base image is an argument"
    assert "m365.hybrid" in (tmp_path / "context" / "_build" / "requirements.yml").read_text(encoding="utf-8")
    headers = (tmp_path / "context" / "_build" / "bindep.txt").read_text(encoding="utf-8")
    assert f"{yaml.safe_load(definition.read_text())['dependencies']['python_interpreter']['package_system']}-devel" in headers


def test_the_collection_tells_an_execution_environment_what_it_needs() -> None:
    meta = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    python = (ROOT / meta["python"]).read_text(encoding="utf-8")
    assert all(name in python for name in ("pypsrp[kerberos]", "msal", "requests", "ldap3", "gssapi"))
    system = (ROOT / meta["system"]).read_text(encoding="utf-8").splitlines()
    rpm = {line.split()[0] for line in system if "platform:rpm" in line and "test" not in line}
    assert {"gcc", "krb5-devel", "python3-devel", "krb5-workstation"} <= rpm


def test_every_option_that_a_role_requires_is_asked_given_or_set() -> None:
    lacking = []
    for template in loaded(awx.DATA / "objects.yml")["awx_setup_job_templates"]:
        for role, given in awx_surveys.roles_of(ROOT / "playbooks" / f"{template['playbook']}.yml"):
            options = loaded(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
            known = given | set(template.get("extra_vars", {}))
            if "survey" in template:
                survey = awx.survey(template["survey"])
                known |= set(survey["extra_vars"]) | {one["variable"] for one in survey["survey_spec"]["spec"]}
            lacking += [f"{template['name']}: {name}" for name, option in options.items() if option.get("required") and name not in known]
    assert not lacking


def test_playbooks_use_groups_that_the_inventory_plugin_makes_or_the_guide_names() -> None:
    guide = (ROOT / "docs" / "guides" / "awx.md").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml")]
    used = {
        name
        for text in texts
        for found in re.findall(r"groups\['(\w+)'\]|groups\.(\w+)|^- ?hosts: (\w+)|^  hosts: (\w+)", text, re.M)
        for name in found
        if name
    }
    areas = loaded(ROOT / "roles" / "hybrid_estate" / "vars" / "main.yml")["__hybrid_estate_areas"]
    used |= {part["host"] for parts in areas.values() for part in parts if part.get("host")}
    assert {"adfs", "directory", "windows"} <= used
    strange = used - set(estate_hosts.CONNECTIONS) - {"localhost", "one_session_people_hosts"}
    assert not [name for name in strange if f"`{name}`" not in guide]


def test_no_question_asks_for_a_secret_where_it_can_be_read() -> None:
    (question,) = [one for one in awx.survey("meeting_room")["survey_spec"]["spec"] if one["variable"] == "survey_meeting_room_rooms"]
    assert question["question_description"].endswith("Leave out password: the answer can be read by everybody who sees the job.")


def test_the_password_of_the_directory_goes_before_that_of_a_machine_credential() -> None:
    def given(**credentials: str) -> list[str]:
        made = [one for kind, one in sent(awx_setup_credentials=credentials) if kind == "job_template"]
        return [one["name"] for one in made if "m365_ldap_password" in one["extra_vars"]]

    assert "m365 MFA Server" in given(directory="a", machine="b") and "m365 meeting room" not in given(directory="a", machine="b")
    assert not given(directory="a") and not given(machine="b")
