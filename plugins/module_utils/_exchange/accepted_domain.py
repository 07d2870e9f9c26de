# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of accepted domains."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource


class AcceptedDomain(CmdletResource):
    """An organization always has one default domain, so being it can be taken from a domain only by giving it to another."""

    context = ()

    def wanted(self, session: Session, options: t.Mapping[str, t.Any], current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("default") is False and (current or {}).get("default"):
            raise UsageError(
                f"{self.label(options)} is the default domain", target=session.target, advice="Make another domain the default one with default: true"
            )
        return wanted
