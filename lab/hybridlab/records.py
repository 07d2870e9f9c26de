# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an emulated product says to a caller, independent of the wire that carries it."""

from __future__ import annotations

import dataclasses
import typing as t

PLAIN_SECRETS = ("filedata", "productkey", "serviceaccountkeyfiledata")
"""Parameters, in lower case, whose values are secrets although they travel as plain text."""


class SecureString(str):
    """A parameter that arrived encrypted; recorded as ``{"$any": true}``, never as text."""

    def __repr__(self) -> str:
        return "SecureString()"


@dataclasses.dataclass(frozen=True)
class Credential:
    """A PSCredential parameter."""

    user: str
    password: SecureString = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Output:
    """One object in the output stream: a `clixml` object or a primitive."""

    value: t.Any


@dataclasses.dataclass(frozen=True)
class Warned:
    """One line in the warning stream."""

    text: str


@dataclasses.dataclass(frozen=True)
class ErrorRecord:
    """One record in the error stream.

    ``category`` is a name of System.Management.Automation.ErrorCategory, ``error_id`` the FullyQualifiedErrorId.
    """

    message: str
    exception_type: str
    error_id: str
    category: str = "NotSpecified"
    activity: str = ""
    target_name: str = ""
    target_type: str = ""


class Terminating(Exception):
    """Ends the pipeline in state Failed with this record."""

    def __init__(self, record: ErrorRecord) -> None:
        super().__init__(record.message)
        self.record = record


Record = Output | Warned | ErrorRecord


class Product(t.Protocol):
    """An emulated product behind an endpoint.  Thread-safe: several runspaces call it at once.

    ``name`` is the target in call records, for example ``exchange-2019``.
    """

    name: str

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        """Run one cmdlet.  Parameter values are plain: None, bool, int, float, str, bytes, uuid.UUID, SecureString, Credential, list, dict.

        Raises `Terminating`.  A caller that stops iterating cancels the cmdlet.
        """
        ...
