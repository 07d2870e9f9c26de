# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of AD FS say of themselves, where the farm would say it as well, or where a server says something odd."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates
from ansible_collections.m365.hybrid.plugins.module_utils._adfs.info import compared
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from hybridlab.adfs import issuing
from hybridlab.adfs.farm import Node
from hybridlab.adfs.proxy import Proxy
from hybridlab.windows.certificates import Certificates
from tests import scenarios
from tests.fake_farm import AUTHORITY, NAMES, NEXT, FakeFarm
from tests.fake_session import FakeSession
from tests.unit.core.bulk_runs import Sessions


@pytest.fixture(name="lab")
def a_farm() -> FakeFarm:
    return FakeFarm()


def run(session: FakeSession, module: str, check: bool = False, **options: t.Any) -> Result:
    loaded = scenarios.module(module)
    return loaded.run(lambda: session, Task(loaded.validate(options), check_mode=check))


def at(lab: FakeFarm, host: Node | Proxy | None = None) -> FakeSession:
    return FakeSession(lab.session(host))


class Odd(FakeSession):
    """Answers one cmdlet with what it is told."""

    cmdlet = ""
    rows: t.ClassVar[list[t.Any]] = []

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return Answer(list(self.rows)) if cmdlet == self.cmdlet else super().invoke(cmdlet, parameters, properties=properties)


SECONDARY = [("adfs_ssl_certificate", {}), ("adfs_certificate", {"use": "service_communications"})]


@pytest.mark.parametrize(("module", "options"), SECONDARY)
def test_check_mode_on_a_secondary_says_where_to_go(lab: FakeFarm, module: str, options: dict[str, t.Any]) -> None:
    found = run(at(lab, lab.secondary), module, check=True, thumbprint=NEXT.thumbprint, **options)
    assert found["failed"] and "is a secondary" in found["msg"] and "adfs01.contoso.com" in found["msg"]


def test_a_secondary_that_does_not_say_why_is_not_guessed_about(lab: FakeFarm) -> None:
    def denied(cmdlet: str, _parameters: dict[str, t.Any]) -> HybridError | None:
        return AccessDenied("not allowed", cmdlet=cmdlet) if cmdlet == "Get-AdfsFarmInformation" else None

    found = run(Sessions(lab.session(lab.secondary), before=denied), "adfs_farm_info")
    assert found["failed"] and found["error"]["class"] == "AccessDenied"


def test_no_binding_is_no_knowledge_of_what_is_presented(lab: FakeFarm) -> None:
    session = Odd(lab.session())
    session.cmdlet = "Get-AdfsSslCertificate"
    found = run(session, "adfs_ssl_certificate", thumbprint=NEXT.thumbprint)
    assert found["failed"] and not found["changed"] and "what is presented is not known" in found["msg"]


def test_a_thumbprint_in_small_letters_is_the_same(lab: FakeFarm) -> None:
    session = Odd(lab.session())
    session.cmdlet = "Get-AdfsSslCertificate"
    session.rows = [{"HostName": "sts.contoso.com", "PortNumber": 443, "CertificateHash": NEXT.thumbprint.lower()}]  # type: ignore[misc]
    assert not run(session, "adfs_ssl_certificate", thumbprint=NEXT.thumbprint)["changed"]


def test_what_ends_on_the_last_of_the_days_is_ending(lab: FakeFarm) -> None:
    run(at(lab), "adfs_ssl_certificate", thumbprint=NEXT.thumbprint)
    left = run(at(lab), "adfs_certificate_info")["bindings"][0]["days_left"]
    found = [run(at(lab), "adfs_certificate_info", days=limit)["ending"] for limit in (left, left - 1)]
    assert [NEXT.thumbprint in one for one in found] == [True, False]


def test_a_certificate_without_alternative_names_is_for_its_subject() -> None:
    held = issuing.self_signed("Signing", "sts.contoso.com")
    assert certificates.read({"RawData": held.certificate.public_bytes(Encoding.DER)}).names == ("ADFS Signing - sts.contoso.com",)


def test_a_rollover_that_makes_nothing_is_no_success(lab: FakeFarm) -> None:
    session = Odd(lab.session())
    session.cmdlet = "Update-AdfsCertificate"
    found = run(session, "adfs_certificate", use="token_signing", rollover="secondary")
    assert found["failed"] and "made no new certificate for token_signing" in found["msg"]


@pytest.mark.parametrize(("module", "options"), SECONDARY)
def test_a_certificate_that_has_not_begun_is_not_presented(lab: FakeFarm, module: str, options: dict[str, t.Any]) -> None:
    held = AUTHORITY.issue(*NAMES, begins=issuing.now() + datetime.timedelta(days=1))
    lab.machines[0].part(Certificates).add(held)
    found = run(at(lab), module, check=True, thumbprint=held.thumbprint, **options)
    assert found["failed"] and "does not begin before" in found["msg"]


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", " ", ":"])
def test_what_a_window_of_windows_shows_beside_a_thumbprint_does_not_matter(mark: str) -> None:
    assert certificates.thumbprint(f"{mark}{NEXT.thumbprint.lower()}{mark}") == NEXT.thumbprint


def test_a_farm_that_signs_with_nothing_is_known_to_nobody() -> None:
    assert compared({"domain": "contoso.com", "authentication_type": "federated", "certificates": []}, [])["knows_primary"] is False
