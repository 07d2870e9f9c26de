# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects at once, on the emulated organization: parallel sessions, lost sessions, limits, bad entries."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionLost, Unreachable
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from tests.fake_session import FakeSession
from tests.unit.core.bulk_runs import Kept, Options, Sessions, run, users, writes


def test_a_list_is_read_once_and_read_again_when_much_was_written() -> None:
    result = run(FakeSession(Exchange(mailboxes=100)), users(100))
    assert result["calls"] == {"Get-Mailbox": 2, "Set-Mailbox": 100}


def test_a_few_changes_among_many_objects_are_looked_at_singly() -> None:
    product = Exchange(mailboxes=300)
    result = run(FakeSession(product), users(2), read="list")
    assert result["calls"] == {"Get-Mailbox": 3, "Set-Mailbox": 2}
    assert [parameters for cmdlet, parameters in product.calls if cmdlet == "Get-Mailbox" and "Identity" not in parameters] == [{"ResultSize": "Unlimited"}]


def test_a_second_run_reads_the_list_and_does_nothing_else() -> None:
    session = FakeSession(Exchange(mailboxes=100))
    run(session, users(100))
    result = run(session, users(100))
    assert (result["changed"], result["calls"]) == (False, {"Get-Mailbox": 1})


def test_few_objects_are_read_one_by_one() -> None:
    assert run(FakeSession(Exchange(mailboxes=100)), users(3), check_mode=True)["calls"] == {"Get-Mailbox": 3}


def test_every_name_that_the_server_shows_finds_the_object_in_the_list() -> None:
    product = Exchange()
    shown = FakeSession(product).invoke("Get-Mailbox", {"Identity": "user1"}).output[0]
    names = ["Name", "Alias", "Guid", "DistinguishedName", "Identity", "UserPrincipalName", "PrimarySmtpAddress", "SamAccountName", "ExchangeGuid"]
    for name in names:
        product.calls.clear()
        assert not run(FakeSession(product), [{"identity": shown[name]}], read="list").get("failed")
        assert len(product.calls) == 1, name


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"colour": "red"}, "Unsupported parameters for exchange_mailbox: colour"),
        ({"identity": "nobody@contoso.com"}, "no mailbox and no account answers to 'nobody@contoso.com'"),
        ({"email_addresses": {"add": ["user1@contoso.com"]}}, "user1@contoso.com"),
    ],
    ids=["not valid", "not there", "refused by the server"],
)
def test_one_bad_object_among_many_stops_nothing(bad: Options, reason: str) -> None:
    product = Exchange(mailboxes=100)
    objects = users(100)
    objects[50] |= bad
    result = run(FakeSession(product), objects)
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (99, 1)
    assert [(one["number"], one["class"]) for one in result["outcomes"] if one["outcome"] == "failed"] == [(51, result["error"]["class"])]
    assert not [one for one in result["outcomes"] if one["outcome"] != "failed" and "class" in one]
    assert "The first failure is entry 51" in result["msg"] and reason in result["msg"]
    again = run(FakeSession(product), objects)
    assert (again["counts"]["unchanged"], again["counts"]["failed"]) == (99, 1)
    assert max(writes(product).count(name) for name in writes(product) if name != "user50") == 1


def test_one_bad_object_in_ten_thousand() -> None:
    product = Exchange(mailboxes=10_000)
    objects = [one if number % 20 else {**one, "custom_attribute1": "x"} for number, one in enumerate(users(10_000, ""))]
    objects[7_000]["issue_warning_quota"] = "much"
    result = run(Sessions(product, width=4), objects)
    assert result["counts"] == {"created": 0, "updated": 499, "deleted": 0, "unchanged": 9_500, "failed": 1, "skipped": 0}
    assert "The first failure is entry 7001, 'user7000': issue_warning_quota: 'much' is not a size" in result["msg"]
    assert set(writes(product)) == {f"user{one}" for one in range(0, 10_000, 20)} - {"user7000"} and len(writes(product)) == 499


def test_changed_objects_are_looked_at_while_others_are_worked_on() -> None:
    product, around = Exchange(mailboxes=1000), Kept()
    seen_after: list[int] = []

    def before(cmdlet: str, _parameters: Options) -> HybridError | None:
        if cmdlet == "Set-Mailbox":
            seen_after.append(len(around.lines))
        return None

    result = run(Sessions(product, before=before), users(250), around, read="list", result_file="x")
    assert result["counts"]["updated"] == 250
    assert result["calls"] == {"Get-Mailbox": 1 + 2 + 1, "Set-Mailbox": 250}
    assert (seen_after[100], seen_after[200]) == (100, 200)


def test_a_change_that_shows_late_is_waited_for_in_the_end() -> None:
    class Late(Sessions):
        """Shows what it showed before in the first filtered read."""

        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            answer = super().invoke(cmdlet, parameters, properties=properties)
            if "Filter" in (parameters or {}) and not self.root.opened == -1:
                self.root.opened = -1
                return Answer([{**one, "CustomAttribute1": ""} for one in answer.output])
            return answer

    product = Exchange(mailboxes=1000)
    result = run(Late(product), users(150), read="list")
    assert (result["counts"]["updated"], len(writes(product))) == (150, 150)


def test_the_same_new_object_twice_by_two_names_is_made_once() -> None:
    product = Exchange()
    objects = [{"identity": "new", "type": "shared", "alias": "other"}, {"identity": "other", "type": "shared", "custom_attribute1": "x"}]
    result = run(FakeSession(product), objects)
    assert (result["counts"]["created"], result["counts"]["failed"]) == (1, 1)
    assert "'other' is the same object as in entry 1" in result["msg"]
    assert [cmdlet for cmdlet, _parameters in product.writes] == ["New-Mailbox"]


def test_options_that_say_how_to_work_make_no_other_object() -> None:
    objects = [{"identity": "everyone", "display_name": "a"}, {"identity": "Everyone", "bypass_security_group_manager_check": True}]
    result = run(FakeSession(Exchange()), objects, module="exchange_distribution_group")
    assert "entries 1 ('everyone') and 2 ('Everyone') are the same object" in result["msg"]


def test_permissions_of_one_user_by_two_names_are_one_object() -> None:
    product = Exchange()
    objects = [{"mailbox": "user0", "user": user, "access_rights": ["full_access"]} for user in ("user1", "user1@contoso.com", "user2")]
    result = run(FakeSession(product), objects, module="exchange_mailbox_permission")
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (2, 1)
    assert [one["object"] for one in result["outcomes"]] == ["user0 / user1", "user0 / user1@contoso.com", "user0 / user2"]
    assert "is the same object as in entry 1" in result["msg"]


def test_writes_run_in_parallel_and_every_session_is_left() -> None:
    together = threading.Barrier(4)

    def before(cmdlet: str, _parameters: Options) -> None:
        if cmdlet == "Set-Mailbox":
            together.wait(10)  # breaks unless four calls run at a time

    session = Sessions(Exchange(mailboxes=8), width=4, before=before)
    assert run(session, users(8), read="list")["counts"]["updated"] == 8
    assert session.opened == session.closed == 4


def test_more_calls_at_a_time_than_the_session_budget_are_not_made() -> None:
    session = Sessions(Exchange(mailboxes=8), width=2)
    result = run(session, users(8), parallel=6)
    assert session.opened <= 4  # two for the entries, two at the most for looking at them
    assert result["warnings"] == ["parallel is 6, but the session budget m365_max_sessions is 2, so 2 are used"]


def test_fewer_calls_at_a_time_on_request() -> None:
    session = Sessions(Exchange(mailboxes=4), width=4)
    run(session, users(4), parallel=1, check_mode=True)
    assert session.opened == 1


class Once:
    """Ends the first call of a cmdlet with the loss of its session."""

    def __init__(self, cmdlet: str, occasion: int = 3) -> None:
        self.cmdlet, self.left, self.lock = cmdlet, occasion, threading.Lock()

    def __call__(self, cmdlet: str, _parameters: Options) -> HybridError | None:
        with self.lock:
            self.left -= cmdlet == self.cmdlet
            lost = self.left == 0 and cmdlet == self.cmdlet
            self.left -= lost
        return SessionLost("the shell was not found") if lost else None


@pytest.mark.parametrize("width", [1, 3])
def test_a_session_lost_before_a_write_loses_nothing(width: int) -> None:
    product = Exchange(mailboxes=20)
    result = run(Sessions(product, width, before=Once("Set-Mailbox")), users(20))
    assert (result["counts"]["updated"], result.get("failed")) == (20, None)
    assert sorted(set(writes(product))) == sorted(writes(product)) and len(writes(product)) == 20


@pytest.mark.parametrize("width", [1, 3])
def test_a_session_lost_after_a_write_does_nothing_twice(width: int) -> None:
    product = Exchange(mailboxes=20)
    result = run(Sessions(product, width, after=Once("Set-Mailbox")), users(20))
    assert (result["counts"]["updated"], len(writes(product))) == (20, 20)


@pytest.mark.parametrize(("when", "times"), [("before", 1), ("after", 2)])
def test_a_password_whose_call_was_lost_is_sent_again_because_nobody_can_look_for_it(when: str, times: int) -> None:
    product = Exchange()
    first = {"name": "Internet", "address_spaces": ["*"], "smart_host_auth_mechanism": "basic_auth", "smart_hosts": ["smtp.example"], "require_tls": True}
    first |= {"authentication_user": "contoso", "authentication_password": "0ne-Password"}
    assert not run(Sessions(product), [first], module="exchange_send_connector").get("failed")
    made = len(product.calls)
    again = first | {"authentication_password": "An0ther-one", "update_password": "always"}
    lost = Once("Set-SendConnector", 1)
    session = Sessions(product, before=lost) if when == "before" else Sessions(product, after=lost)
    result = run(session, [again], module="exchange_send_connector")
    assert (result["counts"]["updated"], result.get("failed")) == (1, None)
    sent = [parameters for cmdlet, parameters in product.calls[made:] if cmdlet == "Set-SendConnector"]
    assert len(sent) == times and all("AuthenticationCredential" in one for one in sent)


def test_an_object_created_by_a_call_whose_session_was_lost_is_not_created_again() -> None:
    product = Exchange()
    objects = [{"name": name, "domain_name": f"{name}.example", "auto_reply_enabled": True} for name in ("one", "two", "three", "four")]
    result = run(Sessions(product, after=Once("New-RemoteDomain")), objects, module="exchange_remote_domain")
    made = [cmdlet for cmdlet, _parameters in product.calls if cmdlet == "New-RemoteDomain"]
    assert (result["counts"]["created"], len(made)) == (4, 4)
    assert all(one.values["AutoReplyEnabled"] for one in product.remote_domains if one.name in ("one", "two", "three", "four"))


def test_when_no_session_can_be_had_any_more_the_rest_is_left_for_the_next_run() -> None:
    product = Exchange(mailboxes=20)
    done: list[str] = []

    def before(cmdlet: str, _parameters: Options) -> HybridError | None:
        if cmdlet == "Set-Mailbox":
            done.append(cmdlet)
        return Unreachable("the server does not answer") if len(done) > 5 else None

    result = run(Sessions(product, before=before), users(20))
    counts = result["counts"]
    assert result["failed"] and result["changed"] and counts["skipped"] == 14
    assert len(result["outcomes"]) == 20
    again = run(FakeSession(product), users(20))
    assert (again["counts"]["unchanged"], again["counts"]["updated"]) == (5, 15)


def test_a_defect_that_one_object_shows_fails_its_entry_alone() -> None:
    def before(cmdlet: str, parameters: Options) -> HybridError | None:
        if cmdlet == "Set-Mailbox" and str(parameters["Identity"]).startswith("user3"):
            raise KeyError("Nobody thought of that")
        return None

    result = run(Sessions(Exchange(mailboxes=25), before=before), users(25))
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (24, 1)
    assert "a defect of the collection: KeyError" in result["msg"]


def test_an_object_that_two_listed_ones_could_be_is_left_to_the_server() -> None:
    product = Exchange()
    session = FakeSession(product)
    session.invoke("Set-Mailbox", {"Identity": "user1", "DisplayName": "user0"})
    result = run(session, [{"identity": "user0", "custom_attribute1": "x"}, {"identity": "user2", "custom_attribute1": "x"}], read="list")
    assert (result["counts"]["updated"], result["counts"]["failed"], result["error"]["class"]) == (1, 1, "Ambiguous")


def test_no_further_object_is_begun_after_too_many_failures() -> None:
    product = Exchange(mailboxes=40)

    def before(cmdlet: str, _parameters: Options) -> HybridError | None:
        return HybridError("no") if cmdlet == "Set-Mailbox" else None

    result = run(Sessions(product, before=before), users(40), max_failures=2)
    assert (result["counts"]["failed"], result["counts"]["skipped"]) == (3, 37)
    assert "more than 2 objects failed" in result["msg"]


def test_two_names_of_one_object_are_found_out_when_each_is_read_by_itself() -> None:
    product = Exchange()
    result = run(
        FakeSession(product), [{"identity": "user0", "custom_attribute1": "a"}, {"identity": "user0@contoso.com", "custom_attribute1": "b"}], read="each"
    )
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (1, 1)
    assert "is the same object as in entry 1" in result["msg"]
    assert len(writes(product)) == 1


def test_check_mode_says_the_same_and_writes_nothing() -> None:
    product = Exchange(mailboxes=30)
    predicted = run(FakeSession(product), users(30), check_mode=True)
    assert not writes(product)
    result = run(FakeSession(product), users(30))
    assert predicted["counts"] == result["counts"] and predicted["diff"] == result["diff"]


@pytest.mark.parametrize(("number", "mailboxes"), [(25, 25), (150, 1000)], ids=["looked at in the end", "looked at while others are worked on"])
def test_a_change_that_does_not_show_is_not_reported_as_done(number: int, mailboxes: int) -> None:
    class Deaf(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            deaf = cmdlet == "Set-Mailbox" and str((parameters or {})["Identity"]).casefold() == "user3"
            return Answer([]) if deaf else super().invoke(cmdlet, parameters, properties=properties)

    result = run(Deaf(Exchange(mailboxes=mailboxes)), users(number))
    assert (result["counts"]["updated"], result["counts"]["failed"], result["error"]["class"]) == (number - 1, 1, "NotApplied")


def test_replication_that_takes_its_time_is_waited_for() -> None:
    faults = Faults()
    faults.arm("replica-lag", reads=1)
    objects = [{"name": name, "domain_name": f"{name}.example", "auto_reply_enabled": True} for name in ("one", "two")]
    result = run(FakeSession(Exchange(faults=faults)), objects, module="exchange_remote_domain")
    assert result["counts"]["created"] == 2
