# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The synchronisation engine: connector spaces, and the cycle of import, synchronization and export.

A cycle imports from all connectors, synchronises all of them and exports to all of them, each in a run of its own.  In staging mode nothing is
exported.  What could not be exported is tried again in the next cycle.  Deletions that reach the threshold stop the export.
Sources: "Microsoft Entra Connect Sync: Scheduler", "Prevent accidental deletes", "Using msDS-ConsistencyGuid as sourceAnchor".
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.faults import Faults
from hybridlab.graph import Graph
from hybridlab.graph.tenant import Values, now
from hybridlab.sync import flow, runs, scope
from hybridlab.sync.service import ExportError, Service

EXTERNAL_ID = "msDS-ExternalDirectoryObjectId"
CLOUD_CONNECTOR = uuid.UUID("b891884f-051e-4a83-95af-2544101c9083")
"""The connector to the tenant has this identifier everywhere."""
_FAILED = "The lab was told to fail this object."


@dataclasses.dataclass(slots=True)
class Staged:
    """An object as it was last imported.

    ``excluded`` is the rule that keeps it out, ``values`` and ``exchange`` what is to be exported; ``members`` and ``manager`` are GUIDs of other
    objects.  ``exported`` says that the tenant has it, ``pending`` that the tenant does not have it as it is here.
    """

    guid: uuid.UUID
    dn: str
    kind: str
    anchor: str
    gone: bool = False
    excluded: str | None = None
    values: Values = dataclasses.field(default_factory=dict)
    exchange: Values = dataclasses.field(default_factory=dict)
    members: list[uuid.UUID] = dataclasses.field(default_factory=list)
    manager: uuid.UUID | None = None
    exported: bool = False
    pending: bool = False
    cloud_id: str = ""
    error: ExportError | None = None

    @property
    def cloud_dn(self) -> str:
        """Its name in the space of the tenant: the anchor's text in hexadecimal digits."""
        return f"CN={{{self.anchor.encode().hex().upper()}}}"

    @property
    def leaving(self) -> bool:
        return self.exported and (self.gone or self.excluded is not None)


class Engine:
    """One installation.  ``staging`` keeps it from exporting."""

    def __init__(self, source: Directory, domain: str, graph: Graph, generation: str, machine: str, faults: Faults) -> None:
        self.generation = generation
        self.staging = False
        self.history: list[runs.Run] = []
        self.space: dict[uuid.UUID, Staged] = {}
        self.service = Service(graph.tenant, f"Sync_{machine}")
        self._source, self._graph, self._faults = source, graph, faults
        self._domain = domain
        self._since = 0
        self._imported: dict[uuid.UUID, DirectoryObject] = {}
        self._late: dict[uuid.UUID, DirectoryObject] = {}
        tenant = flow.initial_domain(graph.tenant)
        local, cloud = ("Active Directory Connector", "Windows Azure Active Directory Connector")
        if generation != "dirsync":
            local, cloud = domain, f"{tenant} - AAD"
        self.local = runs.Connector(uuid.uuid5(runs.SPACE, domain), local, "AD")
        self.cloud = runs.Connector(CLOUD_CONNECTOR, cloud, "Extensible2")

    @property
    def threshold(self) -> int:
        """How many deletions stop an export, 0 for any number is fine; the tenant keeps it."""
        found = self.service.tenant.synchronization["configuration"]["accidentalDeletionPrevention"]
        return int(found["alertThreshold"]) if found["synchronizationPreventionType"] == "enabledForCount" else 0

    @threshold.setter
    def threshold(self, count: int) -> None:
        kind = "enabledForCount" if count else "disabled"
        new = {"synchronizationPreventionType": kind, "alertThreshold": count}
        self.service.tenant.synchronization["configuration"]["accidentalDeletionPrevention"] = new

    @property
    def connectors(self) -> tuple[runs.Connector, runs.Connector]:
        return self.local, self.cloud

    def cycle(self, policy: str = "Delta") -> t.Iterator[runs.Run]:
        """The runs of a cycle, each as it begins; what it does is done when the next one is asked for."""
        full = policy.casefold() == "initial"
        steps: list[tuple[runs.Connector, str, t.Callable[[runs.Run], None]]] = [
            (self.local, "Full Import" if full else "Delta Import", lambda run: self._import(run, full)),
            (self.cloud, "Full Import" if full else "Delta Import", self._confirm),
            (self.local, "Full Synchronization" if full else "Delta Synchronization", self._synchronize),
            (self.cloud, "Full Synchronization" if full else "Delta Synchronization", lambda run: None),
        ]
        if not self.staging:
            steps += [(self.cloud, "Export", self._export), (self.local, "Export", self._write_back)]
        for connector, profile, work in steps:
            run = runs.Run(len(self.history) + 1, connector, profile, runs.moment())
            self.history.insert(0, run)
            yield run
            if run.result == runs.RUNNING:
                work(run)
            run.end()
        if not self.staging:
            self.service.tenant.synchronization["lastCycle"] = now()

    # --- import ---

    def _import(self, run: runs.Run, full: bool) -> None:
        with self._source.lock:
            top = ",".join(f"DC={part}" for part in self._domain.split("."))
            found = {one.guid: one for one in (self._source.objects(top) if full else self._source.changes(self._since))}
            self._since = self._source.usn
            if full:
                gone = [guid for guid, staged in self.space.items() if not staged.gone and guid not in found]
                found |= {guid: one for guid in gone if (one := self._source.by_guid(guid)) is not None}
            found |= self._late
            self._late = {guid: one for guid, one in found.items() if self._meant("import-lag", one)}
            for guid, one in found.items():
                if guid not in self._late and (scope.kind(one) or guid in self.space):
                    self._imported[guid] = one
                    self._count(run.counters, one)

    def _count(self, counters: runs.Counters, one: DirectoryObject) -> None:
        if one.deleted:
            counters.StageDelete += one.guid in self.space
        elif one.guid in self.space:
            counters.StageUpdate += 1
        else:
            counters.StageAdd += 1

    def _meant(self, fault: str, one: DirectoryObject) -> bool:
        """Whether a fault names the object, by any of its names."""
        order = self._faults.peek(fault)
        names = (one.name, one.dn, str(one.guid), *(one.text(name) for name in ("sAMAccountName", "userPrincipalName", "mail")))
        return bool(order and order["object"]) and str(order and order["object"]).casefold() in map(str.casefold, names)

    def _confirm(self, run: runs.Run) -> None:
        """The import from the tenant: what was exported is seen there."""
        run.counters.StageNoChange = sum(staged.exported for staged in self.space.values())

    # --- synchronization ---

    def _synchronize(self, run: runs.Run) -> None:
        with self._source.lock:
            concerned = dict(self._imported)
            for one in self._imported.values():  # a group's members are known by what they are in the tenant
                concerned |= {group.guid: group for group in one.backs.get("member", ()) if group.guid in self.space}
            for one in concerned.values():
                self._stage(run, one)
            self._imported.clear()

    def _stage(self, run: runs.Run, one: DirectoryObject) -> None:
        staged = self.space.get(one.guid)
        if one.deleted:
            if staged is not None:
                staged.gone, staged.pending = True, staged.exported
            return
        kind = str(scope.kind(one))
        if staged is None:
            staged = self.space[one.guid] = Staged(one.guid, one.dn, kind, flow.anchor(one, self.generation in ("connect", "cloud")))
        staged.dn, staged.gone, staged.excluded = one.dn, False, scope.excluded(one, self.generation)
        run.counters.DisconnectorFiltered += staged.excluded is not None
        run.counters.ConnectorFlow += staged.excluded is None
        if staged.excluded is None:
            self._flow(staged, one)
        else:
            staged.pending = staged.exported

    def _flow(self, staged: Staged, one: DirectoryObject) -> None:
        values = flow.user(one, self.service.tenant, staged.anchor) if staged.kind == "user" else flow.group(one)
        if staged.kind == "contact":
            values = flow.contact(one)
        changed = one.number("pwdLastSet")
        if staged.kind == "user" and changed and self.service.feature("passwordSyncEnabled"):
            values["lastPasswordChangeDateTime"] = _when(changed)
        manager = one.target("manager")
        new = (values, flow.recipient(one), [member.guid for member in one.links.get("member", ())], manager.guid if manager else None)
        if new != (staged.values, staged.exchange, staged.members, staged.manager) or staged.kind == "group" or not staged.exported:
            staged.values, staged.exchange, staged.members, staged.manager = new
            staged.pending = True

    # --- export ---

    def _export(self, run: runs.Run) -> None:
        with self._graph.lock:
            self.service.begin()
            pending = [staged for staged in self.space.values() if staged.pending]
            leaving = [staged for staged in pending if staged.leaving]
            if self.threshold and len(leaving) >= self.threshold:
                run.result = runs.TOO_MANY_DELETIONS
                return
            for staged in leaving:
                self.service.delete(staged.anchor)
                staged.exported, staged.pending, staged.cloud_id = False, False, ""
                run.counters.ExportDelete += 1
            coming = [staged for staged in pending if staged.excluded is None and not staged.gone]
            for staged in coming:
                self._put(run, staged)
            for staged in coming:
                self._relate(staged)
        if run.counters.ExportFailure:
            run.result = runs.EXPORT_ERRORS

    def _put(self, run: runs.Run, staged: Staged) -> None:
        try:
            one = self._source.by_guid(staged.guid)
            if one is not None and self._meant("export-error", one):
                raise ExportError("IdentityDataValidationFailed", _FAILED)
            found, changed = self.service.put(staged.kind, staged.anchor, staged.values, staged.exchange)
        except ExportError as error:
            staged.error = error
            run.counters.ExportFailure += 1
            run.errors.append(runs.Failure(staged.cloud_dn, staged.dn, staged.guid, error.kind, error.message))
            return
        run.counters.ExportUpdate += staged.exported and changed
        run.counters.ExportAdd += not staged.exported
        staged.error, staged.exported, staged.cloud_id = None, True, found.id
        staged.pending = bool(found.values.get("onPremisesProvisioningErrors"))  # until the duplicate is gone

    def _relate(self, staged: Staged) -> None:
        """Members and managers, when all of them are there."""
        found = self.service.tenant.objects.get(staged.cloud_id)
        if found is None:
            return
        if staged.kind == "group":
            members = [self.space[guid].cloud_id for guid in staged.members if guid in self.space and self.space[guid].exported]
            self.service.members(found, members)
        else:
            manager = self.space.get(staged.manager) if staged.manager else None
            found.manager = manager.cloud_id if manager is not None and manager.exported else ""

    def _write_back(self, run: runs.Run) -> None:
        """Entra Connect notes in Active Directory who is who; the tools before it did not."""
        if self.generation != "connect":
            return
        with self._source.lock:
            for staged in self.space.values():
                one = self._source.by_guid(staged.guid)
                if not staged.exported or staged.kind != "user" or one is None or one.deleted:
                    continue
                new = {EXTERNAL_ID: f"User_{staged.cloud_id}"}
                changed: dict[str, t.Any] = {name: value for name, value in new.items() if one.text(name) != value}
                if one.raw(flow.CONSISTENCY) is None:
                    changed[flow.CONSISTENCY] = one.guid.bytes_le
                for name, value in changed.items():
                    self._source.put(one, name, value)
                run.counters.ExportUpdate += bool(changed)

    # --- looking ---

    def named(self, dn: str) -> Staged | None:
        """What the space of Active Directory has under a distinguished name."""
        return next((staged for staged in self.space.values() if staged.dn.casefold() == dn.casefold() and not staged.gone), None)


def _when(steps: int) -> str:
    """A FILETIME as the tenant writes times."""
    moment = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=steps // 10)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
