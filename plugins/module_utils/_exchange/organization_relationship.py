# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of organization relationships."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource

FIELDS = (
    Field("domain_names", codec="texts"),
    Field("organization_contact", codec="address"),
    *(Field(name, codec="recipient") for name in ("free_busy_access_scope", "mail_tips_access_scope")),
    *(Field(name, codec="uri") for name in ("target_application_uri", "target_autodiscover_epr", "target_owa_url", "target_sharing_epr")),
)
CREATE_WITH = tuple(
    """
    domain_names enabled free_busy_access_enabled free_busy_access_level free_busy_access_scope mail_tips_access_enabled mail_tips_access_level
    mail_tips_access_scope mailbox_move_enabled delivery_report_enabled archive_access_enabled photos_enabled organization_contact
    target_application_uri target_autodiscover_epr target_owa_url target_sharing_epr
    """.split()
)
"""Everything: a relationship grants what its parts say together."""


DEFAULTS = {
    "archive_access_enabled": False,
    "delivery_report_enabled": False,
    "enabled": True,
    "free_busy_access_enabled": False,
    "free_busy_access_level": "none",
    "mail_tips_access_enabled": False,
    "mail_tips_access_level": "none",
    "mailbox_move_enabled": False,
    "photos_enabled": False,
}
"""A new relationship grants nothing."""


class OrganizationRelationship(CmdletResource):
    """A relationship is with at least one domain."""

    needed = ("domain_names",)
