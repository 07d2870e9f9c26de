# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported changes nothing when it is given to bulk: every resource module, on the organization that its scenario leaves."""

from __future__ import annotations

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
from hybridlab.graph import Graph, seed
from tests import scenarios
from tests.fake_graph import FakeGraph
from tests.fake_session import FakeSession

NAMES = sorted(path.stem for path in scenarios.MODULES.glob("*.py") if isinstance(scenarios.module(path.stem), ResourceModule))
OF_EXCHANGE = [name for name in NAMES if isinstance(scenarios.module(name), CmdletModule)]
NOT_LISTED = {
    "entra_license",
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


def run(session: t.Any, name: str, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


def organization(name: str) -> t.Any:
    """As the module's scenario leaves it: with objects of every kind that it makes."""
    scenario = scenarios.load(scenarios.FOLDER / f"{name}.yml")
    faults = Faults()
    if name not in OF_EXCHANGE:
        tenant = Graph(seed.tenant(), faults)
        scenarios.run(scenario, scenarios.Lab(tenant, faults, FakeGraph(tenant)))
        return FakeGraph(tenant)
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
        assert not list(scenarios.foreign(found["objects"]))
        done = run(session, "bulk", module=name, objects=found["objects"], read="list")
        assert not done.get("failed") and not done["changed"], (done["msg"], done.get("diff"))
        assert len(done["outcomes"]) == len(found["objects"])


@pytest.mark.parametrize("name", OF_EXCHANGE)
def test_no_secret_is_exported(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    secrets = [field.option for field in module.fields if field.secret]
    found = run(FakeSession(Exchange()), "export", module=name, full=True)
    assert not [one for one in found.get("objects", ()) if set(secrets) & set(one)]


@pytest.mark.parametrize("name", OF_EXCHANGE)
def test_the_defaults_are_options(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    assert not set(module.defaults) - set(module.attributes)


def graph() -> tuple[Graph, FakeGraph]:
    tenant = Graph(seed.tenant(users=5))
    return tenant, FakeGraph(tenant)


def requests(tenant: Graph) -> list[str]:
    """What was asked since the last time, without query and the names of objects."""
    found = [f"{method} {path.partition('?')[0].removeprefix('/v1.0')}" for method, path, _body in tenant.calls]
    tenant.calls.clear()
    return found


def test_a_password_is_no_part_of_an_exported_user() -> None:
    found = run(graph()[1], "export", module="entra_user", full=True)["objects"]
    assert {"identity": "hedy@contoso.com", "display_name": "Hedy Lamarr"}.items() <= next(one for one in found if "hedy" in one["identity"]).items()
    assert not [one for one in found if "password" in one]


def test_users_are_listed_with_one_request_for_the_properties_that_matter() -> None:
    tenant, session = graph()
    wanted = [{"identity": f"user{number}@contoso.com", "department": "Staff"} for number in range(5)]
    assert not run(session, "bulk", module="entra_user", objects=wanted, read="list")["changed"]
    assert [path.partition("?")[2] for _method, path, _body in tenant.calls] == [
        "$select=createdDateTime,department,id,mail,onPremisesSyncEnabled,userPrincipalName&$top=999"
    ]


def test_users_are_found_by_name_and_id_and_only_what_differs_is_written() -> None:
    tenant, session = graph()
    ada, grace = (tenant.tenant.get("user", f"{name}@contoso.com").id for name in ("ada", "grace"))
    tenant.calls.clear()
    objects = [{"identity": ada.upper(), "city": "London"}, {"identity": "GRACE@contoso.com", "city": "Arlington"}, {"identity": "alan@contoso.com"}]
    done = run(session, "bulk", module="entra_user", objects=objects, read="list")
    assert done["counts"]["updated"] == 2
    assert requests(tenant) == ["GET /users", f"PATCH /users/{ada}", f"PATCH /users/{grace}", "GET /users"]


def test_one_user_under_two_names_is_refused() -> None:
    tenant, session = graph()
    ada = tenant.tenant.get("user", "ada@contoso.com").id
    done = run(session, "bulk", module="entra_user", objects=[{"identity": ada, "city": "Paris"}, {"identity": "ada@contoso.com", "city": "Rome"}], read="list")
    assert "are the same object" in done["msg"]
    assert tenant.writes == []


def test_a_user_who_is_not_listed_is_asked_for_before_one_is_made() -> None:
    tenant, session = graph()
    new = {"identity": "emmy@contoso.com", "display_name": "Emmy", "mail_nickname": "emmy", "password": "Wort-und-Zahl-7"}
    done = run(session, "bulk", module="entra_user", objects=[new], read="list")
    assert done["counts"]["created"] == 1
    assert requests(tenant)[:3] == ["GET /users", "GET /users/emmy%40contoso.com", "POST /users"]


def test_groups_of_one_name_are_exported_by_their_ids() -> None:
    tenant, session = graph()
    twins = [tenant.tenant.add("group", {"displayName": "Twins", "mailNickname": alias, "securityEnabled": True}).id for alias in ("a", "b")]
    found = run(session, "export", module="entra_group")["objects"]
    assert [one["identity"] for one in found if one["identity"] in twins] == twins
    assert next(one for one in found if one["identity"] == "Engineering")["members"] == ["ada@contoso.com", "grace@contoso.com"]
    assert not run(session, "bulk", module="entra_group", objects=found, read="list")["changed"]


def test_a_list_that_is_cut_short_is_no_list() -> None:
    tenant, session = graph()
    tenant.faults.arm("service-unavailable", retry_after=900)
    assert run(session, "export", module="entra_user")["error"]["class"] == "Throttled"


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
