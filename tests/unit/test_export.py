# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported changes nothing when it is given to bulk: every resource module, on the organization that its scenario leaves."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.export import without_rivals
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_session import FakeSession

ENTRA = {scenarios.MODULES / path.name.replace(".yml", ".py") for path in scenarios.entra()}
"""Modules of Microsoft Graph, which are not exported yet."""
NAMES = sorted(path.stem for path in scenarios.MODULES.glob("*.py") if isinstance(scenarios.module(path.stem), ResourceModule) and path not in ENTRA)
NOT_LISTED = {
    "exchange_ad_permission",
    "exchange_auto_reply",
    "exchange_calendar_folder",
    "exchange_calendar_processing",
    "exchange_junk_email_configuration",
    "exchange_mailbox_folder_permission",
    "exchange_mailbox_permission",
    "exchange_send_as_permission",
}
"""Resource modules whose objects the service does not list without the name of one."""


def run(session: FakeSession, name: str, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


def organization(name: str) -> FakeSession:
    """As the module's scenario leaves it: with objects of every kind that it makes."""
    scenario = scenarios.load(scenarios.FOLDER / f"{name}.yml")
    faults = Faults()
    product = Exchange(version=str(scenario.get("versions", ["2019"])[0]), faults=faults)
    session = FakeSession(product)
    scenarios.run(scenario, scenarios.Lab(product, faults, session))
    return session


@pytest.mark.parametrize("name", NAMES)
def test_what_is_exported_changes_nothing(name: str) -> None:
    session = organization(name)
    for full in (False, True):
        found = run(session, "export", module=name, full=full)
        if name in NOT_LISTED:
            assert found["error"]["class"] == UsageError.__name__, found
            continue
        assert not found.get("failed"), found["msg"]
        assert json.dumps(found["objects"])
        done = run(session, "bulk", module=name, objects=found["objects"], read="list")
        assert not done.get("failed") and not done["changed"], (done["msg"], done.get("diff"))
        assert len(done["outcomes"]) == len(found["objects"])


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_exported(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    secrets = [field.option for field in module.fields if field.secret]
    found = run(FakeSession(Exchange()), "export", module=name, full=True)
    assert not [one for one in found.get("objects", ()) if set(secrets) & set(one)]


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_options(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    assert not set(module.defaults) - set(module.attributes)


def test_what_equals_the_defaults_is_left_out() -> None:
    session = FakeSession(Exchange())
    session.invoke("New-RemoteDomain", {"Name": "Partner", "DomainName": "partner.example"})
    assert run(session, "export", module="exchange_remote_domain")["objects"][1] == {"name": "Partner", "domain_name": "partner.example"}
    assert len(run(session, "export", module="exchange_remote_domain", full=True)["objects"][1]) > 15


def test_public_folder_mailboxes_are_part_of_the_export() -> None:
    session = FakeSession(Exchange())
    session.invoke("New-Mailbox", {"Name": "Hierarchy", "PublicFolder": True})
    found = run(session, "export", module="exchange_mailbox")["objects"]
    assert [one for one in found if one["type"] == "public_folder"]
    assert not run(session, "bulk", module="exchange_mailbox", objects=found)["changed"]


def test_of_options_that_exclude_each_other_the_first_that_is_set_is_kept() -> None:
    options = {"name": "a", "filter": "", "included": ["x"], "other": 1}
    assert without_rivals(options, [("filter", "included"), ("other", "another")]) == {"name": "a", "included": ["x"], "other": 1}
    assert without_rivals(options, [("included", "other")]) == {"name": "a", "filter": "", "included": ["x"]}
