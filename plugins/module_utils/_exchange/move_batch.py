# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role mailbox_move does with a migration batch: within the organization, or to and from Exchange Online.  Nothing here talks to a server.

A batch keeps the users that it was made with.  What is in its place already is left out of it, so that a run after a batch that ended with errors
makes a batch of the rest.
"""

from __future__ import annotations

import csv
import io
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import move_plan
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_plan import TARGETS, Object, Wishes
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_request import CONSENT_FROM

COLUMNS = {
    "target_database": "TargetDatabase",
    "archive_target_database": "TargetArchiveDatabase",
    "bad_item_limit": "BadItemLimit",
    "large_item_limit": "LargeItemLimit",
}
"""What an entry may say of its own, and the column of the batch's file that it goes to."""
LIMITS = ("bad_item_limit", "large_item_limit")
OWN = (
    "accept_large_data_loss allow_unknown_columns_in_csv csv domain_controller force identity local name retry_failed source_endpoint state "
    "target_databases target_archive_databases target_delivery_domain target_endpoint users wait wait_timeout"
).split()
"""Options of exchange_migration_batch that the role has variables for, or uses itself."""
ENDED = ("completed", "completed_with_errors")
HALTED = ("failed", "stopped")
REQUESTS_OF = "MigrationService:"
"""What the batch name of a request begins with that a batch made."""


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan, as far as what was read goes.

    ``reading`` may have what `move_plan.make` takes, and ``absent`` (identities for which there is no mailbox), ``batches`` (of
    exchange_migration_batch_info, of that name) and ``users`` (of exchange_migration_user_info, of that batch).
    """
    databases = list(reading.get("databases") or ())
    constraints = {one["name"]: move_plan.constraint(one, wishes) for one in databases}
    left = _left(reading, wishes)
    batch: Object = next(iter(reading.get("batches") or ()), {})
    renew = wishes.resume and batch.get("status") == "completed_with_errors" and bool(left)
    halted = batch.get("status") in HALTED and not wishes.resume
    users = list(reading.get("users") or ())
    return {
        "targets": [] if _remote(wishes) else move_plan.targets(wishes),
        "problems": [*refusals(wishes), *_absent(reading, wishes), *move_plan.unsound(databases, constraints), *_taken(reading, wishes, left, batch, renew)],
        "constraints": {name: one for name, one in constraints.items() if wishes.constraint},
        "saved": {
            "mailboxes": list(reading.get("mailboxes") or ()),
            "constraints": {one["name"]: one["data_move_replication_constraint"] for one in databases},
        },
        "ahead": bool(left) or any(one["data_move_replication_constraint"] != constraints[one["name"]] for one in databases),
        "batch": options(wishes, left) if left and not halted else {},
        "renew": renew,
        "retry": bool(left) and wishes.resume and batch.get("status") in ("synced_with_errors", *HALTED),
        "clearable": batch.get("status") == "completed",
        "failures": [f"{one['identity']} {one['standing']}: {one.get('error') or 'no reason is given'}" for one in users if one["standing"] in HALTED],
        "unfinished": _unfinished(users, wishes),
        "misplaced": [f"{one['identity']} is not where it should be" for one in left],
    }


def _remote(wishes: Wishes) -> str:
    return wishes.source_endpoint or wishes.target_endpoint


def refusals(wishes: Wishes) -> list[str]:
    """What is wrong with the variables themselves."""
    found = [] if wishes.mailboxes else ["mailbox_move_mailboxes names no mailbox"]
    if not wishes.batch_name:
        found.append("a batch needs a name, mailbox_move_batch_name")
    if wishes.source_endpoint and wishes.target_endpoint:
        found.append("mailboxes come from mailbox_move_source_endpoint or go to mailbox_move_target_endpoint, not both")
    if _remote(wishes) and not wishes.target_delivery_domain:
        found.append("a move between organizations needs mailbox_move_target_delivery_domain")
    if _remote(wishes) and wishes.constraint:
        found.append("mailbox_move_constraint is about databases of this organization, and the mailboxes go to or come from another")
    found += [f"mailbox_move_options says {name}, for which the role has variables" for name in OWN if name in wishes.options]
    for number, one in enumerate(wishes.mailboxes, 1):
        found += _entry(wishes, one, str(one.get("identity") or "").strip() or f"entry {number}")
    if wishes.stage == "completed" and "complete_after" in wishes.options:
        found.append("the batch is to be completed later, and mailbox_move_stage completed does not wait for that; use ready or requested")
    if not wishes.accept_large_data_loss:
        said = {name: str(given[name]) for given in (wishes.options, *wishes.mailboxes) for name in LIMITS if _many(given.get(name))}
        found += [f"{name} is {limit}: so many items may be lost. Say mailbox_move_accept_large_data_loss if that is meant" for name, limit in said.items()]
    return found


def _entry(wishes: Wishes, one: Object, name: str) -> list[str]:
    found = [] if one.get("identity") else [f"{name} of mailbox_move_mailboxes has no identity"]
    foreign = sorted(set(one) - {"identity", *COLUMNS})
    if foreign:
        found.append(f"{name} says {', '.join(foreign)}, which is of a whole batch; put it into mailbox_move_options")
    if wishes.source_endpoint and "@" not in name:
        found.append(f"{name} is no address, and whom a batch brings here is named by an address")
    if not _remote(wishes) and not any(_wanted(wishes, one, target) for target in TARGETS):
        found.append(f"{name} has no target; give it a target_database, or all of them one with mailbox_move_target_database")
    return found


def _many(limit: t.Any) -> bool:
    count = values.count(limit)
    return count == values.UNLIMITED or (count is not None and int(count) >= CONSENT_FROM)


def _wanted(wishes: Wishes, one: Object, name: str) -> t.Any:
    return one.get(name) or (getattr(wishes, name) if name in TARGETS else None)


def _absent(reading: Object, wishes: Wishes) -> list[str]:
    """Whom a batch brings here has no mailbox yet, and whom it took away has none any more."""
    return [f"the organization has no {name}" for name in reading.get("missing") or () if not (_remote(wishes) and name.startswith("mailbox "))]


def _left(reading: Object, wishes: Wishes) -> list[dict[str, t.Any]]:
    """The entries whose mailboxes are not in their place, each with the ``address`` that its batch knows it by."""
    absent = {str(name).casefold() for name in reading.get("absent") or ()}
    known = [one for one in wishes.mailboxes if str(one.get("identity")).casefold() not in absent]
    found: list[dict[str, t.Any]] = []
    if wishes.source_endpoint:
        here = {str(one.get("identity")).casefold() for one in known} if "mailboxes" in reading else set()
        return [dict(one) | {"address": one["identity"]} for one in wishes.mailboxes if str(one.get("identity")).casefold() not in here]
    for one, mailbox in zip(known, reading.get("mailboxes") or (), strict=False):
        alone = _narrow(wishes, one)
        if wishes.target_endpoint or move_plan.misplaced([mailbox], alone):
            found.append(dict(one) | {"address": mailbox["primary_smtp_address"]})
    return found


def _narrow(wishes: Wishes, one: Object) -> Wishes:
    options_ = {name: wishes.options[name] for name in ("primary_only", "archive_only") if name in wishes.options}
    return Wishes(
        mailboxes=[one], target_database=wishes.target_database, archive_target_database=wishes.archive_target_database, options=options_, stage="requested"
    )


def _taken(reading: Object, wishes: Wishes, left: t.Sequence[Object], batch: Object, renew: bool) -> list[str]:
    """Who cannot be in the batch: it exists without them, or their mailbox is being moved by something else."""
    found = []
    users = {str(one["identity"]).casefold() for one in reading.get("users") or ()}
    out = [one["address"] for one in left if str(one["address"]).casefold() not in users]
    if batch and out and not renew:
        found.append(f"there is a batch {wishes.batch_name} already, {batch['status']}, without {', '.join(out)}; give this one another name")
    for one in reading.get("requests") or ():
        if str(one.get("batch_name") or "").casefold() == f"{REQUESTS_OF}{wishes.batch_name}".casefold():
            continue
        if one["standing"] != "completed":
            found.append(f"{one['display_name']} is being moved already, outside of batch {wishes.batch_name}; wait for that, or cancel it")
        elif left:
            found.append(f"{one['display_name']} has a completed move request; clear it with exchange_move_request and state absent")
    return found


def options(wishes: Wishes, left: t.Sequence[Object]) -> dict[str, t.Any]:
    """The options of exchange_migration_batch."""
    found: dict[str, t.Any] = dict(wishes.options) | {"name": wishes.batch_name, "csv": text(wishes, left)}
    found |= {"source_endpoint": wishes.source_endpoint} if wishes.source_endpoint else {}
    found |= {"target_endpoint": wishes.target_endpoint} if wishes.target_endpoint else {}
    found |= {"target_delivery_domain": wishes.target_delivery_domain} if _remote(wishes) else {"local": True}
    later = wishes.stage == "ready" or "complete_after" in wishes.options
    return found | {"state": "started" if later else "completed"}


def text(wishes: Wishes, left: t.Sequence[Object]) -> str:
    """The file of a batch: a line for each user, and a column for what one of them says."""
    named = {name: column for name, column in COLUMNS.items() if any(_wanted(wishes, one, name) not in (None, "") for one in left)}
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["EmailAddress", *named.values()])
    for one in left:
        writer.writerow([one["address"], *(_wanted(wishes, one, name) or "" for name in named)])
    return written.getvalue()


def _unfinished(users: t.Sequence[Object], wishes: Wishes) -> list[str]:
    kinds = {"completed": ("active", "synced"), "ready": ("active",), "requested": ()}[wishes.stage]
    return [f"{one['identity']} is {one['status']}" for one in users if one["standing"] in kinds]
