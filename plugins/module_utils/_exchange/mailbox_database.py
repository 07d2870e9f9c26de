# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of mailbox databases: they are mounted and dismounted by cmdlets of another noun."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.connector import server_key
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
MOVED = "Move-DatabasePath moves the files, while the database is dismounted"
SERVER = values.Codec(values.text, server_key, values.TEXT.dump)
FIELDS = (
    Field("server", codec=SERVER, immutable=True, instead="Add-MailboxDatabaseCopy gives a server of the same availability group a copy"),
    Field("recovery", codec="bool", immutable=True, instead="A recovery database is made as one, under a name of its own"),
    *(Field(name, codec="name", immutable=True, instead=MOVED) for name in ("edb_file_path", "log_folder_path")),
    *(Field(name, codec="size") for name in SIZES),
    *(Field(name, codec="timespan") for name in ("deleted_item_retention", "event_history_retention_period", "mailbox_retention")),
    Field("journal_recipient", codec="recipient"),
    Field("offline_address_book", codec=BOOK),
)


CREATE_WITH = (
    "server",
    "recovery",
    "edb_file_path",
    "log_folder_path",
    "offline_address_book",
    "auto_dag_exclude_from_monitoring",
    "is_excluded_from_provisioning",
    "is_suspended_from_provisioning",
    "is_excluded_from_initial_provisioning",
)
"""What New-MailboxDatabase takes: a database that shall not get mailboxes gets none for a moment either."""
DEFAULTS: dict[str, t.Any] = {
    "allow_file_restore": False,
    "auto_dag_exclude_from_monitoring": False,
    "background_database_maintenance": True,
    "calendar_logging_quota": "6GB",
    "circular_logging_enabled": False,
    "data_move_replication_constraint": "none",
    "deleted_item_retention": "14.00:00:00",
    "event_history_retention_period": "7.00:00:00",
    "index_enabled": True,
    "is_excluded_from_initial_provisioning": False,
    "is_excluded_from_provisioning": False,
    "is_excluded_from_provisioning_by_operator": False,
    "is_excluded_from_provisioning_due_to_logical_corruption": False,
    "is_suspended_from_provisioning": False,
    "mailbox_retention": "30.00:00:00",
    "mount_at_startup": True,
    "recoverable_items_quota": "30GB",
    "recoverable_items_warning_quota": "20GB",
    "retain_deleted_items_until_backup": False,
}
"""What a new database outside an availability group has; the quotas of mailboxes, in which versions differ by a rounding, are left out."""


class MailboxDatabase(CmdletResource):
    """A database.  A read asks for its status only where the task does: that takes a question to the server that has it."""

    facts = (*CmdletResource.facts, "servers")
    needed = ("server",)

    def selection(self, options: Options) -> dict[str, t.Any]:
        return self.identity(options) | ({"Status": True} if options.get("mounted") is not None else {})

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        """A database is on every server that has a copy of it; which of them serves it is for the availability group to say."""
        wanted = super().wanted(session, options, current)
        copies = {server_key(one) for one in (current or {}).get("servers") or ()}
        if current is not None and server_key(wanted.get("server")) in copies:
            wanted["server"] = current["server"]
        if wanted.get("recovery") is False and current is None:
            del wanted["recovery"]  # a switch of another kind of creation
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        changes = {name: change for name, change in todo.changes.items() if name != "mounted"}
        made = super().calls(dataclasses.replace(todo, changes=changes), options, found) if changes or todo.action != "update" else []
        mounted = todo.changes.get("mounted")
        if todo.action == "update" and mounted is not None:
            verb = "Mount" if mounted.after else "Dismount"
            made.append(engine.Call(f"{verb}-Database", self.identity(options) | common(options) | {"Confirm": False}))
        return made
