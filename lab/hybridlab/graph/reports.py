# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory's log, and the tenant itself."""

from __future__ import annotations

from hybridlab.graph.call import Answer, Call, listed


def audits(call: Call) -> Answer:
    return listed(call, call.tenant.audits)


def organization(call: Call) -> Answer:
    verified = [
        {"name": domain["id"], "isDefault": domain["isDefault"], "isInitial": domain["isInitial"], "type": "Managed", "capabilities": "Email"}
        for domain in call.tenant.domains.values()
        if domain["isVerified"]
    ]
    synchronized = any(one.values.get("onPremisesSyncEnabled") for one in call.tenant.all("user"))
    found = {
        "id": call.tenant.id,
        "displayName": call.tenant.domain.partition(".")[0].title(),
        "tenantType": "AAD",
        "countryLetterCode": "DE",
        "onPremisesSyncEnabled": synchronized or None,
        "onPremisesLastSyncDateTime": call.tenant.synchronization["lastCycle"],
        "verifiedDomains": verified,
    }
    return listed(call, [found], pages=False)
