# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transport rules: the table of what belongs together and what excludes each other, values in other spellings."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import transport_rule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.contract.check import Contract
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_session import FakeSession

NAME = "exchange_transport_rule"
MODULE = t.cast(CmdletModule, scenarios.module(NAME))
ATTRIBUTES = MODULE.attributes
SUBJECT = {"prepend_subject": "x "}


def run(product: Exchange, **options: t.Any) -> Result:
    return MODULE.run(lambda: FakeSession(product), Task(MODULE.validate(options), diff=True, verbosity=1))


def many(name: str, product: Exchange, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, surroundings.named)
    return module.run(lambda: FakeSession(product), Task(module.validate(options)))


def rule(product: Exchange, name: str) -> dict[str, t.Any]:
    found = FakeSession(product).invoke("Get-TransportRule", {"Identity": name}).output[0]
    assert isinstance(found, dict)
    return found


def problem(after: dict[str, t.Any], touched: t.Iterable[str], action: plan.Action = "update") -> str | None:
    """What is said about a rule that an update makes so; each touched option may have lost its value."""
    return transport_rule.conflict(plan.Plan(action, {}, after, {name: plan.Change(None, after.get(name)) for name in touched}))


# the tables


def test_the_tables_name_options() -> None:
    parts = {name for part in transport_rule.PARTS for names in (part.names, part.required, part.ends) for name in names}
    rivals = {name for group in transport_rule.RIVALS for options in group for name in options}
    named = parts | rivals | {*transport_rule.NEEDED_BY, *transport_rule.NEEDED_BY.values(), *transport_rule.ACTIONS}
    assert not named - set(ATTRIBUTES)


def test_every_condition_has_its_exception_in_the_same_form() -> None:
    options = MODULE.docs.options
    conditions = [name.removeprefix("except_if_") for name in options if name.startswith("except_if_")]
    assert len(conditions) == 59
    for name in conditions:
        assert ATTRIBUTES[name].codec.key is ATTRIBUTES[f"except_if_{name}"].codec.key or "choices" in options[name], name
        for key in ("type", "choices"):
            assert options[name].get(key) == options[f"except_if_{name}"].get(key), name


@pytest.mark.parametrize("version", ["2016", "2019", "SE"])
def test_every_parameter_of_the_reference_is_an_option(version: str) -> None:
    given = {values.fold(name) for name in Contract(version).parameters("Set-TransportRule")} - {"identity", "confirm", "whatif", "domaincontroller"}
    assert given == {values.fold(attribute.write) for name, attribute in ATTRIBUTES.items() if name != "enabled"} | {"name"}
    assert not {values.fold(one.write) for one in ATTRIBUTES.values()} - {values.fold(name) for name in Contract(version).parameters("New-TransportRule")}


def test_lists_are_written_as_a_whole() -> None:
    assert not [name for name, one in ATTRIBUTES.items() if one.codec.item and not (one.codec.whole and one.codec.dump([]) is None)]


def test_what_can_be_set_can_be_cleared() -> None:
    """By an empty list, an empty text, false or unset, or together with what it belongs to."""
    kept = {*transport_rule.DEFAULTS, "priority"}
    ended = {name for part in transport_rule.PARTS if part.ends for name in part.names}
    for name in set(ATTRIBUTES) - kept - ended:
        codec, option = ATTRIBUTES[name].codec, MODULE.docs.options[name]
        empty = [] if codec.item else values.UNSET if "choices" in option else ""
        assert codec.dump(codec.load(empty)) is None, name
        assert "choices" not in option or values.UNSET in option["choices"], name


@pytest.mark.parametrize("part", transport_rule.PARTS, ids=lambda part: part.names[0])
def test_the_required_options_of_a_part_are_missed(part: transport_rule.Part) -> None:
    for name in part.names:
        missed = [one for one in part.required if one != name]
        found = problem({"prepend_subject": "x", name: "x"}, [name])
        assert found == (f"{name} needs {missed[0]}" if missed else None)
        assert problem({"prepend_subject": "x"} | dict.fromkeys(part.names, "x"), [name]) is None


@pytest.mark.parametrize("group", transport_rule.RIVALS, ids=lambda group: group[0][0])
def test_any_two_of_a_group_exclude_each_other(group: tuple[tuple[str, ...], ...]) -> None:
    for first in group:
        for second in group:
            if first is not second:
                after = {"prepend_subject": "x", first[0]: True, second[-1]: True}
                found = problem(after, [first[0]])
                assert found and first[0] in found and second[-1] in found and "exclude each other" in found
                assert problem(after, ["comments"]) is None, "a rule that is so already is not the task's affair"


def test_a_rule_keeps_an_action() -> None:
    assert problem({"comments": "x"}, ["delete_message"]) == "without delete_message it would have no action"
    assert problem({"comments": "x"}, ["comments"]) is None
    assert "at least one action" in (problem({"comments": "x"}, ["comments"], "create") or "")
    for name in transport_rule.ACTIONS:
        assert problem({name: "x", **dict.fromkeys(transport_rule.NEEDED_BY.values(), "x"), "set_header_value": "x"}, ["comments"], "create") is None, name


# writing


def test_a_rule_that_came_to_be_otherwise_can_still_be_changed() -> None:
    product = Exchange()
    FakeSession(product).invoke("New-TransportRule", {"Name": "Old", "DeleteMessage": True})
    entry = product.objects["TransportRule"].one("Old")
    entry.values["RedirectMessageTo"] = ["user1@contoso.com"]
    refused = run(product, name="Old", moderate_message_by_manager=True)
    assert "delete_message" in refused["msg"] and "moderate_message_by_manager" in refused["msg"] and not refused["changed"]
    settled = run(product, name="Old", delete_message=False)
    assert settled["changed"] and rule(product, "Old")["RedirectMessageTo"] == ["user1@contoso.com"]


def test_the_rest_of_a_part_is_sent_with_a_change_and_is_no_change() -> None:
    product = Exchange()
    text = {"apply_html_disclaimer_text": "<p>a</p>", "apply_html_disclaimer_location": "prepend", "apply_html_disclaimer_fallback_action": "reject"}
    run(product, name="Disclaimer", **text)
    result = run(product, name="Disclaimer", apply_html_disclaimer_text="<p>b</p>")
    sent = next(parameters for cmdlet, parameters in product.calls if cmdlet == "Set-TransportRule")
    assert {name: sent[f"ApplyHtmlDisclaimer{name}"] for name in ("Location", "FallbackAction")} == {"Location": "Prepend", "FallbackAction": "Reject"}
    assert list(result["diff"]["after"]) == ["apply_html_disclaimer_text"]


def test_a_new_rule_is_sent_what_it_has_and_nothing_else() -> None:
    product = Exchange()
    run(product, name="New", **SUBJECT, subject_contains_words=[], from_scope="unset", comments="", scl_over="", quarantine=False, priority=0, enabled=False)
    sent = next(parameters for cmdlet, parameters in product.calls if cmdlet == "New-TransportRule")
    assert sent == {"Name": "New", "PrependSubject": "x ", "Priority": 0, "Enabled": False, "Confirm": False}


def test_an_option_that_the_version_has_not_says_which_have_it() -> None:
    product = Exchange("2013")
    new = run(product, name="Property", **SUBJECT, attachment_property_contains_words=["Impact:High"])
    run(product, name="Property", **SUBJECT)
    changed = run(product, name="Property", except_if_attachment_property_contains_words=["Impact:High"])
    for result in (new, changed):
        assert result["failed"] and "exists on Exchange 2016, 2019, SE" in result["msg"], result["msg"]


def test_a_deletion_shows_what_is_lost_and_not_what_was_not_there() -> None:
    product = Exchange()
    run(product, name="Gone", **SUBJECT, from_scope="in_organization")
    before = run(product, name="Gone", state="absent")["diff"]["before"]
    assert before["from_scope"] == "in_organization" and not {"sent_to_scope", "from", "scl_over"} & set(before)


def test_a_lean_export_has_what_was_set_and_the_place() -> None:
    product = Exchange()
    run(product, name="Lean", **SUBJECT, **{"from": ["user1"]})
    assert many("export", product, module=NAME)["objects"] == [{"name": "Lean", **SUBJECT, "from": ["user1@contoso.com"], "priority": 0}]


@pytest.mark.parametrize("full", [False, True])
def test_an_export_makes_the_same_rules_in_another_organization(full: bool) -> None:
    scenario = scenarios.load(scenarios.FOLDER / f"{NAME}.yml")
    faults = Faults()
    old, new = Exchange(faults=faults), Exchange()
    scenarios.run(scenario, scenarios.Lab(old, faults, FakeSession(old)))
    found = many("export", old, module=NAME, full=full)["objects"]
    made = many("bulk", new, module=NAME, objects=found)
    assert not made.get("failed"), made["msg"]
    assert many("export", new, module=NAME, full=full)["objects"] == found


# values


def test_words_of_attributes_are_a_set_of_pairs() -> None:
    key = transport_rule.attribute_words
    assert key(["City:Berlin, Bonn", "Title:a"]) == key(["title:A", "city:bonn", "City:berlin"])
    assert key(["City:Berlin"]) != key(["Company:Berlin"]) != key(["Berlin"])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ({"name": "Card", "min_count": 2}, {"id": "1", "name": "card", "minCount": "2", "maxCount": "-1", "minConfidence": "-1", "maxConfidence": "100"}),
        ({"name": "Card"}, "Card"),
        ({"name": "4711"}, {"id": "4711", "minCount": "1"}),
        ({"name": "Card", "max_count": "unlimited", "min_confidence": None}, {"Name": "Card", "maxCount": "Infinity"}),
    ],
)
def test_a_sensitive_information_type_is_its_name_and_unusual_numbers(written: t.Any, shown: t.Any) -> None:
    codec = transport_rule.CLASSIFICATIONS
    assert codec.key(codec.load([written])) == codec.key(codec.load([shown]))


def test_numbers_of_sensitive_information_types_are_differences() -> None:
    codec = transport_rule.CLASSIFICATIONS
    assert codec.key(codec.load([{"name": "Card", "min_count": 2}])) != codec.key(codec.load([{"name": "Card"}]))
    assert codec.dump(codec.load([{"name": "Card", "min_count": 2}])) == [{"Name": "Card", "MinCount": "2"}]


def test_a_small_size_is_rounded_up_to_a_kilobyte() -> None:
    key = transport_rule.SIZE.key
    assert key(transport_rule.limit("1500")) == key(transport_rule.limit("2 KB (2,048 bytes)")) != key(transport_rule.limit("3KB"))


def test_a_state_is_one_of_two() -> None:
    load = transport_rule.STATE.load
    assert [load(one) for one in ("Enabled", "Disabled", True, False)] == [True, False, True, False]
    with pytest.raises(ValueError, match="neither true nor false"):
        load("Unknown")


def test_styles_of_a_disclaimer_are_a_difference() -> None:
    key, load = transport_rule.LINES.key, transport_rule.LINES.load
    assert key(load("<style>p {color: red}</style><p>a</p>")) != key(load("<style>p {color: blue}</style><p>a</p>"))
    assert key(load("a\r\nb\r\n")) == key(load("a\nb"))
