# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of mailbox databases: they are mounted and dismounted by cmdlets of another noun."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

BOOK = dataclasses.replace(values.NAME, load=lambda value: values.text(value).removeprefix("\\"))  # an address book's name comes with a backslash
SIZES = (
    "calendar_logging_quota",
    "issue_warning_quota",
    "prohibit_send_quota",
    "prohibit_send_receive_quota",
    "recoverable_items_quota",
    "recoverable_items_warning_quota",
)
FIELDS = (
    Field("server", read=""),
    *(Field(name, codec="name", immutable=True) for name in ("edb_file_path", "log_folder_path")),
    *(Field(name, codec="size") for name in SIZES),
    *(Field(name, codec="timespan") for name in ("deleted_item_retention", "event_history_retention_period", "mailbox_retention")),
    Field("journal_recipient", codec="recipient"),
    Field("offline_address_book", codec=BOOK),
)


class MailboxDatabase(CmdletResource):
    """A database.  A read asks for its status only where the task does: that takes a question to the server that has it."""

    facts = (*CmdletResource.facts, "server")
    needed = ("server",)

    def selection(self, options: Options) -> dict[str, t.Any]:
        return self.identity(options) | ({"Status": True} if options.get("mounted") is not None else {})

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        changes = {name: change for name, change in todo.changes.items() if name != "mounted"}
        made = super().calls(dataclasses.replace(todo, changes=changes), options, found) if changes or todo.action != "update" else []
        mounted = todo.changes.get("mounted")
        if todo.action == "update" and mounted is not None:
            verb = "Mount" if mounted.after else "Dismount"
            made.append(engine.Call(f"{verb}-Database", self.identity(options) | common(options) | {"Confirm": False}))
        return made
