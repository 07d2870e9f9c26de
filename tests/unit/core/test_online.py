# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Exchange Online does not have is refused before anything is sent; what is mastered on-premises is changed there."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Secret
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import _not_online, online
from tests import scenarios
from tests.unit.core.fake import FakeSession


class Tenant(FakeSession):
    wire = endpoint = "exchange_online"
    target = "Exchange Online of contoso"


def run(module_name: str, session: FakeSession, options: dict[str, t.Any]) -> dict[str, t.Any]:
    module: Module = scenarios.module(module_name)
    return module.run(lambda: session, Task(module.validate(options), check_mode=True))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("exchange_remote_domain", {"name": "x", "domain_controller": "dc01"}, "domain_controller: Exchange Online has no domain controllers"),
        ("exchange_mailbox_info", {"domain_controller": "dc01"}, "domain_controller: Exchange Online has no domain controllers"),
        ("exchange_mailbox", {"identity": "x", "archive_quota": "1GB"}, "archive_quota: Exchange Online has no Set-Mailbox -ArchiveQuota"),
        ("exchange_mailbox", {"identity": "x", "database": "DB01"}, "database: Exchange Online has no New-Mailbox -Database"),
        ("exchange_mailbox_statistics_info", {"database": "DB01"}, "database: Exchange Online has no Get-MailboxStatistics -Database"),
    ],
)
def test_what_only_the_server_has_is_refused_by_name(name: str, options: dict[str, t.Any], message: str) -> None:
    session = Tenant({})
    assert message in run(name, session, options)["msg"] and not session.calls


def test_what_a_new_object_may_have_is_refused_for_one_that_exists() -> None:
    """Exchange Online takes the primary address when a mailbox is made, and only then."""
    change = engine.Call("Set-Mailbox", {"PrimarySmtpAddress": "x@contoso.com"})
    with pytest.raises(errors.UsageError, match=r"Set-Mailbox -PrimarySmtpAddress. Name the primary address in email_addresses"):
        online.permit(Tenant({}), [change])
    online.permit(Tenant({}), [engine.Call("New-Mailbox", {"PrimarySmtpAddress": "x@contoso.com"})])
    online.permit(FakeSession({}), [change])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (engine.Call("New-AcceptedDomain", {}), "no New-AcceptedDomain. Add domains to the tenant"),
        (engine.Call("Enable-Mailbox", {"Identity": "x"}), "makes no mailboxes of accounts. Give the account a licence"),
        (engine.Call("New-Mailbox", {"Password": Secret("x")}), "password: secrets are not sent to Exchange Online. Make the account with Microsoft Graph"),
    ],
    ids=lambda one: getattr(one, "cmdlet", ""),
)
def test_a_call_that_the_cloud_does_not_take_is_refused_with_what_to_do_instead(call: engine.Call, message: str) -> None:
    with pytest.raises(errors.UsageError, match=message):
        online.permit(Tenant({}), [call])


def todo(*options: str, action: plan.Action = "update") -> plan.Plan:
    return plan.Plan(action, None, None, {name: plan.Change("old", "new") for name in options})


SYNCED = {"is_dir_synced": True, "is_exchange_cloud_managed": False}


def test_what_is_mastered_on_premises_is_named() -> None:
    with pytest.raises(errors.UsageError, match=r"the last word about alias, display_name. Change it on-premises"):
        online.refuse_mastered("Mailbox 'x'", todo("display_name", "alias", "archive"), SYNCED)
    with pytest.raises(errors.UsageError, match="its existence"):
        online.refuse_mastered("Mailbox 'x'", todo(action="delete"), SYNCED)


@pytest.mark.parametrize("state", [None, {}, {"is_dir_synced": False}, {**SYNCED, "is_exchange_cloud_managed": True}], ids=str)
def test_whoever_has_the_last_word_may_change_it(state: plan.State | None) -> None:
    online.refuse_mastered("Mailbox 'x'", todo("display_name"), state)
    online.refuse_mastered("Mailbox 'x'", todo("litigation_hold_enabled"), SYNCED)


def test_the_services_own_refusal_says_where_to_go() -> None:
    error = errors.CmdletError("can't be performed on the object 'x' because the object is being synchronized from your on-premises organization.")
    assert "on-premises, on a host with m365.hybrid.powershell" in online.explain(error).advice


def test_the_table_knows_cmdlets_and_parameters_apart() -> None:
    assert "New-AcceptedDomain" in _not_online.CMDLETS and not _not_online.CMDLETS & _not_online.PARAMETERS.keys()
    assert all("DomainController" in names.split() for cmdlet, names in _not_online.PARAMETERS.items() if cmdlet in ("Get-Mailbox", "Set-RemoteDomain"))


def test_a_tenant_has_a_minute_to_show_what_was_written() -> None:
    assert sum(engine.LATE["exchange_online"]) >= 60
