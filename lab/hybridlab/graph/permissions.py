# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which application permissions a request needs: any one of them.  Source: the permission tables of the published Graph reference."""

from __future__ import annotations

import re
import typing as t

DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")
_AUDIT = ("AuditLogsQuery.Read.All", *(f"AuditLogsQuery-{one}.Read.All" for one in ("CRM", "Endpoint", "Entra", "Exchange", "OneDrive", "SharePoint")))
_READ_POLICY = ("Policy.Read.All", "Policy.Read.ConditionalAccess", "Policy.ReadWrite.ConditionalAccess")


class Needs(t.NamedTuple):
    """Any one of ``read`` to read, any one of ``write`` to write, and for that all of ``also``.

    ``beside`` says that the service beside the directory refuses, in words of its own.
    """

    path: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    beside: bool = False
    also: tuple[str, ...] = ()


TABLE = (
    Needs(
        r"/users/[^/]+/authentication/requirements$",
        ("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"),
        ("Policy.ReadWrite.AuthenticationMethod",),
        beside=True,
    ),
    Needs(
        r"/users/[^/]+/authentication/",
        ("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"),
        ("UserAuthenticationMethod.ReadWrite.All",),
        beside=True,
    ),
    Needs(r"/users/[^/]+/assignLicense$", (), ("LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All")),
    Needs(r"/users", ("User.Read.All", "User.ReadWrite.All", *DIRECTORY), ("User.ReadWrite.All", "Directory.ReadWrite.All")),
    Needs(
        r"/groups/[^/]+/(members|owners)",
        ("GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", *DIRECTORY),
        ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"),
    ),
    Needs(
        r"/groups",
        ("GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", *DIRECTORY),
        ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
    ),
    Needs(
        r"/directory/deletedItems", ("User.Read.All", "User.ReadWrite.All", "Group.ReadWrite.All", *DIRECTORY), ("User.ReadWrite.All", "Group.ReadWrite.All")
    ),
    Needs(r"/contacts", ("OrgContact.Read.All", *DIRECTORY), ()),
    Needs(
        r"/subscribedSkus",
        ("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "Organization.ReadWrite.All", *DIRECTORY),
        (),
    ),
    Needs(r"/organization", ("Organization.Read.All", "Organization.ReadWrite.All", *DIRECTORY), ("Organization.ReadWrite.All",)),
    Needs(
        r"/domains/[^/]+/federationConfiguration",
        ("Domain-InternalFederation.Read.All", "Domain-InternalFederation.ReadWrite.All", "Domain.Read.All", "Domain.ReadWrite.All"),
        ("Domain-InternalFederation.ReadWrite.All", "Domain.ReadWrite.All"),
    ),
    Needs(r"/domains", ("Domain.Read.All", "Domain.ReadWrite.All", *DIRECTORY), ("Domain.ReadWrite.All",)),
    Needs(
        r"/policies/authenticationMethodsPolicy",
        ("Policy.Read.All", "Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod"),
        ("Policy.ReadWrite.AuthenticationMethod",),
        beside=True,
    ),
    Needs(r"/policies/identitySecurityDefaults", ("Policy.Read.All",), ("Policy.ReadWrite.SecurityDefaults",), beside=True),
    Needs(
        r"/servicePrincipals/[^/]+/synchronization",
        ("Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy"),
        ("Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy"),
    ),
    Needs(
        r"/directory/onPremisesSynchronization",
        ("OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"),
        ("OnPremDirectorySynchronization.ReadWrite.All",),
    ),
    Needs(r"/servicePrincipals", ("Application.Read.All", "Application.ReadWrite.All", *DIRECTORY), ("Application.ReadWrite.All",)),
    Needs(r"/identity/conditionalAccess/authenticationStrength", ("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"), (), beside=True),
    Needs(r"/identity/conditionalAccess", _READ_POLICY, ("Policy.ReadWrite.ConditionalAccess",), beside=True, also=("Policy.Read.All",)),
    Needs(r"/reports/", ("AuditLog.Read.All",), (), beside=True),
    Needs(r"/auditLogs/", ("AuditLog.Read.All",), (), beside=True),
    Needs(r"/security/auditLog/", _AUDIT, _AUDIT, beside=True),
)


def missing(path: str, method: str, roles: t.Collection[str]) -> Needs | None:
    """The row that these permissions do not satisfy; None where they are enough, and for what needs none."""
    row = next((row for row in TABLE if re.match(row.path, path)), None)
    if row is None:
        return None
    one_of, all_of = (row.read, ()) if method == "GET" else (row.write, row.also)
    return row if (one_of and not set(one_of) & set(roles)) or set(all_of) - set(roles) else None


ALL = frozenset(name for row in TABLE for name in (*row.read, *row.write))
