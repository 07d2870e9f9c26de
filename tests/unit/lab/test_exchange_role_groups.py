# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role groups and role assignments of the emulated organisation."""

from __future__ import annotations

import pytest

from hybridlab.exchange import Exchange
from tests.unit.lab.exchange_calls import call, done

RECIPIENTS = "Recipient Management"


def test_a_new_organization_has_the_built_in_groups() -> None:
    found = done(Exchange(), "Get-RoleGroup")
    assert len(found.names) == 12 and RECIPIENTS in found.names


def test_a_role_group_is_a_group_of_the_directory_and_no_recipient() -> None:
    server = Exchange()
    assert done(server, "Get-Group", Identity=RECIPIENTS).object["RecipientTypeDetails"] == "RoleGroup"
    assert call(server, "Get-Recipient", Identity=RECIPIENTS).failure == "ManagementObjectNotFoundException"


def test_a_removed_group_takes_its_assignments_and_its_memberships_along() -> None:
    server = Exchange()
    done(server, "New-RoleGroup", Name="Desk", Roles=["Mail Recipients"])
    done(server, "Add-RoleGroupMember", Identity=RECIPIENTS, Member="Desk")
    done(server, "Remove-RoleGroup", Identity="Desk", Confirm=False)
    assert call(server, "Get-ManagementRoleAssignment", Identity="Mail Recipients-Desk").failure == "ManagementObjectNotFoundException"
    assert done(server, "Get-RoleGroup", Identity=RECIPIENTS).object["Members"] == []


def test_a_group_with_the_last_delegating_assignment_stays() -> None:
    server = Exchange()
    done(server, "New-RoleGroup", Name="Desk")
    done(server, "New-ManagementRoleAssignment", SecurityGroup="Desk", Role="Databases", Delegating=True)
    done(server, "Remove-ManagementRoleAssignment", Identity="Databases-Organization Management-Delegating", Confirm=False)
    assert "last delegating assignment" in call(server, "Remove-RoleGroup", Identity="Desk", Confirm=False).error.message


def test_two_assignments_of_a_role_differ_in_name_and_scope() -> None:
    server = Exchange()
    done(server, "New-RoleGroup", Name="Desk", Roles=["Databases"])
    assert call(server, "New-ManagementRoleAssignment", SecurityGroup="Desk", Role="Databases").failure == "ManagementObjectAlreadyExistsException"
    made = done(server, "New-ManagementRoleAssignment", SecurityGroup="Desk", Role="Databases", CustomConfigWriteScope="Branch Servers").object
    assert (made["Name"], made["ConfigWriteScope"]) == ("Databases-Desk-1", "CustomConfigScope")


def test_a_unit_and_a_scope_exclude_each_other() -> None:
    server = Exchange()
    limits = {"CustomRecipientWriteScope": "Executives", "RecipientOrganizationalUnitScope": "Sales"}
    assert call(server, "New-RoleGroup", Name="Desk", Roles=["Databases"], **limits).failure == "DataValidationException"


@pytest.mark.parametrize("cmdlet", ["Remove-RoleGroup", "Set-RoleGroup"])
def test_who_is_no_manager_needs_the_switch(cmdlet: str) -> None:
    server = Exchange()
    done(server, "New-RoleGroup", Name="Desk", ManagedBy=["user0"])
    assert call(server, cmdlet, Identity="Desk", Confirm=False).failure == "OperationRequiresGroupManagerException"


def test_nothing_changes_with_what_if() -> None:
    server = Exchange()
    done(server, "New-RoleGroup", Name="Desk", WhatIf=True)
    done(server, "New-ManagementRoleAssignment", SecurityGroup="Help Desk", Role="Databases", WhatIf=True)
    done(server, "Update-RoleGroupMember", Identity="Help Desk", Members=["user0"], WhatIf=True, Confirm=False)
    found = done(server, "Get-RoleGroup", Identity="Help Desk").object
    assert found["Members"] == [] and "Databases" not in found["Roles"]
    assert call(server, "Get-RoleGroup", Identity="Desk").failure == "ManagementObjectNotFoundException"
