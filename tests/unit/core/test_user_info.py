# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of users: pages, and what is asked of the service."""

from __future__ import annotations

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._entra import user_info
from hybridlab.graph import Graph, seed
from tests import graph_task


def test_a_list_of_many_pages_is_whole() -> None:
    result = graph_task.run(Graph(seed.tenant(users=2100)), "entra_user_info", department="Staff", properties=["display_name"])
    assert len(result["users"]) == 2100
    assert result["calls"] == {"GET /v1.0/users": 1}


def test_only_what_needs_it_is_asked_of_copies() -> None:
    product = Graph(seed.tenant())
    for options, count in (({"department": "Research"}, False), ({"department": ""}, True), ({"licensed": True}, True)):
        graph_task.run(product, "entra_user_info", **options)
        assert ("count=true" in product.calls[-1][1]) == count, options


def test_properties_are_named_as_options_or_as_graph_names_them() -> None:
    names = [(one.key, one.name) for one in user_info.columns(["state_or_province", "onPremisesSamAccountName", "job_title", "jobTitle", "id"])]
    assert names == [
        ("state_or_province", "state"),
        ("on_premises_sam_account_name", "onPremisesSamAccountName"),
        ("job_title", "jobTitle"),
        ("job_title", "jobTitle"),
        ("id", "id"),
    ]


@pytest.mark.parametrize("name", ["password", "passwordProfile", "password_profile", "force_change_password_next_sign_in", "manager"])
def test_what_no_list_shows_is_refused_by_name(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} cannot be listed"):
        user_info.columns([name])
