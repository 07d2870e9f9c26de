# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_feature and win_feature_info."""

from __future__ import annotations

import fnmatch
import typing as t

from hybridlab.windows.features import Feature, Features, Refused, descendants, table
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_ON_CLIENTS = "This version of Windows does not support the cmdlets Install-WindowsFeature or Add-WindowsFeature"


def win_feature(task: Task) -> dict[str, t.Any]:
    if task.machine.profile["os"]["type"] == "workstation":
        raise Failed(_ON_CLIENTS)
    features = task.machine.part(Features)
    verb = "install" if task["state"] == "present" else "uninstall"
    try:
        changing = _installing(task, features) if verb == "install" else _removing(task, features)
    except Refused as error:
        raise Failed(f"Failed to {verb} Windows Feature: {error}") from error
    restart = any(one.restart for one in changing) or (bool(changing) and task.machine.take("restart-needed") is not None)
    if changing and not task.check:
        (features.apply if verb == "install" else features.take_away)(changing)
        if restart:
            features.pending |= {one.name.lower() for one in changing}
            task.machine.restart_needed.append(f"{verb} of {', '.join(one.name for one in changing)}")
    return {
        "changed": bool(changing),
        "feature_result": [_result(one, restart) for one in changing],
        "success": True,
        "failed": False,
        "exitcode": "SuccessRestartRequired" if restart else "Success" if changing else "NoChangeNeeded",
        "reboot_required": restart,
    }


def _installing(task: Task, features: Features) -> list[Feature]:
    """What would be installed.  Raises `Refused`, and `Failed` for a source that is not there."""
    wanted = {
        one.name: one for name in task["name"] for one in features.closure(name, below=task["include_sub_features"], tools=task["include_management_tools"])
    }
    missing = features.missing(wanted.values())
    source = task["source"]
    if source and not task.machine.files.exists(source):
        raise Failed(f"Failed to find source path {source} for feature install")
    without = [one for one in missing if one.removed]
    if without and not source:
        raise Refused(
            f"The request to add or remove features on the specified server failed. Installation of one or more roles, role services, or features failed. "
            f'The source files could not be found. Use the "Source" option to specify the location of the files that are required to restore the feature '
            f"({', '.join(one.name for one in without)}). Error: 0x800f081f"
        )
    return missing


def _removing(task: Task, features: Features) -> list[Feature]:
    found: dict[str, Feature] = {}
    for name in task["name"]:
        feature = features.find(name)
        if feature.name.lower() in features.installed:
            found |= {one.name: one for one in features.needing(feature.name)}
    return list(found.values())


def _result(feature: Feature, restart: bool) -> dict[str, t.Any]:
    return {
        "id": list(table()).index(feature.name.lower()) + 1,
        "display_name": feature.display_name,
        "message": [],
        "reboot_required": restart and feature.restart,
        "skip_reason": "NotSkipped",
        "success": True,
    }


def win_feature_info(task: Task) -> dict[str, t.Any]:
    if task.machine.profile["os"]["type"] == "workstation":
        raise Failed("The term 'Get-WindowsFeature' is not recognized as the name of a cmdlet, function, script file, or operable program.")
    features = task.machine.part(Features)
    pattern = task.get("name", "*").lower()
    found = [one for key, one in table().items() if fnmatch.fnmatchcase(key, pattern)]
    return {"exists": bool(found), "features": [_information(features, one) for one in found]}


def _information(features: Features, feature: Feature) -> dict[str, t.Any]:
    key = feature.name.lower()
    state = "Installed" if key in features.installed else "Removed" if feature.removed else "Available"
    return {
        "name": feature.name,
        "display_name": feature.display_name,
        "description": feature.display_name,
        "installed": key in features.installed,
        "install_state": "InstallPending" if key in features.pending else state,
        "feature_type": feature.kind,
        "path": feature.display_name,
        "depth": feature.depth,
        "depends_on": list(feature.needs),
        "parent": feature.parent or None,
        "server_component_descriptor": f"ServerComponent_{feature.name.replace('-', '_')}",
        "sub_features": [one.name for one in descendants(feature.name) if one.parent == feature.name],
        "system_service": [],
        "best_practices_model_id": None,
        "event_query": None,
        "post_configuration_needed": False,
        "additional_info": {},
    }


PARTS = (Features,)
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_feature": win_feature, "ansible.windows.win_feature_info": win_feature_info}
