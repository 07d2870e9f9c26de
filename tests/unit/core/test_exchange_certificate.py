# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of servers: what their objects say in a session, files, requests that are completed, and secrets that stay secret."""

from __future__ import annotations

import base64
import contextlib
import datetime
import pathlib
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Surroundings, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import certificate, certificate_use
from hybridlab.exchange import Exchange
from hybridlab.wire.recorder import Recorder
from tests import scenarios
from tests.fake_session import FakeSession

STEPS = scenarios.load(scenarios.FOLDER / "exchange_certificate.yml")["steps"]
GOOD = next(step["task"] for step in STEPS if step["name"].startswith("It is imported"))
THUMBPRINT = next(step["returns"]["certificate"]["thumbprint"] for step in STEPS if step["name"].startswith("It is imported"))
OLD = "40CABDFFA076665267862DC131E7A9802E874453"


def run(session: FakeSession, around: Surroundings = scenarios.AROUND, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module("exchange_certificate")
    return module.run(lambda: session, Task(module.validate(options), check_mode, diff=True, verbosity=4, surroundings=around))


def info(session: FakeSession, **options: t.Any) -> list[dict[str, t.Any]]:
    module = scenarios.module("exchange_certificate_info")
    return t.cast(list[dict[str, t.Any]], module.run(lambda: session, Task(module.validate(options)))["certificates"])


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(Exchange())


def test_a_session_shows_nothing_of_a_certificate_but_raw_data_unless_it_is_selected_on_the_server(session: FakeSession) -> None:
    shown = session.invoke("Get-ExchangeCertificate", {"Server": "EX01"}).output[0]
    assert set(shown) == {"RawData"}
    selected = session.invoke("Get-ExchangeCertificate", {"Server": "EX01"}, properties=("thumbprint", "services")).output[0]
    assert selected == {"Thumbprint": "1B2B1336A53DDB8CCD1C6BE6C0B2725274786F81", "Services": "IIS, SMTP"}


def test_a_certificate_that_came_without_its_properties_is_an_error() -> None:
    with pytest.raises(Exception, match="Select-Object"):
        certificate.row({"RawData": "MIIB"}, "exchange on ex01")


def test_days_left_are_counted_from_now(session: FakeSession) -> None:
    found = {one["thumbprint"]: one["days_left"] for one in info(session, server=["EX01"])}
    assert found[OLD] == (datetime.datetime(2026, 2, 15, tzinfo=datetime.UTC) - datetime.datetime.now(datetime.UTC)).days
    assert [one["thumbprint"] for one in info(session, expires_within_days=-1)] == [OLD]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("changed", [{}, {"password": "not the password"}, {"services": ["smtp"]}, {"thumbprint": "0" * 40}, {"server": "EX99"}], ids=str)
def test_neither_the_file_nor_its_password_gets_anywhere(session: FakeSession, changed: dict[str, t.Any], check_mode: bool, tmp_path: pathlib.Path) -> None:
    options = {**GOOD, **changed}
    result = run(session, check_mode=check_mode, **options)
    log = tmp_path / "calls"
    recorder = Recorder(log)
    for cmdlet, parameters in session.product.calls:
        recorder.cmdlet("exchange-2019", cmdlet, parameters)
    recorder.close()
    audited = session.invoke("Search-AdminAuditLog", {}).output
    for text in (repr(result), repr(session.product.calls), log.read_text(), repr(audited)):
        assert options["password"] not in text and GOOD["content"][:60] not in text and GOOD["content"].replace(" ", "")[200:260] not in text


def test_the_recorder_masks_the_file(tmp_path: pathlib.Path) -> None:
    recorder = Recorder(tmp_path / "calls")
    recorder.cmdlet("exchange-2019", "Import-ExchangeCertificate", {"FileData": b"secret file", "Server": "EX01"})
    recorder.cmdlet("exchange-2019", "New-MigrationBatch", {"CSVData": b"ab"})
    recorder.close()
    assert '"FileData": {"$any": true}' in (tmp_path / "calls").read_text()
    assert '"CSVData": [97, 98]' in (tmp_path / "calls").read_text()


class TestWhereNothingOpensTheFile:
    def test_the_thumbprint_is_needed(self, session: FakeSession) -> None:
        found = run(session, Surroundings(), **GOOD)
        assert found["failed"] and "thumbprint is needed" in found["msg"]

    def test_with_it_the_file_is_imported(self, session: FakeSession) -> None:
        assert run(session, Surroundings(), **GOOD, thumbprint=THUMBPRINT)["certificate"]["services"] == ["iis", "imap"]

    def test_another_certificate_is_not_enabled(self, session: FakeSession) -> None:
        found = run(session, Surroundings(), **GOOD, thumbprint="0" * 40)
        assert found["failed"] and found["changed"] and f"{THUMBPRINT} was imported" in found["msg"]
        assert next(one for one in info(session, server=["EX01"]) if one["thumbprint"] == THUMBPRINT)["services"] == []

    def test_the_server_says_what_is_wrong_with_a_password(self, session: FakeSession) -> None:
        found = run(session, Surroundings(), **{**GOOD, "password": "wrong"}, thumbprint=THUMBPRINT)
        assert found["failed"] and not found.get("certificate") and "Check password" in found["msg"] and "EX01" in found["msg"]


def test_a_request_is_completed_by_the_certificate_that_was_issued_for_it(session: FakeSession) -> None:
    asked: dict[str, t.Any] = {"server": "EX02", "generate": "request", "subject_name": "CN=mail.contoso.com", "domain_names": ["mail.contoso.com"]}
    request = run(session, **asked, friendly_name="Mail")["request"]
    assert request.startswith("-----BEGIN NEW CERTIFICATE REQUEST-----")
    assert not run(session, **asked)["changed"], "a pending request is not made again"
    pem = issued(request)
    done = run(session, server="EX02", content=pem, services=["iis"])
    shown = done["certificate"]
    assert done["changed"] and shown["services"] == ["iis"] and shown["has_private_key"] and shown["friendly_name"] == "Mail"
    assert not run(session, server="EX02", content=pem, services=["iis"])["changed"]
    assert not run(session, **asked)["changed"], "its certificate is there"
    left = shown["days_left"]
    assert not run(session, **asked, renew_before=left, check_mode=True)["changed"] and run(session, **asked, renew_before=left + 1, check_mode=True)["changed"]


def issued(request: str) -> str:
    """The certificate of an authority for this request."""
    found = x509.load_pem_x509_csr(request.replace("NEW CERTIFICATE", "CERTIFICATE").encode())
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority = x509.Name.from_rfc4514_string("CN=Contoso CA")
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(found.subject).issuer_name(authority).public_key(found.public_key()).serial_number(7)
    made = made.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=397))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return made.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class Connected:
    """A session of an organization whose connector names a certificate."""

    target = "exchange on ex01"

    def invoke(self, cmdlet: str, _parameters: t.Any = None, *, properties: t.Any = None) -> Answer:
        named = [{"Name": "Out", "TlsCertificateName": "<I>CN=CA<S>CN=mail"}] if cmdlet == "Get-SendConnector" else []
        return Answer([{}] if cmdlet == "Get-AuthConfig" else named)


NAMED: dict[str, t.Any] = {"thumbprint": OLD, "issuer": "CN=CA", "subject": "CN=mail", "services": [], "has_private_key": True, "days_left": -5}


@pytest.mark.parametrize(
    ("twin", "free"),
    [({}, True), ({"days_left": 0}, True), ({"days_left": -1}, False), ({"has_private_key": False}, False), ({"subject": "CN=other"}, False)],
    ids=["good", "last day", "ended", "no key", "other name"],
)
def test_a_certificate_that_a_connector_names_may_go_where_another_one_serves_it(twin: dict[str, t.Any], free: bool) -> None:
    session = t.cast(t.Any, Connected())
    there = [NAMED, {**NAMED, "thumbprint": THUMBPRINT, "days_left": 300, **twin}]
    with contextlib.nullcontext() if free else pytest.raises(UsageError, match="SendConnector 'Out' names it"):
        certificate_use.refuse(session, NAMED, there, "EX01", {})


class TestFiles:
    def test_a_pfx_file_is_told_from_a_certificate(self) -> None:
        assert certificate.file(GOOD["content"]).is_pfx and certificate.file(GOOD["content"]).thumbprint is None

    def test_a_certificate_has_its_thumbprint_in_either_form(self) -> None:
        der = base64.b64decode(next(step["task"]["content"] for step in STEPS if step["name"].startswith("What is no answer")))
        pem = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"
        assert certificate.file(base64.b64encode(der).decode()) == certificate.file(pem) == (der, False, THUMBPRINT)

    def test_several_certificates_are_refused(self) -> None:
        one = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
        with pytest.raises(UsageError, match="holds 2 certificates"):
            certificate.file(one * 2)

    @pytest.mark.parametrize("content", ["", "MA", "AAAA", "MAIFAA=="])
    def test_anything_else_is_refused_without_being_shown(self, content: str) -> None:
        with pytest.raises(UsageError, match="neither base64") as caught:
            certificate.file(content)
        assert not content or content not in str(caught.value)
