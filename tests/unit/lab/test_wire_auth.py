# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import shutil
import typing as t

import pytest
import requests
import spnego
import spnego.channel_bindings
from pypsrp.exceptions import AuthenticationError, WinRMTransportError
from pypsrp.wsman import WSMan

from hybridlab import estate
from hybridlab.process import Process
from hybridlab.wire import auth, kdc
from tests.unit.lab.wire_client import Sample, call, clear_client, client, pool

needs_kdc = pytest.mark.skipif(shutil.which("krb5kdc", path="/usr/sbin:/usr/local/sbin:/usr/bin") is None, reason="krb5kdc is not installed")


@pytest.fixture
def lab() -> t.Iterator[estate.Estate]:
    with estate.running(product=Sample()) as running:
        yield running


def answers(lab: estate.Estate, connection: WSMan) -> bool:
    with pool(lab, connection) as session:
        return [str(item) for item in call(session, "Get-Thing")] == ["thing 0"]


@pytest.mark.parametrize("scheme", ["basic", "negotiate", "ntlm"])
def test_logs_on_over_tls_with_channel_bindings(lab: estate.Estate, scheme: str) -> None:
    assert answers(lab, client(lab, auth=scheme))


@pytest.mark.parametrize("scheme", ["negotiate", "ntlm"])
def test_logs_on_over_http_with_encrypted_messages(lab: estate.Estate, scheme: str) -> None:
    assert answers(lab, clear_client(lab, auth=scheme))


@pytest.mark.parametrize("name", ["administrator", "LAB\\administrator", "administrator@LAB.TEST"])
@pytest.mark.parametrize("scheme", ["basic", "negotiate"])
def test_takes_every_form_of_the_account_name(lab: estate.Estate, name: str, scheme: str) -> None:
    assert answers(lab, client(lab, auth=scheme, username=name))


def test_logs_on_with_a_client_certificate(lab: estate.Estate) -> None:
    files = {"certificate_pem": str(lab.directory / "client.pem"), "certificate_key_pem": str(lab.directory / "client.key")}
    assert answers(lab, client(lab, auth="certificate", username=None, password=None, **files))


@pytest.mark.parametrize("scheme", ["basic", "negotiate", "ntlm"])
def test_refuses_a_wrong_password(lab: estate.Estate, scheme: str) -> None:
    with pytest.raises(AuthenticationError), pool(lab, client(lab, auth=scheme, password="wrong")):
        pass
    assert lab.counters["opened"] == 0


def test_refuses_an_unknown_account(lab: estate.Estate) -> None:
    with pytest.raises(AuthenticationError), pool(lab, client(lab, username="nobody")):
        pass


def test_refuses_channel_bindings_of_another_certificate(lab: estate.Estate) -> None:
    policy = auth.Policy(lab.accounts, (auth.NEGOTIATE,), {"NTLM_USER_FILE": str(lab.directory / "ntlm-users")})
    conversation = auth.Conversation(policy, b"\0" * 32)
    with pytest.raises(auth.Refused):
        exchange_tokens(lab, conversation, b"\1" * 32)
    assert exchange_tokens(lab, auth.Conversation(policy, b"\1" * 32), b"\1" * 32) == "administrator"


def exchange_tokens(lab: estate.Estate, conversation: auth.Conversation, certificate_hash: bytes) -> str:
    bindings = spnego.channel_bindings.GssChannelBindings(application_data=b"tls-server-end-point:" + certificate_hash)
    side = spnego.client(lab.user, lab.password, "localhost", protocol="ntlm", channel_bindings=bindings)
    token = side.step()
    while token is not None:
        outcome = conversation.answer(f"Negotiate {base64.b64encode(token).decode()}", None)
        if isinstance(outcome, auth.Granted):
            return outcome.account
        token = side.step(base64.b64decode(outcome.headers[0][1].partition(" ")[2]))
    raise AssertionError("the client ended first")


def test_refuses_clear_text_over_http(lab: estate.Estate) -> None:
    with pytest.raises(WinRMTransportError) as refused, pool(lab, clear_client(lab, auth="negotiate", encryption="never")):
        pass
    assert refused.value.code == 500


def test_refuses_basic_over_http(lab: estate.Estate) -> None:
    with pytest.raises(AuthenticationError), pool(lab, clear_client(lab, encryption="never")):
        pass


def test_takes_basic_over_http_when_told_so() -> None:
    with estate.running(product=Sample(), insecure_basic=True) as lab:
        assert answers(lab, clear_client(lab, encryption="never"))


def test_offers_its_schemes_to_a_request_without_credentials(lab: estate.Estate) -> None:
    offered = requests.post(f"https://localhost:{lab.https_port}/PowerShell", verify=str(lab.ca_path), timeout=5)
    assert offered.status_code == 401
    assert offered.headers["WWW-Authenticate"] == 'Negotiate, Basic realm="lab"'


def test_a_certificate_of_another_authority_does_not_verify(lab: estate.Estate) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.post(f"https://localhost:{lab.https_port}/PowerShell", timeout=5)


@needs_kdc
def test_logs_on_with_kerberos(monkeypatch: pytest.MonkeyPatch) -> None:
    with estate.running(product=Sample(), kerberos=True) as lab:
        monkeypatch.setenv("KRB5_CONFIG", str(lab.krb5_config))
        monkeypatch.setenv("KRB5CCNAME", "MEMORY:lab")
        assert answers(lab, clear_client(lab, auth="kerberos", negotiate_service="HTTP"))
        assert answers(lab, client(lab, auth="kerberos", negotiate_service="host"))
        assert answers(lab, client(lab, auth="ntlm"))
        with pytest.raises(Exception, match=r"(?i)decrypt|preauth|password|integrity"), pool(lab, clear_client(lab, auth="kerberos", password="wrong")):
            pass
    assert not lab.directory.exists()


@needs_kdc
def test_a_realm_leaves_no_process() -> None:
    with estate.running(product=Sample(), kerberos=True) as lab:
        noted = Process.read(kdc.pid_file(lab.directory / "kerberos"))
        assert noted is not None and noted.alive
    assert not noted.alive


def test_a_missing_program_is_named() -> None:
    with pytest.raises(kdc.Unavailable, match="no-such-kdc is not installed"):
        kdc.program("no-such-kdc")
