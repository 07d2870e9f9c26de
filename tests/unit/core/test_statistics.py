# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the scenarios cannot tell of mailbox statistics: logons on Exchange Server 2010, sizes in other cultures, a session that ends in the middle."""

from __future__ import annotations

import typing as t
import uuid

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, CommandMissing, NotFound, SessionLost
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import statistics
from hybridlab.exchange import Exchange, stores
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core.fake import FakeSession as Written

HELD = {
    "MailboxGuid": "4a830e3f-fd07-4629-baa1-8bce16b86d88",
    "DisplayName": "Gone",
    "LegacyDN": "/O=CONTOSO/CN=GONE",
    "DatabaseName": "DB01",
    "IsArchiveMailbox": False,
    "DisconnectReason": None,
    "DisconnectDate": None,
}


def run(name: str, session: Session, /, **options: t.Any) -> Result:
    module = scenarios.module(name)
    return module.run(lambda: session, Task(module.validate(options), verbosity=1))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("1.2 GB (1,288,490,188 bytes)", 1288490188),
        ("1,2 GB (1.288.490.188 bytes)", 1288490188),
        ("1,2 GB (1\u202f288\u202f490\u202f188 bytes)", 1288490188),
        ("0 B (0 bytes)", 0),
        ("Unlimited", "unlimited"),
        (None, None),
        ("", None),
    ],
)
def test_a_size_is_a_number_of_bytes(shown: str | None, expected: t.Any) -> None:
    assert statistics.size_in_bytes(shown) == expected


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a size"):
        statistics.size_in_bytes("much")


def test_why_a_mailbox_is_disconnected_is_spelt_like_options() -> None:
    assert [statistics.reason(one) for one in ("Disabled", "SoftDeleted", "", None)] == ["disabled", "soft_deleted", None, None]


def test_exchange_2010_says_who_is_logged_on() -> None:
    session = FakeSession(Exchange(version="2010"))
    result = run("exchange_logon_statistics_info", session, identity=["user0", "nobody"], fallback=True)
    assert result["logons"] == [
        {
            "user_name": "User 0",
            "account": "CONTOSO\\user0",
            "database": "DB01",
            "server_name": "EX01",
            "logon_time": "2026-03-01T09:00:00Z",
            "last_access_time": "2026-03-01T09:20:00Z",
            "application_id": "Client=MSExchangeRPC",
            "client_name": "PC1",
            "client_version": "14.0.7268.5000",
            "client_ip_address": "10.0.0.17",
            "client_mode": "ExchangeServerCached",
            "mailbox_legacy_dn": "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=user0",
        }
    ]
    assert (result["missing"], result["last_logons"]) == (["nobody"], [])
    assert len(run("exchange_logon_statistics_info", session, server="EX01")["logons"]) == 2
    assert len(run("exchange_logon_statistics_info", session, database="DB01")["logons"]) == 2


def test_exchange_2010_shows_its_licences_and_takes_a_key() -> None:
    session = FakeSession(Exchange(version="2010"))
    assert run("exchange_server", session, name="EX02", product_key="HYBRD-AAAAA-BBBBB-CCCCC-DDDDD")["changed"]
    servers = run("exchange_server_info", session, properties=["name", "edition"])["servers"]
    assert servers == [{"name": "EX01", "edition": "Enterprise"}, {"name": "EX02", "edition": "Coexistence"}]
    assert run("exchange_mailbox_info", session, server="EX02", properties=["name"])["mailboxes"] == []


def test_exchange_2010_has_no_databases_to_leave_out_one_by_one() -> None:
    result = run("exchange_store_state", FakeSession(Exchange(version="2010")))
    assert result["error"]["class"] == "CommandMissing" and "left out" not in result["msg"]


def test_a_later_version_is_not_even_asked_who_is_logged_on() -> None:
    product = Exchange(version="2016")
    run("exchange_logon_statistics_info", FakeSession(product), identity=["user0"])
    assert "Get-LogonStatistics" not in [cmdlet for cmdlet, _parameters in product.calls]


class Older(FakeSession):
    """A server whose Exchange has no Update-StoreMailboxState yet, or an account whose role lacks it."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        if cmdlet == "Update-StoreMailboxState":
            raise CommandMissing("The term is not recognized", cmdlet=cmdlet, target=self.target)
        return super().invoke(cmdlet, parameters, properties=properties)


def test_a_server_without_the_cmdlet_says_what_it_has_instead() -> None:
    result = run("exchange_store_state", Older(Exchange()))
    assert (result["failed"], result["changed"], result["error"]["class"]) == (True, False, "CommandMissing")
    assert "Clean-MailboxDatabase" in result["msg"]


def test_a_mailbox_that_is_connected_again_loses_its_mark() -> None:
    product = Exchange()
    (entry,) = product.stores.find("User 0")
    product.stores.change(entry, {"DisconnectReason": "Disabled"})
    result = run("exchange_store_state", FakeSession(product), database=["DB01"], selection="disconnected")
    states = {one["display_name"]: (one["before"]["disconnect_reason"], one["after"]["disconnect_reason"]) for one in result["mailboxes"]}
    assert states == {"User 0": ("disabled", None), "Left Employee": ("disabled", "disabled")}


def test_an_archive_is_known_to_active_directory_as_long_as_its_mailbox_has_it() -> None:
    product = Exchange()
    session = FakeSession(product)
    session.invoke("Enable-Mailbox", {"Identity": "user0", "Archive": True})
    (owner,) = product.recipients.find("user0")
    guid = uuid.UUID(str(owner.values["ArchiveGuid"]))
    product.stores.add(stores.mailbox_held(guid, "user0", "Archive - User 0", "DB01", 1, IsArchiveMailbox=True))
    names = [[one["display_name"] for one in run("exchange_store_state", session)["mailboxes"]]]
    session.invoke("Disable-Mailbox", {"Identity": "user0", "Archive": True, "Confirm": False})
    names += [[one["display_name"] for one in run("exchange_store_state", session)["mailboxes"]]]
    assert names == [["Gone Colleague", "Left Employee"], ["Gone Colleague", "Left Employee", "Archive - User 0"]]


def test_what_the_result_says_is_no_warning_as_well() -> None:
    found = run("exchange_mailbox_statistics_info", FakeSession(Exchange()), identity=["beamer"])
    assert found["never_opened"] == ["beamer"] and "warnings" not in found
    found = run("exchange_logon_statistics_info", FakeSession(Exchange()), identity=["beamer"], fallback=True)
    assert found["never_opened"] == ["beamer"] and "warnings" not in found


@pytest.mark.parametrize(
    ("name", "more"), [("exchange_mailbox_statistics_info", {"database": "DB01"}), ("exchange_store_state", {"database": ["DB01"], "selection": "all"})]
)
def test_statistics_that_were_cut_short_are_not_taken_for_all(name: str, more: dict[str, t.Any]) -> None:
    session = Written({"Get-MailboxStatistics": Answer([], truncated=True)})
    result = run(name, session, **more)
    assert result["failed"] and "and has more" in result["msg"]


def test_numbers_and_times_have_one_form_however_they_come() -> None:
    shown = {"DeletedItemCount": "1,204", "LastLogonTime": "2026-03-01T10:00:00+01:00", "LastLogoffTime": "2026-03-01T10:20:00+01:00"}
    names = ["deleted_item_count", "last_logon_time", "last_logoff_time"]
    found = run("exchange_mailbox_statistics_info", Written({"Get-MailboxStatistics": shown}), database="DB01", properties=names)
    assert found["mailboxes"] == [dict(zip(names, [1204, "2026-03-01T09:00:00Z", "2026-03-01T09:20:00Z"], strict=True))]


def test_the_times_of_a_batch_are_those_in_utc() -> None:
    times = ["creation_date_time", "start_date_time", "initial_sync_date_time", "last_synced_date_time", "finalized_date_time", "complete_after", "start_after"]
    shown = {f"{name.replace('_', '')}UTC": "2026-03-01T09:00:00" for name in times} | {"FailedInitialSyncCount": "2"}
    local = {name.replace("_", ""): "2026-03-01T10:00:00" for name in times}
    session = Written({"Get-MigrationBatch": shown | local})
    found = run("exchange_migration_batch_info", session, properties=[*times, "failed_initial_sync_count"])
    assert found["batches"] == [dict.fromkeys(times, "2026-03-01T09:00:00Z") | {"failed_initial_sync_count": 2}]


def test_that_something_else_is_missing_proves_no_mailbox_absent() -> None:
    session = Written({"Get-MailboxStatistics": NotFound("object 'dc09.contoso.com' couldn't be found")})
    result = run("exchange_mailbox_statistics_info", session, identity=["user0"], domain_controller="dc09.contoso.com")
    assert result["failed"] and result["error"]["class"] == "NotFound"


def test_how_to_read_is_passed_on() -> None:
    product = Exchange()
    run("exchange_mailbox_statistics_info", FakeSession(product), server="EX01", no_ad_lookup=True, include_passive=True)
    assert product.calls[-1] == ("Get-MailboxStatistics", {"Server": "EX01", "NoAdLookup": True, "IncludePassive": True})


def test_an_archive_has_statistics_of_its_own() -> None:
    product = Exchange()
    session = FakeSession(product)
    session.invoke("Enable-Mailbox", {"Identity": "user0", "Archive": True})
    (owner,) = product.recipients.find("user0")
    product.stores.add(stores.mailbox_held(uuid.UUID(str(owner.values["ArchiveGuid"])), "user0", "Archive - User 0", "DB01", 1, IsArchiveMailbox=True))
    wanted = ["display_name", "is_archive"]
    own, archive = (
        run("exchange_mailbox_statistics_info", session, identity=["user0"], archive=which, properties=wanted)["mailboxes"] for which in (False, True)
    )
    assert own == [{"display_name": "User 0", "is_archive": False}]
    assert archive == [{"display_name": "Archive - User 0", "is_archive": True}]


def test_a_recovery_database_is_left_alone() -> None:
    product = Exchange()
    FakeSession(product).invoke("New-MailboxDatabase", {"Name": "RDB01", "Server": "EX01"})
    (database,) = product.databases.find("RDB01")
    database.values["Recovery"] = True
    run("exchange_store_state", FakeSession(product))
    assert {given["Database"] for cmdlet, given in product.calls if cmdlet == "Get-MailboxStatistics"} == {"DB01", "DB02"}


class Ending(FakeSession):
    """A session that ends during the second update, or another one."""

    updates, last = 0, 1

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        self.updates += cmdlet == "Update-StoreMailboxState"
        if self.updates > self.last:
            raise SessionLost("the session ended", cmdlet=cmdlet, target=self.target)
        return super().invoke(cmdlet, parameters, properties=properties)


def test_a_session_that_ends_leaves_a_report_of_what_was_done() -> None:
    result = run("exchange_store_state", Ending(Exchange()), database=["DB01"], selection="all")
    assert (result["failed"], result["changed"], result["error"]["class"]) == (True, True, "SessionLost")
    selected = result["counts"]["selected"]
    assert {name: count for name, count in result["counts"].items() if count} == {"selected": selected, "updated": 1, "unknown": 1, "not_done": selected - 2}


def test_an_update_of_which_nobody_knows_whether_it_happened_is_a_change() -> None:
    session = Ending(Exchange())
    session.last = 0
    result = run("exchange_store_state", session, database=["DB01"], selection="all")
    assert (result["failed"], result["changed"], result["counts"]["updated"], result["counts"]["unknown"]) == (True, True, 0, 1)


def test_a_mailbox_is_named_as_its_database_knows_it() -> None:
    product = Exchange()
    (left,) = product.stores.find("Left Employee")
    for name in (left.values["LegacyDN"].lower(), f"{{{str(left.values['MailboxGuid']).upper()}}}", "left employee"):
        result = run("exchange_store_state", FakeSession(product), identity=[name])
        assert [one["display_name"] for one in result["mailboxes"]] == ["Left Employee"]


def test_a_session_that_ends_while_databases_are_read_is_no_database_to_leave_out() -> None:
    result = run("exchange_store_state", Written({"Get-MailboxStatistics": SessionLost("the session ended")}), database=["DB01", "DB02"])
    assert result["error"]["class"] == "SessionLost" and "left out" not in result["msg"]


def test_what_cannot_be_read_afterwards_is_a_warning() -> None:
    answers = [Answer([HELD]), AccessDenied("no access")]
    session = Written({"Get-MailboxStatistics": answers, "Update-StoreMailboxState": None})
    result = run("exchange_store_state", session, database=["DB01", "DB01"], selection="all")
    assert result["changed"] and not result.get("failed") and result["counts"]["updated"] == 1
    assert "how database DB01 sees them now could not be read" in result["warnings"][0]


def test_a_list_of_databases_that_was_cut_short_is_not_taken_for_all() -> None:
    result = run("exchange_store_state", Written({"Get-MailboxDatabase": Answer([], truncated=True)}))
    assert result["error"]["class"] == "Truncated"


def test_what_was_not_updated_has_no_state_afterwards() -> None:
    faults = Faults()
    product = Exchange(faults=faults)
    faults.arm("access-denied", cmdlet="Update-StoreMailboxState", count=1)
    result = run("exchange_store_state", FakeSession(product), database=["DB01"])
    assert [(one["status"], one["after"] is None) for one in result["mailboxes"]] == [("failed", True), ("updated", False)]


SERVERS = {"old": "Version 14.3 (Build 123.4)", "new": "Version 15.1 (Build 2507.6)", "odd": "unknown"}
LOGON = {"UserName": "Somebody", "LogonTime": "2026-03-01T09:00:00Z"}
LAST = HELD | {"ServerName": "new", "LastLogonTime": None, "LastLogoffTime": None, "LastLoggedOnUserAccount": None}


def mixed() -> Written:
    """An organization with two versions; a mailbox has the name of its server."""
    return Written(
        {
            "Get-Mailbox": lambda given: {"ServerName": given["Identity"]},
            "Get-ExchangeServer": lambda given: {"AdminDisplayVersion": SERVERS[given["Identity"]]},
            "Get-LogonStatistics": LOGON,
            "Get-MailboxStatistics": LAST,
        }
    )


def test_each_version_is_asked_for_what_it_can_tell() -> None:
    session = mixed()
    result = run("exchange_logon_statistics_info", session, identity=["old", "new"], fallback=True, properties=["user_name", "logon_time"])
    assert result["logons"] == [{"user_name": "Somebody", "logon_time": "2026-03-01T09:00:00Z"}]
    assert [one["display_name"] for one in result["last_logons"]] == ["Gone"]
    asked = [(cmdlet, given["Identity"]) for cmdlet, given in session.calls if cmdlet.endswith("Statistics")]
    assert asked == [("Get-LogonStatistics", "old"), ("Get-MailboxStatistics", "new")]


def test_one_mailbox_on_a_later_version_is_enough_to_stop() -> None:
    session = mixed()
    result = run("exchange_logon_statistics_info", session, identity=["old", "new"])
    assert "server new, which holds 'new', has Version 15.1" in result["msg"] and "Get-LogonStatistics" not in session.sent()


def test_a_version_that_is_none_is_an_error() -> None:
    result = run("exchange_logon_statistics_info", mixed(), identity=["odd"], fallback=True)
    assert "the version of server odd cannot be understood: 'unknown'" in result["msg"]
