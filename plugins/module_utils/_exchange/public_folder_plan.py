# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What brings users to migrated public folders, and why it is refused.  Nothing here talks to a server."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.online import ENDPOINT

Object = t.Mapping[str, t.Any]

CMDLETS = ("Get-PublicFolderMigrationRequest", "Get-PublicFolderMailboxMigrationRequest")
"""The serial migration from legacy databases, which is one of Exchange Server only, and the requests of a migration batch."""

FINISHED = frozenset(("completed", "completedwithwarning"))
"""Folded values of RequestStatus after which a request moves nothing any more; a failed or suspended one can go on."""

_NAMES = ("identity", "name", "alias", "primary_smtp_address", "guid", "distinguished_name")


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What is acknowledged, and what differs from the procedure.

    ``keep_excluded`` names public folder mailboxes that stay excluded from serving the hierarchy, ``pilot`` a mailbox.
    """

    done: bool = False
    keep_excluded: t.Sequence[str] = ()
    pilot: str = ""

    @staticmethod
    def load(given: Object) -> Wishes:
        """From a dictionary; raises UsageError for a key that does not exist and for a gate that is no truth value."""
        known = {field.name for field in dataclasses.fields(Wishes)}
        if set(given) - known:
            raise UsageError(f"{', '.join(sorted(set(given) - known))} cannot be wished; there are {', '.join(sorted(known))}")
        excluded = tuple(str(one) for one in given.get("keep_excluded") or ())
        return Wishes(bool(values.boolean(given.get("done", False))), excluded, str(given.get("pilot") or ""))


@dataclasses.dataclass(frozen=True)
class Hierarchy:
    """A public folder mailbox; ``serves`` is whether it shall show users the hierarchy."""

    names: frozenset[str]
    identity: str
    address: str
    primary: bool
    ready: bool
    excluded: bool
    serves: bool

    @staticmethod
    def load(row: Object, wishes: Wishes) -> Hierarchy:
        """From a row of exchange_mailbox_info.  Raises KeyError."""
        names = frozenset(str(row[name]).casefold() for name in _NAMES)
        primary, ready, excluded = (row[name] is True for name in ("is_root_public_folder_mailbox", "is_hierarchy_ready", "is_excluded_from_serving_hierarchy"))
        kept = any(one.casefold() in names for one in wishes.keep_excluded)
        return Hierarchy(names, str(row["identity"]), str(row["primary_smtp_address"] or row["identity"]), primary, ready, excluded, not kept)

    def options(self, excluded: bool) -> dict[str, t.Any]:
        """What exchange_mailbox takes to exclude it or not."""
        return {"identity": self.address, "type": "public_folder", "is_excluded_from_serving_hierarchy": excluded}


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan; filter/public_folder_plan.yml says what it holds.  Raises KeyError, ValueError, `Truncated`."""
    organization = reading["organization"]
    present = {"public_folders_enabled": organization["public_folders_enabled"], "remote_public_folder_mailboxes": _texts(organization)}
    hierarchies = [Hierarchy.load(row, wishes) for row in reading["hierarchies"]]
    requests = list(_requests(reading["requests"]))
    batches = list(_batches(reading["batches"]))
    wrong = organization["public_folders_enabled"] != "local"
    changing = [one for one in hierarchies if one.serves and one.excluded]
    pilots = list(reading.get("pilot") or ())
    pilot = _pilot(pilots, hierarchies) if wrong or changing else {}
    problems = [
        *_gate(wishes),
        *_hierarchy_problems(hierarchies, wishes),
        *_open(requests),
        *_open_batches(batches),
        *_locks(organization),
        *_pilot_problems(wishes, pilots),
    ]
    return {
        "state": {
            **present,
            "hierarchies": [{"mailbox": one.address, "primary": one.primary, "ready": one.ready, "excluded": one.excluded} for one in hierarchies],
            "requests": requests,
            "batches": batches,
        },
        "problems": problems,
        "pilot": pilot,
        "organization": {"public_folders_enabled": "local"} if wrong else {},
        "mailboxes": [one.options(False) for one in changing],
        "saved": {
            "organization": present if wrong else {},
            "mailboxes": [one.options(True) for one in changing] + ([pilot | {"default_public_folder_mailbox": pilot_before(pilots)}] if pilot else []),
        },
        "differences": list(_differences(organization, changing)),
        "facts": list(_facts(hierarchies)),
        **_served(reading.get("mailboxes") or (), hierarchies, wrong or bool(changing)),
    }


def _texts(organization: Object) -> list[str]:
    return [str(one) for one in organization["remote_public_folder_mailboxes"] or ()]


# Refusals


def _gate(wishes: Wishes) -> t.Iterator[str]:
    if not wishes.done:
        yield (
            "public_folder_migration_done is not true. Set it when all content has been migrated and the migration is complete: "
            "Local before that cuts everybody off from public folders"
        )


def _hierarchy_problems(hierarchies: t.Sequence[Hierarchy], wishes: Wishes) -> t.Iterator[str]:
    primaries = [one.address for one in hierarchies if one.primary]
    if not primaries:
        yield "there is no primary hierarchy mailbox, so public folders have not been migrated to this organization. Complete the migration first"
    if len(primaries) > 1:
        yield f"{len(primaries)} public folder mailboxes say that they hold the primary hierarchy: {', '.join(primaries)}. There must be one"
    for one in hierarchies:
        if not one.ready:
            yield (
                f"public folder mailbox {one.address}: its hierarchy is not ready. Wait until it is synchronized; "
                "Update-PublicFolderMailbox -InvokeSynchronizer begins at once"
            )
    for name in wishes.keep_excluded:
        if not any(name.casefold() in one.names for one in hierarchies):
            yield f"public_folder_migration_keep_excluded: no public folder mailbox answers to '{name}'. Name one by its alias or address"
    if hierarchies and not any(one.serves for one in hierarchies):
        yield "public_folder_migration_keep_excluded names every public folder mailbox, so none would show users the hierarchy. Leave one out"


def _requests(results: t.Iterable[Object]) -> t.Iterator[dict[str, t.Any]]:
    """The migration requests as `{cmdlet, name, status, open}`.  Raises ValueError when a cmdlet was not read."""
    by_cmdlet = {result["item"]: result for result in results}
    cloud = any(result.get("endpoint") == ENDPOINT for result in by_cmdlet.values())
    for cmdlet in CMDLETS[1:] if cloud else CMDLETS:
        if cmdlet not in by_cmdlet:
            raise ValueError(f"there is nothing from {cmdlet}")
        if by_cmdlet[cmdlet].get("truncated"):
            raise Truncated(f"there is only a part of what {cmdlet} has to say", cmdlet=cmdlet)
        for one in by_cmdlet[cmdlet]["output"]:
            status = str(one["Status"])
            yield {"cmdlet": cmdlet, "name": str(one["Name"]), "status": status, "open": values.fold(status) not in FINISHED}


def _open(requests: t.Iterable[Object]) -> t.Iterator[str]:
    for one in requests:
        if one["open"]:
            what = one["cmdlet"].removeprefix("Get-")
            yield f"{what} '{one['name']}' is {one['status']}: the migration is open. Complete it, or remove a request that is of no use any more"


def _batches(rows: t.Iterable[Object]) -> t.Iterator[dict[str, t.Any]]:
    """The batches that migrate public folders, as `{name, status, open}`; rows are those of exchange_migration_batch_info."""
    for one in rows:
        if one["type"] == "public_folder":
            yield {"name": str(one["name"]), "status": str(one["status"]), "open": one["status"] != "completed"}


def _open_batches(batches: t.Iterable[Object]) -> t.Iterator[str]:
    """A batch that was never started has no request yet."""
    for one in batches:
        if one["open"]:
            yield f"migration batch '{one['name']}' is {one['status']}: the migration is open. Complete it, or remove a batch that is of no use any more"


def _locks(organization: Object) -> t.Iterator[str]:
    """The switches by which a migration's last step locks public folders."""
    if organization.get("public_folders_locked_for_migration") and not organization.get("public_folder_migration_complete"):
        yield (
            "legacy public folders are locked for the last step of a migration that is not marked as complete. "
            "Complete it, then set public_folder_migration_complete: true with exchange_organization_config"
        )
    for name in ("public_folder_mailboxes_locked_for_new_connections", "public_folder_mailboxes_migration_complete"):
        if organization.get(name):
            yield (
                f"{name} is true: the public folders of this organization are moving or have moved elsewhere. "
                "Run this role where they have moved to; here users would find an old copy"
            )


def _pilot_problems(wishes: Wishes, pilots: t.Sequence[Object]) -> t.Iterator[str]:
    if wishes.pilot and len(pilots) != 1:
        what = "there is no such mailbox" if not pilots else f"{len(pilots)} mailboxes answer to it"
        yield f"public_folder_migration_pilot {wishes.pilot}: {what}. Name one mailbox by its address"


# What changes


def _pilot(pilots: t.Sequence[Object], hierarchies: t.Sequence[Hierarchy]) -> dict[str, t.Any]:
    """Options of exchange_mailbox that make the primary hierarchy mailbox the pilot's default; empty where there is none to be had."""
    primary = next((one.identity for one in hierarchies if one.primary), "")
    if len(pilots) != 1 or not primary:
        return {}
    (pilot,) = pilots
    return {"identity": str(pilot["primary_smtp_address"] or pilot["identity"]), "default_public_folder_mailbox": primary}


def pilot_before(pilots: t.Sequence[Object]) -> str:
    """The default that the pilot had, empty for automatic."""
    return str(pilots[0]["default_public_folder_mailbox"] or "")


def _differences(organization: Object, changing: t.Iterable[Hierarchy]) -> t.Iterator[str]:
    present = organization["public_folders_enabled"]
    if present != "local":
        yield f"public_folders_enabled is '{present}' and is to be 'local'"
    for one in changing:
        yield f"public folder mailbox {one.address}: it is excluded from serving the hierarchy and is to serve it"


def _facts(hierarchies: t.Iterable[Hierarchy]) -> t.Iterator[str]:
    yield "users find public folders in this organization"
    for one in hierarchies:
        yield f"public folder mailbox {one.address} {'serves the hierarchy' if one.serves else 'stays as it is'}"


# Who is served


def _served(mailboxes: t.Iterable[Object], hierarchies: t.Sequence[Hierarchy], ahead: bool) -> dict[str, t.Any]:
    """`report`: the mailboxes without public folders, and why; `waiting`: how many of them may still get them.

    ``ahead`` means that changes are still to be made: what is effective now says nothing yet then.
    """
    here = {one.identity.casefold() for one in hierarchies}
    report, waiting = [], 0
    for one in mailboxes:
        default, effective = str(one["default_public_folder_mailbox"] or ""), str(one["effective_public_folder_mailbox"] or "")
        shown = {"mailbox": str(one["primary_smtp_address"] or one["identity"]), "default_public_folder_mailbox": default}
        shown["effective_public_folder_mailbox"] = effective
        if default and default.casefold() not in here:
            text = f"its default public folder mailbox is '{default}', which is not one of this organization. Clear it with exchange_mailbox"
            report.append(shown | {"reason": "default_elsewhere", "text": text})
        elif not ahead and effective.casefold() not in here:
            waiting += 1
            text = f"its effective public folder mailbox is '{effective}', which is not one of this organization" if effective else "it has none"
            report.append(shown | {"reason": "elsewhere" if effective else "none", "text": text})
    return {"report": report, "waiting": waiting}
