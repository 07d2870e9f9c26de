# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of one owner in a list: what one may do depends on the others, so no two of them are worked on at the same time."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk_task, resources
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.graph import Graph, seed
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph

MOBILE: dict[str, t.Any] = {"phone_type": "mobile", "phone_number": "+49 1701111111"}
OFFICE: dict[str, t.Any] = {"phone_type": "office", "phone_number": "+49 302222222"}
OWNERS = {
    "entra_license": "identity",
    "entra_phone_method": "identity",
    "exchange_ad_permission": "identity",
    "exchange_mailbox_folder_permission": "mailbox",
    "exchange_mailbox_permission": "mailbox",
    "exchange_send_as_permission": "identity",
}


class Slow(FakeGraph):
    """Several ways to one tenant, whose answers take so long that whatever may meet does.  ``most`` requests were under way at a time."""

    width = 4
    most = 0
    _under_way = 0
    _counting = threading.Lock()

    def another(self) -> Slow:
        return Slow(self.product)

    def close(self) -> None:
        """Nothing is held."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        raise AssertionError(cmdlet)

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        with self._met():
            time.sleep(0.02)
            return super().request(method, path, body, eventual=eventual)

    @classmethod
    @contextlib.contextmanager
    def _met(cls) -> t.Iterator[None]:
        with cls._counting:
            cls._under_way += 1
            cls.most = max(cls.most, cls._under_way)
        try:
            yield
        finally:
            with cls._counting:
                cls._under_way -= 1


@pytest.fixture
def product() -> Graph:
    return Graph(seed.tenant())


def bulk(product: Graph, module: str, objects: list[dict[str, t.Any]]) -> Result:
    Slow.most = 0
    given = {"module": module, "objects": objects}
    bound = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), pauses=(0.0, 0.0)).bound(given, surroundings.named)
    return bound.run(lambda: t.cast(t.Any, Slow(product)), Task(bound.validate(given), verbosity=1))


def phones(product: Graph, user: str) -> list[t.Any]:
    return [one["phoneType"] for one in FakeGraph(product).request("GET", f"/v1.0/users/{user}/authentication/phoneMethods").output]


@pytest.mark.parametrize("by_id", [False, True], ids=["one name", "name and identifier"])
def test_two_removals_leave_the_last_method_of_a_user(product: Graph, by_id: bool) -> None:
    for phone in (MOBILE, OFFICE):
        assert not graph_task.run(product, "entra_phone_method", identity="grace@contoso.com", **phone).get("failed")
    other = product.tenant.get("user", "grace@contoso.com").id if by_id else "GRACE@contoso.com"
    gone = [{"identity": name, "phone_type": kind, "state": "absent"} for name, kind in (("grace@contoso.com", "mobile"), (other, "office"))]
    result = bulk(product, "entra_phone_method", gone)
    assert [one["outcome"] for one in result["outcomes"]] == ["deleted", "failed"]
    assert "the only method" in result["outcomes"][1]["msg"]
    assert phones(product, "grace@contoso.com") == ["office"]


def test_a_phone_that_another_one_needs_comes_first_if_the_list_says_so(product: Graph) -> None:
    alternate = {"phone_type": "alternate_mobile", "phone_number": "+49 1703333333"}
    result = bulk(product, "entra_phone_method", [{"identity": "grace@contoso.com", **phone} for phone in (MOBILE, OFFICE, alternate)])
    assert result["counts"]["created"] == 3, result


def test_different_owners_do_not_wait_for_each_other(product: Graph) -> None:
    result = bulk(product, "entra_phone_method", [{"identity": f"{name}@contoso.com", **MOBILE} for name in ("ada", "grace", "alan", "konrad")])
    assert (result["counts"]["created"], Slow.most > 1) == (4, True), result


def test_which_modules_have_owners() -> None:
    found = {}
    for path in scenarios.MODULES.glob("*.py"):
        module = scenarios.module(path.stem) if path.stem != "__init__" else None
        if isinstance(module, resources.ResourceModule) and module.owner:
            found[path.stem] = module.owner
            assert module.docs.options[module.owner]["required"]
    assert found == OWNERS


def test_lanes_keep_the_order_of_the_list() -> None:
    module = t.cast(resources.ResourceModule, scenarios.module("exchange_mailbox_permission"))
    lanes: dict[t.Hashable, list[int]] = collections.defaultdict(list)
    for number, lane in enumerate(module.lanes([{"mailbox": name} for name in ("a", "b", "A", "c", "b")])):
        lanes[lane].append(number)
    assert list(lanes.values()) == [[0, 2], [1, 4], [3]]
