# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on a whole mailbox."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.permission import Permission, rights
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options

RIGHTS = ("full_access", "read_permission", "change_permission", "change_owner", "delete_item", "external_account")
FIELDS = (Field("access_rights", codec=rights(RIGHTS)),)


class MailboxPermission(Permission):
    """Who opens a mailbox with full access finds it in Outlook by itself, unless that is said not to be when the right is given."""

    owners = ("Mailbox",)
    choices: t.ClassVar[dict[str, tuple[str, ...]]] = {"access_rights": RIGHTS}

    def extra(self, verb: str, options: Options) -> dict[str, t.Any]:
        mapped = options.get("auto_mapping")
        return {"AutoMapping": mapped} if verb == "Add" and mapped is not None else {}
