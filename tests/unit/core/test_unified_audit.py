# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unified audit log: a list is whole, or it is an error."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import unified_audit
from hybridlab.exchange import Exchange, audit_log
from tests import scenarios
from tests.fake_session import FakeSession

MODULE = "exchange_unified_audit_info"
MARCH = {"start_date": "2026-03-01", "end_date": "2026-04-01"}


class Changed(FakeSession):
    """A service whose entries a test changes on their way."""

    def __init__(self, product: Exchange, change: t.Callable[[dict[str, t.Any], int], dict[str, t.Any]]) -> None:
        super().__init__(product)
        self._change = change

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        answer = super().invoke(cmdlet, parameters, properties=properties)
        if cmdlet != unified_audit.CMDLET:
            return answer
        return dataclasses.replace(answer, output=[self._change(one, number) for number, one in enumerate(answer.output, 1)])


def organization(entries: int) -> Exchange:
    product = Exchange("online", mailboxes=0)
    product.audit_log.events = [audit_log.event(number // 10, "ExchangeItem", 2, f"Send {number}", "u", "", "", {}) for number in range(entries)]
    return product


def run(session: FakeSession, **options: t.Any) -> Result:
    module = scenarios.module(MODULE)
    return module.run(lambda: session, Task(module.validate({**MARCH, **options}), verbosity=1))


def searched(product: Exchange) -> list[dict[str, t.Any]]:
    return [given for cmdlet, given in product.calls if cmdlet == unified_audit.CMDLET]


def test_a_search_goes_on_until_a_page_is_empty() -> None:
    product = organization(10_001)
    found = run(FakeSession(product))["entries"]
    assert len({one["id"] for one in found}) == 10_001
    assert [one["time"] for one in found] == sorted((one["time"] for one in found), reverse=True)
    calls = searched(product)
    assert len(calls) == 4 and len({one["SessionId"] for one in calls}) == 1
    assert all(one["SessionCommand"] == "ReturnLargeSet" and one["ResultSize"] == 5000 and one["HighCompleteness"] is True for one in calls)


def test_two_searches_are_two_sessions() -> None:
    product = organization(1)
    assert run(FakeSession(product))["entries"] == run(FakeSession(product), high_completeness=False)["entries"]
    first, *_rest, last = searched(product)
    assert first["SessionId"] != last["SessionId"] and "HighCompleteness" not in last


@pytest.mark.parametrize("lost", [0, 1])
def test_a_page_that_gets_lost_is_noticed(lost: int) -> None:
    product = organization(12_000)
    product.faults.arm("lost-audit-page", after=lost)
    failed = run(FakeSession(product))
    assert failed["failed"] and f"entry {5000 * (lost + 1) + 1} came where entry {5000 * lost + 1} was expected" in failed["msg"]


def test_the_loss_of_the_last_page_is_noticed() -> None:
    product = organization(6_000)
    product.faults.arm("lost-audit-page", after=1)
    failed = run(FakeSession(product))
    assert failed["error"]["class"] == "Truncated" and "the service delivered 5000 entries of 6000" in failed["msg"]


def test_as_many_entries_as_a_search_can_have_are_perhaps_not_all() -> None:
    failed = run(FakeSession(organization(50_000)))
    assert failed["error"]["class"] == "Truncated" and "50000 entries and perhaps not all" in failed["msg"] and "start_date" in failed["msg"]


def test_more_entries_than_a_search_can_have_are_refused() -> None:
    failed = run(FakeSession(organization(50_001)))
    assert failed["error"]["class"] == "Truncated" and "50000 entries of 50001" in failed["msg"]


def test_the_limit_of_the_task_ends_the_search_early() -> None:
    product = organization(12_000)
    failed = run(FakeSession(product), max_results=11_999)
    assert "there are 12000 entries, more than max_results, which is 11999" in failed["msg"]
    assert len(searched(product)) == 1
    assert len(run(FakeSession(product), max_results=12_000)["entries"]) == 12_000


def test_a_count_of_the_page_alone_does_not_end_the_search() -> None:
    """What the service did for some months: both numbers begin anew on each page."""
    product = organization(7_000)
    session = Changed(product, lambda one, number: {**one, "ResultCount": number, "ResultIndex": number})
    assert len(run(session)["entries"]) == 7_000
    assert "more than max_results" in run(session, max_results=6_000)["msg"]


def test_an_entry_that_comes_twice_is_one_entry() -> None:
    session = Changed(organization(2), lambda one, number: {**one, "Identity": "same"})
    assert len(run(session)["entries"]) == 1


def test_a_page_that_comes_again_and_again_is_an_error() -> None:
    """The service numbers it anew and never delivers an empty one."""
    product = organization(7_000)
    pages: list[Answer] = []

    class Repeating(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            if cmdlet != unified_audit.CMDLET:
                return super().invoke(cmdlet, parameters, properties=properties)
            pages.append(pages[0] if pages else super().invoke(cmdlet, parameters, properties=properties))
            return pages[-1]

    failed = run(Repeating(product))
    assert failed["failed"] and "a page a second time" in failed["msg"] and len(pages) == 2


def test_a_session_has_no_more_pages_than_it_can_have() -> None:
    product = organization(50_000)
    run(FakeSession(product))
    assert len(searched(product)) == 10


def test_an_entry_of_a_mailbox_says_from_where() -> None:
    """The schema of what is done in mailboxes has another name for the address."""
    product = Exchange("online", mailboxes=0)
    product.audit_log.events = [audit_log.event(0, "ExchangeItem", 2, "MailItemsAccessed", "u", "", "198.51.100.23", {})]
    (entry,) = run(FakeSession(product))["entries"]
    assert entry["audit_data"].get("ClientIP") is None and entry["ip_address"] == "198.51.100.23"
    product.audit_log.events = [audit_log.event(0, "AzureActiveDirectory", 8, "Add member to role.", "u", "", "", {"ActorIpAddress": "203.0.113.7"})]
    assert run(FakeSession(product))["entries"][0]["ip_address"] == "203.0.113.7"


@pytest.mark.parametrize("size", [0, 5001])
def test_the_lab_delivers_no_larger_pages_than_the_service(size: int) -> None:
    given = {"StartDate": "2026-03-01", "EndDate": "2026-04-01", "ResultSize": size}
    with pytest.raises(HybridError, match="must be between 1 and 5000"):
        FakeSession(organization(1)).invoke(unified_audit.CMDLET, given)


def test_the_largest_count_that_was_announced_is_expected() -> None:
    """A count that shrinks on a later page does not excuse what is missing."""
    product = organization(6_000)
    session = Changed(product, lambda one, _number: {**one, "ResultCount": 9_000 if one["ResultIndex"] <= 5_000 else 6_000})
    assert "the service delivered 6000 entries of 9000" in run(session)["msg"]


def test_a_time_that_only_the_data_has_is_taken_from_there() -> None:
    session = Changed(organization(1), lambda one, _number: {**one, "CreationDate": None})
    assert run(session)["entries"][0]["time"] == "2026-03-02T08:00:00Z"


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"UnifiedAuditLogIngestionEnabled": None}, "settings do not say"),
        ({}, "settings do not say"),
        ({"UnifiedAuditLogIngestionEnabled": False}, "is turned off"),
        (AccessDenied("no"), "may not read its settings"),
    ],
)
def test_an_empty_list_needs_a_log_that_surely_records(shown: t.Any, words: str) -> None:
    class Silent(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            if cmdlet == "Get-AdminAuditLogConfig" and isinstance(shown, Exception):
                raise shown
            answer = super().invoke(cmdlet, parameters, properties=properties)
            return dataclasses.replace(answer, output=[shown]) if cmdlet == "Get-AdminAuditLogConfig" else answer

    failed = run(Silent(organization(0)))
    assert failed["failed"] and failed["error"]["class"] == "NotRecorded" and words in failed["msg"] and "Set-AdminAuditLogConfig" in failed["msg"]
    found = run(Silent(organization(1)))
    assert len(found["entries"]) == 1 and found["log"]["enabled"] is not True and words in found["warnings"][0] and "may be missing" in found["warnings"][0]


def test_a_page_that_was_cut_is_an_error() -> None:
    class Cut(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            answer = super().invoke(cmdlet, parameters, properties=properties)
            return dataclasses.replace(answer, truncated=cmdlet == unified_audit.CMDLET)

    failed = run(Cut(organization(3)))
    assert failed["error"]["class"] == "Truncated" and "a page was cut after 3 entries" in failed["msg"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AuditData": '{"Id": "cut'}, "cannot be understood"),
        ({"AuditData": "[]"}, "AuditData is no object"),
        ({"CreationDate": "soon"}, "'soon' is not a time"),
        ({"ResultIndex": None}, "does not say which of how many"),
        ({"ResultIndex": 0}, "entry 0 came where entry 1 was expected"),
        ({"ResultCount": 0}, "gave up inside the service"),
    ],
)
def test_an_entry_that_makes_no_sense_is_an_error(change: dict[str, t.Any], message: str) -> None:
    failed = run(Changed(organization(3), lambda one, number: {**one, **change}))
    assert failed["failed"] and message in failed["msg"]


def test_a_search_without_an_end_goes_up_to_now() -> None:
    product = organization(1)
    module = scenarios.module(MODULE)
    module.run(lambda: FakeSession(product), Task(module.validate({"start_date": "2026-03-01"})))
    assert searched(product)[0]["EndDate"] > "2026-11-01"
