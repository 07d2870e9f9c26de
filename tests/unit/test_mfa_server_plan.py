# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What role mfa_server makes of what it read."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.mfa_server_plan import plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.certificate_names import covers

FACTS = {
    "ansible_distribution": "Microsoft Windows Server 2012 R2 Standard",
    "ansible_distribution_version": "6.3.9600",
    "ansible_os_product_type": "server",
    "ansible_reboot_pending": False,
    "ansible_windows_domain": "contoso.com",
    "ansible_windows_domain_member": True,
}
CERTIFICATE = {
    "thumbprint": "AB" * 20,
    "dns_names": ["mfa.contoso.com"],
    "issued_to": "mfa.contoso.com",
    "issued_by": "Contoso CA",
    "issuer": "CN=Contoso CA",
    "subject": "CN=mfa.contoso.com",
    "has_private_key": True,
    "valid_to": 1798761600.0,
}
ADA = {"dn": "CN=Ada,DC=contoso,DC=com", "objectClass": ["top", "person", "user"], "userPrincipalName": "Ada@contoso.com", "mobile": "+49 170 1"}
READING: dict[str, t.Any] = {
    "facts": FACTS,
    "reached": [{"item": "pfd.phonefactor.net", "failed": False}],
    "group_exists": True,
    "admins_exist": False,
    "members": [ADA],
    "licensed": ["ada@contoso.com"],
    "certificate": CERTIFICATE,
    "providers": [],
    "installed": False,
    "version": "",
    "now": "2026-11-22T10:00:00+00:00",
}
WISHES: dict[str, t.Any] = {
    "group": "MFA Users",
    "components": ["portal", "sdk", "mobile"],
    "version": "8.1.4.1",
    "public_name": "mfa.contoso.com",
    "has_pfx": False,
    "adapter_is_absent": False,
    "adapter_names": ["AzureMfaServerAuthentication"],
}


def made(wishes: t.Mapping[str, t.Any] | None = None, **reading: t.Any) -> dict[str, t.Any]:
    return plan(READING | reading, WISHES | dict(wishes or {}))


def test_a_server_that_meets_everything_has_only_what_nobody_can_read_open() -> None:
    found = made()
    assert found["unmet"] == []
    assert [one.partition(":")[0] for one in found["unknown"]] == ["All updates are installed"]


@pytest.mark.parametrize(
    ("reading", "complaint"),
    [
        (
            {"facts": FACTS | {"ansible_distribution_version": "6.0.6003"}},
            "Windows Server 2008 R2 or later: Microsoft Windows Server 2012 R2",
        ),
        ({"facts": FACTS | {"ansible_os_product_type": "workstation"}}, "Windows Server 2008 R2 or later"),
        ({"facts": FACTS | {"ansible_reboot_pending": True}}, "No restart is pending: a restart is pending"),
        ({"facts": FACTS | {"ansible_windows_domain_member": False, "ansible_windows_domain": "WORKGROUP"}}, "Member of a domain: WORKGROUP"),
        ({"reached": [{"item": "css.phonefactor.net", "failed": False, "msg": "timed out"}]}, "css.phonefactor.net is reached on port 443: timed out"),
        ({"reached": [{"item": "css.phonefactor.net", "unreachable": True}]}, "css.phonefactor.net is reached on port 443"),
        ({"members": [ADA | {"mobile": " "}]}, "Every member has a mobile number: no number in attribute mobile: Ada@contoso.com"),
        ({"licensed": []}, "Every member has a licence with Entra ID Premium: no licence: Ada@contoso.com"),
        ({"certificate": None}, "The certificate is there: the machine's store does not have it"),
        ({"certificate": CERTIFICATE | {"dns_names": ["*.fabrikam.com"], "issued_to": "fabrikam"}}, "The certificate is for the public name: *.fabrikam.com"),
        ({"certificate": CERTIFICATE | {"has_private_key": False}}, "The certificate has its private key"),
        ({"certificate": CERTIFICATE | {"valid_to": 1700000000.0}}, "The certificate is not expired: valid until 2023-11-14"),
        ({"certificate": CERTIFICATE | {"issuer": "CN=mfa.contoso.com"}}, "The certificate has an issuer: it is self-signed"),
    ],
)
def test_each_requirement_that_is_not_met_is_named_with_what_was_found(reading: dict[str, t.Any], complaint: str) -> None:
    (unmet,) = made(**reading)["unmet"]
    assert unmet.startswith(complaint)


def test_all_that_is_not_met_is_reported_together() -> None:
    found = made(facts=FACTS | {"ansible_windows_domain_member": False}, members=[ADA | {"mobile": None}], licensed=[], certificate=None)
    assert len(found["unmet"]) == 4
    assert found["without_mobile"] == ["Ada@contoso.com"]


def test_what_was_not_asked_is_unknown() -> None:
    assert any(one.startswith("Every member has a licence") for one in made(licensed=None)["unknown"])
    assert any(one.startswith("The certificate is there") for one in made({"has_pfx": True}, certificate=None)["unknown"])
    silent = {name: value for name, value in FACTS.items() if name != "ansible_reboot_pending"}
    assert any(one.startswith("No restart is pending") for one in made(facts=silent)["unknown"])
    assert made({"public_name": ""})["unmet"][0] == "A public name is given: mfa_server_public_name is not set"


def test_groups_among_the_members_are_no_people() -> None:
    assert made(members=[ADA, {"dn": "CN=Others,DC=contoso,DC=com", "objectClass": ["top", "group"]}])["without_mobile"] == []


@pytest.mark.parametrize(("version", "wanted"), [("7.3.0.3", ["sdk", "portal", "mobile"]), ("8.0.0.3", ["sdk", "portal"]), ("8.1.4.1", ["sdk", "portal"])])
def test_the_service_for_the_mobile_app_is_there_below_version_8_only(version: str, wanted: list[str]) -> None:
    assert made({"version": version})["components"] == wanted
    assert made({"version": "9"}, installed=True, version=version)["components"] == wanted, "what is installed counts"


@pytest.mark.parametrize(("installed", "admins", "phase"), [(False, True, "absent"), (True, False, "waiting for activation"), (True, True, "activated")])
def test_the_group_that_activation_creates_tells_how_far_the_server_is(installed: bool, admins: bool, phase: str) -> None:
    assert made(installed=installed, admins_exist=admins)["phase"] == phase


def test_a_server_that_ad_fs_uses_or_may_use_is_not_removed() -> None:
    assert made()["obstacles"] == []
    (used,) = made(providers=["CertificateAuthentication", "AzureMfaServerAuthentication"])["obstacles"]
    assert "still has the authentication provider AzureMfaServerAuthentication" in used
    (unknown,) = made(providers=None)["obstacles"]
    assert "it is not known whether AD FS uses the server" in unknown
    assert made({"adapter_is_absent": True}, providers=None)["obstacles"] == []
    assert made({"adapter_is_absent": True}, providers=["AzureMfaServerAuthentication"])["obstacles"], "what was read counts more than what was said"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="group_exists"):
        plan({name: value for name, value in READING.items() if name != "group_exists"}, WISHES)


@pytest.mark.parametrize(
    ("name", "patterns", "good"),
    [
        ("mfa.contoso.com", ["MFA.Contoso.com."], True),
        ("mfa.contoso.com", ["*.contoso.com"], True),
        ("a.mfa.contoso.com", ["*.contoso.com"], False),
        ("contoso.com", ["*.contoso.com"], False),
        ("contoso.com", ["*.com"], False),
        ("mfa", ["*."], False),
        ("mfa.contoso.com", [], False),
    ],
)
def test_a_wildcard_stands_for_one_label(name: str, patterns: list[str], good: bool) -> None:
    assert covers(name, patterns) is good
