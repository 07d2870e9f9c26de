# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the settings of the administrator audit log say about entries that are not in it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import admin_audit
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

DAY = {"start_date": "2026-03-02", "end_date": "2026-03-03"}
EVER = {"start_date": "2026-01-01", "end_date": "2099-01-01"}


def run(session: FakeSession, **options: t.Any) -> Result:
    module = scenarios.module("exchange_admin_audit_log_info")
    return module.run(lambda: session, Task(module.validate(options)))


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(Exchange())


def configure(session: FakeSession, **settings: t.Any) -> None:
    session.invoke("Set-AdminAuditLogConfig", settings)


def warned(result: Result, words: str) -> bool:
    return any(words in one for one in result.get("warnings", ()))


def test_a_log_that_is_turned_off_is_said_where_older_entries_are_found(session: FakeSession) -> None:
    assert not warned(run(session, **DAY), "turned off")
    configure(session, AdminAuditLogEnabled=False)
    found = run(session, **DAY)
    assert len(found["entries"]) == 3 and found["log"]["enabled"] is False and warned(found, "turned off")


def test_nothing_in_a_log_that_is_turned_off_is_an_error(session: FakeSession) -> None:
    assert run(session, **DAY, cmdlets=["New-Mailbox"])["entries"] == []
    configure(session, AdminAuditLogEnabled=False)
    found = run(session, **DAY, cmdlets=["New-Mailbox"])
    assert found["error"]["class"] == "NotRecorded" and "turned off" in found["msg"] and "Set-AdminAuditLogConfig" in found["msg"]


def test_cmdlets_that_are_not_recorded_are_said(session: FakeSession) -> None:
    configure(session, AdminAuditLogExcludedCmdlets=["Set-Mailbox*"])
    found = run(session, **DAY)
    assert found["log"]["excluded_cmdlets"] == ["Set-Mailbox*"] and warned(found, "not record every cmdlet")
    configure(session, AdminAuditLogExcludedCmdlets=[], AdminAuditLogCmdlets=["*"])
    assert not warned(run(session, **DAY), "not record every cmdlet")
    configure(session, AdminAuditLogCmdlets=["New-*"])
    assert warned(run(session, **DAY), "not record every cmdlet")


def test_a_time_before_the_oldest_entry_that_is_kept_is_said(session: FakeSession) -> None:
    configure(session, AdminAuditLogAgeLimit="10.00:00:00")
    assert warned(run(session, **DAY), "kept for 10 days")
    assert not warned(run(session, start_date="2098-12-31", end_date="2099-01-01"), "kept for")


def test_what_is_done_is_in_the_log_without_its_secrets(session: FakeSession) -> None:
    password = "correct horse battery"
    session.invoke("New-RemoteDomain", {"Name": "Audited", "DomainName": "audited.example"})
    session.invoke("New-Mailbox", {"Name": "new", "UserPrincipalName": "new@contoso.com", "Password": Secret(password)})
    connector = {"Name": "out", "AddressSpaces": ["*"], "SmartHosts": ["smart.example"], "DNSRoutingEnabled": False}
    session.invoke("New-SendConnector", connector | {"SmartHostAuthMechanism": "BasicAuth", "AuthenticationCredential": Credential("user", Secret(password))})
    found = run(session, **EVER)["entries"]
    assert [one["cmdlet"] for one in found[:3]] == ["New-SendConnector", "New-Mailbox", "New-RemoteDomain"]
    assert password not in repr(found) and found[1]["parameters"]["Password"] == "*****"


def test_what_only_reads_is_not_in_the_log(session: FakeSession) -> None:
    session.invoke("Get-Mailbox", {"Identity": "user0"})
    assert len(run(session, **EVER)["entries"]) == 3


def test_a_member_that_arrives_as_its_name_alone_has_no_value() -> None:
    texts = dict.fromkeys(("cmdletname", "objectmodified", "caller", "error", "originatingserver", "identity"), "")
    found = admin_audit.row({**texts, "rundate": "2026-03-02T08:00:00Z", "succeeded": True, "cmdletparameters": ["Identity"], "modifiedproperties": None})
    assert found["parameters"] == {"Identity": None} and found["modified"] == {} and found["error"] is None
