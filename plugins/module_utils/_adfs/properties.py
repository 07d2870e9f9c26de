# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a farm, which the primary alone writes."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import farm
from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

LEVELS = {
    "audit_level": ("Basic", "Verbose"),
    "log_level": ("Errors", "FailureAudits", "Information", "SuccessAudits", "Verbose", "Warnings"),
}
"""What the lists of levels may have in them, in the spelling of the reference; an empty one is ``None`` there."""


def levels(known: tuple[str, ...]) -> values.Codec:
    """The codec of such a list."""
    codec = values.flags(known)
    return dataclasses.replace(codec, dump=lambda value: [str(one) for one in value] or ["None"])


FIELDS = (
    Field("enable_idp_initiated_signon_page", write="EnableIdPInitiatedSignonPage"),
    Field("wia_supported_user_agents", write="WIASupportedUserAgents", codec=values.array(values.NAME)),
    Field("extranet_lockout_require_pdc", write="ExtranetLockoutRequirePDC"),
    Field("extranet_observation_window", codec="timespan"),
    *(Field(name, codec=levels(known)) for name, known in LEVELS.items()),
)


class FarmProperties(CmdletResource):
    """The one object of a farm."""

    facts = ("host_name", "identifier")

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        try:
            return super().fetch(session, options)
        except HybridError as error:
            if "PS0033" in f"{error.error_id} {error.text}":
                error.advice = f"Run the task on the primary, {farm.place(session).primary_computer}"
            raise
