# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the scenario cannot show of role groups."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core import fake

GROUP = {"Name": "Desk", "DistinguishedName": "CN=Desk,DC=contoso,DC=com", "Guid": "0c1d", "Members": [], "ManagedBy": [], "LinkedGroup": ""}


def run(session: Session, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module("exchange_role_group")
    return module.run(lambda: session, Task(module.validate(options), check_mode, verbosity=1))


def assigned(kind: str, scope: str | None) -> dict[str, t.Any]:
    return {"Name": "Databases-Desk", "Role": "Databases", "RecipientWriteScope": kind, "CustomRecipientWriteScope": scope, "CustomConfigWriteScope": None}


@pytest.mark.parametrize(
    ("kind", "scope", "custom", "unit"),
    [
        ("CustomRecipientScope", "Branch", "Branch", ""),
        ("OU", "contoso.com/Sales", "", "contoso.com/Sales"),
        ("Organization", None, "", ""),
        ("ExclusiveRecipientScope", "Board", "exclusiverecipientscope: Board", ""),
    ],
)
def test_the_kind_of_a_scope_says_which_option_it_is(kind: str, scope: str | None, custom: str, unit: str) -> None:
    session = fake.FakeSession({"Get-RoleGroup": GROUP, "Get-ManagementRoleAssignment": assigned(kind, scope)})
    resource = run(session, name="Desk", roles=["Databases"])["resource"]
    assert (resource["custom_recipient_write_scope"], resource["recipient_organizational_unit_scope"]) == (custom, unit)


def test_a_new_role_does_not_take_over_a_scope_that_no_option_says() -> None:
    answers = {"Get-RoleGroup": GROUP, "Get-ManagementRoleAssignment": assigned("ExclusiveRecipientScope", "Board")}
    session = fake.FakeSession(answers | {"Get-ManagementRole": {"Name": "Monitoring"}})
    result = run(session, check_mode=True, name="Desk", roles={"add": ["Monitoring"]})
    assert result["error"]["class"] == "UsageError" and "exclusiverecipientscope: Board" in result["msg"]


def test_an_assignment_without_a_role_is_a_doubt() -> None:
    session = fake.FakeSession({"Get-RoleGroup": GROUP, "Get-ManagementRoleAssignment": {"Name": "Databases-Desk", "Role": None}})
    assert "without a name or a role" in run(session, name="Desk", roles=[])["msg"]


def test_roles_are_read_only_where_the_task_says_something_of_them() -> None:
    result = run(FakeSession(Exchange()), name="Help Desk", description="Desk")
    assert result["changed"] and "Get-ManagementRoleAssignment" not in result["calls"]
    assert "roles" not in result["resource"]


def test_the_domain_controller_is_named_wherever_the_cmdlets_take_it() -> None:
    product = Exchange()
    options: dict[str, t.Any] = {
        "display_name": "Desk",
        "members": {"add": ["user0"]},
        "roles": {"add": ["Monitoring"]},
        "domain_controller": "dc01.contoso.com",
    }
    assert run(FakeSession(product), name="Help Desk", **options)["changed"]
    named = {cmdlet for cmdlet, given in product.calls if "DomainController" in given}
    assert {cmdlet for cmdlet, _ in product.calls} - named == {"Set-RoleGroup"}


def test_the_password_of_a_linked_group_reaches_the_server_and_no_result() -> None:
    product = Exchange()
    link: dict[str, t.Any] = {"linked_foreign_group": "Exchange Admins", "linked_domain_controller": "dc01.fabrikam.example"}
    result = run(FakeSession(product), name="Fabrikam", **link, linked_user="FABRIKAM\\reader", linked_password="hush-9f")
    assert result["changed"] and "hush-9f" not in str(result)
    assert "LinkedCredential" in product.writes[-1][1] and "hush-9f" not in str(product.calls)


def test_a_group_whose_roles_reach_differently_far_is_exported_without_them() -> None:
    product = Exchange()
    new = {"SecurityGroup": "Help Desk", "Role": "User Options", "CustomRecipientWriteScope": "Executives"}
    assert list(product.invoke("New-ManagementRoleAssignment", new))
    module = scenarios.module("export").bound({"module": "exchange_role_group"}, named)
    found = module.run(lambda: FakeSession(product), Task(module.validate({"module": "exchange_role_group"})))["objects"]
    with_roles = {one["name"] for one in found if "roles" in one}
    assert "Help Desk" not in with_roles and "Recipient Management" in with_roles
