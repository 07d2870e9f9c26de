# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The broker in this process with a wire that the tests hold in their hands, and what its starter decides."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import LoginRefused, NotFound, SessionLost, TimedOut, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, brokerd, folder
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call
from ansible_collections.m365.hybrid.plugins.plugin_utils.owner import process_start, runs


class Wire:
    """Answers at once; ``Wait-Call`` runs until it is cancelled."""

    target, wire, endpoint = "exchange on x", "powershell", "exchange"
    refusal: LoginRefused | None = None

    def __init__(self) -> None:
        self.calls: list[tuple[str, t.Any]] = []
        self.ended: list[str] = []
        self.closed = False

    def open(self, call: Call | None = None) -> None: ...

    def test(self, call: Call) -> None:
        self.calls.append(("test", call.remaining))

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        self.calls.append((cmdlet, parameters))
        if cmdlet == "Wait-Call":
            try:
                while True:
                    call.sleep(0.02)
            except TimedOut as error:
                self.ended.append(error.text)
                raise
        if cmdlet == "Get-Nothing":
            raise NotFound("gone")
        if cmdlet == "Get-Bug":
            raise RuntimeError("oops")
        return Answer([dict(parameters)], ["careful"])

    def close(self) -> None:
        self.closed = True


class Running:
    """A broker that serves in a thread."""

    def __init__(self, path: str, **config: t.Any) -> None:
        self.path = path
        self.wire = Wire()
        settings = {"owner_pid": os.getpid(), "owner_start": process_start(os.getpid()), "idle_timeout": 60, "command_timeout": 30, **config}
        self.broker = brokerd.Broker(self.wire, brokerd.listen(path), path, settings)
        self.thread = threading.Thread(target=self.broker.serve, daemon=True)
        self.thread.start()

    def session(self) -> rpc.RemoteSession:
        return rpc.connect(rpc.Client(self.path))

    def ended(self, seconds: float = 20) -> bool:
        self.thread.join(seconds)
        return not self.thread.is_alive()


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("b") / "s")


@pytest.fixture
def running(path: str) -> t.Iterator[Running]:
    found = Running(path)
    yield found
    found.broker.end()
    assert found.ended()


def until(condition: t.Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def waiting(session: rpc.RemoteSession) -> None:
    """Start a call that only ends when somebody ends it."""

    def call() -> None:
        with contextlib.suppress(SessionLost, TimedOut):
            session.invoke("Wait-Call")

    threading.Thread(target=call, daemon=True).start()


def test_a_call_through_the_broker(running: Running) -> None:
    session = running.session()
    assert (session.target, session.wire, session.endpoint, session.timeout) == ("exchange on x", "powershell", "exchange", 30)
    assert session.invoke("Set-X", {"P": [1, "ü"]}) == Answer([{"P": [1, "ü"]}], ["careful"], False)


def test_a_secret_reaches_the_wire_as_one(running: Running) -> None:
    running.session().client.request({"op": "invoke", "cmdlet": "Get-Nil", "parameters": {"P": rpc.encode(Secret("x"))}, "properties": None, "timeout": 5})
    assert isinstance(running.wire.calls[0][1]["P"], Secret)


def test_errors_and_defects_are_answers(running: Running) -> None:
    session = running.session()
    with pytest.raises(NotFound, match="gone"):
        session.invoke("Get-Nothing")
    with pytest.raises(SessionLost, match="unexpected RuntimeError"):
        session.invoke("Get-Bug")
    with pytest.raises(UsageError, match="does not know"):
        session.client.request({"op": "_unlink"})
    assert session.invoke("Get-X").warnings == ["careful"]


def test_a_client_that_goes_away_cancels_its_call(running: Running) -> None:
    session = running.session()
    waiting(session)
    assert until(lambda: bool(running.wire.calls))
    assert session.client._connection is not None
    session.client._connection.shutdown(socket.SHUT_RDWR)
    assert until(lambda: running.wire.ended == ["the client went away"])


def test_a_call_beyond_its_time_ends_and_the_connection_stays(running: Running) -> None:
    session = running.session()
    session.timeout = 0.2
    with pytest.raises(TimedOut, match=r"0\.2 seconds"):
        session.invoke("Wait-Call")
    assert session.invoke("Get-X").output == [{}]


def test_clients_are_served_side_by_side(running: Running) -> None:
    waiting(running.session())
    assert until(lambda: bool(running.wire.calls))
    assert running.session().invoke("Get-X").output == [{}]
    running.broker.end()


def test_reset_unlinks_before_it_answers(running: Running) -> None:
    running.session().client.request({"op": "reset"})
    assert not os.path.exists(running.path)
    assert running.ended()


def test_an_idle_broker_ends_but_not_while_a_client_is_there(path: str) -> None:
    running = Running(path, idle_timeout=0.2)
    session = running.session()
    assert not running.ended(1.1)
    session.close()
    assert running.ended()
    assert not os.path.exists(path)


def test_a_broker_ends_with_its_owner(path: str) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    running = Running(path, owner_pid=owner.pid, owner_start=process_start(owner.pid))
    assert running.session().invoke("Get-X").output == [{}]
    owner.kill()
    owner.wait()
    assert running.ended(2.5)


def test_a_later_broker_s_socket_is_left_alone(path: str, running: Running) -> None:
    later = Running(path)
    running.broker.end()
    assert running.ended()
    assert later.session().invoke("Get-X").output == [{}]
    later.broker.end()
    assert later.ended()


def test_the_socket_is_private(running: Running) -> None:
    assert stat.S_IMODE(os.stat(running.path).st_mode) == 0o600


def test_the_owner_is_known_without_proc_too() -> None:
    assert runs(os.getpid(), None)
    assert not runs(2**22 + 1, None)
    assert not runs(os.getpid(), "1")


@pytest.fixture
def place() -> t.Iterator[pathlib.Path]:
    """A directory with a name so short that sockets fit in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        yield pathlib.Path(directory)


def launch(place: pathlib.Path, **changes: t.Any) -> broker.Launch:
    identity = changes.pop("identity", {"host": "x", "password": "hunter2"})
    return broker.Launch("powershell", identity, {"connect_timeout": 1}, changes.pop("owner", os.getpid()), str(changes.pop("directory", place)), **changes)


def test_each_identity_has_its_own_socket(place: pathlib.Path) -> None:
    one = broker.socket_path(launch(place))
    assert broker.socket_path(launch(place, command_timeout=1)) == one
    assert broker.socket_path(launch(place, identity={"host": "x", "password": "other"})) != one
    assert broker.socket_path(launch(place, owner=1)) != one


def test_the_name_of_the_socket_needs_a_key_that_only_we_can_read(place: pathlib.Path) -> None:
    other = place / "other"
    assert pathlib.Path(broker.socket_path(launch(place))).name != pathlib.Path(broker.socket_path(launch(place, directory=other))).name
    assert stat.S_IMODE((place / "m365" / "m365-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((other / "m365").stat().st_mode) == 0o700


def test_a_long_directory_is_replaced_by_a_short_private_one(place: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place / "r"))
    path = broker.socket_path(launch(place, directory=place / ("long" * 30)))
    assert len(os.fsencode(path)) <= folder.LONGEST_PATH
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_a_directory_that_others_own_is_not_used(place: pathlib.Path) -> None:
    (place / "link").symlink_to(place)
    assert not folder.private(str(place / "link"))
    (place / "open").mkdir(mode=0o755)
    assert not folder.private(str(place / "open"))


def test_the_environment_of_a_broker_holds_no_secret() -> None:
    given = {"PATH": "/bin", "KRB5CCNAME": "FILE:/x", "M365_PASSWORD": "s", "VAULT_TOKEN": "s", "https_proxy": "http://u:s@p", "LC_ALL": "C"}
    assert broker.environment(given) == {"PATH": "/bin", "KRB5CCNAME": "FILE:/x", "LC_ALL": "C"}


@pytest.mark.parametrize("name", ["../evil", "os.path", "Power", ""])
def test_only_our_own_wires_can_be_named(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a wire"):
        brokerd.make_wire(name, {})


def test_resetting_what_does_not_run_is_nothing(place: pathlib.Path) -> None:
    assert broker.reset(launch(place)) is False
