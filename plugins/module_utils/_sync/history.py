# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine remembers of its runs: one run for each connector and profile, with steps, counters and errors.

Entra Connect tells it with cmdlets, the generations before it through WMI only, where a run has no more than its result.  Steps are asked for one by one:
remoting flattens the list of steps inside a run to the names of their types.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._sync.installation import Installation

Row = dict[str, t.Any]
RUNNING = "in-progress"
SUCCESS = ("success", "completed-no-objects")
THRESHOLD = "deletion-threshold"
COUNTERS = (
    "StageAdd",
    "StageUpdate",
    "StageRename",
    "StageDelete",
    "StageFailure",
    "DisconnectorFiltered",
    "ConnectorFlow",
    "FlowFailure",
    "ExportAdd",
    "ExportUpdate",
    "ExportRename",
    "ExportDelete",
    "ExportFailure",
)
_LOOKED_AT = 100
"""Runs that are read at the most: several cycles of an engine with many connectors."""
_RUN = ("RunHistoryId", "ConnectorName", "RunProfileName", "RunNumber", "IsRunComplete", "Result", "StartDate", "EndDate")
_STEP = ("StepNumber", "StepResult", "StartDate", "EndDate", "SyncErrors", *COUNTERS)
_OLD = ("Key", "MaName", "RunProfile", "RunNumber", "RunStatus", "RunStartTime", "RunEndTime")
_CLOUD_NAME = re.compile(r"(?i)CN=\{([0-9A-F]+)\}")


def runs(session: Session, installed: Installation, most: int = _LOOKED_AT) -> list[Row]:
    """The runs that the engine remembers, the newest first, without their steps."""
    if installed.generation == "entra_connect":
        return [_run(one) for one in session.invoke("Get-ADSyncRunProfileResult", {"NumberRequested": most}, properties=_RUN).output]
    asked = {"Namespace": "root/MicrosoftIdentityIntegrationServer", "Class": "MIIS_RunHistory"}
    found = [_old_run(one) for one in session.invoke("Get-WmiObject", asked, properties=_OLD).output]
    return sorted(found, key=lambda row: str(row["started"]), reverse=True)[:most]


def _run(found: Row) -> Row:
    complete = found.get("IsRunComplete")
    return {
        "id": str(found["RunHistoryId"]),
        "connector": found.get("ConnectorName"),
        "profile": found.get("RunProfileName"),
        "number": found.get("RunNumber"),
        "result": found.get("Result") if complete is not False else RUNNING,
        "started": found.get("StartDate"),
        "ended": found.get("EndDate"),
        "steps": [],
    }


def _old_run(found: Row) -> Row:
    return {
        "id": str(found["Key"]),
        "connector": found.get("MaName"),
        "profile": found.get("RunProfile"),
        "number": int(str(found.get("RunNumber") or 0)),
        "result": found.get("RunStatus"),
        "started": _moment(found.get("RunStartTime")),
        "ended": _moment(found.get("RunEndTime")),
        "steps": [],
    }


def _moment(text: t.Any) -> str | None:
    """WMI's ``2026-03-01 10:00:00.123``, which is UTC, as ISO 8601."""
    return f"{str(text).strip().replace(' ', 'T')}Z" if text else None


def with_steps(session: Session, installed: Installation, found: t.Iterable[Row]) -> list[Row]:
    """The runs with their steps, where the generation tells them."""
    if installed.generation != "entra_connect":
        return list(found)
    return [run | {"steps": _steps(session, run)} for run in found]


def _steps(session: Session, run: Row) -> list[Row]:
    answer = session.invoke("Get-ADSyncRunStepResult", {"RunHistoryId": run["id"]}, properties=_STEP)
    return [_step(one) for one in answer.output]


def _step(found: Row) -> Row:
    return {
        "number": found.get("StepNumber"),
        "result": found.get("StepResult"),
        "started": found.get("StartDate"),
        "ended": found.get("EndDate"),
        "counters": {values.snake(name): found[name] for name in COUNTERS if found.get(name)},
        "errors": errors(str(found.get("SyncErrors") or "")),
    }


def errors(text: str) -> list[Row]:
    """The objects that a step failed for, from its XML.  What cannot be read as XML is one error in the server's words."""
    if not text.strip():
        return []
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return [_error("", text.strip(), "")]
    found = [element for element in root.iter() if element.tag.endswith("-error") and element.tag not in ("cd-error", "rules-error")]
    return [_of_element(element) for element in found]


def _of_element(element: ET.Element) -> Row:
    said = next((element.findtext(f".//{name}") for name in ("error-literal", "call-stack", "error-name") if element.findtext(f".//{name}")), None)
    return _error(element.findtext("error-type") or element.tag, said or "", element.get("dn") or "")


def _error(kind: str, message: str, dn: str) -> Row:
    return {"type": kind, "message": message, "dn": dn or None, "immutable_id": immutable_id(dn)}


def immutable_id(dn: str) -> str | None:
    """The anchor in the name that an object has in the tenant's connector space, where it stands in hexadecimal digits.

    >>> immutable_id("CN={7556}")
    'uV'
    """
    match = _CLOUD_NAME.fullmatch(dn)
    try:
        return bytes.fromhex(match[1]).decode("ascii") if match else None
    except ValueError:
        return None


def failures(found: t.Iterable[Row]) -> list[Row]:
    """All errors of objects in some runs, each with where it happened."""
    return [{"connector": run["connector"], "profile": run["profile"], **error} for run in found for step in run["steps"] for error in step["errors"]]


def verdict(found: t.Sequence[Row]) -> str:
    """success, errors (all steps came to their end, and some had errors or warnings), or stopped."""
    said = {str(one["result"]) for run in found for one in (run, *run["steps"])}
    if any(one not in SUCCESS and not one.startswith("completed-") for one in said):
        return "stopped"
    return "success" if all(one in SUCCESS for one in said) else "errors"
