# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloud Sync: no server of one's own synchronises, but a provisioning job of the tenant, through an agent.

Source: "Microsoft Entra Cloud Sync: how to configure it through the Microsoft Graph API", which names template and job.
"""

from __future__ import annotations

import uuid

from hybridlab.ad.forest import Forest
from hybridlab.faults import Faults
from hybridlab.graph import Graph
from hybridlab.graph.tenant import Job, Values, derived
from hybridlab.sync import runs
from hybridlab.sync.engine import Engine

TEMPLATE = "AD2AADProvisioning"
APPLICATION = "1a4721b3-e57f-4451-ae87-ef078703ec94"
"""The application template that every configuration of Cloud Sync is an instance of."""


def install(forest: Forest, tenant: Graph, faults: Faults) -> Engine:
    """A configuration for the forest: its service principal, named as its domain, and its job."""
    engine = Engine(forest.directory, forest.realm, tenant, "cloud", "CLOUDSYNC", faults)
    principal = derived(tenant.tenant.domain, "cloud sync")
    tenant.tenant.applications.append(
        {"id": principal, "appId": derived(principal, "application"), "displayName": forest.realm, "applicationTemplateId": APPLICATION}
    )
    identifier = f"{TEMPLATE}.{uuid.uuid5(runs.SPACE, principal).hex}"

    def run(full: bool) -> Values:
        done = list(engine.cycle("Initial" if full else "Delta"))
        counts = [one.counters for one in done]
        return {
            "entitled": sum(not staged.gone and staged.excluded is None for staged in engine.space.values()),
            "exported": sum(one.ExportAdd + one.ExportUpdate + one.ExportDelete for one in counts),
            "failed": sum(one.ExportFailure for one in counts),
            "quarantined": any(one.result == runs.TOO_MANY_DELETIONS for one in done),
            "imported": sum(one.StageAdd + one.StageUpdate + one.StageDelete for one in counts),
        }

    tenant.tenant.jobs[principal] = {identifier: Job(identifier, TEMPLATE, run)}
    return engine
