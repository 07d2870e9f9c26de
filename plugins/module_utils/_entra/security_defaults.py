# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults: on or off for the whole tenant, and never beside conditional access that is on."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, GraphSingleton, Options

PATH = f"{V1}/policies/identitySecurityDefaultsEnforcementPolicy"


class SecurityDefaults(GraphSingleton):
    """The security defaults of the tenant."""

    facts = ()

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("is_enabled") and not (current or {}).get("is_enabled"):
            listed = session.request("GET", paths.path(f"{V1}/identity/conditionalAccess/policies")).output
            enabled = sorted(one["displayName"] for one in listed if one.get("state") == "enabled")
            if enabled:
                raise UsageError(
                    f"they cannot be enabled while conditional access policies are: {', '.join(enabled)}",
                    advice="Disable these policies, or set them to report_only, with m365.hybrid.entra_conditional_access_policy",
                )
        return wanted
