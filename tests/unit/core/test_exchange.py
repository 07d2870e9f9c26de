# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes: how one comes to be, what is refused; lists of objects; free cmdlets; versions in errors."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import availability, free, mail_enabled, mailbox, migration
from tests import scenarios
from tests.unit.core.fake import FakeSession

MODULE = scenarios.module("exchange_mailbox")
LIST = scenarios.module("exchange_mailbox_info")
CMDLET = scenarios.module("cmdlet")
ACCOUNT = {"DistinguishedName": "CN=dave", "RecipientTypeDetails": "User", "Name": "dave"}


def calls(account: t.Mapping[str, t.Any] | None = None, /, **options: t.Any) -> list[engine.Call]:
    """The calls that create the mailbox, for the account or with one."""
    resource = t.cast(t.Any, MODULE).resource()
    given = {"state": "present", **options}
    todo = plan.make(resource.attributes, True, resource.wanted(FakeSession({}), given, None), None)
    made = resource.calls(todo, given, engine.Reading(None, account))
    assert all(call.parameters.pop("Confirm") is False for call in made)
    return t.cast(list[engine.Call], made)


def settings(state: plan.State, **options: t.Any) -> list[engine.Call]:
    """The calls that set a mailbox which has this state."""
    resource = t.cast(t.Any, MODULE).resource()
    todo = plan.make(resource.attributes, True, resource.wanted(FakeSession({}), options, state), state)
    made = resource.calls(todo, options, engine.Reading(state))
    assert all(call.parameters.pop("Confirm") is False for call in made)
    return t.cast(list[engine.Call], made)


def test_a_users_mailbox_needs_password_and_sign_in_name() -> None:
    made = calls(identity="eve@x", password="geheim", office="3.14", name="Eve")
    new = {"Name": "Eve", "UserPrincipalName": "eve@x", "Password": "geheim"}
    assert made == [engine.Call("New-Mailbox", new)]
    assert isinstance(made[0].parameters["Password"], Secret)
    for lacking in ({"identity": "eve@x"}, {"identity": "eve", "password": "geheim"}):
        with pytest.raises(errors.UsageError, match="needs password and user_principal_name"):
            calls(**lacking)


@pytest.mark.parametrize(("kind", "switch"), list(mailbox.SWITCHES.items()))
def test_other_mailboxes_are_told_by_a_switch(kind: str, switch: str) -> None:
    assert calls(identity="m", type=kind)[0].parameters == {"Name": "m", switch: True}
    assert calls(ACCOUNT, identity="dave", type=kind) == [engine.Call("Enable-Mailbox", {"Identity": "CN=dave", switch: True})]


def test_a_public_folder_mailbox_is_looked_for_as_one() -> None:
    state = {"type": "public_folder", "is_excluded_from_serving_hierarchy": False}
    (made,) = settings(state, identity="pf", type="public_folder", is_excluded_from_serving_hierarchy=True)
    assert made.parameters == {"Identity": "pf", "PublicFolder": True, "IsExcludedFromServingHierarchy": True}


def test_an_account_keeps_what_only_a_new_one_gets() -> None:
    made = calls(ACCOUNT, identity="dave", alias="d", first_name="Dave", password="geheim", organizational_unit="x/y", office="1")
    assert made == [engine.Call("Enable-Mailbox", {"Identity": "CN=dave", "Alias": "d"})]
    assert settings({"alias": "d", "office": ""}, identity="dave", alias="d", first_name="Dave", password="geheim", office="1") == [
        engine.Call("Set-Mailbox", {"Identity": "dave", "Office": "1"})
    ]


def test_an_archive_is_enabled_before_its_settings() -> None:
    without, having = {"archive": False, "archive_quota": "100 GB"}, {"archive": True, "archive_quota": "100 GB"}
    assert [call.cmdlet for call in settings(without, identity="m", archive=True, archive_quota="1GB")] == ["Enable-Mailbox", "Set-Mailbox"]
    assert [call.cmdlet for call in settings(having, identity="m", archive=False, archive_quota="1GB")] == ["Set-Mailbox", "Disable-Mailbox"]
    assert [call.cmdlet for call in calls(identity="m", type="shared", archive=False)] == ["New-Mailbox"]


@pytest.mark.parametrize("kind", ["MailUser", "RemoteUserMailbox", "Contact", "PublicFolderMailbox"])
def test_another_recipient_is_not_turned_into_a_mailbox(kind: str) -> None:
    with pytest.raises(errors.UsageError, match=f"'dave' is a recipient of type {kind}"):
        calls(ACCOUNT | {"RecipientTypeDetails": kind}, identity="dave")


@pytest.mark.parametrize("identity", ["CN=m,DC=x", "x.example/Users/m", "0b9a6c36-3d4e-4c53-8d26-1d83a2b8f0aa", "X\\m", "m*"])
def test_a_new_mailbox_is_not_named_by_what_only_an_old_one_has(identity: str) -> None:
    with pytest.raises(errors.UsageError, match="a new mailbox would not either"):
        calls(identity=identity, name=identity, type="shared")


@pytest.mark.parametrize(
    "options", [{"name": "m"}, {"name": "n", "alias": "M"}, {"name": "n", "primary_smtp_address": "m"}, {"name": "n", "user_principal_name": "m"}]
)
def test_a_new_mailbox_answers_to_its_identity(options: dict[str, str]) -> None:
    assert calls(identity="m", type="shared", **options)
    with pytest.raises(errors.UsageError, match="a new mailbox would not either"):
        calls(identity="elsewhere", type="shared", **options)


@pytest.mark.parametrize(("state", "cmdlet"), [("disabled", "Disable-Mailbox"), ("absent", "Remove-Mailbox")])
def test_a_mailbox_that_shall_not_be_is_ended_in_one_of_two_ways(state: str, cmdlet: str) -> None:
    resource = t.cast(t.Any, MODULE).resource()
    made = resource.calls(plan.Plan("delete", {}, None), {"identity": "m", "state": state, "type": "public_folder"}, engine.Reading({}))
    assert made == [engine.Call(cmdlet, {"Identity": "m", "PublicFolder": True, "Confirm": False})]


@pytest.mark.parametrize("state", ["disabled", "absent"])
def test_an_account_is_not_looked_for_where_no_mailbox_is_wanted(state: str) -> None:
    session = FakeSession({"Get-Mailbox": errors.NotFound("no")})
    result = MODULE.run(lambda: session, Task(MODULE.validate({"identity": "m", "state": state})))
    assert (result["changed"], session.sent()) == (False, ["Get-Mailbox", "Get-Mailbox"])


@pytest.mark.parametrize("state", ["disabled", "absent"])
def test_a_public_folder_mailbox_is_not_reported_as_absent(state: str) -> None:
    session = FakeSession({"Get-Mailbox": lambda given: {"RecipientTypeDetails": "PublicFolderMailbox"} if "PublicFolder" in given else errors.NotFound("no")})
    result = MODULE.run(lambda: session, Task(MODULE.validate({"identity": "pf", "state": state})))
    assert result["failed"] and "Say type: public_folder" in result["msg"]


def test_a_mailbox_keeps_the_addresses_that_the_server_gave_it() -> None:
    state = {"primary_smtp_address": "m@x", "email_address_policy_enabled": False, "email_addresses": ["SMTP:m@x", "x400:whatever"]}
    (made,) = settings(state, identity="m@x", primary_smtp_address="m@x", email_addresses={"add": ["M@x", "b@x"]})
    assert made == engine.Call("Set-Mailbox", {"Identity": "m@x", "EmailAddresses": {"Add": ["smtp:b@x"]}})


@pytest.mark.parametrize("asked", [{"primary_smtp_address": "n@x"}, {"email_addresses": ["SMTP:n@x", "m@x"]}])
def test_a_primary_address_that_a_policy_sets_is_refused(asked: dict[str, t.Any]) -> None:
    state = {"primary_smtp_address": "m@x", "email_address_policy_enabled": True, "email_addresses": ["SMTP:m@x"]}
    with pytest.raises(errors.UsageError, match="Set email_address_policy_enabled: false"):
        settings(state, identity="m@x", **asked)
    assert settings(state, identity="m@x", email_address_policy_enabled=False, **asked)


def test_an_absent_mailbox_is_absent_where_there_are_no_public_folder_mailboxes() -> None:
    session = FakeSession({"Get-Mailbox": lambda given: errors.BadParameter("no") if "PublicFolder" in given else errors.NotFound("no")})
    assert MODULE.run(lambda: session, Task(MODULE.validate({"identity": "m", "state": "absent"})))["changed"] is False


@pytest.mark.parametrize(("present", "wanted"), [("linked", "user"), ("discovery", "shared"), ("public_folder", "user"), ("user", "public_folder")])
def test_a_mailbox_of_another_kind_is_not_converted(present: str, wanted: str) -> None:
    with pytest.raises(errors.UsageError, match=f"is a mailbox of type {present} and cannot become"):
        t.cast(t.Any, MODULE).resource().wanted(FakeSession({}), {"identity": "m", "type": wanted}, {"type": present})


@pytest.mark.parametrize("addresses", [["SMTP:p@x", "b@x"], ["p@x", "b@x"], {"add": ["SMTP:p@x", "b@x"]}])
def test_a_mailbox_is_made_with_the_primary_address_of_its_list(addresses: t.Any) -> None:
    assert calls(identity="m", type="shared", email_addresses=addresses)[0].parameters["PrimarySmtpAddress"] == "p@x"


def test_a_primary_address_and_a_policy_that_sets_it_are_refused_before_anything_is_made() -> None:
    with pytest.raises(errors.UsageError, match="is set by an email address policy"):
        calls(identity="m", type="shared", primary_smtp_address="p@x", email_address_policy_enabled=True)


def test_an_error_of_the_plan_names_the_object_and_the_server() -> None:
    session = FakeSession({"Get-Mailbox": {"Name": "m", "RecipientTypeDetails": "UserMailbox", "Database": "DB01"}})
    result = MODULE.run(lambda: session, Task(MODULE.validate({"identity": "m", "database": "DB02"})))
    assert result["msg"].startswith("exchange on fake: Mailbox 'm': database is 'DB01'") and result["error"]["target"] == "exchange on fake"


def test_an_offline_address_book_is_named_with_or_without_its_backslash() -> None:
    assert mailbox.POLICY.load("\\Default Offline Address Book") == mailbox.POLICY.load("Default Offline Address Book")


@pytest.mark.parametrize("identity", ["", "  "])
def test_an_empty_identity_is_refused(identity: str) -> None:
    assert MODULE.run(lambda: FakeSession({}), Task(MODULE.validate({"identity": identity})))["msg"].startswith("identity is empty")
    assert "empty member" in LIST.run(lambda: FakeSession({}), Task(LIST.validate({"identity": ["m", identity]})))["msg"]


@pytest.mark.parametrize(
    ("shown", "readable"),
    [("UserMailbox", "user"), ("RoomMailbox", "room"), ("PublicFolderMailbox", "public_folder"), ("Regular", "user"), ("LinkedMailbox", "linked")],
)
def test_a_type_as_exchange_shows_it(shown: str, readable: str) -> None:
    assert mailbox.TYPE.load(shown) == mailbox.TYPE.load(readable) == readable


def test_types_archives_and_mail_tips_as_exchange_writes_them() -> None:
    assert [mailbox.TYPE.dump(one) for one in ("user", "room")] == ["Regular", "Room"]
    zero = "00000000-0000-0000-0000-000000000000"
    assert [mail_enabled.ARCHIVE.load(one) for one in (zero, None, "0b9a6c36-0000-0000-0000-000000000000", True, False)] == [False, False, True, True, False]
    assert mail_enabled.MAIL_TIP.load("<html>\n<body>\nBack on Monday\n</body>\n</html>\n") == mail_enabled.MAIL_TIP.load("Back on Monday") == "Back on Monday"


def listed(session: FakeSession, **options: t.Any) -> dict[str, t.Any]:
    return LIST.run(lambda: session, Task(LIST.validate({"properties": ["name", "WhenCreatedUTC", "issue_warning_quota"]} | options)))


ROW = {"Name": "m", "WhenCreatedUTC": "2026-01-01T00:00:00Z", "IssueWarningQuota": "1 GB (1,073,741,824 bytes)"}


def test_a_list_has_the_properties_asked_for_in_the_form_of_options() -> None:
    result = listed(FakeSession({"Get-Mailbox": ROW}))
    assert result["mailboxes"] == [{"name": "m", "when_created_utc": "2026-01-01T00:00:00Z", "issue_warning_quota": "1 GB"}]


def test_an_empty_list_of_identities_asks_for_no_mailbox() -> None:
    session = FakeSession({})
    assert listed(session, identity=[])["mailboxes"] == [] and session.calls == []


def test_identities_that_are_absent_are_told() -> None:
    result = listed(FakeSession({"Get-Mailbox": [Answer([ROW]), errors.NotFound("object 'N' couldn't be found")]}), identity=["m", "n"])
    assert ([one["name"] for one in result["mailboxes"]], result["missing"]) == (["m"], ["n"])


def test_an_identity_for_which_nothing_comes_back_is_in_doubt() -> None:
    assert "whether it exists is not known" in listed(FakeSession({"Get-Mailbox": Answer([])}), identity=["m"])["msg"]


def test_a_mail_tip_is_compared_as_it_reads() -> None:
    server, user = (mail_enabled.MAIL_TIP.load(one) for one in ("<html>\r\n<body>\r\na &lt; b\r\nc\r\n</body>\r\n</html>\r\n", "a < b\nc"))
    assert mail_enabled.MAIL_TIP.key(server) == mail_enabled.MAIL_TIP.key(user)


def test_an_identity_is_not_absent_because_something_else_is() -> None:
    gone = errors.NotFound("The operation couldn't be performed because object 'dc9' couldn't be found on 'dc9'.")
    result = listed(FakeSession({"Get-Mailbox": gone}), identity=["user77"], domain_controller="dc9")
    assert result["error"]["class"] == "NotFound" and "dc9" in result["msg"]
    task = Task(MODULE.validate({"identity": "m", "state": "absent", "domain_controller": "dc9"}))
    assert MODULE.run(lambda: FakeSession({"Get-Mailbox": gone, "Get-User": gone}), task)["error"]["class"] == "NotFound"


@pytest.mark.parametrize("name", ["exchange_remote_domain", "exchange_accepted_domain"])
@pytest.mark.parametrize("given", [{}, {"domain_name": ""}])
def test_check_mode_refuses_a_domain_that_cannot_be_created(name: str, given: dict[str, str]) -> None:
    module = scenarios.module(name)
    absent = {cmdlet: errors.NotFound("no") for cmdlet in ("Get-RemoteDomain", "Get-AcceptedDomain")}
    result = module.run(lambda: FakeSession(absent), Task(module.validate({"name": "P", **given}), check_mode=True))
    assert "'P' does not exist, and domain_name is needed to create it" in result["msg"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer([ROW], truncated=True), "Truncated"),
        (errors.NotFound("the database is not there"), "NotFound"),
        (Answer([{"Name": "m"}]), "UsageError"),
        (Answer([ROW, {"Name": "m"}]), "HybridError"),
        (Answer([ROW | {"IssueWarningQuota": "much"}]), "HybridError"),
    ],
)
def test_a_list_in_doubt_is_an_error(answer: t.Any, kind: str) -> None:
    assert listed(FakeSession({"Get-Mailbox": answer}))["error"]["class"] == kind


def test_selecting_options_become_parameters() -> None:
    session = FakeSession({"Get-Mailbox": ROW})
    listed(session, archive=False, recipient_type_details=["room_mailbox"], domain_controller="dc1", identity=["m"])
    expected = {"Identity": "m", "Archive": False, "RecipientTypeDetails": ["RoomMailbox"], "ResultSize": "Unlimited", "DomainController": "dc1"}
    assert session.calls == [("Get-Mailbox", expected)]


def test_property_names_in_the_spelling_of_options() -> None:
    assert [values.snake(one) for one in ("WhenCreatedUTC", "MAPIEnabled", "primary_smtp_address", "Id")] == [
        "when_created_utc",
        "mapi_enabled",
        "primary_smtp_address",
        "id",
    ]


def test_free_parameters_hold_secrets_and_credentials() -> None:
    value = {"A": {"$secret": 4711}, "B": [{"$credential": {"user": "joe", "password": "geheim"}}], "C": {"Add": ["x"]}}
    typed = free.typed(value)
    assert typed == {"A": "4711", "B": [Credential("joe", Secret("geheim"))], "C": {"Add": ["x"]}}
    assert isinstance(typed["A"], Secret) and "geheim" not in repr(typed) and "4711" not in repr(typed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"$secret": "a", "b": 1},
        {"$secret": None},
        {"$secret": {"a": "b"}},
        {"$credential": "joe"},
        {"$credential": {"user": "joe"}},
        {"$credential": {"user": "joe", "password": None}},
        {"$credential": {"user": "joe", "password": "x", "domain": "y"}},
    ],
)
def test_free_parameters_that_cannot_be_meant_are_refused(wrong: dict[str, t.Any]) -> None:
    with pytest.raises(errors.UsageError):
        free.typed({"A": wrong})


@pytest.mark.parametrize("name", ["Get-Mailbox; Remove-Mailbox", "Get-Mailbox -Identity x", "Mailbox", "", "Get-", "Get-Mailbox\n"])
def test_a_free_cmdlet_is_a_name_and_no_script(name: str) -> None:
    assert "is not the name of a cmdlet" in CMDLET.run(lambda: FakeSession({}), Task(CMDLET.validate({"cmdlet": name})))["msg"]


@pytest.mark.parametrize(("cmdlet", "sent"), [("Get-Mailbox", True), ("Set-Mailbox", False), ("Search-Mailbox", False)])
def test_a_free_cmdlet_that_may_write_is_not_run_in_check_mode(cmdlet: str, sent: bool) -> None:
    session = FakeSession({cmdlet: {"Name": "m"}})
    result = CMDLET.run(lambda: session, Task(CMDLET.validate({"cmdlet": cmdlet}), check_mode=True))
    assert (result["changed"], bool(session.calls)) == (not sent, sent)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            errors.BadParameter("no parameter matches the name 'MessageCountThreshold'"),
            "Set-RemoteDomain -MessageCountThreshold exists on Exchange 2013, 2016, 2019, SE only",
        ),
        (errors.BadParameter("LineWrapSize is out of range", advice="as it was"), "as it was"),
        (errors.AccessDenied("MessageCountThreshold", advice="as it was"), "as it was"),
    ],
)
def test_a_refused_parameter_is_told_with_the_versions_that_have_it(error: errors.HybridError, advice: str) -> None:
    call = engine.Call("Set-RemoteDomain", {"Identity": "x", "LineWrapSize": 500, "MessageCountThreshold": 5})
    assert availability.explain(error, call).advice == advice


def test_versions_are_named_only_where_they_differ() -> None:
    assert availability.sentence("Set-RemoteDomain", "message_count_threshold").startswith("Set-RemoteDomain -MessageCountThreshold exists")
    assert availability.sentence("Set-RemoteDomain", "Name") == availability.sentence("Set-Nothing", "Name") == ""


def test_states_of_batches_are_spelt_like_options() -> None:
    assert [migration.word(one) for one in ("SyncedWithErrors", "IMAP", "", None)] == ["synced_with_errors", "imap", None, None]
