# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user's per-user state of multi-factor authentication, which the service moves on by itself."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import Ask, GraphResource, Options, no_user

_TAIL = "/authentication/requirements"


class UserMfa(GraphResource):
    """Something that every user has: it is neither made nor removed."""

    facts = ()

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any]:
        try:
            answer = session.request("GET", paths.path(f"{self.collection}/{{}}{_TAIL}", options["identity"]))
        except NotFound:
            raise no_user(options["identity"], session.target) from None
        return self._one(answer, session, options)

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        """What is wanted, unless the service has gone on from it: it makes ``enforced`` of ``enabled``."""
        wanted = super().wanted(session, options, current)
        if wanted.get("per_user_mfa_state") == "enabled" and (current or {}).get("per_user_mfa_state") == "enforced":
            del wanted["per_user_mfa_state"]
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        return [Ask("PATCH", self.body(todo.changes, {}), paths.path(f"{self.collection}/{{}}{_TAIL}", options["identity"]))]
