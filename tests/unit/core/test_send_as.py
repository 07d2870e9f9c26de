# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many rights to send as a recipient in Exchange Online."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


def run(session: FakeSession, name: str, check: bool = False, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1, check_mode=check))


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
