# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant is set to about directory synchronisation, and the provisioning jobs of Cloud Sync."""

from __future__ import annotations

import typing as t
import uuid

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Job, Values, now

INTERVAL = "PT2M"
"""How often Cloud Sync looks for changes, as an ISO 8601 duration."""
_PREVENTIONS = ("disabled", "enabledForCount", "enabledForPercentage")


def listed_settings(call: Call) -> Answer:
    return listed(call, [_settings(call)], pages=False)


def settings(call: Call) -> Answer:
    _check(call)
    return one(call, _settings(call))


def change_settings(call: Call) -> Answer:
    """Features and the prevention of accidental deletions, each by itself; what is not given stays."""
    _check(call)
    kept, body = call.tenant.synchronization, call.body
    prevention = (body.get("configuration") or {}).get("accidentalDeletionPrevention") or {}
    if prevention.get("synchronizationPreventionType", _PREVENTIONS[0]) not in _PREVENTIONS or int(prevention.get("alertThreshold") or 0) < 0:
        raise refusals.invalid("accidentalDeletionPrevention")
    kept["features"] |= {name: bool(value) for name, value in (body.get("features") or {}).items() if name in kept["features"]}
    kept["configuration"]["accidentalDeletionPrevention"] |= prevention
    target = {"id": call.tenant.id, "displayName": "onPremisesSynchronization"}
    call.tenant.audit(call.actor, "Set DirSync feature", "DirectoryManagement", target, {}, body)
    return 204, None


def _settings(call: Call) -> Values:
    kept = call.tenant.synchronization
    return {"id": call.tenant.id, "configuration": kept["configuration"], "features": kept["features"]}


def _check(call: Call) -> None:
    if call.names[0].casefold() != call.tenant.id.casefold():
        raise refusals.not_found(call.names[0])


# --- Cloud Sync ---


def jobs(call: Call) -> Answer:
    return listed(call, [_shown(job) for job in _jobs(call).values()], pages=False)


def job(call: Call) -> Answer:
    return one(call, _shown(_job(call)))


def order(verb: str) -> t.Callable[[Call], Answer]:
    """Start, pause or restart.  The lab's job has done its work when the answer comes."""

    def answer(call: Call) -> Answer:
        found = _job(call)
        if verb == "pause":
            found.code = "Paused"
        else:
            _run(found, full=verb == "restart" or found.last is None)
        return 204, None

    return answer


def _run(found: Job, full: bool) -> None:
    found.started = now()
    counts = found.run(full)
    state = "Failed" if counts["quarantined"] else "EntryLevelErrors" if counts["failed"] else "Succeeded"
    found.code = "Quarantine" if counts["quarantined"] else "Active"
    began = {"currentBegan": found.started, "seriesBegan": found.started, "seriesCount": 1, "nextAttempt": found.started, "error": None}
    found.quarantine = began | {"reason": "TooManyDeletes"} if counts["quarantined"] else None
    found.last = {
        "activityIdentifier": str(uuid.uuid4()),
        "countEntitled": counts["entitled"],
        "countExported": counts["exported"],
        "countExports": counts["exported"] + counts["failed"],
        "countImported": counts["imported"],
        "error": None,
        "state": state,
        "timeBegan": found.started,
        "timeEnded": now(),
    }
    found.good = found.last if state == "Succeeded" else found.good


def _jobs(call: Call) -> dict[str, Job]:
    found = call.tenant.jobs.get(call.names[0].casefold())
    if found is None and not any(one["id"] == call.names[0].casefold() for one in call.tenant.applications):
        raise refusals.not_found(call.names[0])
    return found or {}


def _job(call: Call) -> Job:
    found = _jobs(call).get(call.names[1])
    if found is None:
        raise refusals.unknown_item(call.names[1])
    return found


def _shown(found: Job) -> Values:
    return {
        "id": found.id,
        "templateId": found.template,
        "schedule": {"expiration": None, "interval": INTERVAL, "state": "Disabled" if found.code in ("Paused", "NotRun") else "Active"},
        "status": {
            "code": found.code,
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": False,
            "lastExecution": found.last,
            "lastSuccessfulExecution": found.good,
            "lastSuccessfulExecutionWithExports": found.good if found.good and found.good["countExported"] else None,
            "progress": [],
            "quarantine": found.quarantine,
            "synchronizedEntryCountByType": [],
            "troubleshootingUrl": None,
        },
        "synchronizationJobSettings": [],
    }
