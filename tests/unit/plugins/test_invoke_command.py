# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the administration API and its answers, without a network: what is sent, what an answer means."""

from __future__ import annotations

import datetime
import json
import typing as t
import uuid

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, invoke_command, verdict
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.cmdlet_job import Job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply, parts

TABLE = "#Exchange.GenericHashTable"
SYSTEM = "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@t"


def reply(status: int, content: t.Any = b"", **headers: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def job(cmdlet: str = "Set-Mailbox", **parameters: t.Any) -> Job:
    return Job(Call(), cmdlet, parameters, None, {}, "https://x/InvokeCommand", 0.0)


def answer(found: Reply, cmdlet: str = "Get-Mailbox", **parameters: t.Any) -> Answer:
    one = job(cmdlet, **parameters)
    assert one.take(found) is False
    return one.result()


# --- requests ---


def test_parameters_are_an_object_even_without_any() -> None:
    assert invoke_command.body("Get-Mailbox", {}) == {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {}}}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, None),
        (False, False),
        (7, 7),
        ("text", "text"),
        ([], []),
        (["a", 1], ["a", 1]),
        ({"Add": ["x"]}, {"@odata.type": TABLE, "Add": ["x"]}),
        ({"a": {"b": 1}}, {"@odata.type": TABLE, "a": {"@odata.type": TABLE, "b": 1}}),
        ({}, {"@odata.type": TABLE}),
        (b"\x01\x02", [1, 2]),
        (datetime.timedelta(days=14), "14.00:00:00"),
        (datetime.date(2026, 3, 1), "2026-03-01"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
    ids=repr,
)
def test_values_take_the_form_that_the_binder_knows(given: t.Any, sent: t.Any) -> None:
    assert invoke_command.value("P", given) == sent


@pytest.mark.parametrize("given", [Secret("x"), [Secret("x")], {"a": Credential("u", Secret("x"))}], ids=type)
def test_a_secret_has_no_form(given: t.Any) -> None:
    with pytest.raises(errors.UsageError, match="secrets are not sent"):
        invoke_command.value("P", given)


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "user", "anchor"),
    [
        ("Get-Mailbox", {"Identity": "user0@contoso.com"}, None, SYSTEM),
        ("Get-MailboxFolderPermission", {"Identity": "user0@contoso.com:\\Calendar"}, None, "UPN:user0@contoso.com"),
        ("Set-MailboxAutoReplyConfiguration", {"identity": "user0@contoso.com"}, None, "UPN:user0@contoso.com"),
        ("Get-MailboxStatistics", {"Identity": "user0"}, None, SYSTEM),
        ("Set-AdminAuditLogConfig", {}, None, "APP:SystemMailbox{8cc370d3-822a-4ab8-a926-bb94bd0641a9}@t"),
        ("Get-Mailbox", {}, "admin@contoso.com", "UPN:admin@contoso.com"),
    ],
)
def test_the_anchor_leads_to_the_mailbox_it_is_about(cmdlet: str, parameters: dict[str, t.Any], user: str | None, anchor: str) -> None:
    assert invoke_command.anchor(cmdlet, parameters, "t", user) == anchor


# --- answers ---


def test_side_cars_go_and_dates_become_utc() -> None:
    one: dict[str, t.Any] = {"Name": "x", "Guid@odata.type": "#Guid", "Guid": "1"}
    one |= {"When@data.type": "System.DateTime", "When": "2026-03-01T11:00:00.0000000+01:00"}
    one |= {"Looks": "2026-03-01T11:00:00.0000000+01:00", "List@odata.type": "#Collection(String)", "List": ["a"]}
    found = answer(reply(200, {"value": [one], "@adminapi.warnings": []})).output
    assert found == [{"Name": "x", "Guid": "1", "When": "2026-03-01T10:00:00Z", "Looks": "2026-03-01T11:00:00.0000000+01:00", "List": ["a"]}]


def test_warnings_come_from_body_and_header() -> None:
    assert answer(reply(200, {"value": None, "@adminapi.warnings": ["one"]}, x_warnings="two"), "Set-Mailbox").warnings == ["one", "two"]


def test_a_write_may_say_nothing_and_a_read_may_not() -> None:
    for content in (b"", b"<html>", b"{}", b'{"@adminapi.warnings": []}'):
        assert answer(reply(200, content), "Set-Mailbox") == Answer([])
        with pytest.raises(errors.CmdletError, match="cannot be understood"):
            job("Get-Mailbox").take(reply(200, content))


MORE = "There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter."


def test_a_shortened_list_is_whole_only_when_its_rest_came() -> None:
    one = job("Get-Mailbox")
    assert one.take(reply(200, {"value": [1], "@adminapi.warnings": [MORE], "@odata.nextLink": "https://x/next"})) and one.url == "https://x/next"
    assert not one.take(reply(200, {"value": [2]}))
    assert one.result() == Answer([1, 2], [], False)
    assert answer(reply(200, {"value": [1], "@adminapi.warnings": [MORE]})) == Answer([1], [MORE], True)


def test_pages_that_go_round_in_circles_are_no_list() -> None:
    one = job("Get-Mailbox")
    assert one.take(reply(200, {"value": [1], "@odata.nextLink": "https://x/next"}))
    with pytest.raises(errors.Truncated, match="in circles"):
        one.take(reply(200, {"value": [2], "@odata.nextLink": "https://x/next"}))


def test_no_more_is_read_than_was_asked_for() -> None:
    assert answer(reply(200, {"value": [1, 2, 3], "@odata.nextLink": "https://x/next"}), ResultSize=2) == Answer([1, 2], [], True)
    assert answer(reply(200, {"value": [1, 2], "@odata.nextLink": "https://x/next"}), ResultSize=2) == Answer([1, 2], [], True)
    assert answer(reply(200, {"value": [1, 2]}), ResultSize="2") == Answer([1, 2], [], False)


def failed(status: int, error: dict[str, t.Any], cmdlet: str = "Get-Mailbox") -> errors.HybridError:
    with pytest.raises(errors.HybridError) as found:
        job(cmdlet).take(reply(status, {"error": error}))
    return found.value


GENERIC = {"type": "X.DirectInvokeCmdletExecutionException", "message": "Exception of type 'X' was thrown."}


def test_the_cmdlets_own_words_go_first_then_what_was_in_its_way_then_the_general_ones() -> None:
    inner = {"innererror": {"internalexception": GENERIC}}
    details = [{"message": "Ex6F9304|A.B.ManagementObjectNotFoundException|The object 'a|b' couldn't be found."}]
    error = failed(404, {"message": "Error executing cmdlet", "details": details} | inner)
    assert isinstance(error, errors.NotFound) and error.text == "The object 'a|b' couldn't be found." and error.error_id == "Ex6F9304"
    transformation = {"type": "A.ParameterTransformationException", "message": "Use one of: a, b"}
    error = failed(400, {"message": "Invalid Operation", "innererror": {"internalexception": transformation}})
    assert isinstance(error, errors.BadParameter) and error.text == "Use one of: a, b"
    assert failed(400, {"message": "Only this"}).text == "Only this"


def test_a_missing_page_of_the_service_is_no_missing_object() -> None:
    assert not isinstance(failed(404, {"code": "NotFound", "message": "No such resource"}), errors.NotFound)


@pytest.mark.parametrize(
    ("found", "wait"),
    [
        (reply(429, b"Too many requests", retry_after="7"), 7.0),
        (reply(503, b"<html><body>Service Unavailable</body></html>"), None),
        (reply(400, {"error": {"message": "You have reached the maximum number of concurrent requests per tenant. Please wait and try again"}}), None),
    ],
    ids=["429", "503", "words"],
)
def test_what_was_not_executed_is_told_from_what_may_have_been(found: Reply, wait: float | None) -> None:
    with pytest.raises(verdict.Again) as again:
        job().take(found)
    assert again.value.wait == wait and isinstance(again.value.error, errors.Throttled) and "<" not in again.value.error.text


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_gateway_that_gave_up_leaves_a_doubt(status: int) -> None:
    with pytest.raises(verdict.Doubtful):
        job().take(reply(status, b"Gateway"))


def test_pauses_grow_where_the_service_names_none() -> None:
    assert [verdict.pause(None, attempt) for attempt in range(6)] == [3.0, 6.0, 9.0, 15.0, 30.0, 30.0]
    assert verdict.pause(7.0, 0) == 7.0


def test_a_service_that_says_at_once_again_and_again_is_asked_less_and_less() -> None:
    pauses = [verdict.pause(0.0, attempt) for attempt in range(12)]
    assert pauses[0] == 0.01 and pauses == sorted(pauses) and pauses[-1] > 10


def test_a_redirect_is_not_followed_with_a_token() -> None:
    with pytest.raises(errors.Unreachable, match=r"refers to https://elsewhere.example/x\. Set m365_tenant_exchange_host"):
        job().take(reply(302, location="https://elsewhere.example/x?secret=1"))


def test_a_batchs_answers_are_found_by_their_ids() -> None:
    content = {"responses": [{"id": "1", "status": 200, "body": {"value": []}}, {"id": "0", "status": 503, "headers": {"Retry-After": "4"}, "body": "busy"}]}
    found = parts(reply(200, content))
    assert found["0"].wait == 4.0 and found["0"].content == b"busy" and found["1"].data == {"value": []}
    assert parts(reply(200, b"--batch_1\r\nmultipart")) == {}
