# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported changes nothing when it is given to bulk: every resource module, on the organization that its scenario leaves."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.export import without_rivals
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_session import FakeSession, product_for
from tests.unit.core.bulk_runs import Sessions

NAMES = sorted(path.stem for path in scenarios.MODULES.glob("*.py") if isinstance(module := scenarios.module(path.stem), CmdletModule) and module.exportable)
"""Every module that manages an object of Exchange; a new one is among them unless what it manages is work under way."""
OWNED = [name for name in NAMES if t.cast(CmdletModule, scenarios.module(name)).resource().owners]
FOLDERS = "exchange_mailbox_folder_permission"


def run(session: FakeSession, name: str, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


def make(session: FakeSession, module: str, options: dict[str, t.Any]) -> None:
    loaded = scenarios.module(module)
    result = loaded.run(lambda: session, Task(loaded.validate(options)))
    assert result["changed"], result


@functools.cache
def organization(name: str) -> tuple[FakeSession, Faults]:
    """As the module's scenario leaves it: with objects of every kind that it makes."""
    scenario = scenarios.load(scenarios.FOLDER / f"{name}.yml")
    faults = Faults()
    product = product_for(scenarios.module(name), str(scenario.get("versions", ["2019"])[0]), faults)
    session = FakeSession(product)
    scenarios.run(scenario, scenarios.Lab(product, faults, session))
    return session, faults


def fresh(**options: t.Any) -> FakeSession:
    return FakeSession(Exchange(**options))


@pytest.mark.parametrize("full", [False, True], ids=["lean", "full"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_exported_changes_nothing(name: str, full: bool) -> None:
    session, _faults = organization(name)
    found = run(session, "export", module=name, full=full)
    assert not found.get("failed"), found["msg"]
    assert found["objects"], "the scenario leaves nothing to export"
    given = json.loads(json.dumps(found["objects"]))
    done = run(session, "bulk", module=name, objects=given, read="list")
    assert not done.get("failed") and not done["changed"], (done["msg"], done.get("diff"))
    assert done["counts"]["unchanged"] == len(given)


WHOLE = ("skype_meeting_room",)
"""What is listed in full: no warning is known by which the server says that it left something out."""


@pytest.mark.parametrize("name", [name for name in NAMES if t.cast(CmdletModule, scenarios.module(name)).key and name not in WHOLE])
def test_a_list_that_was_cut_short_is_no_export(name: str) -> None:
    session, faults = organization(name)
    faults.arm("truncated-list", keep=0)
    try:
        found = run(session, "export", module=name)
    finally:
        faults.clear(None)
    assert found["error"]["class"] == "Truncated" and "objects" not in found


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_exported(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    secrets = [field.option for field in module.fields if field.secret]
    session, _faults = organization(name)
    found = run(session, "export", module=name, full=True)
    assert not [one for one in found["objects"] if set(secrets) & set(one)]


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_options(name: str) -> None:
    module = t.cast(CmdletModule, scenarios.module(name))
    assert not set(module.defaults) - set(module.attributes)


SETTINGS = {name: kind for name in NAMES if (kind := t.cast(CmdletModule, scenarios.module(name)).settings_of)}
UNTOUCHED = {"mailbox": ("2019", "user1@contoso.com"), "calendar": ("2019", "user1@contoso.com"), "room mailbox": ("online", "Room 1")}
"""By what has the settings: the version of an organization that knows them, and one whose settings nobody changed."""


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_nobody_changed_are_left_out(name: str) -> None:
    version, untouched = UNTOUCHED[SETTINGS[name]]
    lean, full = (run(FakeSession(Exchange(version)), "export", module=name, full=full)["objects"] for full in (False, True))
    assert untouched not in {one["identity"] for one in lean}
    assert untouched in {one["identity"] for one in full}


@pytest.mark.parametrize("name", OWNED)
def test_what_is_read_object_by_object_is_read_over_all_sessions(name: str) -> None:
    together = threading.Barrier(3)

    def before(_cmdlet: str, parameters: dict[str, t.Any]) -> HybridError | None:
        if parameters.get("Identity"):
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait(0.2)
                passed.append(1)
        return None

    passed: list[int] = []
    session = Sessions(Exchange(mailboxes=3), width=3, before=before)
    one_by_one = run(fresh(mailboxes=3), "export", module=name, full=True)
    assert run(session, "export", module=name, full=True)["objects"] == one_by_one["objects"]
    assert passed and session.opened == session.closed == 3


SWITCHES = {"auto_forward_enabled": False, "auto_reply_enabled": False}
"""Off by default on a server and on in Exchange Online, so that a remote domain's always say what they are."""


def test_what_equals_the_defaults_is_left_out() -> None:
    session = fresh()
    session.invoke("New-RemoteDomain", {"Name": "Partner", "DomainName": "partner.example"})
    assert run(session, "export", module="exchange_remote_domain")["objects"][1] == {"name": "Partner", "domain_name": "partner.example", **SWITCHES}
    assert len(run(session, "export", module="exchange_remote_domain", full=True)["objects"][1]) > 15


def test_what_a_list_of_servers_does_not_show_is_read_server_by_server_for_a_full_export() -> None:
    session = FakeSession(Exchange())
    make(session, "exchange_server", {"name": "EX01", "static_domain_controllers": ["dc01.contoso.com"]})
    found = run(session, "export", module="exchange_server", full=True)["objects"]
    assert {one["name"]: one["static_domain_controllers"] for one in found} == {"EX01": ["dc01.contoso.com"], "EX02": []}
    lean = run(session, "export", module="exchange_server")["objects"]
    assert not [one for one in lean if "static_domain_controllers" in one]


def test_a_policy_is_exported_with_its_conditions_and_not_with_the_filter_that_exchange_made_of_them() -> None:
    (found,) = run(FakeSession(Exchange()), "export", module="exchange_email_address_policy")["objects"]
    assert found["included_recipients"] == ["all_recipients"] and "recipient_filter" not in found


def test_a_new_connector_is_exported_with_what_was_said_of_it() -> None:
    session = FakeSession(Exchange())
    said = {"name": "Relay", "server": "EX01", "bindings": ["10.0.0.5:26"], "remote_ip_ranges": ["10.0.0.0/8"], "transport_role": "frontend_transport"}
    make(session, "exchange_receive_connector", said)
    found = next(one for one in run(session, "export", module="exchange_receive_connector")["objects"] if one["name"] == "Relay")
    by_usage = {"auth_mechanism", "fqdn"}
    by_version = {"max_message_size", "max_header_size", "max_local_hop_count", "message_rate_source"}
    assert {name: value for name, value in found.items() if name not in by_usage | by_version} == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("exchange_send_connector", {"name": "Out", "address_spaces": ["SMTP:*;1"]}),
        ("exchange_mailbox_database", {"name": "DB03", "server": "EX01", "edb_file_path": "E:\\DB03.edb", "log_folder_path": "L:\\DB03"}),
        ("exchange_organization_relationship", {"name": "Adatum", "domain_names": ["adatum.com"]}),
        ("exchange_accepted_domain", {"name": "Adatum", "domain_name": "adatum.com"}),
        ("exchange_remote_domain", {"name": "Adatum", "domain_name": "adatum.com", **SWITCHES}),
        ("exchange_sharing_policy", {"name": "Adatum", "domains": ["adatum.com:ContactsSharing"]}),
    ],
)
def test_defaults_are_left_out_of_what_is_exported(name: str, said: dict[str, t.Any]) -> None:
    session = FakeSession(Exchange())
    make(session, name, said)
    found = next(one for one in run(session, "export", module=name)["objects"] if one["name"] == said["name"])
    varying = {
        "max_message_size",
        "source_transport_servers",
        "issue_warning_quota",
        "prohibit_send_quota",
        "prohibit_send_receive_quota",
        "address_book_enabled",
    }
    assert {option: value for option, value in found.items() if option not in varying | {"recovery"}} == said


def test_a_group_is_exported_with_its_members() -> None:
    session = fresh()
    session.invoke("New-DistributionGroup", {"Name": "Board", "Members": ["user1", "user0"]})
    found = {one["identity"]: one for one in run(session, "export", module="exchange_distribution_group")["objects"]}
    assert sorted(found["Board@contoso.com"]["members"]) == ["contoso.com/Users/User 0", "contoso.com/Users/User 1"]


def test_public_folder_mailboxes_are_part_of_the_export() -> None:
    session = fresh()
    session.invoke("New-Mailbox", {"Name": "Hierarchy", "PublicFolder": True})
    found = run(session, "export", module="exchange_mailbox")["objects"]
    assert [one for one in found if one["type"] == "public_folder"]
    assert not run(session, "bulk", module="exchange_mailbox", objects=found)["changed"]
    assert run(session, "export", module="exchange_mailbox", identity=["Hierarchy"])["objects"][0]["type"] == "public_folder"


class TestPermissions:
    def test_inherited_ones_and_those_of_the_object_itself_are_left_out(self) -> None:
        session = fresh()
        session.invoke("Add-MailboxPermission", {"Identity": "user0", "User": "user1", "AccessRights": ["FullAccess"]})
        session.invoke("Add-MailboxPermission", {"Identity": "user0", "User": "user2", "AccessRights": ["FullAccess"], "Deny": True})
        assert run(session, "export", module="exchange_mailbox_permission")["objects"] == [
            {"mailbox": "user0@contoso.com", "user": "CONTOSO\\user1", "access_rights": ["full_access"]},
            {"mailbox": "user0@contoso.com", "user": "CONTOSO\\user2", "deny": True, "access_rights": ["full_access"]},
        ]

    def test_one_folder_of_every_mailbox_whatever_its_name_is(self) -> None:
        session = fresh(mailboxes=1)
        session.invoke("Set-MailboxFolderPermission", {"Identity": "beamer:\\Kalender", "User": "Default", "AccessRights": ["Reviewer"]})
        found = run(session, "export", module=FOLDERS, folder_type="calendar")
        assert found["objects"] == [{"mailbox": "beamer@contoso.com", "folder_type": "calendar", "user": "Default", "access_rights": ["reviewer"]}]
        assert [one["object"] for one in found["left_out"]] == ["twin.b@contoso.com"]  # it has no calendar
        assert not run(session, "bulk", module=FOLDERS, objects=found["objects"])["changed"]

    def test_a_user_is_named_by_the_address_and_never_guessed(self) -> None:
        session = fresh()
        for user in ("user1", "twin.a"):
            session.invoke("Add-MailboxFolderPermission", {"Identity": "user0:\\Inbox", "User": user, "AccessRights": ["Reviewer"]})
        found = run(session, "export", module=FOLDERS, identity=["user0"])
        assert [one["user"] for one in found["objects"]] == ["user1@contoso.com"]
        assert found["left_out"][0]["object"] == "user0"
        assert "the entry of 'Twin' on Inbox: 2 recipients have this name" in found["left_out"][0]["msg"]

    def test_a_folder_type_of_what_has_no_folders_is_refused(self) -> None:
        assert "is not about folders" in run(fresh(), "export", module="exchange_mailbox_permission", folder_type="inbox")["msg"]


class TestSelection:
    def test_named_objects(self) -> None:
        session = fresh()
        found = run(session, "export", module="exchange_mailbox", identity=["user1", "user0@contoso.com"])
        assert [one["name"] for one in found["objects"]] == ["User 1", "User 0"]
        assert found["calls"] == {"Get-Mailbox": 2}

    def test_one_that_does_not_exist_fails_and_the_others_are_there(self) -> None:
        found = run(fresh(), "export", module="exchange_mailbox", identity=["user1", "nobody", "user2"])
        assert found["failed"] and found["error"]["class"] == "NotFound" and "nobody" in found["msg"]
        assert [one["name"] for one in found["objects"]] == ["User 1", "User 2"]

    @pytest.mark.parametrize("option", ["filter", "organizational_unit", "database", "server"])
    def test_part_of_a_list(self, option: str) -> None:
        selected = {"filter": "Name -eq 'Room 1'", "organizational_unit": "Resources", "database": "DB02", "server": "EX02"}[option]
        session = fresh()
        session.invoke("New-Mailbox", {"Name": "Elsewhere", "Shared": True, "Database": "DB02"})
        t.cast(Exchange, session.product).recipients.known("room1")[0].values["ServerName"] = "ex02"
        everything = run(session, "export", module="exchange_mailbox")["objects"]
        part = run(session, "export", module="exchange_mailbox", **{option: selected})["objects"]
        assert 0 < len(part) <= 2 < len(everything) and [one for one in everything if one in part] == part

    def test_the_mailboxes_whose_permissions_are_read(self) -> None:
        session = fresh(mailboxes=20)
        session.invoke("Add-MailboxPermission", {"Identity": "room1", "User": "user1", "AccessRights": ["FullAccess"]})
        found = run(session, "export", module="exchange_mailbox_permission", organizational_unit="Resources")
        assert len(found["objects"]) == 1
        assert found["calls"] == {"Get-Mailbox": 1, "Get-MailboxPermission": 2}

    def test_what_the_cmdlet_does_not_know_is_refused(self) -> None:
        found = run(fresh(), "export", module="exchange_remote_domain", organizational_unit="Users")
        assert found["error"]["class"] == "UsageError" and "Get-RemoteDomain does not take OrganizationalUnit" in found["msg"]

    def test_a_wrong_filter_is_refused_in_the_servers_words(self) -> None:
        for module in ("exchange_mailbox", "exchange_mailbox_permission"):
            found = run(fresh(), "export", module=module, filter="Nonsense -eq 'a'")
            assert found["failed"] and "Invalid filter syntax" in found["msg"], found

    def test_one_object_is_not_selected(self) -> None:
        assert "identity selects nothing" in run(fresh(), "export", module="exchange_organization_config", identity=["Contoso"])["msg"]

    def test_a_pattern_is_no_name(self) -> None:
        assert "asterisk" in run(fresh(), "export", module="exchange_mailbox", identity=["user*"])["msg"]


class Failing(FakeSession):
    """Refuses every call about some objects."""

    def __init__(self, product: Exchange, faults: Faults, identities: t.Collection[str]) -> None:
        super().__init__(product)
        self.faults, self.identities = faults, identities

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        if (parameters or {}).get("Identity") in self.identities:
            self.faults.arm("access-denied")
        try:
            return super().invoke(cmdlet, parameters, properties=properties)
        finally:
            self.faults.clear(None)


def test_an_object_that_cannot_be_read_stops_no_other_and_fails_the_export() -> None:
    faults = Faults()
    session = Failing(Exchange(faults=faults), faults, ["user1@contoso.com"])
    for user in ("user0", "user1", "user2"):
        session.invoke("Add-MailboxPermission", {"Identity": user, "User": "user3", "AccessRights": ["FullAccess"]})
    found = run(session, "export", module="exchange_mailbox_permission")
    assert found["failed"] and found["error"]["class"] == "AccessDenied" and "the export is not whole" in found["msg"]
    assert [one["mailbox"] for one in found["objects"]] == ["user0@contoso.com", "user2@contoso.com"]
    assert [one["object"] for one in found["left_out"]] == ["user1@contoso.com"]


def test_a_defect_that_one_object_shows_stops_no_other() -> None:
    class Odd(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            if (parameters or {}).get("Identity") == "user1@contoso.com":
                raise KeyError("Nobody thought of that")
            return super().invoke(cmdlet, parameters, properties=properties)

    found = run(Odd(Exchange()), "export", module="exchange_junk_email_configuration", full=True)
    assert found["failed"] and "a defect of the collection: KeyError" in found["msg"]
    assert "user2@contoso.com" in {one["identity"] for one in found["objects"]}


def test_of_options_that_exclude_each_other_the_first_that_is_set_is_kept() -> None:
    options = {"name": "a", "filter": "", "included": ["x"], "other": 1}
    assert without_rivals(options, [("filter", "included"), ("other", "another")]) == {"name": "a", "included": ["x"], "other": 1}
    assert without_rivals(options, [("included", "other")]) == {"name": "a", "filter": "", "included": ["x"]}
