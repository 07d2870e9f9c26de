# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pool of sessions repeats, and what it never repeats."""

from __future__ import annotations

import importlib
import sys
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    HybridError,
    LoginRefused,
    MissingLibrary,
    SessionLimit,
    SessionLost,
    Throttled,
    TimedOut,
    Unreachable,
    UsageError,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, attended, libraries
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import pool as pooling
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.powershell import Pool, Retry, Unsent

Step = Exception | None


class Session:
    """Opens and answers as the script says; None is success."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.broken = False
        self.closed = False
        script.sessions.append(self)

    def open(self, call: Call) -> None:
        step = self.script.opens.pop(0) if self.script.opens else None
        if step:
            raise step

    def alive(self, call: Call) -> bool:
        return not self.broken

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        self.script.ran.append(cmdlet)
        self.script.hold(call)
        step = self.script.calls.pop(0) if self.script.calls else None
        if isinstance(step, (Unsent, SessionLost)):
            self.broken = True
        if step:
            raise step
        return Answer([cmdlet])

    def close(self) -> None:
        self.closed = True


class Script:
    def __init__(self, opens: t.Sequence[Step] = (), calls: t.Sequence[Step] = (), hold: t.Callable[[Call], None] = lambda call: None) -> None:
        self.opens, self.calls, self.hold = list(opens), list(calls), hold
        self.sessions: list[Session] = []
        self.ran: list[str] = []

    def pool(self, size: int = 1, retry_timeout: float = 5) -> Pool:
        return Pool(lambda: Session(self), "exchange on x", "exchange", size, retry_timeout)


def invoke(pool: Pool, cmdlet: str = "Set-X", timeout: float | None = 10) -> Answer:
    return pool.invoke(Call(timeout), cmdlet, {}, None)


def test_a_session_is_opened_once_and_used_again() -> None:
    script = Script()
    pool = script.pool()
    pool.open(Call(10))
    assert [invoke(pool).output, invoke(pool).output] == [["Set-X"], ["Set-X"]]
    assert len(script.sessions) == 1
    pool.close()
    assert script.sessions[0].closed


def test_a_call_that_surely_did_not_run_is_repeated_on_a_new_session() -> None:
    script = Script(calls=[Unsent(SessionLost("idle"))])
    assert invoke(script.pool()).output == ["Set-X"]
    assert script.ran == ["Set-X", "Set-X"]
    assert script.sessions[0].closed


def test_a_write_whose_fate_is_unknown_is_never_repeated_and_the_next_call_has_a_new_session() -> None:
    script = Script(calls=[SessionLost("dropped")])
    pool = script.pool()
    with pytest.raises(SessionLost) as caught:
        invoke(pool)
    assert script.ran == ["Set-X"]
    assert (caught.value.cmdlet, caught.value.target) == ("Set-X", "exchange on x")
    assert invoke(pool).output == ["Set-X"]
    assert len(script.sessions) == 2


@pytest.mark.parametrize("cmdlet", ["Get-X", "test-x"])
def test_a_read_is_asked_once_more(cmdlet: str) -> None:
    script = Script(calls=[SessionLost("dropped")])
    assert invoke(script.pool(), cmdlet).output == [cmdlet]
    twice = Script(calls=[SessionLost("dropped"), SessionLost("dropped")])
    with pytest.raises(SessionLost):
        invoke(twice.pool(), cmdlet)


def test_throttling_waits_as_long_as_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "_PAUSES", (60.0,))  # beyond the time for repeating
    script = Script(calls=[Throttled("wait", wait=0.3)])
    start = time.monotonic()
    assert invoke(script.pool()).output == ["Set-X"]
    assert time.monotonic() - start >= 0.3


def test_a_wait_beyond_the_limit_is_the_server_s_error_at_once() -> None:
    script = Script(calls=[Throttled("wait", wait=60)])
    start = time.monotonic()
    with pytest.raises(Throttled):
        invoke(script.pool())
    assert time.monotonic() - start < 15


def test_opening_is_retried_where_it_may_pass_by_itself_but_never_a_login() -> None:
    script = Script(opens=[Retry(Unreachable("starting", wait=0.1)), Retry(SessionLimit("18", wait=0.1))])
    script.pool().open(Call(10))
    assert len(script.sessions) == 3
    refused = Script(opens=[LoginRefused("no")])
    with pytest.raises(LoginRefused):
        refused.pool().open(Call(10))
    assert len(refused.sessions) == 1


def test_the_session_limit_is_told_when_time_is_up() -> None:
    script = Script(opens=[Retry(SessionLimit("18"))] * 50)
    with pytest.raises(SessionLimit):
        script.pool(retry_timeout=0.2).open(Call(10))


@pytest.mark.parametrize(("size", "most"), [(1, 1), (3, 3)])
def test_calls_share_at_most_the_allowed_sessions(size: int, most: int) -> None:
    script = Script(hold=lambda call: time.sleep(0.1))
    pool = script.pool(size)
    threads = [threading.Thread(target=invoke, args=(pool,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(script.sessions) == most
    assert len(script.ran) == 6


def test_a_server_that_allows_fewer_sessions_than_we_is_obeyed() -> None:
    script = Script(hold=lambda call: time.sleep(0.1))
    pool = script.pool(3)
    pool.open(Call(10))
    script.opens = [Retry(SessionLimit("1"))] * 10
    threads = [threading.Thread(target=invoke, args=(pool,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(script.ran) == 4


def test_a_call_that_waits_for_a_session_can_be_cancelled() -> None:
    release = threading.Event()
    script = Script(hold=lambda call: t.cast(None, release.wait(5)))
    pool = script.pool()
    threading.Thread(target=invoke, args=(pool,), daemon=True).start()
    while not script.ran:
        time.sleep(0.01)
    with pytest.raises(TimedOut):
        invoke(pool, timeout=0.2)
    release.set()


@pytest.mark.parametrize("cmdlet", ["C:\\evil.exe", "cmd.exe", "Get-X; rm", "whoami", "Get-X|Y", "", "Get-X\n"])
def test_what_is_not_the_name_of_a_cmdlet_is_refused(cmdlet: str) -> None:
    script = Script()
    with pytest.raises(UsageError):
        invoke(script.pool(), cmdlet)
    assert not script.sessions


def test_test_replaces_a_dead_session() -> None:
    script = Script()
    pool = script.pool()
    pool.open(Call(10))
    script.sessions[0].broken = True
    pool.test(Call(5))
    assert len(script.sessions) == 2


def test_a_missing_library_is_named_with_its_pip_line() -> None:
    with pytest.raises(MissingLibrary, match=r'no_such_library .*pip install "pypsrp\[kerberos\]>=0.9\.1,<1"'):
        libraries.require(["no_such_library"], libraries.PSRP)


def test_a_machine_without_pypsrp_hears_of_it_when_the_wire_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypsrp", None)
    wire = importlib.import_module("ansible_collections.m365.hybrid.plugins.plugin_utils._wires.powershell")
    with pytest.raises(HybridError, match="pypsrp") as caught:
        wire.open_wire({"auth": "ntlm"})
    assert isinstance(caught.value, MissingLibrary)


class Hanging(Session):
    """Does not come back from a call before ``release`` is set."""

    release = threading.Event()

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        self.release.wait(60)
        return Answer(["too late"])


def test_a_session_that_hangs_is_left_to_itself_and_closed_when_it_stirs() -> None:
    script = Script()
    kinds = [Hanging, Session]
    pool = Pool(lambda: attended.Attended(kinds.pop(0)(script), patience=0.1), "exchange on x", "exchange")
    start = time.monotonic()
    with pytest.raises(TimedOut, match="not known"):
        invoke(pool, timeout=0.1)
    assert invoke(pool).output == ["Set-X"]
    assert time.monotonic() - start < 15
    assert not script.sessions[0].closed
    Hanging.release.set()
    until = time.monotonic() + 20
    while not script.sessions[0].closed and time.monotonic() < until:
        time.sleep(0.01)
    assert script.sessions[0].closed
    assert not script.sessions[1].closed


class Slow(Session):
    """Takes a while to close."""

    def close(self) -> None:
        time.sleep(0.3)
        super().close()


@pytest.mark.parametrize("broken", [False, True])
def test_a_busy_server_is_given_time_to_close_a_session_that_is_whole(broken: bool) -> None:
    script = Script()
    session = Slow(script)
    session.broken = broken
    attended.Attended(session, patience=0.01, closing=5).close()
    assert session.closed is not broken


def test_the_pool_waits_for_sessions_that_close_slowly() -> None:
    script = Script()
    pool = Pool(lambda: attended.Attended(Slow(script), patience=0.01), "exchange on x", "exchange")
    invoke(pool)
    pool.close()
    assert script.sessions[0].closed


@pytest.mark.parametrize(("once", "tries"), [(True, 1), (False, 3)])
def test_a_refused_login_is_tried_again_only_if_no_account_can_be_locked(once: bool, tries: int) -> None:
    script = Script(opens=[LoginRefused("no")] * 3)
    pool = Pool(lambda: Session(script), "exchange on x", "exchange", once=once)
    for _ in range(3):
        with pytest.raises(LoginRefused, match="no"):
            invoke(pool)
    assert len(script.sessions) == tries
    assert (pool.refusal is not None) is once
