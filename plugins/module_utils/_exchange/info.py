# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that list objects."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import wires_for
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common


@dataclasses.dataclass(frozen=True)
class Column:
    """One property of every returned object: the key in the result, the property's folded name, the codec of its value."""

    key: str
    read: str
    codec: values.Codec | None


@dataclasses.dataclass(frozen=True)
class InfoModule(Module):
    """Lists objects with Get-`noun`.

    ``returns`` is the key of the result, ``selectors`` the options that are passed as parameters (with the parameter's name where
    it is another), ``fields`` the table of the resource module whose names and forms the values take.
    """

    noun: str = ""
    returns: str = ""
    selectors: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    fields: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or wires_for(self.documentation))

    def columns(self, names: t.Iterable[str]) -> list[Column]:
        special = {values.fold(field.option): field for field in self.fields}
        return [self._column(name, special.get(values.fold(name))) for name in names]

    @staticmethod
    def _column(name: str, field: Field | None) -> Column:
        if field is None:
            return Column(values.snake(name), values.fold(name), None)
        codec = values.CODECS[field.codec] if isinstance(field.codec, str) else field.codec
        return Column(field.option, values.fold(field.read or field.option), codec)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if any(not str(one).strip() for one in options.get("identity") or ()):
            raise UsageError("identity has an empty member; each must name one object")
        if any("*" in str(one) for one in options.get("identity") or ()):
            raise UsageError("identity has a member with an asterisk, which would fit many objects; each must name one")

    def parameters(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The selecting options that are set, as parameters."""
        given = {option: options[option] for option in self.selectors if options.get(option) is not None}
        return {self.selectors[option] or values.pascal(option): self._sent(option, value) for option, value in given.items()}

    def _sent(self, option: str, value: t.Any) -> t.Any:
        return [values.pascal(one) for one in value] if "choices" in self.docs.options[option] and isinstance(value, list) else value

    def admit(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> None:
        """Refuse, before anything is sent, what this target does not have.  Raises UsageError."""
        online.refuse_controller(session, options)
        selecting = {name: written or values.pascal(name) for name, written in self.selectors.items()}
        online.permit_selection(session, f"Get-{self.noun}", options, selecting)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        self.admit(session, task.options)
        columns = self.columns(task.options["properties"])
        parameters = self.parameters(task.options)
        found: list[t.Any] = []
        missing: list[str] = []
        identities = task.options.get("identity")
        for identity in (None,) if identities is None else identities:  # an empty list names no object, it does not ask for all
            named = {} if identity is None else {"Identity": identity}
            try:
                listed = self._list(session, named | parameters | common(task.options), columns)
            except NotFound as error:
                if identity is None or identity.casefold() not in error.text.casefold():
                    raise  # what is not there is something else, for example the organizational unit
                missing.append(identity)
                continue
            if identity is not None and not listed:
                raise HybridError(f"neither '{identity}' nor an error was returned, so whether it exists is not known", target=session.target)
            found.extend(listed)
        return {self.returns: found, "missing": missing}

    def _list(self, session: engine.Tally, parameters: dict[str, t.Any], columns: list[Column]) -> list[dict[str, t.Any]]:
        cmdlet = f"Get-{self.noun}"
        answer = session.invoke(cmdlet, parameters, properties={column.read for column in columns})
        if answer.truncated:
            raise Truncated(f"the server returned {len(answer.output)} objects and has more", cmdlet=cmdlet, target=session.target)
        return rows(answer, columns, session.target)


def rows(answer: Answer, columns: t.Sequence[Column], target: str) -> list[dict[str, t.Any]]:
    """The objects as rows of the wanted columns; a property that the server does not have is an error, not an empty value."""
    result = []
    spelling: dict[str, str] = {}
    for one in answer.output:
        if not spelling:
            spelling = {values.fold(name): name for name in one}
            unknown = [column.key for column in columns if column.read not in spelling]
            if unknown:
                raise UsageError(f"the connected server has no property {', '.join(unknown)}", target=target)
            plan = [(column.key, spelling[column.read], column.codec) for column in columns]
        try:
            result.append({key: one[name] if codec is None else codec.load(one[name]) for key, name, codec in plan})
        except (KeyError, ValueError) as error:
            raise HybridError(f"an object of the list cannot be understood: {error}", target=target) from None
    return result
