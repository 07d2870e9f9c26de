# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that have places among each other come out of a list in its order, however many sessions there are."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk_task
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


class Sessions(FakeSession):
    """Several sessions to one organization."""

    width = 4

    def another(self) -> Sessions:
        return Sessions(self.product)

    def close(self) -> None:
        """Nothing is held."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A module, its cmdlets' noun, the number of the first place, and what a new object needs."""

    module: str
    noun: str
    first: int
    needed: dict[str, t.Any]

    def entries(self, names: t.Sequence[str], **options: t.Any) -> list[dict[str, t.Any]]:
        return [{"name": name, "priority": number, **options} for number, name in enumerate(names, self.first)]

    def order(self, product: Exchange) -> list[str]:
        shown = [one for one in FakeSession(product).invoke(f"Get-{self.noun}").output if isinstance(one, dict) and one["Priority"] != "Lowest"]
        return [str(one["Name"]) for one in sorted(shown, key=lambda one: int(one["Priority"]))]

    def bulk(self, product: Exchange, objects: list[dict[str, t.Any]], read: str = "list") -> Result:
        given = {"module": self.module, "objects": objects, "read": read}
        module = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), pauses=(0.0, 0.0)).bound(given, surroundings.named)
        return module.run(lambda: Sessions(product), Task(module.validate(given), verbosity=1))


KINDS = (
    Kind("exchange_transport_rule", "TransportRule", 0, {"prepend_subject": "x "}),
    Kind(
        "exchange_email_address_policy",
        "EmailAddressPolicy",
        1,
        {"enabled_primary_smtp_address_template": "@contoso.com", "included_recipients": ["resources"]},
    ),
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)


@every_kind
@pytest.mark.parametrize("read", ["list", "each"])
def test_a_list_comes_out_in_its_order(kind: Kind, read: str) -> None:
    product = Exchange()
    names = [f"Object {number}" for number in range(12)]
    made = kind.bulk(product, kind.entries(names, **kind.needed), read)
    assert not made.get("failed"), made["msg"]
    assert kind.order(product) == names
    turned = [names[11], names[1], *names[3:8], names[0], names[2], *names[8:11]]
    moved = kind.bulk(product, kind.entries(turned), read)
    assert not moved.get("failed"), moved["msg"]
    assert kind.order(product) == turned
    assert not kind.bulk(product, kind.entries(turned), read)["changed"]


@every_kind
def test_an_object_that_others_moved_is_seen_where_it_is(kind: Kind) -> None:
    product = Exchange()
    kind.bulk(product, kind.entries(["A", "B", "C"], **kind.needed))
    result = kind.bulk(product, kind.entries(["C", "B"]))
    assert (kind.order(product), result["counts"]["updated"]) == (["C", "B", "A"], 2)
