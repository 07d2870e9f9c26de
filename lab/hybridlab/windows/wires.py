# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two wires of a Windows host that lead to its machine: what runs the pipelines of PSRP, and the command lines of WinRS."""

from __future__ import annotations

import typing as t

import psrpcore

from hybridlab import records
from hybridlab.windows import payload
from hybridlab.windows.executor import Executor, Outcome
from hybridlab.wire import winrs
from hybridlab.wire.parameters import plain
from hybridlab.wire.psrp import Runner, Streams


class HostRunner:
    """Pipelines of a session: scripts are answered when they are ansible-core's own, and cmdlets go to ``cmdlets``."""

    def __init__(self, executor: Executor, cmdlets: Runner) -> None:
        self._executor = executor
        self._cmdlets = cmdlets

    def __call__(self, pipeline: psrpcore.PowerShell, streams: Streams) -> None:
        """Raises `records.Terminating` and `psrp.Stopped`."""
        if not any(command.is_script for command in pipeline.commands):
            self._cmdlets(pipeline, streams)
            return
        try:
            outcome = self._outcome(pipeline, [str(line) for line in streams.input])
        except payload.Unreadable as error:
            raise records.Terminating(not_emulated(str(error))) from error
        for line in outcome.output:
            streams.write(records.Output(line))
        for line in outcome.errors:
            streams.write(records.ErrorRecord(line, "Microsoft.PowerShell.Commands.WriteErrorException", "Microsoft.PowerShell.Commands.WriteErrorException"))
        if outcome.code:
            streams.exit(outcome.code)

    def _outcome(self, pipeline: psrpcore.PowerShell, lines: list[str]) -> Outcome:
        if len(pipeline.commands) != 1:
            raise payload.Unreadable("the lab runs one script of ansible-core at a time")
        text = str(pipeline.commands[0].command_text)
        return self._executor.run(text, lines, [plain(value) for _name, value in pipeline.commands[0].parameters])


class LineRunner:
    """Command lines: those that start PowerShell with a script of ansible-core."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __call__(self, line: str, input: bytes) -> winrs.Finished:
        try:
            outcome = self._executor.run(line, input.decode("utf-8").splitlines())
        except payload.Unreadable as error:
            return winrs.Finished(1, errors=f"{error}\r\n".encode())
        return winrs.Finished(outcome.code, _joined(outcome.output), _joined(outcome.errors))


def not_emulated(text: str) -> records.ErrorRecord:
    return records.ErrorRecord(text, "System.NotSupportedException", "LabDoesNotEmulate", "NotImplemented")


def _joined(lines: t.Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()
