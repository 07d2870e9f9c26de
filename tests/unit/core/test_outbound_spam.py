# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outbound spam filter policies: what a read proves, and how a task may spell what YAML takes for a truth value."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

POLICY = "exchange_outbound_spam_policy"


class Generous(FakeSession):
    """A service that answers a name which nothing has with everything it has, as the reference warns."""

    truncated = False

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        try:
            return super().invoke(cmdlet, parameters, properties=properties)
        except HybridError:
            if not cmdlet.startswith("Get-"):
                raise
            return dataclasses.replace(super().invoke(cmdlet, {}, properties=properties), truncated=self.truncated)


@pytest.fixture
def session() -> Generous:
    return Generous(Exchange("online"))


def run(session: FakeSession, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module(POLICY)
    return module.run(lambda: session, Task(module.validate(options), check_mode, diff=True))


def test_other_policies_are_never_taken_for_the_one_that_is_asked_for(session: Generous) -> None:
    list(session.product.invoke("Remove-HostedOutboundSpamFilterPolicy", {"Identity": "Executives", "Force": True}))
    gone = run(session, name="Forwarding", state="absent")
    assert not gone["changed"] and not gone.get("failed")
    made = run(session, name="Forwarding", auto_forwarding_mode="on")
    assert made["changed"] and made["resource"]["auto_forwarding_mode"] == "on" and made["resource"]["is_default"] is False
    assert run(session, name="Default")["resource"]["auto_forwarding_mode"] == "automatic"


def test_a_part_of_the_policies_proves_nothing(session: Generous) -> None:
    session.truncated = True
    found = run(session, name="Forwarding", state="absent")
    assert found["failed"] and found["error"]["class"] == "Truncated"


def test_a_policy_is_found_by_its_guid(session: Generous) -> None:
    guid = run(session, name="Executives")["resource"]["guid"]
    assert run(session, name=f"{{{guid}}}".upper())["resource"]["recipient_limit_per_day"] == 800


@pytest.mark.parametrize(("written", "meant"), [(True, "on"), (False, "off"), ("on", "on"), ("Off", None)])
def test_on_and_off_without_quotes_mean_what_they_say(written: t.Any, meant: str | None) -> None:
    module = scenarios.module(POLICY)
    if meant is None:
        with pytest.raises(HybridError, match="auto_forwarding_mode"):
            module.validate({"name": "Default", "auto_forwarding_mode": written})
    else:
        assert module.validate({"name": "Default", "auto_forwarding_mode": written})["auto_forwarding_mode"] == meant


def test_the_module_works_in_the_cloud_only() -> None:
    assert scenarios.module(POLICY).wires == (scenarios.ONLINE,)
