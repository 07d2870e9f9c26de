# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contacts: people outside, without an account."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import places, unit
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DirectoryResource, Options
from ansible_collections.m365.hybrid.plugins.module_utils._directory.user import PERSON

FIELDS = (
    *unit.COMMON,
    *(field for field in PERSON if field.option != "user_principal_name"),
    Field("target_address", codec=values.PROXY_ADDRESS),
)


class Contact(DirectoryResource):
    """A contact, named by DN, by GUID, or by its name or mail address where that is the only one."""

    classes = ("top", "person", "organizationalPerson", "contact")
    within = "(objectClass=contact)"
    by = ("cn", "mail")
    linked = ("manager",)
    well_known = places.USERS
    facts = ("objectGUID", "whenCreated", "whenChanged")
    named_by = ""

    def fresh(self, session: DirectorySession, options: Options, wanted: plan.State) -> plan.State:
        """One that is called by a mail address has it, so that it is found again."""
        called = self.called(options[self.key])
        return super().fresh(session, options, ({"mail": called.text} if called.form == "upn" else {}) | wanted)
