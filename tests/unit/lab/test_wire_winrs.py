# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WinRS on a Windows host of the lab, driven by pywinrm; and the PSRP endpoint beside it, by pypsrp."""

from __future__ import annotations

import base64
import typing as t

import pytest
import winrm.exceptions
import winrm.protocol
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from hybridlab import estate
from hybridlab.windows.executor import Executor
from hybridlab.windows.wires import LineRunner
from hybridlab.windows_host import WindowsHost
from hybridlab.wire import winrs


@pytest.fixture(name="lab", scope="module")
def lab_with_a_host() -> t.Iterator[estate.Estate]:
    with estate.running(tenants=0, windows=["APP01"]) as found:
        yield found


@pytest.fixture(name="host")
def windows_host(lab: estate.Estate) -> WindowsHost:
    return lab.hosts[0]


def protocol(lab: estate.Estate, host: WindowsHost, user: str = "", password: str = "") -> winrm.protocol.Protocol:
    return winrm.protocol.Protocol(
        endpoint=f"https://localhost:{host.https_port}/wsman",
        transport="ntlm",
        username=user or host.user,
        password=password or host.password,
        ca_trust_path=str(lab.ca_path),
        operation_timeout_sec=5,
        read_timeout_sec=10,
    )


def run(client: winrm.protocol.Protocol, line: str, *chunks: bytes) -> tuple[str, str, int]:
    """Output, errors and exit code of a command line with that standard input."""
    shell = client.open_shell()
    try:
        command = client.run_command(shell, line, console_mode_stdin=not chunks)
        for number, chunk in enumerate(chunks):
            client.send_command_input(shell, command, chunk, end=number == len(chunks) - 1)
        output, errors, code = client.get_command_output(shell, command)
        client.cleanup_command(shell, command)
        return output.decode(), errors.decode(), code
    finally:
        client.close_shell(shell)


def test_a_command_line_that_is_no_script_of_ansible_is_refused_in_words(lab: estate.Estate, host: WindowsHost) -> None:
    output, errors, code = run(protocol(lab, host), "ipconfig /all")
    assert (output, code) == ("", 1) and "the lab runs no scripts" in errors and "ipconfig" in errors
    assert lab.live() == {}


def test_input_comes_in_pieces_and_output_leaves_in_pieces(lab: estate.Estate, host: WindowsHost) -> None:
    seen: list[tuple[str, bytes]] = []

    def echo(line: str, input: bytes) -> winrs.Finished:
        seen.append((line, input))
        return winrs.Finished(3, input * 2, b"and an error")

    piece = b"x" * 100_000
    host.service.add(winrs.Endpoint(echo, 60, {"administrator"}))
    try:
        assert run(protocol(lab, host), "some line", piece, piece) == ((piece * 4).decode(), "and an error", 3)
    finally:
        host.service.add(winrs.Endpoint(LineRunner(Executor(host.computer)), 60, {"administrator"}))
    assert seen == [("some line", piece * 2)]


def test_only_an_administrator_gets_a_shell(lab: estate.Estate, host: WindowsHost) -> None:
    operator = protocol(lab, host, "operator@LAB.TEST", lab.accounts.passwords["operator"])
    with pytest.raises(winrm.exceptions.WSManFaultError, match=r"Access is denied"):
        operator.open_shell()
    with pytest.raises(winrm.exceptions.InvalidCredentialsError):
        protocol(lab, host, password="wrong").open_shell()


def test_a_script_over_psrp_fails_and_a_cmdlet_is_looked_for(lab: estate.Estate, host: WindowsHost) -> None:
    trust: t.Any = str(lab.ca_path)  # pypsrp takes a path, too
    wire = WSMan("localhost", port=host.https_port, username=host.user, password=host.password, auth="negotiate", cert_validation=trust)
    with wire, RunspacePool(wire) as pool:
        script = PowerShell(pool)
        script.add_script("Get-Date")
        script.invoke()
        assert script.had_errors and "the lab runs no scripts" in str(script.streams.error[0])
        cmdlet = PowerShell(pool)
        cmdlet.add_cmdlet("Get-Thing")
        cmdlet.invoke()
        assert cmdlet.had_errors and "is not recognized as the name of a cmdlet" in str(cmdlet.streams.error[0])


def test_what_a_command_line_encodes_is_read(lab: estate.Estate, host: WindowsHost) -> None:
    host.computer.files.make_directory("C:\\Users\\administrator\\gone")
    script = base64.b64encode("Remove-Item 'C:\\Users\\administrator\\gone' -Force -Recurse;".encode("utf-16-le")).decode()
    line = f"PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand {script}"
    assert LineRunner(Executor(host.computer))(line, b"").code == 0
    assert host.computer.files.directory("C:\\Users\\administrator\\gone") is None
