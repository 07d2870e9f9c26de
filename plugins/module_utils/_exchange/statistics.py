# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics of mailboxes: what the databases hold, as against what Active Directory says of it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import Column, InfoModule, rows
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, single

CMDLET = "Get-MailboxStatistics"
_NEVER_OPENED = re.compile(r"hasn't logged on to mailbox|there is no data to return", re.I)
"""The warning in the place of statistics; it comes in the language of the server's shell, which is English for Exchange's own texts."""


def size_in_bytes(value: t.Any) -> int | str | None:
    """Bytes of ``1.2 GB (1,288,490,188 bytes)``; ``unlimited``; None for no value."""
    if value is None or value == "":
        return None
    return values.UNLIMITED if str(value).strip().lower() == values.UNLIMITED else values.size_in_bytes(value)


def reason(value: t.Any) -> str | None:
    """Why a mailbox is disconnected: ``disabled``, ``soft_deleted``; None for one that the store takes as connected."""
    return REASON.load(value) if value not in (None, "") else None


REASON = values.choice(("disabled", "soft_deleted", "unknown"))
_BYTES = values.Codec(size_in_bytes)
_SIZES = (
    "total_item_size",
    "total_deleted_item_size",
    "message_table_total_size",
    "message_table_available_size",
    "attachment_table_total_size",
    "attachment_table_available_size",
    "other_tables_total_size",
    "other_tables_available_size",
    "system_message_size",
    "database_issue_warning_quota",
    "database_prohibit_send_quota",
    "database_prohibit_send_receive_quota",
)
FIELDS = (
    Field("visible_item_count", read="ItemCount", codec="int"),
    Field("hidden_item_count", read="AssociatedItemCount", codec="int"),
    Field("deleted_item_count", codec="int"),
    Field("database", read="DatabaseName", codec="text"),
    Field("mailbox_guid", codec="text"),
    Field("is_archive", read="IsArchiveMailbox", codec="bool"),
    Field("last_logon_time", codec="timestamp"),
    Field("last_logoff_time", codec="timestamp"),
    Field("disconnect_reason", codec=values.Codec(reason)),
    Field("disconnect_date", codec="timestamp"),
    *(Field(f"{name}_bytes", read=name, codec=_BYTES) for name in _SIZES),
)


_BY_NAME = {field.option: field for field in FIELDS}


def column(name: str) -> Column:
    """A property in the form that this module's family gives it."""
    return InfoModule._column(name, _BY_NAME.get(name))


def never_opened(answer: Answer) -> bool:
    """Whether the server says that no database holds the mailbox yet."""
    return not answer.output and any(_NEVER_OPENED.search(text) for text in answer.warnings)


class StatisticsModule(InfoModule):
    """Statistics by mailbox, database or server.  A mailbox that nobody has opened yet has none, which is no error."""

    def execute(self, session: engine.Tally, task: Task) -> Result:
        self.admit(session, task.options)
        columns = self.columns(task.options["properties"])
        parameters = self.parameters(task.options) | common(task.options)
        found: list[dict[str, t.Any]] = []
        unopened: list[str] = []
        missing: list[str] = []
        identities = task.options.get("identity")
        if identities is None:
            found = self._list(session, parameters, columns)
        for identity in identities or ():
            try:
                row = self.one(session, identity, parameters, columns)
            except NotFound as error:
                if identity.casefold() not in error.text.casefold():
                    raise  # what is not there is something else, for example the domain controller
                missing.append(identity)
                continue
            found.extend([row] if row else [])
            unopened.extend([] if row else [identity])
        return {self.returns: found, "missing": missing, "never_opened": unopened}

    def one(self, session: engine.Tally, identity: str, parameters: dict[str, t.Any], columns: list[Column]) -> dict[str, t.Any] | None:
        """The statistics of one mailbox; None when it has none yet.  What is neither is an error."""
        answer = session.invoke(CMDLET, {"Identity": identity} | parameters, properties={column.read for column in columns})
        if never_opened(answer):
            session.warnings[:] = [text for text in session.warnings if text not in answer.warnings]  # the result says it
            return None
        single(answer, CMDLET, session.target, f"mailbox '{identity}'")
        return rows(answer, columns, session.target)[0]


def listed(session: engine.Tally, parameters: dict[str, t.Any], columns: t.Sequence[Column]) -> list[dict[str, t.Any]]:
    """All statistics that the parameters select, complete or not at all."""
    return complete(session, session.invoke(CMDLET, parameters, properties={column.read for column in columns}), columns)


def complete(session: engine.Tally, answer: Answer, columns: t.Sequence[Column]) -> list[dict[str, t.Any]]:
    """The rows of an answer that was not cut short."""
    if answer.truncated:
        raise Truncated(f"the server returned {len(answer.output)} mailboxes and has more", cmdlet=CMDLET, target=session.target)
    return rows(answer, columns, session.target)
