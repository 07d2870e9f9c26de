# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a shell says before a cmdlet runs: the records of a failed command look-up or parameter binding, as PowerShell 5.1 words them."""

from __future__ import annotations

import typing as t

from hybridlab.records import ErrorRecord, Terminating

_BINDING = "System.Management.Automation.ParameterBindingException"
_VALIDATION = "System.Management.Automation.ParameterBindingValidationException"
_TRANSFORMATION = "System.Management.Automation.ParameterBindingArgumentTransformationException"


def command_not_found(name: str) -> Terminating:
    text = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    kind = "System.Management.Automation.CommandNotFoundException"
    return Terminating(ErrorRecord(text, kind, "CommandNotFoundException", "ObjectNotFound", target_name=name, target_type="String"))


def _binding(cmdlet: str, text: str, error_id: str, category: str = "InvalidArgument", kind: str = _BINDING) -> Terminating:
    return Terminating(ErrorRecord(text, kind, f"{error_id},{cmdlet}", category, activity=cmdlet))


def parameter_not_found(cmdlet: str, parameter: str) -> Terminating:
    return _binding(cmdlet, f"A parameter cannot be found that matches parameter name '{parameter}'.", "NamedParameterNotFound")


def parameter_ambiguous(cmdlet: str, parameter: str, matches: t.Iterable[str]) -> Terminating:
    possible = " ".join(f"-{match}" for match in matches)
    text = f"Parameter cannot be processed because the parameter name '{parameter}' is ambiguous. Possible matches include: {possible}."
    return _binding(cmdlet, text, "AmbiguousParameter")


def parameter_twice(cmdlet: str, parameter: str) -> Terminating:
    text = (
        f"Cannot bind parameter because parameter '{parameter}' is specified more than once. To provide multiple values to parameters that can "
        'accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".'
    )
    return _binding(cmdlet, text, "ParameterAlreadyBound")


def mandatory_missing(cmdlet: str, parameters: t.Iterable[str]) -> Terminating:
    text = f"Cannot process command because of one or more missing mandatory parameters: {' '.join(parameters)}."
    return _binding(cmdlet, text, "MissingMandatoryParameter")


def no_parameter_set(cmdlet: str) -> Terminating:
    return _binding(cmdlet, "Parameter set cannot be resolved using the specified named parameters.", "AmbiguousParameterSet")


def null_refused(cmdlet: str, parameter: str) -> Terminating:
    text = f"Cannot bind argument to parameter '{parameter}' because it is null."
    return _binding(cmdlet, text, "ParameterArgumentValidationErrorNullNotAllowed", "InvalidData", _VALIDATION)


def empty_refused(cmdlet: str, parameter: str) -> Terminating:
    text = f"Cannot bind argument to parameter '{parameter}' because it is an empty string."
    return _binding(cmdlet, text, "ParameterArgumentValidationErrorEmptyStringNotAllowed", "InvalidData", _VALIDATION)


def cannot_convert(cmdlet: str, parameter: str, value: t.Any, type_name: str, why: str = "") -> Terminating:
    """A value that PowerShell itself cannot turn into the parameter's type."""
    text = f'Cannot bind parameter \'{parameter}\'. Cannot convert value "{value}" to type "{type_name}". {why}'
    return _binding(cmdlet, text.strip(), "CannotConvertArgumentNoMessage")


def not_an_enumerator(cmdlet: str, parameter: str, value: t.Any, type_name: str, accepted: t.Iterable[str]) -> Terminating:
    why = (
        f'Error: "Unable to match the identifier name {value} to a valid enumerator name. '
        f'Specify one of the following enumerator names and try again: {", ".join(accepted)}"'
    )
    return cannot_convert(cmdlet, parameter, value, type_name, why)


def cannot_transform(cmdlet: str, parameter: str, value: t.Any, type_name: str, why: str = "") -> Terminating:
    """A value that one of Exchange's own types refuses to parse."""
    text = f'Cannot process argument transformation on parameter \'{parameter}\'. Cannot convert value "{value}" to type "{type_name}". {why}'
    return _binding(cmdlet, text.strip(), "ParameterArgumentTransformationError", "InvalidData", _TRANSFORMATION)


def no_host(cmdlet: str, question: str) -> Terminating:
    """A cmdlet asks for confirmation and nobody can answer: a remote session of an automation has no interactive host."""
    text = (
        "A command that prompts the user failed because the host program or the command type does not support user interaction. "
        f"The host was attempting to request confirmation with the following message: {question}"
    )
    kind = "System.Management.Automation.PSInvalidOperationException"
    return Terminating(ErrorRecord(text, kind, f"InvalidOperation,{cmdlet}", "InvalidOperation", activity=cmdlet))
