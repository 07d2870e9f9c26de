# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Move requests: what is asked for, how far they are, and when there is nothing to ask for.

Sources: the references of New-, Set-, Get-, Resume-, Suspend- and Remove-MoveRequest and Get-MoveRequestStatistics.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import catalogue, migration, online, statistics
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, names_controller, single

STATISTICS = "Get-MoveRequestStatistics"
CONSENT_FROM = 51
"""The limit of lost items from which Exchange asks for consent."""
BRAKES = ("suspend_when_ready_to_complete", "prevent_completion", "complete_after")
"""What keeps a request from being completed."""
SWITCHES = (
    "primary_only",
    "archive_only",
    "allow_large_items",
    "force_offline",
    "do_not_preserve_mailbox_signature",
    "remote",
    "outbound",
)
_OF_THE_START = (*SWITCHES, "archive_domain", "remote_archive_target_database", "source_endpoint")
FIELDS = (
    Field("target_database", codec="name"),
    Field("archive_target_database", read="TargetArchiveDatabase", codec="name"),
    Field("batch_name", codec="name"),
    Field("bad_item_limit", codec="count"),
    Field("large_item_limit", codec="count"),
    Field("complete_after", codec="timestamp"),
    Field("start_after", codec="timestamp"),
    Field("incremental_sync_interval", codec="timespan"),
    *(Field(name, codec="timespan_or_unlimited") for name in ("completed_request_age_limit", "request_expiry_interval")),
    Field("skip_moving", codec=values.array(values.NAME)),
    Field("move_options", codec="texts"),
    Field("remote_host_name", codec="name"),
    Field("remote_global_catalog", codec="name"),
    Field("remote_target_database", read="RemoteDatabaseName", codec="name", immutable=True),
    Field("target_delivery_domain", codec="name", immutable=True),
    *(Field(name, read="") for name in _OF_THE_START),
)
CREATE_WITH = (
    *(field.option for field in FIELDS),
    "priority",
    "suspend_when_ready_to_complete",
    "prevent_completion",
)
DEFAULTS: dict[str, t.Any] = {
    "bad_item_limit": 0,
    "large_item_limit": 0,
    "priority": "normal",
    "incremental_sync_interval": "1.00:00:00",
    "completed_request_age_limit": "30.00:00:00",
    "suspend_when_ready_to_complete": False,
    "prevent_completion": False,
}
WORDS = ("status", "status_detail")
SHOWN = (
    "display_name",
    "percent_complete",
    "source_database",
    "source_archive_database",
    "bad_items_encountered",
    "large_items_encountered",
    "items_transferred",
    "overall_duration",
    "failure_type",
    "message",
)
TIMES = ("queued_timestamp", "last_update_timestamp", "completion_timestamp", "failure_timestamp")
SIZES = ("total_mailbox_size", "bytes_transferred")
DONE = ("completed", "completed_with_warning")
NOT_NEEDED = "not_needed"
ACTIVITY = Attribute("activity", "activity", "", "text", values.TEXT, immutable=False, secret=False)
"""Whether a request is at work: no parameter of its own, but cmdlets of their own change it."""


def progress(row: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What the statistics of a request say of its progress, readable."""
    found = {values.fold(name): value for name, value in row.items()}
    return {
        **{name: migration.word(found.get(values.fold(name))) for name in WORDS},
        **{name: found.get(values.fold(name)) for name in SHOWN},
        **{name: values.timestamp(found.get(values.fold(name))) for name in TIMES},
        **{f"{name}_bytes": statistics.size_in_bytes(found.get(values.fold(name))) for name in SIZES},
    }


class MoveRequest(CmdletResource):
    """The request of one mailbox; its ``activity`` is ``started``, ``suspended``, ``failed`` or ``completed``, or the mailbox needs none."""

    facts = ()
    needed = ()

    def properties(self) -> list[str]:
        named = (*WORDS, *SHOWN, *TIMES, *SIZES)
        return sorted({one.read for one in self.attributes.values() if one.readable} | {values.fold(name) for name in named})

    def admit(self, session: Session, options: Options) -> None:
        if online.is_online(session) and options.get("remote_user"):
            text = "remote_user: secrets are not sent to Exchange Online"
            raise UsageError(text, target=session.target, advice="Name a migration endpoint in source_endpoint; it has the credentials")
        super().admit(session, options)

    # reading

    def read(self, session: Session, options: Options) -> engine.Reading:
        """The request; or that the mailbox needs none; or, in ``background``, that one of before is to be cleared."""
        shown = self._request(session, options)
        wants_one = options["state"] != "absent"
        if shown is not None and not (wants_one and shown["activity"] == "completed" and not self._fits(session, shown, options)):
            return engine.Reading(shown)
        if wants_one and (place := self._in_place(session, options)) is not None:
            return engine.Reading({"status": NOT_NEEDED, "activity": "completed", **place})
        return engine.Reading(None, background=shown)

    def _request(self, session: Session, options: Options) -> plan.State | None:
        try:
            answer = session.invoke(f"Get-{self.noun}", self.identity(options) | common(options), properties=("identity",))
            single(answer, f"Get-{self.noun}", session.target, self.label(options))
        except NotFound as error:
            if names_controller(error, options.get("domain_controller")):
                raise
            return None
        answer = session.invoke(STATISTICS, self.identity(options) | common(options), properties=self._needed_properties)
        found = single(answer, STATISTICS, session.target, self.label(options))
        state = self.state(found) | progress(found)
        return state | {"activity": _word(state)}

    def _fits(self, session: Session, shown: plan.State, options: Options) -> bool:
        """Whether a completed request went where the task wants the mailbox to be.  Between organizations it may have gone there, and back."""
        if options.get("remote") or options.get("outbound"):
            return self._in_place(session, options) is not None
        targets = [name for name in ("target_database", "archive_target_database") if options.get(name)]
        return all(str(shown.get(name)).casefold() == str(options[name]).casefold() for name in targets)

    def _in_place(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """Where the mailbox is, if that is where the task wants it."""
        mailbox = self._recipient(session, "Get-Mailbox", options)
        if options.get("remote"):
            return None if mailbox is None else {"target_database": mailbox.get("database")}
        if options.get("outbound"):
            return {} if mailbox is None and self._recipient(session, "Get-MailUser", options) else None
        if mailbox is None:
            raise NotFound(
                f"there is no mailbox '{options['identity']}' to move",
                cmdlet="Get-Mailbox",
                target=session.target,
                advice="Name a mailbox of this organization; a move from another one begins with a mail user and remote: true",
            )
        archive = mailbox.get("archivedatabase") if values.guid(mailbox.get("archiveguid")) else None
        target, archive_target = options.get("target_database"), options.get("archive_target_database")
        if archive is not None:
            archive_target = archive_target or target
        needs = [(mailbox.get("database"), target)] if target and not options.get("archive_only") else []
        needs += [(archive, archive_target)] if archive_target and not options.get("primary_only") else []
        if not needs or any(str(here).casefold() != str(there).casefold() for here, there in needs):
            return None
        return {"target_database": mailbox.get("database"), "archive_target_database": archive}

    def _recipient(self, session: Session, cmdlet: str, options: Options) -> dict[str, t.Any] | None:
        read = ("Database", "ArchiveDatabase", "ArchiveGuid") if cmdlet == "Get-Mailbox" else ("Identity",)
        try:
            answer = session.invoke(cmdlet, self.identity(options) | common(options), properties={values.fold(name) for name in read})
        except NotFound as error:
            if names_controller(error, options.get("domain_controller")):
                raise
            return None
        return {values.fold(name): value for name, value in single(answer, cmdlet, session.target, self.label(options)).items()}

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        state = options["state"]
        if current is None:
            wanted = super().wanted(session, options, None)
            unset = [name for name in SWITCHES if wanted.get(name) is False]
            return {name: value for name, value in wanted.items() if name not in unset} | ({"activity": state} if state == "suspended" else {})
        if current["status"] == NOT_NEEDED or current["activity"] == "completed":
            return {}
        wanted = super().wanted(session, options, current)
        self._refuse_another_target(wanted, current)
        if state == "completed":
            wanted |= released(current)
        move = transition(state, current)
        return wanted | ({"activity": move} if move else {})

    @staticmethod
    def _refuse_another_target(wanted: plan.State, current: plan.State) -> None:
        for name in ("target_database", "archive_target_database"):
            there = str(current.get(name) or "")
            if wanted.get(name) and wanted[name].casefold() != there.casefold() and current["status"] != "queued":
                raise UsageError(
                    f"the mailbox is already being moved to {there or 'another place'}, its request is {current['status']}, and {name} shall be {wanted[name]}",
                    advice="Wait until it is completed, or cancel it with state: absent and cancel: true; the target of a queued request can be changed",
                )

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return [*self._clearing(options, found), *self.create(todo, options, found)]
        if todo.action == "delete":
            self._refuse_unfinished(options, found)
            return [self.call("Remove", options, self.identity(options))]
        settings = {name: change for name, change in todo.changes.items() if name != "activity"}
        made = [self.call("Set", options, self.identity(options) | self.dump(settings) | _consent(options, settings) | self._credential(options, settings))]
        return [*(made if settings else []), *self._transit(todo, options)]

    def _transit(self, todo: plan.Plan, options: Options) -> list[engine.Call]:
        change = todo.changes.get("activity")
        if change is None:
            return []
        if change.after == "suspended":
            return [self.call("Suspend", options, self.identity(options) | _comment(options))]
        return [self.call("Resume", options, self.identity(options))]

    def _clearing(self, options: Options, found: engine.Reading) -> list[engine.Call]:
        """A completed request of before stands in the way of a new one.  One that ended with warnings was looked at by nobody yet."""
        if found.background is None:
            return []
        if found.background["status"] != "completed":
            raise UsageError(
                f"a request to {found.background.get('target_database')} ended with the status {found.background['status']}, and only Completed is cleared",
                advice="Read its report, then remove it with state: absent and cancel: true",
            )
        return [self.call("Remove", options, self.identity(options))]

    def _refuse_unfinished(self, options: Options, found: engine.Reading) -> None:
        status = (found.state or {}).get("status")
        if status != "completed" and not options.get("cancel"):
            raise UsageError(
                f"the request is {status}, and only a completed one is cleared",
                advice="To cancel it, and lose what has been copied, say cancel: true",
            )

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        taken = {name: change for name, change in todo.changes.items() if name != "activity"}
        halted = {"Suspend": True, **_comment(options)} if "activity" in todo.changes else {}
        parameters = self.identity(options) | self.dump(taken) | _consent(options, taken) | self._credential(options, taken) | halted
        return [self.call("New", options, parameters)]

    @staticmethod
    def _credential(options: Options, changes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        if not options.get("remote_user") or not ({"remote", "outbound", "remote_host_name", "remote_global_catalog"} & changes.keys()):
            return {}
        return {"RemoteCredential": Credential(str(options["remote_user"]), Secret(str(options["remote_password"])))}


def _word(state: plan.State) -> str:
    if state["status"] in DONE:
        return "completed"
    return {"suspended": "suspended", "auto_suspended": "suspended", "failed": "failed"}.get(str(state["status"]), "started")


def transition(wanted: str, current: plan.State) -> str | None:
    """The state to bring a request into, if it must change.

    One that suspended itself, because it was told to when it is ready, is where `started` wants it to be.
    """
    status = current["status"]
    if wanted == "suspended":
        return "suspended" if current["activity"] == "started" else None
    resting = {"started": ("suspended", "failed"), "completed": ("suspended", "failed", "auto_suspended")}.get(wanted, ())
    return "started" if status in resting else None


def released(current: plan.State) -> plan.State:
    """The brakes that are on, let go."""
    found: plan.State = {name: False for name in BRAKES[:2] if current.get(name) is True}
    later = current.get("complete_after")
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat()
    if later and str(later).rstrip("Z") > now and current.get("queued_timestamp"):
        found["complete_after"] = current["queued_timestamp"]  # a time that is past
    return found


def _comment(options: Options) -> dict[str, t.Any]:
    return {"SuspendComment": options["suspend_comment"]} if options.get("suspend_comment") else {}


def _consent(options: Options, changes: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    asked = options.get("accept_large_data_loss") and {"bad_item_limit", "large_item_limit"} & changes.keys()
    return {"AcceptLargeDataLoss": True} if asked else {}


class MoveRequestModule(CmdletModule):
    """A request is work that is under way: there is nothing of it to export, and each is asked for by itself, as any name of its mailbox is right."""

    exportable = False

    def resource(self) -> CmdletResource:
        resource = super().resource()
        resource.attributes["activity"] = ACTIVITY
        return resource

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        for name in ("bad_item_limit", "large_item_limit"):
            limit = values.count(options.get(name))
            if limit is not None and (limit == values.UNLIMITED or int(limit) >= CONSENT_FROM) and not options.get("accept_large_data_loss"):
                text = f"{name} is {limit}: so many items may be lost"
                raise UsageError(text, advice=f"Say accept_large_data_loss: true if that is meant, or keep it below {CONSENT_FROM}")
        if options["state"] == "completed":
            held = [name for name in BRAKES if options.get(name)]
            if held:
                raise UsageError(f"state: completed lets go what {held[0]} holds", advice="Use state: started, or leave it out")
        if options.get("cancel") and options["state"] != "absent":
            raise UsageError("cancel goes with state: absent")

    def present(self, options: t.Mapping[str, t.Any]) -> bool:
        return options["state"] != "absent"

    def overview(self, session: Session, options: t.Mapping[str, t.Any], used: t.Collection[str] | None = None) -> catalogue.Catalogue | None:
        return None

    def export(self, session: engine.Tally, options: t.Mapping[str, t.Any], watch: t.Callable[[int, int], None]) -> Exported:
        raise UsageError("move requests are work under way, not settings", advice="exchange_move_request_info lists them")
