# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights of one user on one object, in whatever form a server shows the entries."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import permission
from tests import scenarios
from tests.unit.core.fake import FakeSession

MAILBOX = scenarios.module("exchange_mailbox_permission")
FULL = {"AccessRights": ["FullAccess"], "Deny": False, "IsInherited": False, "InheritanceType": "All", "User": "CONTOSO\\joe"}


def run(session: FakeSession, check_mode: bool = True, **options: t.Any) -> dict[str, t.Any]:
    given = {"mailbox": "m", "user": "joe"} | options
    return MAILBOX.run(lambda: session, Task(MAILBOX.validate(given), check_mode, diff=True))


@pytest.mark.parametrize(("shown", "expected"), [(True, True), ("False", False), ({"IsPresent": True}, True), ({"IsPresent": False}, False), (None, False)])
def test_a_switch_in_any_form(shown: t.Any, expected: bool) -> None:
    assert permission.flag(shown) is expected


@pytest.mark.parametrize("shown", [["FullAccess", "ReadPermission"], ["FullAccess, ReadPermission"], "FullAccess, ReadPermission"])
def test_rights_in_any_form(shown: t.Any) -> None:
    session = FakeSession({"Get-MailboxPermission": FULL | {"AccessRights": shown, "Deny": {"IsPresent": False}}})
    assert run(session, access_rights=["read_permission", "full_access"])["changed"] is False


def test_a_right_that_no_option_knows_is_shown_and_can_be_taken_away() -> None:
    session = FakeSession({"Get-MailboxPermission": FULL | {"AccessRights": ["SendAs", "FullAccess"]}})
    result = run(session, access_rights=["full_access"])
    assert result["diff"]["before"] == {"access_rights": ["SendAs", "full_access"]}


def test_entries_that_are_inherited_or_of_the_other_kind_do_not_count() -> None:
    others = [FULL | {"IsInherited": True}, FULL | {"Deny": True}]
    assert run(FakeSession({"Get-MailboxPermission": Answer(others)}), access_rights=["full_access"])["changed"] is True
    assert run(FakeSession({"Get-MailboxPermission": Answer(others)}), state="absent")["changed"] is False


def test_a_list_in_doubt_is_an_error() -> None:
    assert run(FakeSession({"Get-MailboxPermission": Answer([FULL], truncated=True)}), state="absent")["error"]["class"] == "Truncated"
    assert "cannot be understood" in run(FakeSession({"Get-MailboxPermission": Answer(["CONTOSO\\joe"])}), state="absent")["msg"]


def test_a_domain_controller_that_is_not_there_proves_nothing() -> None:
    gone = errors.NotFound("The operation couldn't be performed because object 'dc9' couldn't be found on 'dc9'.")
    assert run(FakeSession({"Get-MailboxPermission": gone}), state="absent", domain_controller="dc9")["error"]["class"] == "NotFound"


def test_rights_that_do_not_show_are_not_reported_as_given() -> None:
    session = FakeSession({"Get-MailboxPermission": Answer([]), "Add-MailboxPermission": Answer([])})
    resource = t.cast(t.Any, MAILBOX).resource()
    with pytest.raises(errors.NotApplied, match="access_rights still reads"):
        engine.converge(resource, engine.Tally(session), {"mailbox": "m", "user": "joe", "access_rights": ["full_access"]}, pauses=(0.0,))
