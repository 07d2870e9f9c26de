# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of organization relationships."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource


def _address_key(value: str) -> str:
    """A System.Uri prints itself with a slash after a host alone."""
    return value.casefold().rstrip("/")


ADDRESS = values.Codec(values.text, _address_key, values.TEXT.dump)
FIELDS = (
    Field("domain_names", codec="texts"),
    Field("organization_contact", codec="address"),
    *(Field(name, codec="recipient") for name in ("free_busy_access_scope", "mail_tips_access_scope")),
    *(Field(name, codec=ADDRESS) for name in ("target_application_uri", "target_autodiscover_epr", "target_owa_url", "target_sharing_epr")),
)
CREATE_WITH = (
    "domain_names",
    "enabled",
    "free_busy_access_enabled",
    "free_busy_access_level",
    "free_busy_access_scope",
    "mail_tips_access_enabled",
    "mail_tips_access_level",
    "mail_tips_access_scope",
    "mailbox_move_enabled",
    "delivery_report_enabled",
    "archive_access_enabled",
    "photos_enabled",
    "organization_contact",
    "target_application_uri",
    "target_autodiscover_epr",
    "target_owa_url",
    "target_sharing_epr",
)
"""Everything: a relationship grants what its parts say together."""


class OrganizationRelationship(CmdletResource):
    """A relationship is with at least one domain."""

    needed = ("domain_names",)
