# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refused logins, servers that hang, connections that idled, and what is left in the folder of sockets."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors, rpc
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, folder, owner
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, attended, powershell, psrp
from tests.unit.plugins.place import Place, until
from tests.unit.plugins.valve import Valve


def refusals(caplog: pytest.LogCaptureFixture) -> int:
    """How often the lab refused a login."""
    return sum('" 401 ' in record.getMessage() for record in caplog.records)


def files(place: Place) -> set[str]:
    return {path.name for path in pathlib.Path(place.directory, "m365").iterdir()}


def test_a_refused_login_is_tried_once_in_a_run(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hybridlab")
    launch = place.launch(password="wrong")
    said: list[str] = []

    def look() -> None:
        with pytest.raises(errors.LoginRefused) as caught:
            place.session(launch)
        said.append(str(caught.value))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look()
    assert len(said) == 7
    assert len(set(said)) == 1
    assert "not tried again in this playbook run" in said[0]
    assert "meta: reset_connection" in said[0]
    assert refusals(caplog) == 1
    assert len(files(place)) == 2, "the key, and the socket that answers"
    assert broker.reset(launch)
    assert until(lambda: files(place) == {"m365-key"})
    look()
    assert refusals(caplog) == 2


def test_a_remembered_refusal_is_gone_with_the_run(place: Place) -> None:
    playbook = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    launch = place.launch(owner=playbook.pid, password="wrong")
    with pytest.raises(errors.LoginRefused):
        place.session(launch)
    playbook.kill()
    playbook.wait()
    place.launches.remove(launch)
    assert until(lambda: files(place) == {"m365-key"})


def test_a_password_that_changes_in_the_middle_is_not_tried_for_ever(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    session = place.session()
    passwords = t.cast(dict[str, str], place.lab.accounts.passwords)
    passwords["administrator"] = "another"
    caplog.set_level(logging.DEBUG, "hybridlab")
    for _ in range(6):
        with pytest.raises(errors.LoginRefused, match="not tried again"):
            session.invoke("Get-Mailbox")
    with pytest.raises(errors.LoginRefused, match="not tried again"):
        place.session(place.launches[0])
    assert refusals(caplog) == 2, "the call, and one new session"


@pytest.fixture
def valve(place: Place) -> t.Iterator[Valve]:
    found = Valve(place.lab.https_port)
    yield found
    found.close()


def ended(pid: int, seconds: float) -> bool:
    return until(lambda: owner.process_start(pid) is None or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3], seconds)


def test_a_server_that_hangs_in_a_call_keeps_neither_the_task_nor_the_next_one_nor_the_broker(place: Place, valve: Valve) -> None:
    playbook = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    launch = place.launch(owner=playbook.pid, tcp_port=valve.port)
    session = place.session(launch)
    pid = int(session.client.request({"op": "hello"})["pid"])
    valve.hang()
    session.timeout = 0.5
    start = time.monotonic()
    with pytest.raises(errors.TimedOut, match=r"does not answer.*Whether the call was executed is not known"):
        session.invoke("Set-Sleep", {"Seconds": 0})
    assert time.monotonic() - start < 20
    valve.flow()
    session.timeout = 10
    assert len(session.invoke("Get-Mailbox").output) == 3
    assert place.opened == 2
    assert until(lambda: place.live == 1), "the session that hung is closed when the server stirs"
    valve.hang()
    threading.Thread(target=_lost, args=(session,), daemon=True).start()
    time.sleep(0.2)
    playbook.kill()
    playbook.wait()
    place.launches.remove(launch)
    assert ended(pid, 20)


def _lost(session: rpc.RemoteSession) -> None:
    with contextlib.suppress(errors.SessionError):
        session.invoke("Get-Mailbox")


def test_a_server_that_hangs_while_the_session_opens_does_not_keep_the_next_task(place: Place, valve: Valve) -> None:
    valve.hang()
    launch = place.launch(tcp_port=valve.port)
    cancelled = broker.Launch(launch.wire, launch.identity, launch.transient, launch.owner, launch.directory, start_timeout=0.5)
    with pytest.raises(errors.Unreachable, match="does not answer"):
        broker.find_or_start(cancelled)
    path = broker.socket_path(launch)
    with pytest.raises(errors.SessionError):
        folder.hold(path, 0.0)  # the broker has it as long as it tries
    assert until(lambda: not pathlib.Path(folder.lock_of(path)).exists())
    valve.flow()
    assert len(place.session(launch).invoke("Get-Mailbox").output) == 3


def test_opening_ends_with_the_command_timeout(place: Place, valve: Valve) -> None:
    valve.hang()
    launch = place.launch(tcp_port=valve.port)
    target = psrp.Target({**launch.transient, **launch.identity})
    pool = powershell.Pool(lambda: attended.Attended(psrp.Session(target), 0.1), target.label, "exchange")
    start = time.monotonic()
    with pytest.raises(errors.Unreachable, match="does not answer"):
        pool.open(Call(0.3))
    pool.close()
    assert time.monotonic() - start < 15


def cut(place: Place) -> None:
    """Close every connection, as servers do with idle ones."""
    for server in place.lab._servers:
        for connection in list(server._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("auth", "scheme"), [("basic", "https"), ("ntlm", "http"), ("ntlm", "https"), ("negotiate", "http")])
def test_the_session_outlives_a_connection_that_was_closed_while_idle(place: Place, auth: str, scheme: str) -> None:
    launch = place.launch(auth=auth, scheme=scheme)
    target = psrp.Target({**launch.transient, **launch.identity})
    pool = powershell.Pool(lambda: psrp.Session(target, doubtful=0.0), target.label, "exchange")
    for number in range(3):
        pool.invoke(Call(10), "Set-Sleep", {"Seconds": 0}, None)
        cut(place)
        if number:
            pool.test(Call(10))
            cut(place)
    assert [cmdlet for cmdlet, _given in place.product.calls].count("Set-Sleep") == 3
    assert place.opened == 1
    pool.close()
    assert until(lambda: place.live == 0)


def test_a_session_whose_connection_broke_is_closed_on_the_server_all_the_same(place: Place) -> None:
    session = place.session(auth="ntlm", scheme="http")
    cut(place)
    with pytest.raises(errors.SessionLost):
        session.invoke("Set-Sleep", {"Seconds": 0})
    assert until(lambda: place.live == 0)


def test_a_write_into_a_session_that_vanished_while_idle_is_sent_once_more_and_runs_once(place: Place) -> None:
    session = place.session()
    place.lab.faults.arm("lost-shell", at="command", cmdlet="Set-Sleep")
    session.invoke("Set-Sleep", {"Seconds": 0})
    assert [cmdlet for cmdlet, _given in place.product.calls].count("Set-Sleep") == 1
    assert place.opened == 2


def test_a_write_whose_session_vanished_after_it_was_sent_is_not_sent_again(place: Place) -> None:
    session = place.session()
    place.lab.faults.arm("lost-shell", at="receive")
    with pytest.raises(errors.SessionLost, match="not known"):
        session.invoke("Set-Sleep", {"Seconds": 0.2})
    assert [cmdlet for cmdlet, _given in place.product.calls].count("Set-Sleep") <= 1
    assert place.opened == 1


def test_what_a_killed_broker_left_is_swept_by_the_next_one(place: Place) -> None:
    first = place.session(place.launch())
    os.kill(int(first.client.request({"op": "hello"})["pid"]), signal.SIGKILL)
    left = files(place) - {"m365-key"}
    assert len(left) == 1
    dead = pathlib.Path(place.directory, "m365", left.pop())
    dead.with_name(f"{dead.name}.4711").touch()
    dead.with_name(f"{dead.name}.lock").touch()
    starting = folder.hold(str(dead.with_name("m365-" + "a" * 24)), 0.0)
    place.session(place.launch(max_sessions=2))
    assert until(lambda: not dead.exists())
    assert until(lambda: len(files(place)) == 3), files(place)  # the key, the new socket, the lock that is held
    os.close(starting)


def test_no_lock_stays_when_a_session_opens_or_does_not(place: Place) -> None:
    ways: list[dict[str, t.Any]] = [{}, {"path": "nowhere"}, {"ca_cert": "/no/such/file"}]
    for given in ways:
        with contextlib.suppress(errors.HybridError):
            place.session(**given)
    assert len(files(place)) == 2


def test_a_broker_finds_its_libraries_where_its_starter_did_and_no_other_collection(place: Place) -> None:
    """``python -I -S`` knows no site-packages at all, as ``-I`` does not know the user's."""
    launch = place.launch()
    with tempfile.TemporaryDirectory() as other:
        package = pathlib.Path(other, "ansible_collections", "m365")
        package.mkdir(parents=True)
        for directory in (package, package.parent):
            (directory / "__init__.py").write_text("raise ImportError('the wrong ansible_collections')\n")
        path = broker.socket_path(launch)
        config = {
            "wire": launch.wire,
            "options": {**launch.transient, **launch.identity},
            "socket": path,
            "owner_pid": os.getpid(),
            "owner_start": owner.process_start(os.getpid()),
            "idle_timeout": 9,
            "command_timeout": 9,
            "environment": {},
            "root": str(broker._ROOT),
            "sys_path": [other, *(entry for entry in sys.path if os.path.isabs(entry))],
        }
        started = subprocess.Popen([sys.executable, "-I", "-S", str(broker._DAEMON)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert started.stdin and started.stdout
        started.stdin.write(json.dumps(config).encode())
        started.stdin.close()
        assert json.loads(started.stdout.readline()) == {"pid": started.pid}
        assert len(place.session(launch).invoke("Get-Mailbox").output) == 3
        broker.reset(launch)
        started.wait(5)
