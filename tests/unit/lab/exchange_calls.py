# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls on an emulated organisation, in a form that reads well in a test."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj, Tag, ValueObj
from hybridlab.exchange import Exchange
from hybridlab.records import ErrorRecord, Output, Warned


class Outcome:
    """What one call said: objects as plain dictionaries, warnings and errors."""

    def __init__(self, server: Exchange, cmdlet: str, parameters: dict[str, t.Any]) -> None:
        records = list(server.invoke(cmdlet, parameters))
        self.objects = [plain(record.value) for record in records if isinstance(record, Output)]
        self.warnings = [record.text for record in records if isinstance(record, Warned)]
        self.errors = [record for record in records if isinstance(record, ErrorRecord)]

    @property
    def error(self) -> ErrorRecord:
        assert len(self.errors) == 1 and not self.objects, (self.errors, self.objects)
        return self.errors[0]

    @property
    def failure(self) -> str:
        """The exception's short name."""
        return self.error.exception_type.rpartition(".")[2]

    @property
    def object(self) -> dict[str, t.Any]:
        assert not self.errors, self.errors
        assert len(self.objects) == 1
        return self.objects[0]

    @property
    def names(self) -> list[str]:
        assert not self.errors, self.errors
        return [found["Name"] for found in self.objects]


def plain(value: t.Any) -> t.Any:
    """An object as a client sees it after conversion."""
    if isinstance(value, Obj):
        return {name: plain(item) for name, item in value.props.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, MultiValued):
        return [plain(item) for item in value.items]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, ValueObj):
        return value.string
    return value.text if isinstance(value, Tag) else value


def call(server: Exchange, cmdlet: str, **parameters: t.Any) -> Outcome:
    return Outcome(server, cmdlet, parameters)


def done(server: Exchange, cmdlet: str, **parameters: t.Any) -> Outcome:
    """A call that must not fail."""
    outcome = call(server, cmdlet, **parameters)
    assert not outcome.errors, outcome.errors
    return outcome


def mailbox(server: Exchange, identity: str, **parameters: t.Any) -> dict[str, t.Any]:
    return call(server, "Get-Mailbox", Identity=identity, **parameters).object
