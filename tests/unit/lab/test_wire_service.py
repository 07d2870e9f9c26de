# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import time
import typing as t
import urllib.request

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.powershell import RunspacePool

from hybridlab import estate
from hybridlab.faults import Faults
from tests.unit.lab.wire_client import CONFIGURATION, Sample, call, client, pool, shell, within


@pytest.fixture
def product() -> Sample:
    return Sample()


@pytest.fixture
def lab(product: Sample) -> t.Iterator[estate.Estate]:
    with estate.running(product=product) as running:
        yield running


def refusal(lab: estate.Estate, **options: t.Any) -> WSManFaultError:
    with pytest.raises(WSManFaultError) as refused, pool(lab, client(lab, **options)):
        pass
    return refused.value


@pytest.mark.parametrize("path", ["PowerShell", "powershell/", "POWERSHELL?serializationLevel=Full;clientApplication=ManagementShell"])
def test_the_path_is_found_in_every_spelling(lab: estate.Estate, path: str) -> None:
    with pool(lab, client(lab, path=path)) as session:
        assert len(call(session, "Get-Thing")) == 1


def test_another_path_is_404(lab: estate.Estate) -> None:
    answer = requests.post(f"https://localhost:{lab.https_port}/wsman", verify=str(lab.ca_path), timeout=5)
    assert answer.status_code == 404
    # IIS's page is well-formed, so pypsrp takes it for a fault without details.
    with pytest.raises(WSManFaultError, match="No details"), pool(lab, client(lab, path="wsman")):
        pass


def test_another_configuration_is_not_in_the_catalog(lab: estate.Estate) -> None:
    with pytest.raises(WSManFaultError) as refused:
        RunspacePool(client(lab), configuration_name="Microsoft.PowerShell").open()
    assert refused.value.code == 2150858811


def test_what_is_no_soap_is_a_bad_request(lab: estate.Estate) -> None:
    answer = requests.post(f"https://localhost:{lab.https_port}/PowerShell", data="hello", auth=(lab.user, lab.password), verify=str(lab.ca_path), timeout=5)
    assert answer.status_code == 400


def test_the_19th_session_of_an_account_is_refused(lab: estate.Estate) -> None:
    with contextlib.ExitStack() as sessions:
        for _ in range(18):
            sessions.enter_context(pool(lab))
        assert lab.service.live() == {"administrator": 18}
        text = str(refusal(lab))
        assert "[FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace because you have exceeded" in text
        assert "maximum number of connections allowed : 18 for the policy party : MaxConcurrency" in text
        with pool(lab, client(lab, username="operator", password=lab.accounts.passwords["operator"])) as other:
            assert len(call(other, "Get-Thing")) == 1
    assert (lab.counters["opened"], lab.counters["refused"], lab.service.live()) == (19, 1, {})


def test_an_idle_session_is_closed(product: Sample) -> None:
    with estate.running(product=product, idle_timeout=0.2) as lab:
        session = RunspacePool(client(lab), configuration_name=CONFIGURATION)
        session.open()
        assert within(10, lambda: lab.service.live() == {})
        with pytest.raises(WSManFaultError) as lost:
            call(session, "Get-Thing")
    assert lost.value.code == 2150858843


def test_one_accounts_session_is_closed_to_another(lab: estate.Estate) -> None:
    with pool(lab) as session:
        stranger = client(lab, username="operator", password=lab.accounts.passwords["operator"])
        session.connection, own = stranger, session.connection
        session.shell.wsman = stranger
        with pytest.raises(WSManFaultError):
            call(session, "Get-Thing")
        session.connection = session.shell.wsman = own


# Faults.


def test_fault_session_limit_refuses_until_it_is_cleared(lab: estate.Estate) -> None:
    lab.faults.arm("session-limit")
    assert "MaxConcurrency" in str(refusal(lab))
    lab.faults.clear("session-limit")
    with pool(lab):
        pass


def test_fault_throttle_refuses_one_session_and_names_the_wait(lab: estate.Estate) -> None:
    lab.faults.arm("throttle", wait=3)
    assert "exceeded your budget to create runspace. Please wait for 3 seconds." in str(refusal(lab))
    with pool(lab):
        pass


def test_fault_throttle_refuses_a_call_before_it_runs(lab: estate.Estate, product: Sample) -> None:
    lab.faults.arm("throttle", at="cmdlet", count=2)
    with pool(lab) as session:
        for _ in range(2):
            powershell = shell(session, "Get-Thing")
            powershell.invoke()
            assert "Please wait for 2 seconds." in str(powershell.streams.error[0])
        assert product.calls == []
        assert len(call(session, "Get-Thing")) == 1


def test_fault_drop_in_receive_cuts_the_answer_of_a_call(lab: estate.Estate, product: Sample) -> None:
    lab.faults.arm("drop-in-receive", cmdlet="Get-Thing")
    with pool(lab) as session:
        call(session, "Get-Mixed")
        with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            call(session, "Get-Thing", Count=2000)
        assert len(call(session, "Get-Thing")) == 1
    assert [cmdlet for cmdlet, _ in product.calls] == ["Get-Mixed", "Get-Thing", "Get-Thing"]


@pytest.mark.parametrize(("at", "ran"), [("command", 0), ("receive", 1)])
def test_fault_lost_shell_before_or_after_the_call_ran(lab: estate.Estate, product: Sample, at: str, ran: int) -> None:
    lab.faults.arm("lost-shell", at=at)
    session = RunspacePool(client(lab), configuration_name=CONFIGURATION)
    session.open()
    with pytest.raises(WSManFaultError) as lost:
        call(session, "Get-Thing")
    assert lost.value.code == 2150858843
    assert lab.service.live() == {}
    within(10 if ran else 0.05, lambda: len(product.calls) > 0)  # the call runs on a thread of its own; one that must not run gets a moment to show itself
    assert len(product.calls) == ran


def test_fault_slow_answer_delays_one_cmdlet(lab: estate.Estate) -> None:
    lab.faults.arm("slow-answer", seconds=0.3, cmdlet="get-thing", count=1)
    with pool(lab) as session:
        call(session, "Get-Mixed")
        begun = time.monotonic()
        call(session, "Get-Thing")
        assert time.monotonic() - begun >= 0.3


def test_fault_unauthorized_refuses_right_credentials(lab: estate.Estate) -> None:
    lab.faults.arm("unauthorized")
    with pytest.raises(AuthenticationError), pool(lab):
        pass


@pytest.mark.parametrize("status", [302, 307])
def test_fault_redirect_points_elsewhere(lab: estate.Estate, status: int) -> None:
    lab.faults.arm("redirect", status=status, to="https://elsewhere.lab.test/PowerShell")
    answer = requests.post(f"https://localhost:{lab.https_port}/PowerShell", verify=str(lab.ca_path), allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (status, "https://elsewhere.lab.test/PowerShell")


def test_faults_are_used_up_after_those_let_pass() -> None:
    faults = Faults()
    faults.arm_text("throttle:at=cmdlet,wait=9,count=2,after=1")
    throttle = {"fault": "throttle", "at": "cmdlet", "wait": 9}
    assert [faults.take("throttle") for _ in range(4)] == [None, throttle, throttle, None]
    faults.arm("replica-lag")
    assert faults.peek("replica-lag") == {"fault": "replica-lag", "reads": 2}
    faults.clear()
    assert faults.armed() == {}


def test_a_fault_may_meet_one_in_so_many() -> None:
    faults = Faults()
    faults.arm_text("throttle:count=always,after=2,every=3")
    assert [bool(faults.take("throttle")) for _ in range(9)] == [False] * 4 + [True, False, False, True, False]
    assert faults.happened == {"throttle": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no-fault", "there is no fault"),
        ("throttle:x=1", "has no option"),
        ("throttle:wait=x", "invalid literal"),
        ("throttle:count=0", "count"),
        ("throttle:every=0", "every"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Faults().arm_text(text)


# The control endpoint.


def test_status_counts_sessions_and_calls(lab: estate.Estate) -> None:
    with pool(lab) as session:
        call(session, "Get-Thing")
        status = lab.control.status()
    services = status["sessions"].pop("services")
    assert services == {"EX01\\administrator": {"opened": 1, "live": 1}, "directory": {"opened": 0, "live": 0}}
    assert status["sessions"] == {"live": 1, "by_account": {"administrator": 1}, "opened": 1, "refused": 0}
    assert (status["product"], status["calls"], status["https_port"]) == ("exchange-2019", 1, lab.https_port)


def test_faults_are_armed_and_cleared_from_outside(lab: estate.Estate) -> None:
    assert lab.control.fault("slow-answer", seconds=0.1) == {"faults": {"slow-answer": {"fault": "slow-answer", "seconds": 0.1, "count": "always"}}}
    assert lab.control.clear() == {"faults": {}}
    with pytest.raises(ValueError, match="there is no fault 'x'"):
        lab.control.fault("x")


def test_the_product_is_changed_from_outside(lab: estate.Estate) -> None:
    assert lab.control.change({"name": "x"}) == {"changed": "x"}


def test_the_control_endpoint_wants_its_token(lab: estate.Estate) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"http://127.0.0.1:{lab.control.port}/status", timeout=5)
