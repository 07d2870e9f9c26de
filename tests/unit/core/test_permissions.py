# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights of one user on one object, in whatever form a server shows the entries."""

from __future__ import annotations

import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import ad_permission, folder_permission, permission
from tests import scenarios
from tests.unit.core.fake import FakeSession

MAILBOX = scenarios.module("exchange_mailbox_permission")
FOLDER = scenarios.module("exchange_mailbox_folder_permission")
DIRECTORY = scenarios.module("exchange_ad_permission")
BITS = ad_permission.RIGHTS | ad_permission.GENERIC
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


def forgetful(cmdlet: str, shown: Answer) -> FakeSession:
    """A server that finds nobody of the name that it is asked for, but shows the whole list."""
    return FakeSession({cmdlet: lambda given: errors.NotFound(f"'{given['User']}' couldn't be found") if "User" in given else shown})


def test_the_entry_of_a_deleted_account_is_looked_for_in_the_whole_list() -> None:
    sid = "S-1-5-21-1-2-3-4"
    shown = Answer([FULL, FULL | {"User": sid.lower()}])
    result = run(forgetful("Get-MailboxPermission", shown), user=sid, state="absent")
    assert result["diff"]["before"] == {"user": sid.lower(), "access_rights": ["full_access"], "inheritance_type": "all"}
    assert run(forgetful("Get-MailboxPermission", Answer([FULL])), user=sid, state="absent")["changed"] is False
    assert run(forgetful("Get-MailboxPermission", shown), user="joe", state="absent")["changed"] is False  # a name proves that there is no such user
    assert run(forgetful("Get-MailboxPermission", Answer([FULL], truncated=True)), user=sid, state="absent")["error"]["class"] == "Truncated"


def test_the_entry_of_a_deleted_account_on_a_folder_has_a_prefix() -> None:
    sid = "NT User:S-1-5-21-1-2-3-4"
    session = forgetful("Get-MailboxFolderPermission", Answer([{"AccessRights": ["Editor"], "User": {"DisplayName": sid}}]))
    given = FOLDER.validate({"mailbox": "m", "folder": "Calendar", "user": sid, "state": "absent"})
    assert FOLDER.run(lambda: session, Task(given, True, diff=True))["diff"]["before"]["user"] == sid


def test_a_domain_controller_that_is_not_there_proves_nothing() -> None:
    gone = errors.NotFound("The operation couldn't be performed because object 'dc9' couldn't be found on 'dc9'.")
    assert run(FakeSession({"Get-MailboxPermission": gone}), state="absent", domain_controller="dc9")["error"]["class"] == "NotFound"


def test_rights_that_do_not_show_are_not_reported_as_given() -> None:
    session = FakeSession({"Get-MailboxPermission": Answer([]), "Add-MailboxPermission": Answer([])})
    resource = t.cast(t.Any, MAILBOX).resource()
    with pytest.raises(errors.NotApplied, match="access_rights still reads"):
        engine.converge(resource, engine.Tally(session), {"mailbox": "m", "user": "joe", "access_rights": ["full_access"]}, pauses=(0.0,))


def bits(named: t.Iterable[str]) -> int:
    return sum({bit for one in named for bit in ad_permission.RIGHTS.values() if bit & BITS[one]})


@hypothesis.given(st.lists(st.sampled_from(list(BITS))))
def test_rights_that_stand_for_several_are_taken_apart_and_joined_without_loss(named: list[str]) -> None:
    resource = t.cast(t.Any, DIRECTORY).resource()
    single = resource.single("access_rights", named)
    joined = resource.joined("access_rights", single)
    assert bits(single) == bits(joined) == bits(named) and set(single) <= set(ad_permission.RIGHTS)
    assert set(resource.joined("access_rights", resource.single("access_rights", joined))) == set(joined)


def directory(shown: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    session = FakeSession({"Get-ADPermission": {"Deny": False, "IsInherited": False, "InheritanceType": "All", "User": "CONTOSO\\joe"} | shown})
    return DIRECTORY.run(lambda: session, Task(DIRECTORY.validate({"identity": "o", "user": "joe"} | options), check_mode=True, diff=True))


def test_the_word_extended_right_of_a_named_extended_right_is_not_all_of_them() -> None:
    shown = {"AccessRights": ["ExtendedRight"], "ExtendedRights": ["Send-As"], "Properties": None}
    assert directory(shown, access_rights=[], extended_rights=["send as"])["changed"] is False
    assert directory({"AccessRights": ["ExtendedRight"], "ExtendedRights": None}, access_rights=["extended_right"])["changed"] is False


def test_a_server_may_show_flags_joined_and_limits_as_texts() -> None:
    shown = {"AccessRights": ["ReadProperty, WriteProperty"], "Properties": "Personal-Information", "InheritedObjectType": ""}
    assert directory(shown, access_rights=["write_property", "read_property"], property="personalInformation")["changed"] is False
    assert directory(shown, access_rights=["write_property", "read_property"])["changed"] is True


def folder(statistics: t.Any = None, shown: t.Any = None, **options: t.Any) -> tuple[FakeSession, dict[str, t.Any]]:
    session = FakeSession({"Get-MailboxFolderStatistics": statistics, "Get-MailboxFolderPermission": shown or Answer([])})
    return session, FOLDER.run(lambda: session, Task(FOLDER.validate({"mailbox": "m", "user": "joe"} | options), check_mode=True, diff=True))


ENTRY = {"AccessRights": ["Reviewer"], "User": {"DisplayName": "Joe", "UserType": "Internal"}}


def test_a_folder_is_found_by_its_type_below_another_and_with_a_slash_in_its_name() -> None:
    rows = [{"FolderPath": "/Top/Kalender\uf8ffTermine", "FolderType": "Calendar"}, {"FolderPath": "/Top/Kalender/Urlaub", "FolderType": "User Created"}]
    session, result = folder(Answer(rows), ENTRY, folder_type="calendar", access_rights=["reviewer"])
    assert (result["changed"], result["resource"]["user"]) == (False, "Joe")
    assert session.calls[0] == ("Get-MailboxFolderStatistics", {"Identity": "m", "FolderScope": "Calendar"})
    assert session.calls[1] == ("Get-MailboxFolderPermission", {"Identity": "m:\\Top\\Kalender/Termine", "User": "joe"})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([], "has no folders of type junk_email"), ([{"FolderPath": "/a", "FolderType": "JunkEmail"}] * 2, "has 2 folders of type junk_email")],
)
def test_a_folder_that_a_mailbox_does_not_have_or_has_twice(rows: list[t.Any], expected: str) -> None:
    _, result = folder(Answer(rows), folder_type="junk_email", access_rights=["reviewer"])
    assert expected in result["msg"]


def test_a_list_of_folders_that_is_incomplete_proves_nothing() -> None:
    assert folder(Answer([], truncated=True), folder_type="inbox", state="absent")[1]["error"]["class"] == "Truncated"


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        ({"error_type": "Microsoft.Exchange.Management.StoreTasks.UserNotFoundInPermissionEntryException"}, False),
        ({"error_id": "[FailureCategory=Cmdlet-UserNotFoundInPermissionEntryException] 1,X"}, False),
        ({"error_type": "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"}, True),
    ],
)
def test_only_a_missing_entry_is_no_entry(told: dict[str, str], failed: bool) -> None:
    result = folder(shown=errors.NotFound("not there", **t.cast(t.Any, told)), folder="Inbox", access_rights=["reviewer"])[1]
    assert result.get("failed", False) is failed
    assert failed or result["diff"] == {"before": {"access_rights": []}, "after": {"access_rights": ["reviewer"]}} | {
        "before_header": "MailboxFolderPermission of 'joe' on 'm:Inbox'",
        "after_header": "MailboxFolderPermission of 'joe' on 'm:Inbox'",
    }


@hypothesis.given(st.lists(st.sampled_from(folder_permission.RIGHTS)))
def test_roles_are_compared_as_the_rights_they_stand_for(named: list[str]) -> None:
    resource = t.cast(t.Any, FOLDER).resource()
    joined = resource.joined("access_rights", resource.single("access_rights", named))
    on_items = set(resource.single("access_rights", named)) - {*folder_permission.FREE_BUSY, folder_permission.NONE}
    assert bool(joined) == bool(named)
    assert not on_items or set(resource.single("access_rights", joined)) == on_items
    assert set(resource.joined("access_rights", resource.single("access_rights", joined))) == set(joined)


def test_an_object_is_looked_up_once_in_a_task() -> None:
    shown: list[dict[str, t.Any]] = []
    session = FakeSession(
        {
            "Get-Recipient": {"DistinguishedName": "CN=o"},
            "Get-ADPermission": lambda given: Answer(list(shown)),
            "Add-ADPermission": lambda given: shown.append({"ExtendedRights": ["Send-As"], "AccessRights": ["ExtendedRight"], "User": "joe"}),
        }
    )
    module = scenarios.module("exchange_send_as_permission")
    result = module.run(lambda: session, Task(module.validate({"identity": "o@x", "user": "joe"})))
    assert (result["changed"], session.sent()) == (True, ["Get-Recipient", "Get-ADPermission", "Add-ADPermission", "Get-ADPermission"])
