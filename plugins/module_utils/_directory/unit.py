# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizational units, which a new one of is protected from accidental deletion, as the tools of Active Directory make them."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codecs, references, security
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DESCRIPTOR, DirectoryResource, Options

COMMON = (
    Field("name", write="name"),
    Field("path", write="distinguishedName", codec=references.CODEC),
    Field("protected_from_deletion", write=DESCRIPTOR, codec=codecs.rights(security.PROTECTED)),
)
FIELDS = (
    *COMMON,
    Field("street_address", write="street"),
    Field("city", write="l"),
    Field("state_or_province", write="st"),
    Field("country", write="c", codec=codecs.COUNTRY),
    Field("managed_by", codec=references.CODEC),
)


class Unit(DirectoryResource):
    """An organizational unit, named by DN, by GUID, or by its name where that is the only one."""

    classes = ("top", "organizationalUnit")
    within = "(objectClass=organizationalUnit)"
    by = ("ou",)
    rdn = "OU"
    linked = ("managed_by",)
    facts = ("objectGUID", "whenCreated", "whenChanged")
    named_by = ""

    def settled(self, options: Options, new: bool) -> Options:
        return {**options, "protected_from_deletion": True} if new and options.get("protected_from_deletion") is None else options
