# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many rights to send as a recipient in Exchange Online."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


def run(session: FakeSession, name: str, check: bool = False, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1, check_mode=check))


class Showing(FakeSession):
    """A service that shows something else of the entries."""

    def __init__(self, product: Exchange, change: t.Callable[[Answer], Answer]) -> None:
        super().__init__(product)
        self._change = change

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        answer = super().invoke(cmdlet, parameters, properties=properties)
        return self._change(answer) if cmdlet == "Get-RecipientPermission" else answer


INFO: dict[str, t.Any] = {"identity": "info@contoso.com", "user": "user1@contoso.com"}
ENTRY = {"Trustee": "user1@contoso.com", "AccessControlType": "Allow", "AccessRights": ["SendAs"], "IsInherited": False}


def gone(change: t.Callable[[Answer], Answer], **more: t.Any) -> Result:
    return run(Showing(Exchange("online"), change), "exchange_send_as_permission", check=True, **INFO, **more, state="absent")


def test_other_rights_of_the_same_user_are_no_leave_to_send() -> None:
    assert gone(lambda answer: dataclasses.replace(answer, output=[ENTRY]))["changed"]
    assert not gone(lambda answer: dataclasses.replace(answer, output=[{**ENTRY, "AccessRights": ["ReadPermission"]}]))["changed"]
    assert not gone(lambda answer: dataclasses.replace(answer, output=[{**ENTRY, "IsInherited": True}]))["changed"]


def test_a_list_that_was_cut_or_makes_no_sense_proves_nothing() -> None:
    assert gone(lambda answer: dataclasses.replace(answer, truncated=True))["error"]["class"] == "Truncated"
    assert "cannot be understood" in gone(lambda answer: dataclasses.replace(answer, output=["user1"]))["msg"]


def test_an_entry_that_denies_is_taken_away_as_one() -> None:
    denied = {**ENTRY, "AccessControlType": "Deny"}
    assert not gone(lambda answer: dataclasses.replace(answer, output=[denied]))["changed"]
    sent: list[dict[str, t.Any]] = []

    class Removing(Showing):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            if cmdlet == "Remove-RecipientPermission":
                sent.append(dict(parameters or {}))
                return Answer([])
            return super().invoke(cmdlet, parameters, properties=properties)

    session = Removing(Exchange("online"), lambda answer: dataclasses.replace(answer, output=[] if sent else [denied]))
    done = run(session, "exchange_send_as_permission", **INFO, deny=True, state="absent")
    assert done["changed"] and sent[0]["Deny"] is True and sent[0]["AccessRights"] == ["SendAs"]


def test_the_cloud_says_nothing_of_inheritance() -> None:
    shown = run(FakeSession(Exchange("online")), "exchange_send_as_permission", **INFO)
    assert shown["changed"] and set(shown["resource"]) == {"identity", "user", "extended_rights"}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("more", "message"), [({"deny": True}, "Exchange Online has no Add-RecipientPermission -Deny"), ({"inheritance_type": "all"}, "Exchange Online has no")]
)
def test_what_the_cloud_cannot_say_of_an_entry_is_refused_for_each_of_a_recipient(check: bool, more: dict[str, t.Any], message: str) -> None:
    """The recipient is looked up once; what is asked of it is looked at each time, in check mode, too."""
    session = FakeSession(Exchange("online"))
    first = {"identity": "user0@contoso.com", "user": "user1"}
    done = run(session, "bulk", check, module="exchange_send_as_permission", objects=[first, {**first, "user": "user2", **more}])
    assert [one["outcome"] for one in done["outcomes"]] == ["updated", "failed"]
    assert message in done["outcomes"][1]["msg"]
    assert done["calls"].get("Add-RecipientPermission", 0) == (0 if check else 1)
