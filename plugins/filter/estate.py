# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role hybrid_estate; estate_plan.yml, estate_outcome.yml, estate_summary.yml and estate_broken_at.yml document them."""

from __future__ import annotations

import typing as t

from ansible.release import __version__
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_file, estate_report, estate_yaml, surroundings
from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native

Values = t.Mapping[str, t.Any]
BEFORE_2_19 = tuple(int(part) for part in __version__.split(".")[:2]) < (2, 19)


def plan(declared: t.Any, table: t.Mapping[str, t.Any], roles: t.Mapping[str, t.Any], groups: Values, hosts: t.Iterable[str]) -> dict[str, t.Any]:
    """What is wrong with a file, and if nothing is, what each area asks for."""
    inventory = estate_file.Inventory(groups, tuple(hosts))
    estate = estate_file.Estate(declared, estate_file.parts(table), roles, inventory, surroundings.named, turns_words=BEFORE_2_19)
    problems = estate.check()
    return {"problems": problems, "areas": {} if problems else estate.plan()}


def outcome(part: Values, result: Values, changed: bool, failed: bool, check_mode: bool, report: t.Any = None) -> t.Any:
    """What became of one part.  Servers' words are marked: ansible-core before 2.19 would take ``{{ }}`` in them as templates."""
    return wrap_var(estate_report.outcome(native(part), native(result), changed=changed, failed=failed, check_mode=check_mode, report=native(report)))


def summary(records: t.Sequence[Values], areas: t.Iterable[str], planned: Values) -> t.Any:
    """Each area's state and parts, and the table."""
    found = estate_report.summary(areas, planned, native(records))
    return wrap_var({"areas": found, "table": estate_report.table(found)})


class FilterModule:
    """The filters for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"estate_plan": plan, "estate_outcome": outcome, "estate_summary": summary, "estate_broken_at": estate_yaml.broken_at}
