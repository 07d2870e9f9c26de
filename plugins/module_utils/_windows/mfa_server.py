# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What role mfa_server makes of what it read: every requirement with what was found, and how far the server is.

Azure Multi-Factor Authentication Server has no interface for programs but for what Windows, IIS and Active Directory show of it.
Source: "Getting started with an Azure Multi-Factor Authentication Server", "User portal for the Azure Multi-Factor Authentication Server",
"Enable mobile app authentication with Azure Multi-Factor Authentication Server" (Microsoft Learn, archived).
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.certificate_names import covers

Reading = t.Mapping[str, t.Any]

OLDEST_WINDOWS = (6, 1)
"""Windows Server 2008 R2."""
MOBILE_SERVICE_BEFORE = 8
"""From this version on the mobile app needs no web service of its own."""


class Requirement(t.NamedTuple):
    """``met`` is None when it is not known."""

    requirement: str
    met: bool | None
    found: str


def make(reading: Reading, wishes: Reading) -> dict[str, t.Any]:
    """The plan.  ``reading`` and ``wishes`` are documented with the filter ``mfa_server_plan``."""
    members = [_person(one) for one in reading["members"] if "user" in one["objectClass"]]
    requirements = [*_host(reading["facts"]), *_reached(reading["reached"]), *_people(members, reading, wishes), *_certificate(reading, wishes)]
    phase = _phase(reading)
    return {
        "requirements": [one._asdict() for one in requirements],
        "unmet": [f"{one.requirement}: {one.found}" for one in requirements if one.met is False],
        "unknown": [f"{one.requirement}: {one.found}" for one in requirements if one.met is None],
        "phase": phase,
        "version": reading["version"],
        "members": members,
        "without_mobile": [one["name"] for one in members if not one["mobile"]],
        "components": components(wishes["components"], reading["version"] or wishes["version"]),
        "obstacles": _obstacles(reading, wishes),
    }


def components(wanted: t.Iterable[str], version: str | None) -> list[str]:
    """What is to be installed of what is wanted, in the order in which it is installed; the mobile service only below version 8."""
    new = _numbers(version) >= (MOBILE_SERVICE_BEFORE,)
    return [one for one in ("sdk", "portal", "mobile") if one in wanted and not (one == "mobile" and new)]


def _phase(reading: Reading) -> str:
    """``absent``, ``waiting for activation`` or ``activated``."""
    if not reading["installed"]:
        return "absent"
    return "activated" if reading["admins_exist"] else "waiting for activation"


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version or "").split(".") if part.isdigit())


def _person(account: Reading) -> dict[str, t.Any]:
    return {
        "name": str(account.get("userPrincipalName") or account.get("sAMAccountName") or account["dn"]),
        "dn": account["dn"],
        "mobile": str(account.get("mobile") or "").strip(),
    }


def _host(facts: Reading) -> t.Iterator[Requirement]:
    """What ansible.windows.setup tells of the server."""
    version = str(facts["ansible_distribution_version"])
    server = facts["ansible_os_product_type"] in ("server", "domain_controller") and _numbers(version)[:2] >= OLDEST_WINDOWS
    yield Requirement("Windows Server 2008 R2 or later", server, f"{facts['ansible_distribution']} {version}")
    pending = facts.get("ansible_reboot_pending")
    yield Requirement("No restart is pending", None if pending is None else not pending, "a restart is pending" if pending else "none")
    yield Requirement("All updates are installed", None, "not looked at; ansible.windows.win_updates with state=searched tells")
    yield Requirement("Member of a domain", bool(facts["ansible_windows_domain_member"]), str(facts["ansible_windows_domain"]))


def _reached(results: t.Iterable[Reading]) -> t.Iterator[Requirement]:
    for one in results:
        complaint = one.get("msg") or ("it does not answer" if one.get("failed") or one.get("unreachable") else "")
        yield Requirement(f"{one['item']} is reached on port 443", not complaint, str(complaint or "it answers"))


def _people(members: list[dict[str, t.Any]], reading: Reading, wishes: Reading) -> t.Iterator[Requirement]:
    group = wishes["group"]
    found = f"{len(members)} members" if reading["group_exists"] else "not there yet; it is created"
    yield Requirement(f"Group {group} exists", True, found)
    without = [one["name"] for one in members if not one["mobile"]]
    yield Requirement("Every member has a mobile number", not without, _listed(without, "no number in attribute mobile"))
    licensed = reading["licensed"]
    if licensed is None:
        yield Requirement("Every member has a licence with Entra ID Premium", None, "no tenant was named, so licences were not read")
        return
    entitled = {name.lower() for name in licensed}
    unlicensed = [one["name"] for one in members if one["name"].lower() not in entitled]
    yield Requirement("Every member has a licence with Entra ID Premium", not unlicensed, _listed(unlicensed, "no licence"))


def _listed(names: list[str], what: str) -> str:
    return f"{what}: {', '.join(names)}" if names else "all have"


def _certificate(reading: Reading, wishes: Reading) -> t.Iterator[Requirement]:
    """Only where something is published: the portal, or the service for the mobile app."""
    if not {"portal", "mobile"} & set(wishes["components"]):
        return
    name, certificate = wishes["public_name"], reading["certificate"]
    yield Requirement("A public name is given", bool(name) and "." in str(name), str(name or "mfa_server_public_name is not set"))
    if certificate is None:
        pending = bool(wishes["has_pfx"])
        yield Requirement("The certificate is there", None if pending else False, "it is imported" if pending else "the machine's store does not have it")
        return
    names = [*(certificate.get("dns_names") or []), str(certificate.get("issued_to") or "")]
    yield Requirement("The certificate is for the public name", covers(str(name or ""), names), ", ".join(one for one in names if one))
    yield Requirement("The certificate has its private key", bool(certificate.get("has_private_key")), certificate["thumbprint"])
    ends = datetime.datetime.fromtimestamp(float(certificate["valid_to"]), datetime.UTC)
    now = datetime.datetime.fromisoformat(reading["now"])
    yield Requirement("The certificate is not expired", ends > now, f"valid until {ends:%Y-%m-%d}")
    signed = certificate.get("issuer") != certificate.get("subject")
    yield Requirement("The certificate has an issuer", signed, str(certificate.get("issued_by") if signed else "it is self-signed"))


def _obstacles(reading: Reading, wishes: Reading) -> list[str]:
    """Why the server may not be removed."""
    providers = reading["providers"]
    if providers is None:
        known = bool(wishes["adapter_is_absent"])
        return [] if known else ["it is not known whether AD FS uses the server: name mfa_server_adfs_host, or say mfa_server_adfs_adapter_is_absent"]
    used = sorted(set(providers) & set(wishes["adapter_names"]))
    return [f"AD FS still has the authentication provider {', '.join(used)}: unregister the adapter there first"] if used else []
