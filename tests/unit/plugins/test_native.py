# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a filter gets from ansible-core, in Python's own types."""

from __future__ import annotations

from ansible.module_utils.common.yaml import SafeDumper, yaml_dump
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native


def test_marks_and_containers_of_ansible_core_are_gone_also_from_keys() -> None:
    found = native(wrap_var({wrap_var("name"): ["text", ("one", 1), True, None]}))
    assert found == {"name": ["text", ["one", 1], True, None]}
    assert [type(one) for one in (found, *found, *found.values(), *found["name"])] == [dict, str, list, str, list, bool, type(None)]
    assert yaml_dump(found, Dumper=SafeDumper)
