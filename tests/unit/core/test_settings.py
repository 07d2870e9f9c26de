# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules for the settings of a thing that exists: what scenarios do not tell about them."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from hybridlab.exchange import Exchange
from hybridlab.exchange.directory import EPOCH
from tests import scenarios
from tests.fake_session import FakeSession as InProcess
from tests.unit.core.fake import FakeSession

MODULES = {path.stem: scenarios.module(path.stem) for path in scenarios.MODULES.glob("*.py") if path.stem != "__init__"}
SETTINGS = {name: module for name, module in MODULES.items() if isinstance(module, CmdletModule) and module.settings_of}


def nobody(module: CmdletModule) -> dict[str, t.Any]:
    """The least that a module takes, for somebody who is not there."""
    required = {name: one for name, one in module.docs.options.items() if one.get("required")}
    return {name: (one.get("choices") or ["any"])[0] for name, one in required.items()} | {str(module.key): "nobody"}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("check_mode", [False, True])
def test_settings_of_what_does_not_exist_are_an_error_and_nothing_is_made(name: str, check_mode: bool) -> None:
    module = SETTINGS[name]
    session = FakeSession(_Missing())
    result = module.run(lambda: session, Task(module.validate(nobody(module)), check_mode))
    assert (result["error"]["class"], result["failed"]) == ("NotFound", True)
    assert "name one that exists" in result["msg"]
    assert all(cmdlet.startswith("Get-") for cmdlet in session.sent())


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_neither_made_nor_removed(name: str) -> None:
    module = SETTINGS[name]
    assert not module.create_with
    assert "absent" not in module.docs.options.get("state", {}).get("choices", ())


@pytest.mark.parametrize(
    ("name", "option", "versions"),
    [
        ("exchange_cas_mailbox", "active_sync_suppress_read_receipt", "2016, 2019, SE"),
        ("exchange_cas_mailbox", "public_folder_client_access", "2016, 2019, SE"),
        ("exchange_cas_mailbox", "is_optimized_for_accessibility", "2016, 2019, SE"),
    ],
)
def test_an_option_that_the_server_does_not_have_says_which_one_has_it(name: str, option: str, versions: str) -> None:
    product = Exchange("2013")
    module = SETTINGS[name]
    value: t.Any = [] if module.docs.options[option]["type"] == "raw" else True
    result = module.run(lambda: InProcess(product), Task(module.validate({"identity": "user0", option: value})))
    assert result["failed"] and versions in result["msg"], result["msg"]
    assert not product.writes


class _Missing(dict[str, t.Any]):
    """Answers of a server that finds nothing."""

    def __missing__(self, cmdlet: str) -> errors.HybridError:
        return errors.NotFound("object 'nobody' couldn't be found on 'dc01.contoso.com'", cmdlet=cmdlet)


def test_a_schedule_that_has_ended_by_itself_is_no_error() -> None:
    product = Exchange()
    mailbox = product.recipients.find("user0")[0]
    over = {"AutoReplyState": "Scheduled", "StartTime": EPOCH, "EndTime": EPOCH + datetime.timedelta(days=1)}
    product.recipients.change(mailbox, {"MailboxAutoReplyConfiguration": over})
    asked = {"identity": "user0", "auto_reply_state": "scheduled", "start_time": "2026-03-01T09:00:00Z", "end_time": "2026-03-02T09:00:00Z"}
    module = SETTINGS["exchange_auto_reply"]
    session = InProcess(product)
    found = module.run(lambda: session, Task(module.validate(asked)))
    assert not found.get("failed") and found["changed"] is False
    refused = module.run(lambda: session, Task(module.validate(asked | {"start_time": "2026-03-01T10:00:00Z"})))
    assert "the end must be in the future" in refused["msg"]


def test_what_is_kept_in_the_mailbox_itself_is_returned_only_where_it_was_read() -> None:
    module = SETTINGS["exchange_cas_mailbox"]
    product = Exchange()
    kept = ("active_sync_suppress_read_receipt", "is_optimized_for_accessibility")
    for asked in ((), *((name,) for name in kept)):
        result = module.run(lambda: InProcess(product), Task(module.validate({"identity": "user0", **dict.fromkeys(asked, True)})))
        assert [name for name in kept if name in result["resource"]] == list(asked)


@pytest.mark.parametrize(
    ("name", "identity", "first", "second"),
    [
        ("exchange_calendar_processing", "room1", {"book_in_policy": ["user0"]}, {"delete_subject": False}),
        ("exchange_junk_email_configuration", "user0", {"trusted_senders_and_domains": ["a.example"]}, {"trusted_senders_and_domains": {"add": ["A.example"]}}),
    ],
)
def test_nothing_is_read_that_the_task_is_not_about(name: str, identity: str, first: dict[str, t.Any], second: dict[str, t.Any]) -> None:
    product, module = Exchange(), SETTINGS[name]
    assert module.run(lambda: InProcess(product), Task(module.validate({"identity": identity, **first})))["changed"]
    product.calls.clear()
    module.run(lambda: InProcess(product), Task(module.validate({"identity": identity, **second})))
    assert {cmdlet for cmdlet, _ in product.calls} <= {f"Get-{module.noun}", f"Set-{module.noun}"}
