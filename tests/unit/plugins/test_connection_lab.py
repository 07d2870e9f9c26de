# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real brokers and real sessions against the lab's wire."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors, rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, folder
from hybridlab import estate
from hybridlab.wire import kdc
from tests.unit.plugins.place import Place, Product, until

NASTY = 'it\'s "q" $(id) `x`\r\n]]> \U0001f600 \u202eRTL'


def pid_of(session: rpc.RemoteSession) -> int:
    return int(session.client.request({"op": "hello"})["pid"])


@pytest.mark.parametrize(("auth", "scheme"), [("basic", "https"), ("ntlm", "http"), ("negotiate", "https"), ("ntlm", "https")])
def test_a_session_opens_reads_and_leaves_nothing_behind(place: Place, auth: str, scheme: str) -> None:
    launch = place.launch(auth=auth, scheme=scheme)
    session = place.session(launch)
    answer = session.invoke("Get-Mailbox", {"ResultSize": "Unlimited"})
    assert answer.output[0] == {"Name": "user0", "Addresses": ["u0@x"], "When": "2026-03-01T10:00:00Z"}
    assert answer.truncated
    assert place.product.calls[0] == ("Set-ADServerSettings", {"ViewEntireForest": True})
    assert session.invoke("Get-Mailbox", properties=["name"]).output == [{"Name": f"user{number}"} for number in range(3)]
    assert (place.live, place.opened) == (1, 1)
    assert broker.reset(launch)
    assert until(lambda: place.live == 0)


@pytest.mark.parametrize(("auth", "scheme"), [("basic", "https"), ("ntlm", "http")])
def test_values_arrive_as_what_they_are(place: Place, auth: str, scheme: str) -> None:
    given = {"Text": NASTY, "Secret": Secret("s3cr"), "Login": Credential("u", Secret("p")), "Big": 2**40, "Switch": True, "Clear": None, "List": ["a", 1]}
    shown = json.loads(place.session(auth=auth, scheme=scheme).invoke("Test-Echo", given).output[0])
    assert shown["Text"] == NASTY
    assert shown["Secret"] == ["secure", "s3cr"]
    assert shown["Login"] == ["credential", "u", "p"]
    assert (shown["Big"], shown["Switch"], shown["Clear"], shown["List"]) == (str(2**40), "True", "None", "['a', 1]")


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"password": "wrong"}, errors.LoginRefused, "password"),
        ({"password": "wrong", "auth": "ntlm"}, errors.LoginRefused, "password"),
        ({"ca_cert": None}, errors.Untrusted, "m365_ca_cert"),
        ({"tcp_port": 1}, errors.Unreachable, "refused"),
        ({"host": "no-such-host.invalid"}, errors.Unreachable, "Name or service not known|Temporary failure|No address"),
        ({"path": "nowhere"}, errors.Unreachable, "m365_path"),
        ({"configuration_name": "Nothing"}, errors.Unreachable, "m365_configuration_name"),
        ({"auth": "ntlm", "scheme": "http", "message_encryption": "never"}, errors.Unreachable, "m365_message_encryption|encrypt"),
    ],
)
def test_a_session_that_does_not_open_says_why_and_what_to_do(place: Place, given: dict[str, t.Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        place.session(**given)
    assert type(caught.value) is kind
    assert place.lab.password not in str(caught.value)


def test_cmdlet_errors_have_their_class(place: Place) -> None:
    session = place.session()
    with pytest.raises(errors.NotFound) as caught:
        session.invoke("Get-Mailbox", {"Identity": "nobody"})
    assert caught.value.error_type == "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
    assert caught.value.target == f"exchange on localhost:{place.lab.https_port}"
    with pytest.raises(errors.CommandMissing):
        session.invoke("Get-Missing")
    assert len(session.invoke("Get-Mailbox").output) == 3


def test_no_secret_is_in_arguments_environment_or_files_of_the_broker(place: Place) -> None:
    pid = pid_of(place.session())
    password = place.lab.password.encode()
    for name in ("cmdline", "environ"):
        assert password not in pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    for file in pathlib.Path(place.directory).rglob("*"):
        if file.is_file():
            assert password not in file.read_bytes()


def test_a_session_is_light_before_it_reads(place: Place) -> None:
    status = pathlib.Path(f"/proc/{pid_of(place.session())}/status").read_text()
    kilobytes = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    assert kilobytes <= 60 * 1024


def test_one_broker_for_many_starters(place: Place) -> None:
    launch = place.launch()
    threads = [threading.Thread(target=place.session, args=(launch,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert place.opened == 1


def test_another_password_is_another_session(place: Place) -> None:
    place.session()
    with pytest.raises(errors.LoginRefused):
        place.session(password="changed")
    assert place.opened == 1


def test_a_killed_broker_is_replaced(place: Place) -> None:
    launch = place.launch()
    session = place.session(launch)
    os.kill(pid_of(session), signal.SIGKILL)
    assert until(lambda: not folder.answers(broker.socket_path(launch)))
    assert len(session.invoke("Get-Mailbox").output) == 3
    assert place.opened == 2


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_the_owner(place: Place, end: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    launch = place.launch(owner=owner.pid)
    place.session(launch)
    owner.send_signal(end)
    owner.wait()
    assert until(lambda: place.live == 0)
    assert until(lambda: not list(pathlib.Path(place.directory, "m365").glob("m365-????????????????????????")))
    place.launches.remove(launch)


def test_a_broker_closes_its_sessions_when_it_is_asked_to_end(place: Place) -> None:
    pid = pid_of(place.session())
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGHUP)
    time.sleep(0.3)
    assert place.live == 1
    os.kill(pid, signal.SIGTERM)
    assert until(lambda: place.live == 0)


@pytest.mark.parametrize(("auth", "scheme"), [("basic", "https"), ("ntlm", "http")])
def test_a_call_beyond_its_time_is_stopped_and_the_session_goes_on(place: Place, auth: str, scheme: str) -> None:
    session = place.session(auth=auth, scheme=scheme)
    session.timeout = 1
    start = time.monotonic()
    with pytest.raises(errors.TimedOut):
        session.invoke("Set-Sleep", {"Seconds": 30})
    assert time.monotonic() - start < 20
    session.timeout = 10
    assert len(session.invoke("Get-Mailbox").output) == 3
    assert place.opened == 1


def test_a_client_that_goes_away_frees_the_session_for_the_next(place: Place) -> None:
    launch = place.launch()
    first = place.session(launch)

    def call() -> None:
        with contextlib.suppress(errors.SessionLost):
            first.invoke("Set-Sleep", {"Seconds": 30})

    threading.Thread(target=call, daemon=True).start()
    assert until(lambda: any(cmdlet == "Set-Sleep" for cmdlet, _ in place.product.calls))
    connection = first.client._connection
    assert connection is not None
    connection.shutdown(2)
    start = time.monotonic()
    assert len(place.session(launch).invoke("Get-Mailbox").output) == 3
    assert time.monotonic() - start < 20


def test_the_session_limit_is_named(place: Place) -> None:
    place.lab.faults.arm("session-limit")
    with pytest.raises(errors.SessionLimit, match="maximum number of connections"):
        place.session(retry_timeout=1)


def test_a_throttled_session_opens_after_the_server_s_wait(place: Place) -> None:
    place.lab.faults.arm("throttle", at="runspace", wait=1)
    assert len(place.session().invoke("Get-Mailbox").output) == 3


def test_a_throttled_call_is_repeated_after_the_server_s_wait(place: Place) -> None:
    session = place.session()
    place.lab.faults.arm("throttle", at="cmdlet", wait=1)
    assert session.invoke("Test-Echo", {"A": "x"}).output == ['{"A": "x"}']


def test_a_redirect_is_explained(place: Place) -> None:
    place.lab.faults.arm("redirect")
    with pytest.raises(errors.Unreachable, match=r"redirects to https://elsewhere\.lab\.test.*m365_host"):
        place.session()


@pytest.mark.parametrize("fault", ["drop-in-receive", "lost-shell"])
def test_a_read_survives_a_session_that_breaks_and_a_write_is_never_repeated(place: Place, fault: str) -> None:
    session = place.session()
    place.lab.faults.arm(fault, **({"at": "receive"} if fault == "lost-shell" else {}))
    assert len(session.invoke("Get-Mailbox").output) == 3
    place.lab.faults.arm(fault, **({"at": "receive"} if fault == "lost-shell" else {}))
    before = len(place.product.calls)
    with pytest.raises(errors.SessionLost):
        session.invoke("Set-Sleep", {"Seconds": 0.2})
    assert [cmdlet for cmdlet, _ in place.product.calls[before:]].count("Set-Sleep") <= 1
    assert len(session.invoke("Get-Mailbox").output) == 3


def test_a_session_that_vanished_before_the_call_is_opened_again(place: Place) -> None:
    session = place.session()
    place.lab.faults.arm("lost-shell", at="command")
    session.invoke("Set-Sleep", {"Seconds": 0})
    assert place.opened == 2


def test_the_test_of_a_connection_fails_when_the_service_is_down(place: Place) -> None:
    session = place.session()
    session.test(5)
    for server in place.lab._servers:
        server.stop()
    with pytest.raises(errors.SessionError):
        session.test(5)


@pytest.fixture
def realm(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Place]:
    """A lab with a Kerberos realm of its own; without a KDC on this machine its tests are skipped."""
    try:
        kdc.program("krb5kdc")
    except kdc.Unavailable as missing:
        pytest.skip(str(missing))
    product = Product()
    with tempfile.TemporaryDirectory(dir="/tmp") as directory, estate.running(product=product, kerberos=True) as lab:
        monkeypatch.setenv("KRB5_CONFIG", str(lab.krb5_config))
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{directory}/no-tickets")
        found = Place(lab, product, directory)
        yield found
        for launch in found.launches:
            broker.reset(launch)


def test_kerberos_with_a_password_over_plain_http(realm: Place) -> None:
    assert len(realm.session(auth="kerberos", scheme="http").invoke("Get-Mailbox").output) == 3


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"password": "wrong"}, "Check the password"),
        ({"password": None}, "Kerberos has no ticket to log in with: .*kinit"),
        ({"negotiate_service": "SMTP"}, "m365_negotiate_service"),
        ({"user": "nobody@LAB.TEST"}, "user@REALM"),
    ],
)
def test_kerberos_refusals_say_what_to_do(realm: Place, given: dict[str, t.Any], advice: str) -> None:
    with pytest.raises(errors.LoginRefused, match=advice):
        realm.session(auth="kerberos", scheme="http", **given)


def test_kerberos_with_the_ticket_of_an_earlier_kinit_though_the_first_task_came_too_early(realm: Place) -> None:
    launch = realm.launch(auth="kerberos", scheme="http", password=None)
    with pytest.raises(errors.LoginRefused, match="kinit") as caught:
        realm.session(launch)
    assert "not tried again" not in str(caught.value), "without a password no account is locked"
    subprocess.run([kdc.program("kinit"), realm.lab.user], input=realm.lab.password, text=True, check=True, capture_output=True)
    assert len(realm.session(launch).invoke("Get-Mailbox").output) == 3


@pytest.mark.parametrize("as_text", [False, True])
def test_a_client_certificate_logs_in_from_a_path_or_from_text(place: Place, as_text: bool) -> None:
    certificate, key = (place.lab.directory / name for name in ("client.pem", "client.key"))
    given: dict[str, t.Any] = (
        {"client_cert": certificate.read_text(), "client_key": key.read_text()} if as_text else {"client_cert": str(certificate), "client_key": str(key)}
    )
    assert len(place.session(auth="certificate", user=None, password=None, **given).invoke("Get-Mailbox").output) == 3
