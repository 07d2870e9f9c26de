# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of registered methods: what it does not say is unknown."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._entra import mfa_registration_info
from hybridlab.graph import Graph, seed
from tests import graph_task

FOUND = {"id": "1", "userPrincipalName": "ada@contoso.com", "isMfaRegistered": True, "isAdmin": None, "methodsRegistered": ["fido2", "macOsSecureEnclaveKey"]}


def test_what_the_report_leaves_empty_is_unknown() -> None:
    row = mfa_registration_info.row(FOUND)
    assert (row["is_admin"], row["app_passwords"], row["is_mfa_registered"]) == ("unknown", "unknown", True)
    assert row["methods_registered"] == ["fido2", "mac_os_secure_enclave_key"]


def test_unknown_is_counted_as_neither_yes_nor_no() -> None:
    counts = mfa_registration_info.summary([mfa_registration_info.row(FOUND | {"isMfaCapable": None})])
    assert counts["is_mfa_capable"] == {"yes": 0, "no": 0, "unknown": 1}
    assert counts["is_mfa_registered"] == {"yes": 1, "no": 0, "unknown": 0}


def test_many_names_are_looked_up_in_the_whole_report_and_few_are_asked_for() -> None:
    product = Graph(seed.tenant(users=20))
    names = [f"user{number}@contoso.com" for number in range(20)]
    asked = {}
    for few in (names[:2], names):
        result = graph_task.run(product, "entra_mfa_registration_info", identity=few)
        assert [one["user_principal_name"] for one in result["users"]] == few
        asked[len(few)] = product.calls[-1][1]
    assert "filter" in asked[2] and "filter" not in asked[20]
