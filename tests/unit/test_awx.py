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

from ansible_collections.m365.hybrid.plugins.doc_fragments import ldap, powershell, tenant
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options, options, tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import credentials
from tests import templating
from tools import awx, project

ROOT = project.ROOT
PLAYBOOK = ROOT / "playbooks" / "awx_setup.yml"
TYPES = awx.credential_types()
FRAGMENTS = {"tenant": tenant, "powershell": powershell, "ldap": ldap}
DOCS = {name: yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"] for name, fragment in FRAGMENTS.items()}
ENVIRONMENT = {entry["name"]: option for options_ in DOCS.values() for option in options_.values() for entry in option.get("env", [])}
VARIABLES = {entry["name"] for options_ in DOCS.values() for option in options_.values() for entry in option.get("vars", [])}
FIELD = {"id", "label", "type", "format", "secret", "multiline", "choices", "default", "help_text", "ask_at_runtime"}
"""What AWX knows about a field of a credential type."""
QUESTIONS = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}

Object = dict[str, t.Any]


# What the playbook sends ------------------------------------------------------------------------------------------------------------------


def sent(**given: t.Any) -> list[tuple[str, Object]]:
    """Every object that the playbook applies, in its order: the module's name and its options."""
    (play,) = loaded(PLAYBOOK)
    data = {key: value for name in ("credential_types", "objects") for key, value in loaded(awx.DATA / f"{name}.yml").items()}
    variables = {**data, "playbook_dir": str(PLAYBOOK.parent), "awx_setup_image": "registry.example/m365:1", "omit": OMIT, **play["vars"], **given}
    found = []
    for task in play["tasks"]:
        name = next((key for key in task if key.startswith("awx.awx.")), None)
        if name is None:
            continue
        looped = templating.templar(**variables).template(task["loop"])
        for item in looped:
            own = dict(task.get("vars", {}))
            if item.get("survey") and "awx_setup_survey" in own:
                own["awx_setup_survey"] = awx.survey(item["survey"])  # lookups need the whole of Ansible; the playbook's own run has them
            known = templating.templar(**{**variables, **own, "item": item})
            conditions = task.get("when", [])
            if all(known.template(templating.trusted(f"{{{{ {one} }}}}")) for one in ([conditions] if isinstance(conditions, str) else conditions)):
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


COMING = {"hybrid_estate", "estate_export", "change_audit"}
"""Playbooks of other parts of the release; when they are there, their absence from the table below is no longer accepted."""


def test_every_playbook_has_a_job_template_and_every_job_template_a_playbook() -> None:
    there = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"demo", "awx_setup", "one_session"}
    used = {pathlib.PurePath(one["playbook"]).stem for one in named("job_template").values()}
    assert used - COMING <= there
    assert there <= used


def test_the_workflow_checks_asks_and_runs() -> None:
    (flow,) = named("workflow_job_template").values()
    nodes = {one["identifier"]: one for one in flow["workflow_nodes"]}
    order, step = [], "check"
    while step:
        order.append(nodes[step]["unified_job_template"]["type"])
        (step,) = [one["identifier"] for one in nodes[step].get("related", {}).get("success_nodes", [])] or [""]
    assert order == ["job_template", "workflow_approval", "job_template"]
    templates = named("job_template")
    assert templates[nodes["check"]["unified_job_template"]["name"]]["job_type"] == "check"
    assert templates[nodes["apply"]["unified_job_template"]["name"]]["job_type"] == "run"
    assert not any("always_nodes" in one.get("related", {}) for one in nodes.values())


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


# Credential types -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_credential_type_is_as_awx_wants_it(kind: Object) -> None:
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(kind) <= {"name", "description", "kind", "inputs", "injectors"}
    assert kind["kind"] in ("cloud", "net"), "AWX takes no other kind for types of one's own"
    assert set(kind["inputs"]) <= {"fields", "required"}
    assert set(kind["inputs"]["required"]) <= set(fields)
    assert set(kind["injectors"]) <= {"env", "extra_vars", "file"}
    for name, field in fields.items():
        assert set(field) <= FIELD and {"id", "label"} <= set(field), name
        assert re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", name) and name != "tower"
        assert field.get("type", "string") in ("string", "boolean")
        assert not (field.get("choices") and (field.get("secret") or field.get("multiline"))), "AWX refuses choices for such a field"
        assert "default" not in field or not field.get("choices") or field["default"] in field["choices"]
    files = kind["injectors"].get("file", {})
    assert all(re.fullmatch(r"template\.\w+", key) for key in files)
    used = {name for part in kind["injectors"].values() for text in part.values() for name in re.findall(r"\{\{\s*([\w.]+)", text)}
    assert used == set(fields) | {f"tower.filename.{key.partition('.')[2]}" for key in files}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_credential_hands_over_what_connections_read_and_nothing_else(kind: Object) -> None:
    assert set(kind["injectors"].get("env", {})) <= set(ENVIRONMENT)
    assert set(kind["injectors"].get("extra_vars", {})) <= VARIABLES
    for name, text in kind["injectors"]["env"].items():
        option = ENVIRONMENT[name]
        if "choices" not in option:
            continue
        field = next((one for one in kind["inputs"]["fields"] if text == f"{{{{ {one['id']} }}}}"), None)
        assert field["choices"] == option["choices"] if field else text in option["choices"]


SECRET = re.compile(r"password|secret|certificate\Z|key\Z")


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_secret_of_a_credential_is_kept_as_one(kind: Object) -> None:
    wrong = [field["id"] for field in kind["inputs"]["fields"] if SECRET.search(field["id"]) and field.get("secret") is not True]
    assert not wrong
    secrets = {field["id"] for field in kind["inputs"]["fields"] if field.get("secret")}
    assert not [text for text in kind["injectors"].get("extra_vars", {}).values() for one in secrets if one in text], "AWX shows extra variables"


RESOLVERS: dict[str, tuple[str, t.Callable[[t.Callable[[str], t.Any]], Object]]] = {
    "M365_TENANT_": ("tenant", lambda get: tenant_options.resolve(get, "graph")),
    "M365_LDAP_": ("ldap", ldap_options.resolve),
    "M365_": ("powershell", options.resolve),
}


def resolved(environment: t.Mapping[str, str]) -> Object:
    """The options of the connection that reads this environment."""
    prefix = next(one for one in RESOLVERS if all(name.startswith(one) for name in environment))
    name, resolve = RESOLVERS[prefix]
    values = {
        option: next((environment[entry["name"]] for entry in documented.get("env", []) if entry["name"] in environment), documented.get("default"))
        for option, documented in DOCS[name].items()
    }
    values["host"] = values.get("host") or ["dc01.contoso.com"]
    return resolve(values.get)


INPUTS = {
    "tenant_id": "contoso.onmicrosoft.com",
    "client_id": "11111111-2222-3333-4444-555555555555",
    "client_secret": "s3cret",
    "certificate": "-----BEGIN",
    "federated_token_file": "/token",
    "cloud": "worldwide",
    "user": "svc@CONTOSO.COM",
    "password": "Pa55",
    "host": "dc01.contoso.com,dc02.contoso.com",
    "ca_cert": "-----BEGIN",
}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_connection_takes_a_whole_credential(kind: Object, tmp_path: pathlib.Path) -> None:
    environment, _ = awx.injected(kind, INPUTS, tmp_path, tmp_path)
    assert resolved(environment)["auth"] == next(value for name, value in environment.items() if name.endswith("_AUTH"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


NEEDED = [
    ("m365.hybrid tenant, certificate", "tenant_id", "m365_tenant_id"),
    ("m365.hybrid tenant, certificate", "client_id", "m365_tenant_client_id"),
    ("m365.hybrid tenant, certificate", "certificate", "m365_tenant_certificate"),
    ("m365.hybrid tenant, secret", "client_secret", "m365_tenant_client_secret"),
    ("m365.hybrid tenant, federated token", "federated_token_file", "m365_tenant_federated_token_file"),
    ("m365.hybrid directory account", "user", "m365_ldap_user"),
    ("m365.hybrid directory account", "password", "m365_ldap_password"),
]


@pytest.mark.parametrize(("kind", "field", "option"), NEEDED)
def test_a_field_that_is_missing_is_named_by_the_option_that_lacks_it(kind: str, field: str, option: str, tmp_path: pathlib.Path) -> None:
    assert field in TYPES[kind]["inputs"]["required"], "AWX asks for it already"
    environment, _ = awx.injected(TYPES[kind], {**INPUTS, field: ""}, tmp_path, tmp_path)
    with pytest.raises(UsageError, match=option):
        found = resolved(environment)
        if found["auth"] == "certificate":
            credentials.certificate(found)


# Surveys ----------------------------------------------------------------------------------------------------------------------------------

SURVEYS = sorted(path.stem for path in (awx.DATA / "surveys").glob("*.json"))


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_is_one_that_awx_takes(name: str) -> None:
    questions = awx.survey(name)["survey_spec"]["spec"]
    variables = [one["variable"] for one in questions]
    assert len(set(variables)) == len(variables)
    for one in questions:
        assert one["type"] in QUESTIONS and one["question_name"] and re.fullmatch(r"[a-z_0-9]+", one["variable"])
        if one["type"] == "multiplechoice":
            assert one["choices"] and all(isinstance(choice, str) for choice in one["choices"])
            assert one["default"] in one["choices"] or (one["default"] == "" and one["required"])
        if one["type"] in ("integer", "float") and one["default"] != "":
            assert one["min"] <= one["default"] <= one["max"]
        assert one["type"] != "password" or one["default"] == ""


def argument_spec(role: str) -> Object:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    found: Object = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return found


def spec_of(options_: Object) -> Object:
    """Documented options as an argument specification."""
    kept = ("type", "elements", "choices", "required", "default", "no_log")
    found = {}
    for name, one in options_.items():
        found[name] = {key: one[key] for key in kept if key in one}
        if "options" in one:
            found[name]["options"] = spec_of(one["options"])
    return found


def taken(name: str, answers: t.Mapping[str, t.Any]) -> tuple[Object, list[str]]:
    """What the role gets when the survey is answered so, and what its argument specification refuses of it."""
    variables = awx.answered(awx.survey(name), answers)
    templar = templating.templar(**{key: templating.trusted(value) if key in awx.survey(name)["extra_vars"] else value for key, value in variables.items()})
    asked = {key: option for key, option in spec_of(argument_spec(name)).items() if key in variables}
    given = {key: templar.template(templating.trusted(f"{{{{ {key} }}}}")) for key in asked}
    result = ArgumentSpecValidator(asked).validate(given)
    return dict(result.validated_parameters), list(result.error_messages)


SAMPLE = {"text": "x", "textarea": "[]", "password": "x", "integer": 1, "float": 1.5}


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_left_as_it_is_gives_the_roles_own_defaults(name: str) -> None:
    """Answers are texts and numbers; what the role gets has its types, and the values that it would have had without a survey."""
    answers: Object = {}
    for one in awx.survey(name)["survey_spec"]["spec"]:
        if one["required"]:
            answers[one["variable"]] = one["choices"][0] if one["choices"] else SAMPLE[one["type"]]
    found, refused = taken(name, answers)
    asked = {key: {**option, "required": False} for key, option in spec_of(argument_spec(name)).items() if key in found and "default" in option}
    assert not refused
    assert {key: found[key] for key in asked} == dict(ArgumentSpecValidator(asked).validate({}).validated_parameters)


def test_a_list_arrives_as_a_list() -> None:
    found, refused = taken("mail_forwarding", {"survey_mail_forwarding_mailboxes": "- identity: user1\n  forwarding_smtp_address: sales@partner.example"})
    assert not refused
    assert found["mail_forwarding_mailboxes"][0]["forwarding_smtp_address"] == "sales@partner.example"


@pytest.mark.parametrize(
    ("name", "answers", "message"),
    [
        ("adfs_certificate", {"adfs_certificate_days": 2**31}, "not between"),
        ("adfs_certificate", {"adfs_certificate_restart": "some"}, "not one of"),
        ("adfs_certificate", {"adfs_certificate_days": "soon"}, "no number"),
        ("exchange_lifecycle", {"no_such_question": "x"}, "no question"),
    ],
)
def test_awx_refuses_an_answer_out_of_range(name: str, answers: Object, message: str) -> None:
    with pytest.raises(awx.Refused, match=message):
        awx.answered(awx.survey(name), answers)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("- identity: user1\n  state: perhaps", "must be one of: present, absent"),
        ("- forwarding_address: user2", "missing required arguments: identity"),
        ("- identity: user1\n  forward_to: user2", "forward_to"),
        ("user1: x", "dict"),
    ],
)
def test_the_role_refuses_what_awx_cannot_know(answer: str, message: str) -> None:
    _, refused = taken("mail_forwarding", {"survey_mail_forwarding_mailboxes": answer})
    assert any(message in one for one in refused)


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
