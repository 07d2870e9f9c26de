# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the commands of a pipeline against a product, in a runspace that knows cmdlets and no language."""

from __future__ import annotations

import collections.abc
import itertools
import typing as t

import psrpcore

from hybridlab import records
from hybridlab.clixml import Obj
from hybridlab.faults import Faults
from hybridlab.wire.parameters import plain
from hybridlab.wire.psrp import Stopped, Streams
from hybridlab.wire.recorder import Recorder
from hybridlab.wire.wsman import Counters

SELECT = "select-object"
_AUTOMATION = "System.Management.Automation"


class CmdletRunner:
    """Runs pipelines of one product's cmdlets, each optionally followed by Select-Object, and nothing else.

    A product's ``unrecorded`` are the cmdlets, in lower case, that are not the product's own.
    """

    def __init__(self, product: records.Product, faults: Faults, recorder: Recorder, counters: Counters) -> None:
        self._product = product
        self._faults = faults
        self._recorder = recorder
        self._counters = counters

    def __call__(self, pipeline: psrpcore.PowerShell, streams: Streams) -> None:
        """Run every statement.  Raises `Stopped` and `records.Terminating`."""
        for command in pipeline.commands:
            if command.is_script:
                raise records.Terminating(scripts_not_allowed(command.command_text))
        for statement in _statements(pipeline.commands):
            self._run(statement, streams)

    def _run(self, statement: list[psrpcore.Command], streams: Streams) -> None:
        first, *rest = statement
        output = self._invoke(first.command_text, named(first), streams)
        for command in rest:
            if command.command_text.lower() not in (SELECT, "select"):
                raise records.Terminating(takes_no_input(command.command_text))
            output = select(output, named(command))
        try:
            for record in output:
                streams.write(record)
        finally:
            output.close()

    def _invoke(self, cmdlet: str, parameters: dict[str, t.Any], streams: Streams) -> collections.abc.Generator[records.Record, None, None]:
        self._delay(cmdlet, streams)
        throttled = self._faults.peek("throttle")
        if throttled and throttled["at"] == "cmdlet" and self._faults.take("throttle", cmdlet):
            raise records.Terminating(over_budget(cmdlet, throttled["wait"]))
        self._counters.add("calls")
        if cmdlet.lower() not in getattr(self._product, "unrecorded", ()):
            self._recorder.cmdlet(self._product.name, cmdlet, parameters)
        answer = self._product.invoke(cmdlet, parameters)
        try:
            for record in answer:
                if streams.stopped.is_set():
                    raise Stopped
                yield record
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()  # A generator shall notice at once that nobody listens.

    def _delay(self, cmdlet: str, streams: Streams) -> None:
        fault = self._faults.take("slow-answer", cmdlet)
        if fault is not None and streams.stopped.wait(fault["seconds"]):
            raise Stopped


def named(command: psrpcore.Command) -> dict[str, t.Any]:
    """The command's parameters by name, as sent.

    A dashed name without a value is a switch; a value without a name is the identity, or the name of something new.
    """
    parameters: dict[str, t.Any] = {}
    for name, value in command.parameters:
        if name is None:
            verb, _, noun = command.command_text.lower().partition("-")
            name = "Property" if noun == "object" else "Name" if verb == "new" else "Identity"
        elif name.startswith("-"):
            name = name[1:]
            value = True if value is None and not name.endswith(":") else value
        parameters[name.rstrip(":")] = plain(value)
    return parameters


def select(
    output: collections.abc.Generator[records.Record, None, None], parameters: dict[str, t.Any]
) -> collections.abc.Generator[records.Record, None, None]:
    """Select-Object with -Property, -First or -ExpandProperty on the output stream; other streams pass."""
    options = {name.lower(): value for name, value in parameters.items()}
    unknown = [name for name in parameters if name.lower() not in ("property", "first", "expandproperty")]
    if unknown:
        raise records.Terminating(_unbound("Select-Object", unknown[0]))
    left = itertools.count() if options.get("first") is None else iter(range(int(options["first"])))
    names = options.get("property") or []
    names = names if isinstance(names, list) else [names]
    try:
        for record in output:
            if not isinstance(record, records.Output) or not isinstance(record.value, Obj):
                yield record
            elif next(left, None) is None:
                return
            else:
                yield records.Output(_selected(record.value, names, options.get("expandproperty")))
    finally:
        output.close()


def _selected(item: Obj, names: list[str], expand: str | None) -> t.Any:
    known = {name.lower(): (name, value) for name, value in (*item.props.items(), *(item.notes or {}).items())}
    if expand is not None:
        return known.get(expand.lower(), (expand, None))[1]
    if not names:
        return item
    chosen = list(known.values()) if "*" in names else [known.get(name.lower(), (name, None)) for name in names]
    return Obj((f"Selected.{item.types[0]}", f"{_AUTOMATION}.PSCustomObject", "System.Object"), {}, notes=dict(chosen))


def _statements(commands: t.Iterable[psrpcore.Command]) -> t.Iterator[list[psrpcore.Command]]:
    statement: list[psrpcore.Command] = []
    for command in commands:
        statement.append(command)
        if command.end_of_statement:
            yield statement
            statement = []
    if statement:
        yield statement


def scripts_not_allowed(script: str) -> records.ErrorRecord:
    """What a runspace in no-language mode says to any script (Exchange since KB5001779; pypsrp issue 103)."""
    text = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
    shortened = script[:20] + ("..." if len(script) > 20 else "")
    return records.ErrorRecord(text, f"{_AUTOMATION}.ParseException", "ScriptsNotAllowed", "ParserError", target_name=shortened, target_type="String")


def over_budget(cmdlet: str, seconds: int) -> records.ErrorRecord:
    """A call refused by the throttling policy, in the words of the refusal of runspaces."""
    text = f"Fail to execute cmdlet because you have exceeded your budget to execute cmdlet. Please wait for {seconds} seconds."
    kind = "Microsoft.Exchange.Data.Directory.OverBudgetException"
    return records.ErrorRecord(text, kind, f"[FailureCategory=AuthZ-OverBudgetException] {cmdlet}", "NotSpecified", activity=cmdlet)


def takes_no_input(cmdlet: str) -> records.ErrorRecord:
    text = (
        "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its "
        "properties do not match any of the parameters that take pipeline input."
    )
    kind = f"{_AUTOMATION}.ParameterBindingException"
    return records.ErrorRecord(text, kind, f"InputObjectNotBound,{cmdlet}", "InvalidArgument", activity=cmdlet)


def _unbound(cmdlet: str, parameter: str) -> records.ErrorRecord:
    text = f"A parameter cannot be found that matches parameter name '{parameter}'."
    return records.ErrorRecord(text, f"{_AUTOMATION}.ParameterBindingException", f"NamedParameterNotFound,{cmdlet}", "InvalidArgument", activity=cmdlet)
