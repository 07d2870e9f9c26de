# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binds a task's arguments to a module's specification, with the words of Ansible's own checks (Ansible.Basic and Ansible.ModuleUtils.Legacy)."""

from __future__ import annotations

import typing as t

from hybridlab.windows.documents import Options, Specification

TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
FALSE = ("n", "no", "off", "0", "false", "f", "0.0")
_NET_TYPES = {str: "System.String", int: "System.Int32", bool: "System.Boolean", float: "System.Double", list: "System.Object[]"}

Values = dict[str, t.Any]
Constraints = t.Mapping[str, list[t.Any]]


class Refused(Exception):
    """What the module says about its arguments."""


def bind(specification: Specification, given: t.Mapping[str, t.Any], expand: t.Callable[[str], str]) -> Values:
    """The value of every option; None for one that is not set.  ``expand`` replaces environment variables in paths.

    Raises `Refused`.
    """
    own = {name: value for name, value in given.items() if not name.startswith("_ansible_")}
    if specification.legacy:
        asked = {name: value for name, value in own.items() if f'-name "{name}"' in specification.script}
        return asked | _Legacy(expand).bind(specification.options, own)
    hidden = {name for name in own if name.startswith("_") and name not in specification.options and name in specification.script}
    binder = _Basic(specification, str(given.get("_ansible_module_name") or specification.name), expand)
    values = binder.bind(specification.options, {name: value for name, value in own.items() if name not in hidden})
    return values | {name: own[name] for name in hidden}


def secrets(specification: Specification, values: t.Any) -> list[str]:
    """The values of secret options, wherever they are in the structure."""
    if isinstance(values, dict):
        found = [str(value) for name, value in values.items() if name in specification.secrets and isinstance(value, (str, int)) and value not in ("", None)]
        return found + [secret for name, value in values.items() if name not in specification.secrets for secret in secrets(specification, value)]
    return [secret for item in values for secret in secrets(specification, item)] if isinstance(values, list) else []


class _Binder:
    def __init__(self, expand: t.Callable[[str], str]) -> None:
        self._expand = expand

    def converted(self, value: t.Any, kind: str) -> t.Any:
        """Raises ValueError with the words of the conversion."""
        if value is None or kind in ("raw", "sid", "json"):
            return value
        if kind == "bool":
            return boolean(value)
        if kind == "int":
            return integer(value)
        if kind == "float":
            return float(value)
        if kind == "list":
            return listed(value)
        if kind == "dict":
            return mapping(value)
        text = value if isinstance(value, str) else str(value)
        return self._expand(text) if kind == "path" else text


class _Basic(_Binder):
    """Ansible.Basic: names without regard to case, unknown ones refused, sub-options checked in the same way."""

    def __init__(self, specification: Specification, called: str, expand: t.Callable[[str], str]) -> None:
        super().__init__(expand)
        self._specification = specification
        self._called = called

    def bind(self, options: Options, given: Values, path: tuple[str, ...] = ()) -> Values:
        """``path`` are the names of the options that these are sub-options of."""
        context = f" found in {' -> '.join(path)}" if path else ""
        constraints = self._specification.constraints.get(path, {})
        known = {alias.lower(): name for name, option in options.items() for alias in (name, *(option.get("aliases") or []))}
        unknown = [name for name in given if name.lower() not in known]
        if unknown:
            legal = ", ".join(one for name, option in options.items() for one in (name, *(option.get("aliases") or [])))
            raise Refused(f"Unsupported parameters for ({self._called}) module: {', '.join(unknown)}{context}. Supported parameters include: {legal}")
        values = {known[name.lower()]: value for name, value in given.items() if value is not None}
        _exclusive(constraints, values, context)
        missing = [name for name, option in options.items() if option.get("required") and name not in values]
        if missing:
            raise Refused(f"missing required arguments: {', '.join(missing)}{context}")
        bound = {name: values.get(name, option.get("default")) for name, option in options.items()}
        for name, option in options.items():
            bound[name] = self._value(name, option, bound[name], path)
        present = set(values) | {name for name, value in bound.items() if value is not None}
        _together(constraints, bound, present, context)
        for name, names in {} if path else self._specification.required_by.items():
            missing = [one for one in names if one not in present]
            if name in present and missing:
                raise Refused(f"missing parameter(s) required by '{name}': {', '.join(missing)}")
        return bound

    def _value(self, name: str, option: dict[str, t.Any], value: t.Any, path: tuple[str, ...]) -> t.Any:
        if value is None:
            return None
        context = f" found in {' -> '.join(path)}" if path else ""
        kind = option.get("type", "str")
        try:
            value = self.converted(value, kind)
            elements = option.get("elements")
            if kind == "list" and elements not in (None, "dict"):
                value = [self.converted(item, elements) for item in value]
            elif elements == "dict":
                value = [mapping(item) for item in value]
        except ValueError as error:
            net = _NET_TYPES.get(type(value), "System.Collections.Hashtable")
            raise Refused(f"argument for {name} is of type {net} and we were unable to convert to {kind}: {error}{context}") from error
        _chosen(name, option, kind, value, context)
        return self._nested(option, value, (*path, name))

    def _nested(self, option: dict[str, t.Any], value: t.Any, path: tuple[str, ...]) -> t.Any:
        below: Options | None = option.get("suboptions") or option.get("options")
        if not below:
            return value
        if isinstance(value, list):
            return [self.bind(below, item, path) for item in value]
        return self.bind(below, value, path) if value else value


class _Legacy(_Binder):
    """Get-AnsibleParam: each option is asked for by its names, what nobody asks for is ignored."""

    def bind(self, options: Options, given: Values) -> Values:
        folded = {name.lower(): value for name, value in given.items()}
        bound: Values = {}
        for name, option in options.items():
            names = [one for one in (name, *(option.get("aliases") or [])) if one.lower() in folded]
            if not names and option.get("required"):
                raise Refused(f"Get-AnsibleParam: Missing required argument: {name}")
            value = folded[names[0].lower()] if names else option.get("default")
            choices = [str(choice) for choice in option.get("choices") or []]
            if names and choices and option.get("type") != "list" and str(value).lower() not in (choice.lower() for choice in choices):
                raise Refused(f"Get-AnsibleParam: Argument {names[0]} needs to be one of {','.join(choices)} but was {value}.")
            try:
                bound[name] = self.converted(value, option.get("type", "str"))
            except ValueError as error:
                raise Refused(f"Get-AnsibleParam: Parameter '{name}': {error}") from error
        return bound


def boolean(value: t.Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower().strip()
    if text not in TRUE + FALSE:
        raise ValueError(f"The value '{text}' is not a valid boolean. Valid booleans include: {', '.join(TRUE + FALSE)}")
    return text in TRUE


def integer(value: t.Any) -> int:
    try:
        return int(str(value), 10)
    except ValueError:
        raise ValueError("Input string was not in a correct format.") from None


def listed(value: t.Any) -> list[t.Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    raise ValueError(f"{_NET_TYPES.get(type(value), 'System.Collections.Hashtable')} cannot be converted to a list")


def mapping(value: t.Any) -> dict[str, t.Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and "=" in value:
        return dict(part.split("=", 1) for part in value.replace(",", " ").split() if "=" in part)
    if isinstance(value, str):
        raise ValueError("string cannot be converted to a dict, must either be a JSON string or in the key=value form")
    raise ValueError(f"{_NET_TYPES.get(type(value), 'System.Object')} cannot be converted to a dict")


def _chosen(name: str, option: dict[str, t.Any], kind: str, value: t.Any, context: str) -> None:
    choices = [str(choice) for choice in option.get("choices") or []]
    if not choices:
        return
    values = [str(item) for item in value] if kind == "list" else [str(value)]
    folded = {choice.lower() for choice in choices}
    wrong = [item for item in values if item.lower() not in folded]
    if wrong:
        how = "one or more of" if kind == "list" else "one of"
        raise Refused(f"value of {name} must be {how}: {', '.join(choices)}. Got no match for: {', '.join(wrong)}{context}")


def _exclusive(constraints: Constraints, values: Values, context: str) -> None:
    for names in constraints.get("mutually_exclusive", []):
        if sum(name in values for name in names) > 1:
            raise Refused(f"parameters are mutually exclusive: {', '.join(names)}{context}")


def _together(constraints: Constraints, values: Values, present: set[str], context: str) -> None:
    for names in constraints.get("required_together", []):
        if len({name in present for name in names}) > 1:
            raise Refused(f"parameters are required together: {', '.join(names)}{context}")
    for names in constraints.get("required_one_of", []):
        if not any(name in present for name in names):
            raise Refused(f"one of the following is required: {', '.join(names)}{context}")
    for condition in constraints.get("required_if", []):
        name, wanted, names, *any_of = condition
        if str(values.get(name)).lower() == str(wanted).lower():
            missing = [one for one in names if one not in present]
            if missing and (not any(any_of) or len(missing) == len(names)):
                how = "any" if any(any_of) else "all"
                raise Refused(f"{name} is {wanted} but {how} of the following are missing: {', '.join(missing)}{context}")
