# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts here whose messages leave the organization."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_enabled
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.mail_contact import OUTSIDE, Outside
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options

FIELDS = (
    *mail_enabled.FIELDS,
    *mail_enabled.ACCOUNT,
    *OUTSIDE,
    Field("exchange_guid", codec="guid"),
    Field("archive_guid", codec="guid"),
    Field("recipient_limits", codec="count"),
    Field("recoverable_items_quota", codec="size"),
    Field("recoverable_items_warning_quota", codec="size"),
)


class MailUser(Outside):
    """A mail user, whether the account exists already or not."""

    thing = "mail user"
    answers_to = "name, alias, user principal name, primary or external address"

    def read(self, session: Session, options: Options) -> engine.Reading:
        """A remote mailbox is a mail user, too, for some cmdlets; this module neither changes nor ends one."""
        found = super().read(session, options)
        kind = str((found.state or {}).get("recipient_type_details"))
        if kind.startswith("Remote"):
            text = f"'{options['identity']}' is a recipient of type {kind}, so it is no plain mail user"
            raise UsageError(text, target=session.target, advice="Use exchange_remote_mailbox for it")
        return found

    def names(self, options: Options) -> dict[str, t.Any]:
        """Name of a new mail user; one who can sign in has a user principal name, too, any other gets it when the account is there."""
        identity, principal = str(options["identity"]), options.get("user_principal_name")
        names = {"Name": options.get("name") or identity.partition("@")[0]}
        self.refuse_other_name(options, (*names.values(), principal))
        if options.get("password") and not principal:
            raise UsageError(f"no mail user and no account answers to '{identity}', and one with a password needs user_principal_name")
        return names | ({"UserPrincipalName": principal} if options.get("password") else {})
