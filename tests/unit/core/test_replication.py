# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which constraint on moves the copies of a database can satisfy, and how copies are read."""

from __future__ import annotations

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import database_copy, replication
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.replication import Copy, Database

LAG = "7.00:00:00"
FAR = {"EX03": "Graz", "EX04": "Linz"}


def database(*passive: str, members: int | None = None, grouped: bool = True, **lags: str) -> Database:
    """A database that is active on EX01 in Vienna and has copies on these servers."""
    names = ["EX01", *passive]
    copies = [Copy(name, FAR.get(name, "Vienna"), lags.get(name, replication.NO_LAG), place, place == 1) for place, name in enumerate(names, 1)]
    found = names if members is None else [f"EX0{number}" for number in range(1, members + 1)]
    return Database("DB01", "DAG01" if grouped else None, [{"name": one, "site": FAR.get(one, "Vienna")} for one in found], copies, "second_copy")


def sound(found: Database) -> set[str]:
    return {name for name, objection in replication.judged(found)["constraints"].items() if not objection}


def test_outside_a_group_nothing_can_be_waited_for() -> None:
    found = database(grouped=False)
    assert sound(found) == {"none", "ci_no_replication"}
    assert replication.judged(found)["recommended_constraint"] == "none"
    assert not replication.judged(found)["constraint_is_sound"]


def test_a_group_of_one_member_is_too_small_for_copies() -> None:
    assert "has 1 member" in replication.objection(database(members=1), "second_copy")
    assert "has no passive copy" in replication.objection(database(members=2), "second_copy")


def test_copies_of_one_site_satisfy_what_asks_for_copies_and_not_what_asks_for_sites() -> None:
    found = database("EX02")
    assert sound(found) == {"none", "ci_no_replication", "second_copy", "ci_second_copy", "all_copies", "all_datacenters"}
    assert "all members of DAG01 are in site Vienna" in replication.objection(found, "second_datacenter")
    assert "all copies are in site Vienna" in replication.objection(database("EX02", members=3), "ci_second_datacenter")


def test_a_lagged_copy_in_the_second_site_leaves_the_second_copy() -> None:
    found = database("EX02", "EX03", EX03=LAG)
    assert sound(found) == {"none", "ci_no_replication", "second_copy", "ci_second_copy"}
    assert "only lagged copies outside site Vienna: EX03" in replication.objection(found, "second_datacenter")
    assert "in site Graz" in replication.objection(found, "all_datacenters")
    assert "EX03 lag" in replication.objection(found, "all_copies")
    assert replication.judged(found)["recommended_constraint"] == "second_copy"


def test_every_site_counts_for_all_datacenters_and_one_for_the_second() -> None:
    found = database("EX03", "EX04", EX04=LAG)
    assert {"second_datacenter", "ci_second_datacenter"} <= sound(found)
    assert "in site Linz" in replication.objection(found, "all_datacenters")
    assert sound(database("EX03", "EX04")) == set(replication.CONSTRAINTS)


def test_a_lagged_copy_alone_is_a_second_copy_and_no_more() -> None:
    assert sound(database("EX02", EX02=LAG)) == {"none", "ci_no_replication", "second_copy", "ci_second_copy"}


def test_a_constraint_nobody_knows_is_not_sound() -> None:
    odd = Database("DB01", None, [], [], "tenth_copy")
    assert not replication.judged(odd)["constraint_is_sound"]


def test_pairs_come_as_text_and_as_objects() -> None:
    assert database_copy.pairs(["[EX01, 00:00:00]", "[EX02, 7.00:00:00]"]) == {"EX01": "00:00:00", "EX02": "7.00:00:00"}
    assert database_copy.pairs([{"Key": "EX01", "Value": 1}]) == {"EX01": "1"}
    assert database_copy.pairs("[EX01, 1]") == {"EX01": "1"}
    assert database_copy.pairs(None) == {}
    with pytest.raises(HybridError, match="server and a value"):
        database_copy.pairs(["EX01"])


def test_sites_are_named_by_canonical_and_distinguished_names() -> None:
    assert database_copy.site_name("contoso.com/Configuration/Sites/Vienna") == "Vienna"
    assert database_copy.site_name("CN=Vienna,CN=Sites,CN=Configuration,DC=contoso,DC=com") == "Vienna"
    assert database_copy.site_name(None) == ""
