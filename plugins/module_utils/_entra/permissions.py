# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application permissions of Microsoft Graph that each module needs: what errors advise, and what docs/permissions.md shows.

The least privileged ones that the published reference names for the requests of a module.  This file imports nothing but the standard
library, so that the table can be read without Ansible.
"""

from __future__ import annotations

import dataclasses
import typing as t

_NO_PREMIUM = "authentication_requestfromnonpremiumtenant"


@dataclasses.dataclass(frozen=True)
class Needs:
    """All permissions of ``read`` to look, which check mode does too; all of ``write`` to change something.

    ``sometimes`` are further ones, each with the reason that makes it needed; ``beside`` is what permissions alone do not give.
    """

    read: tuple[str, ...]
    write: tuple[str, ...] = ()
    sometimes: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    beside: str = ""


_ADMINISTRATORS = "To change users who have administrative roles, the application needs a role of Entra ID itself."
_PASSWORDS = "To set the password of an existing user, the application needs User-PasswordProfile.ReadWrite.All as well, or the role User Administrator."
TO_LOOK_UP = {"user": "User.Read.All", "group": "Group.Read.All", "application": "Application.Read.All"}
"""What it takes to find the objects of a kind by their names; the other kinds belong to policies."""
OF_POLICIES = "Policy.Read.All"


def _named(kind: str, how: str = "display name") -> dict[str, str]:
    return {TO_LOOK_UP[kind]: f"{kind}s are named by {how}"}


_USERS, _TARGETS = _named("user", "principal name"), _named("group")
BY_MODULE = {
    "directory_sync_info": Needs(
        ("Organization.Read.All", "OnPremDirectorySynchronization.Read.All", "Application.Read.All", "Synchronization.Read.All"),
        sometimes={
            "User.Read.All": "users are looked for",
            "Group.Read.All": "groups are looked for",
            "OrgContact.Read.All": "contacts are looked for",
        },
    ),
    "directory_sync_run": Needs(("Application.Read.All", "Synchronization.Read.All"), ("Application.Read.All", "Synchronization.ReadWrite.All")),
    "entra_authentication_method_policy": Needs(("Policy.Read.All",), ("Policy.ReadWrite.AuthenticationMethod",), _TARGETS),
    "entra_authentication_method_settings": Needs(("Policy.Read.All",), ("Policy.ReadWrite.AuthenticationMethod",), _TARGETS),
    "entra_conditional_access_policy": Needs(
        ("Policy.Read.All",),
        ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"),
        _USERS | _TARGETS | _named("application"),
    ),
    "entra_directory_audit_info": Needs(("AuditLog.Read.All",)),
    "entra_domain_federation": Needs(("Domain.Read.All",), ("Domain.Read.All", "Domain-InternalFederation.ReadWrite.All")),
    "entra_domain_federation_info": Needs(("Domain.Read.All",)),
    "entra_group": Needs(
        ("Group.Read.All",),
        ("Group.ReadWrite.All",),
        {"User.Read.All": "members or owners are named by principal name"},
        "Groups to which roles can be given need RoleManagement.ReadWrite.Directory as well.",
    ),
    "entra_license": Needs(("User.Read.All", "LicenseAssignment.Read.All"), ("User.Read.All", "LicenseAssignment.ReadWrite.All")),
    "entra_license_info": Needs(("LicenseAssignment.Read.All",)),
    "entra_mfa_registration_info": Needs(("AuditLog.Read.All",), beside="The tenant needs a licence of Entra ID P1."),
    "entra_named_location": Needs(("Policy.Read.All",), ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess")),
    "entra_phone_method": Needs(("UserAuthenticationMethod.Read.All",), ("UserAuthenticationMethod.ReadWrite.All",), beside=_ADMINISTRATORS),
    "entra_security_defaults": Needs(("Policy.Read.All",), ("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults")),
    "entra_unified_audit_info": Needs(("AuditLogsQuery.Read.All",)),
    "entra_user": Needs(("User.Read.All",), ("User.ReadWrite.All",), beside=f"{_PASSWORDS} {_ADMINISTRATORS}"),
    "entra_user_info": Needs(("User.Read.All",), sometimes={"LicenseAssignment.Read.All": "the option sku is given"}),
    "entra_user_mfa": Needs(("Policy.Read.All",), ("Policy.ReadWrite.AuthenticationMethod",)),
}


def to_look_up(what: str) -> str:
    """What to do when objects of a kind could not be looked for."""
    return f"Give the application the permission {TO_LOOK_UP.get(what, OF_POLICIES)} and let an administrator consent to it"


def advice(module: str, method: str, error_id: str) -> str:
    """What to do when the service denied a request of a module; empty where nothing is known.  ``method`` is the request's."""
    if error_id.casefold().startswith(_NO_PREMIUM):
        return "The tenant needs a licence of Entra ID P1 for this"
    needs = BY_MODULE.get(module)
    if needs is None:
        return ""
    all_of = needs.read if method == "GET" or not needs.write else needs.write  # a search is ordered with POST, and is no change
    found = f"Give the application the permission{'s' if len(all_of) > 1 else ''} {' and '.join(all_of)}"
    further = "".join(f", where {reason} also {name}" for name, reason in needs.sometimes.items())
    beside = needs.beside if method != "GET" or not needs.write else ""
    return f"{found}{further}, and let an administrator consent. {beside}".strip()
