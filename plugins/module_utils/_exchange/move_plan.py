# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role mailbox_move requests, why it refuses, and what became of the moves.  Nothing here talks to a server."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

Object = t.Mapping[str, t.Any]
RECOMMENDED = "recommended"
WAYS = ("requests", "batch")
STAGES = ("completed", "ready", "requested")
OWN = ("state", "cancel", "accept_large_data_loss", "domain_controller")
"""Options of exchange_move_request that the role has variables for, or uses itself."""
TARGETS = ("target_database", "archive_target_database")


@dataclasses.dataclass(frozen=True)
class Wishes:
    """The role's variables, without their prefix."""

    mailboxes: t.Sequence[Object] = ()
    target_database: str = ""
    archive_target_database: str = ""
    batch_name: str = ""
    options: Object = dataclasses.field(default_factory=dict)
    accept_large_data_loss: bool = False
    constraint: str = ""
    stage: str = "completed"
    resume: bool = False
    way: str = "requests"
    source_endpoint: str = ""
    target_endpoint: str = ""
    target_delivery_domain: str = ""

    @staticmethod
    def load(given: Object) -> Wishes:
        """From a dictionary; raises UsageError for a key or a stage that does not exist."""
        known = {field.name for field in dataclasses.fields(Wishes)}
        if set(given) - known:
            raise UsageError(f"{', '.join(sorted(set(given) - known))} cannot be wished; there are {', '.join(sorted(known))}")
        if given.get("stage", "completed") not in STAGES:
            raise UsageError(f"there is no stage {given['stage']}; there are {', '.join(STAGES)}")
        if given.get("way", WAYS[0]) not in WAYS:
            raise UsageError(f"there is no way {given['way']}; there are {', '.join(WAYS)}")
        return Wishes(**given)

    @property
    def defaults(self) -> dict[str, t.Any]:
        """The options of every request; an entry's own win."""
        found = dict(self.options) | {name: getattr(self, name) for name in (*TARGETS, "batch_name") if getattr(self, name)}
        found |= {"accept_large_data_loss": True} if self.accept_large_data_loss else {}
        return found | ({"suspend_when_ready_to_complete": True} if self.stage == "ready" and "complete_after" not in found else {})

    @property
    def objects(self) -> list[dict[str, t.Any]]:
        return [self.defaults | dict(one) for one in self.mailboxes]


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan, as far as what was read goes.

    ``reading`` may have ``databases`` (of exchange_database_copy_info), ``missing`` (names of what there is not), ``requests`` (of
    exchange_move_request_info), ``mailboxes`` (of exchange_mailbox_info, with the identity that was asked for in ``asked``) and ``predicted`` (of bulk).
    """
    databases = list(reading.get("databases") or ())
    requests = list(reading.get("requests") or ())
    constraints = {one["name"]: constraint(one, wishes) for one in databases}
    return {
        "defaults": wishes.defaults,
        "targets": targets(wishes),
        "problems": [*refusals(wishes), *_absent(reading), *unsound(databases, constraints), *_impossible(reading)],
        "constraints": {name: one for name, one in constraints.items() if wishes.constraint},
        "saved": {
            "mailboxes": list(reading.get("mailboxes") or ()),
            "constraints": {one["name"]: one["data_move_replication_constraint"] for one in databases},
        },
        "ahead": _ahead(reading, databases, constraints, wishes),
        "released": released(requests, wishes),
        "clearable": [{"identity": one["identity"]} for one in requests if one["status"] == "completed"],
        "failures": failures(requests),
        "unfinished": unfinished(requests, wishes),
        "misplaced": misplaced(list(reading.get("mailboxes") or ()), wishes),
    }


def targets(wishes: Wishes) -> list[str]:
    """The databases that mailboxes and archives go to, each once."""
    found = {str(one[name]).casefold(): str(one[name]) for one in wishes.objects for name in TARGETS if one.get(name)}
    return list(found.values())


def refusals(wishes: Wishes) -> list[str]:
    """What is wrong with the variables themselves."""
    found = [] if wishes.mailboxes else ["mailbox_move_mailboxes names no mailbox"]
    for number, (own, one) in enumerate(zip(wishes.mailboxes, wishes.objects, strict=True), 1):
        name = str(one.get("identity") or "").strip()
        if not name:
            found.append(f"entry {number} of mailbox_move_mailboxes has no identity")
        elif not any(one.get(target) for target in TARGETS):
            found.append(f"{name} has no target; give it a target_database, or all of them one with mailbox_move_target_database")
        elif wishes.stage == "completed" and one.get("complete_after"):
            found.append(f"{name} is to be completed later, and mailbox_move_stage completed does not wait for that; use ready or requested")
        found += [f"{name or number} says {option}, for which the role has variables" for option in OWN if option in own]
    return [*found, *(f"mailbox_move_options says {option}, for which the role has variables" for option in (*OWN, "identity") if option in wishes.options)]


def _absent(reading: Object) -> list[str]:
    return [f"the organization has no {name}" for name in reading.get("missing") or ()]


def constraint(database: Object, wishes: Wishes) -> str:
    """What moves into a database shall wait for."""
    if wishes.constraint == RECOMMENDED:
        return str(database["recommended_constraint"])
    return wishes.constraint or str(database["data_move_replication_constraint"])


def unsound(databases: t.Sequence[Object], constraints: t.Mapping[str, str]) -> list[str]:
    """The databases whose copies cannot satisfy what moves into them shall wait for."""
    found = []
    for one in databases:
        chosen = constraints[one["name"]]
        why = one["constraints"].get(chosen, "it is unknown")
        if why:
            best = one["recommended_constraint"]
            found.append(f"moves into {one['name']} would wait without end for {chosen}: {why}; {best} can be satisfied (mailbox_move_constraint)")
    return found


def _impossible(reading: Object) -> list[str]:
    """What the module would refuse, as it says itself in check mode."""
    predicted = reading.get("predicted") or {}
    if "outcomes" in predicted or not predicted.get("msg"):
        return [f"{one['object']}: {one['msg']}" for one in predicted.get("outcomes") or () if one["outcome"] == "failed"]
    return [str(predicted["msg"])]


def _ahead(reading: Object, databases: t.Sequence[Object], constraints: t.Mapping[str, str], wishes: Wishes) -> bool:
    """Whether anything is going to change."""
    counts = (reading.get("predicted") or {}).get("counts") or {}
    differing = any(one["data_move_replication_constraint"] != constraints[one["name"]] for one in databases)
    held = any(one["standing"] not in ("moving", "stalled", "completed") for one in reading.get("requests") or ())
    return differing or held or bool(counts.get("created") or counts.get("updated"))


def released(requests: t.Sequence[Object], wishes: Wishes) -> list[dict[str, str]]:
    """The requests that are let go on: towards completion, and where that is asked for also those that failed or were suspended."""
    kinds = {"moving", "stalled", "ready"} if wishes.stage == "completed" else set()
    kinds |= {"failed", "suspended"} if wishes.resume else set()
    return [{"identity": one["identity"]} for one in requests if one["standing"] in kinds]


def failures(requests: t.Sequence[Object]) -> list[str]:
    """The requests that do not go on by themselves, with the server's reason."""
    found = []
    for one in requests:
        if one["standing"] in ("failed", "suspended"):
            why = " - ".join(str(part) for part in (one.get("failure_type"), one.get("message")) if part) or "no reason is given"
            found.append(f"{one['display_name']} {one['standing']} at {one.get('percent_complete')}%: {why}")
    return found


def unfinished(requests: t.Sequence[Object], wishes: Wishes) -> list[str]:
    """The requests that have not come as far as the stage wants them."""
    kinds = {"completed": ("moving", "stalled", "ready"), "ready": ("moving", "stalled"), "requested": ()}[wishes.stage]
    return [
        f"{one['display_name']} is {one['standing']} ({one.get('status_detail')}, {one.get('percent_complete')}%)"
        for one in requests
        if one["standing"] in kinds
    ]


def misplaced(mailboxes: t.Sequence[Object], wishes: Wishes) -> list[str]:
    """Mailboxes and archives that are not where they should be; ``mailboxes`` in the order in which they were asked for."""
    found = []
    for wanted, one in zip(wishes.objects, mailboxes, strict=False):
        target, archive = wanted.get("target_database"), one.get("archive_database")
        places = [] if not target or wanted.get("archive_only") else [("the mailbox", one.get("database"), target)]
        archive_target = wanted.get("archive_target_database") or target
        if archive and archive_target and not wanted.get("primary_only"):
            places.append(("the archive", archive, archive_target))
        wrong = [f"{what} is in {here}, not in {there}" for what, here, there in places if str(here).casefold() != str(there).casefold()]
        found += [f"{wanted['identity']}: {text}" for text in wrong]
    return found
