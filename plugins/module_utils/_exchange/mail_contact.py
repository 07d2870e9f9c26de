# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipients whose messages leave the organization: mail contacts."""

from __future__ import annotations

import dataclasses

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_enabled
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options

TARGET = dataclasses.replace(values.ADDRESS, clearable=False)
"""An address where messages go; a recipient cannot be without it."""

OUTSIDE = (
    Field("external_email_address", codec=TARGET),
    Field("grant_send_on_behalf_to", codec="recipients"),
    Field("max_send_size", codec="size"),
    Field("max_receive_size", codec="size"),
)
FIELDS = (
    *mail_enabled.FIELDS,
    *(field for field in mail_enabled.ACCOUNT if field.option not in ("password", "reset_password_on_next_logon")),
    *OUTSIDE,
    Field("max_recipient_per_message", codec="count"),
)


class Outside(mail_enabled.MailEnabled):
    """A recipient that is made with the address where its messages go."""

    answers_to = "name, alias, primary or external address"
    enable_with = ("display_name", "alias", "primary_smtp_address", "external_email_address")

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if current is None and not wanted.get("external_email_address"):
            raise UsageError(f"{self.label(options)} does not exist, and external_email_address is needed to create it")
        return wanted


class MailContact(Outside):
    """A mail contact, whether the contact of Active Directory exists already or not."""

    thing = "mail contact"
    bearer = "contact"
    bearer_noun = "Contact"
    bearer_kinds = ("Contact",)
