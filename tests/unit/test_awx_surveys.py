# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The surveys of AWX: what is answered arrives at the role in its types, and what is out of range is refused."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests import templating
from tools import awx, project

ROOT = project.ROOT
Object = dict[str, t.Any]
QUESTIONS = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}
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
