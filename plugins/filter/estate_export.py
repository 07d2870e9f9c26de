# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role estate_export; estate_export_plan.yml and estate_export_file.yml document them."""

from __future__ import annotations

import typing as t

from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_export, estate_file
from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native

Values = t.Mapping[str, t.Any]


def plan(table: Values, areas: t.Sequence[str], hosts: Values, groups: Values, names: t.Iterable[str]) -> dict[str, t.Any]:
    """What has to be read, through which hosts."""
    inventory = estate_file.Inventory(groups, tuple(names))
    return estate_export.plan(estate_file.parts(native(table)), native(areas), native(hosts), inventory)


def file(read: t.Sequence[Values], planned: Values, hosts: Values) -> t.Any:
    """The file and a report.  Servers' words are marked: ansible-core before 2.19 would take ``{{ }}`` in them as templates."""
    return wrap_var(estate_export.file(native(read), native(planned), native(hosts)))


class FilterModule:
    """The filters for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"estate_export_plan": plan, "estate_export_file": file}
