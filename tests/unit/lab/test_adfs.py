# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's farm refuses what AD FS refuses, in its words, and shows what it presents."""

from __future__ import annotations

import pathlib
import ssl
import typing as t

import pytest

from hybridlab import estate
from hybridlab.adfs import issuing
from hybridlab.adfs.farm import COMMUNICATIONS, SIGNING
from hybridlab.adfs.session import Session, change
from hybridlab.clixml import Obj
from hybridlab.exchange import Exchange
from hybridlab.records import ErrorRecord, Output, Terminating
from hybridlab.windows.certificates import Certificates, covers
from tests.fake_farm import NEXT, ONE_NAME, FakeFarm

SET = "Set-AdfsSslCertificate"


def shown(session: Session, cmdlet: str, **parameters: t.Any) -> list[t.Mapping[str, t.Any]]:
    records = list(session.invoke(cmdlet, parameters))
    assert not [one for one in records if isinstance(one, ErrorRecord)], records
    return [one.value.props for one in records if isinstance(one, Output) and isinstance(one.value, Obj)]


def refused(session: Session, cmdlet: str, **parameters: t.Any) -> str:
    try:
        records = list(session.invoke(cmdlet, parameters))
    except Terminating as stop:
        return stop.record.message
    return " ".join(one.message for one in records if isinstance(one, ErrorRecord))


@pytest.fixture(name="lab")
def a_farm() -> FakeFarm:
    return FakeFarm()


@pytest.mark.parametrize("cmdlet", ["Get-AdfsCertificate", "Get-AdfsProperties", "Get-AdfsFarmInformation", "Update-AdfsCertificate"])
def test_a_secondary_names_its_primary(lab: FakeFarm, cmdlet: str) -> None:
    said = refused(lab.session(lab.secondary), cmdlet)
    assert said.startswith("PS0033") and "adfs01.contoso.com" in said


def test_a_certificate_is_bound_on_all_servers_at_once(lab: FakeFarm) -> None:
    assert not refused(lab.session(), SET, Thumbprint=NEXT.thumbprint)
    for node in lab.farm.nodes:
        assert set(node.bindings.values()) == {NEXT.thumbprint}


def test_a_server_without_the_certificate_is_named_after_the_others_were_written(lab: FakeFarm) -> None:
    del lab.machines[1].part(Certificates).personal[NEXT.thumbprint]
    assert "adfs02.contoso.com" in refused(lab.session(), SET, Thumbprint=NEXT.thumbprint)
    assert set(lab.primary.bindings.values()) == {NEXT.thumbprint}
    assert set(lab.secondary.bindings.values()) == {lab.farm.first.thumbprint}


def test_without_delegation_the_primary_writes_itself_alone(lab: FakeFarm) -> None:
    lab.faults.arm("no-delegation")
    assert "Access is denied" in refused(lab.session(), "Test-WSMan", ComputerName="adfs02.contoso.com", Authentication="Default")
    assert "Access is denied" in refused(lab.session(), SET, Thumbprint=NEXT.thumbprint)
    assert set(lab.secondary.bindings.values()) == {lab.farm.first.thumbprint}


def test_what_if_binds_nothing(lab: FakeFarm) -> None:
    assert not refused(lab.session(), SET, Thumbprint=NEXT.thumbprint, WhatIf=True)
    assert set(lab.primary.bindings.values()) == {lab.farm.first.thumbprint}


def test_on_2012_r2_each_server_binds_for_itself() -> None:
    lab = FakeFarm("2012r2")
    assert not refused(lab.session(lab.secondary), SET, Thumbprint=NEXT.thumbprint)
    assert set(lab.primary.bindings.values()) == {lab.farm.first.thumbprint}
    for cmdlet in ("Get-AdfsFarmInformation", "Set-AdfsAlternateTlsClientBinding"):
        assert "is not recognized" in refused(lab.session(), cmdlet)


def test_newer_servers_at_the_old_level_refuse(lab: FakeFarm) -> None:
    change(lab.farm, lab.primary, {"level": 1})
    assert refused(lab.session(), SET, Thumbprint=NEXT.thumbprint).startswith("PS0159")


def test_certauth_needs_its_name_and_takes_the_other_port_away(lab: FakeFarm) -> None:
    assert "certauth.sts.contoso.com" in refused(lab.session(), "Set-AdfsAlternateTlsClientBinding", Thumbprint=ONE_NAME.thumbprint)
    assert not refused(lab.session(), "Set-AdfsAlternateTlsClientBinding", Thumbprint=NEXT.thumbprint)
    assert ("certauth.sts.contoso.com", 443) in lab.secondary.bindings and ("sts.contoso.com", 49443) not in lab.secondary.bindings
    assert not refused(lab.session(), SET, Thumbprint=ONE_NAME.thumbprint)
    assert lab.primary.bindings[("certauth.sts.contoso.com", 443)] == NEXT.thumbprint


def test_a_rollover_is_beside_or_in_place(lab: FakeFarm) -> None:
    before = lab.farm.of(SIGNING)[0].held.thumbprint
    assert not refused(lab.session(), "Update-AdfsCertificate", CertificateType=SIGNING)
    assert [one.primary for one in lab.farm.of(SIGNING)] == [True, False] and lab.farm.of(SIGNING)[0].held.thumbprint == before
    assert not refused(lab.session(), "Update-AdfsCertificate", CertificateType=SIGNING, Urgent=True)
    assert len(lab.farm.of(SIGNING)) == 1 and lab.farm.of(SIGNING)[0].held.thumbprint != before


def test_certificates_for_tokens_are_set_when_the_rollover_is_off_alone(lab: FakeFarm) -> None:
    assert "rollover feature is enabled" in refused(lab.session(), "Add-AdfsCertificate", CertificateType=SIGNING, Thumbprint=NEXT.thumbprint)
    assert not refused(lab.session(), "Set-AdfsProperties", AutoCertificateRollover=False)
    assert not refused(lab.session(), "Add-AdfsCertificate", CertificateType=SIGNING, Thumbprint=NEXT.thumbprint, IsPrimary=True)
    assert lab.farm.of(SIGNING)[0].held.thumbprint == NEXT.thumbprint
    assert "not enabled" in refused(lab.session(), "Update-AdfsCertificate")


def test_a_certificate_is_serialised_as_its_bytes(lab: FakeFarm) -> None:
    (found,) = shown(lab.session(), "Get-AdfsCertificate", CertificateType=[COMMUNICATIONS])
    assert set(found["Certificate"].props) == {"RawData"}


def test_nothing_of_the_configuration_is_read_while_the_service_is_stopped(lab: FakeFarm) -> None:
    service = lab.machines[0].services.find("adfssrv")
    assert service
    lab.machines[0].services.stop(service, force=True)
    assert "net.tcp://localhost:1500/policy" in refused(lab.session(), "Get-AdfsProperties")
    assert shown(lab.session(), "Get-AdfsSslCertificate")


def test_a_proxy_whose_trust_has_ended(lab: FakeFarm) -> None:
    change(lab.farm, lab.proxy, {"trusted": False})
    session = lab.session(lab.proxy)
    for cmdlet in ("Get-WebApplicationProxyApplication", "Get-WebApplicationProxyConfiguration"):
        assert "0x8007520C" in refused(session, cmdlet)
    assert shown(session, "Get-WebApplicationProxyHealth")[0]["HealthState"] == "Error"
    assert shown(session, "Get-WebApplicationProxySslCertificate")


def test_the_cmdlets_of_one_role_are_not_on_the_other(lab: FakeFarm) -> None:
    assert "is not recognized" in refused(lab.session(lab.proxy), "Get-AdfsSyncProperties")
    assert "is not recognized" in refused(lab.session(), "Get-WebApplicationProxyConfiguration")


def test_what_cannot_be_changed_from_outside_is_said(lab: FakeFarm) -> None:
    with pytest.raises(ValueError, match="colour cannot be changed"):
        change(lab.farm, lab.primary, {"colour": "red"})


def test_an_estate_has_files_to_renew_with_and_takes_them_away(tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), adfs="2016") as lab:
        folder = tmp_path / "lab" / "adfs"
        assert {one.stem for one in folder.iterdir()} == {"renewed", "next", "wrong_name", "expired", "older", "without_key"}
        assert all(one.stat().st_mode & 0o077 == 0 for one in (folder, *folder.iterdir()))
        assert lab.change({"adfs": "ADFS02", "fallback": True})["bindings"]["ADFS02"]["0.0.0.0:443"]
        assert lab.federation
        with pytest.raises(ValueError, match="there is no ADFS09"):
            lab.change({"adfs": "ADFS09"})
        port = lab.federation.servers[1].client_port
        assert ssl.get_server_certificate(("localhost", port), timeout=5)
    assert not folder.exists()


def test_a_wildcard_covers_one_label() -> None:
    certificate = issuing.Authority.made().issue("*.contoso.com").certificate
    assert covers(certificate, "sts.contoso.com") and not covers(certificate, "certauth.sts.contoso.com")
