# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Exchange Online wire against the lab's tenant: what is sent again and what is not, pages, batches, refusals.  Nothing here waits."""

from __future__ import annotations

import concurrent.futures
import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Secret
from ansible_collections.m365.hybrid.plugins.module_utils._tenant_docs import OPTIONS
from ansible_collections.m365.hybrid.plugins.plugin_utils import tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, exchange_online
from hybridlab import estate
from hybridlab.cloud.site import Site
from hybridlab.exchange import Exchange
from tests.integration.wire_session import WireSession, connected_online


@pytest.fixture(scope="module")
def running() -> t.Iterator[tuple[estate.Estate, WireSession]]:
    with estate.running(product=Exchange(mailboxes=0), tenants=1, mailboxes=7) as lab, connected_online(lab) as session:
        yield lab, session


@pytest.fixture
def lab(running: tuple[estate.Estate, WireSession]) -> t.Iterator[estate.Estate]:
    running[0].faults.clear()
    yield running[0]
    running[0].faults.clear()


@pytest.fixture
def session(running: tuple[estate.Estate, WireSession], lab: estate.Estate) -> WireSession:
    return running[1]


def site(lab: estate.Estate) -> Site:
    assert lab.site is not None
    return lab.site


def calls(lab: estate.Estate) -> list[tuple[str, dict[str, t.Any]]]:
    product = site(lab).tenants[0].exchange
    assert isinstance(product, Exchange)
    return product.calls


def sent(lab: estate.Estate, cmdlet: str) -> int:
    return sum(name == cmdlet for name, _parameters in calls(lab))


def write(session: WireSession, text: str) -> None:
    session.invoke("Set-RemoteDomain", {"Identity": "Default", "CharacterSet": text, "Confirm": False})


BUSY = [("too-many-requests", "Too many requests"), ("service-unavailable", "The service is unavailable")]


@pytest.mark.parametrize("fault", [name for name, _text in BUSY])
def test_what_the_service_was_too_busy_for_is_sent_again(lab: estate.Estate, session: WireSession, fault: str) -> None:
    before = sent(lab, "Set-RemoteDomain")
    lab.faults.arm(fault, retry_after=0, count=3)
    write(session, "utf-8")
    assert sent(lab, "Set-RemoteDomain") == before + 1


@pytest.mark.parametrize(("fault", "text"), BUSY)
def test_a_wait_beyond_the_limit_is_reported(lab: estate.Estate, session: WireSession, fault: str, text: str) -> None:
    lab.faults.arm(fault, retry_after=9999)
    with pytest.raises(errors.Throttled, match=f"{text}.*Nothing was executed"):
        write(session, "utf-8")


def test_a_refused_token_is_renewed_once(lab: estate.Estate, session: WireSession) -> None:
    issued = site(lab).tokens.issued
    lab.faults.arm("expired-token")
    write(session, "utf-8")
    assert site(lab).tokens.issued == issued + 1


def test_a_token_that_is_refused_twice_is_reported(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("expired-token", count=2)
    with pytest.raises(errors.LoginRefused, match="refuses the token: The access token has expired"):
        write(session, "utf-8")


def test_a_write_of_unknown_fate_is_not_repeated(lab: estate.Estate, session: WireSession) -> None:
    before = sent(lab, "Set-RemoteDomain")
    lab.faults.arm("gateway-timeout")
    with pytest.raises(errors.SessionLost, match=r"Gateway Timeout.*not known"):
        write(session, "us-ascii")
    assert sent(lab, "Set-RemoteDomain") == before + 1


def test_a_read_of_unknown_fate_is_repeated_once(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("gateway-timeout", count=1)
    assert session.invoke("Get-AcceptedDomain").output
    lab.faults.arm("gateway-timeout", count=2)
    with pytest.raises(errors.SessionLost):
        session.invoke("Get-AcceptedDomain")


def names(session: WireSession, **parameters: t.Any) -> list[str]:
    return [one["Name"] for one in session.invoke("Get-Mailbox", parameters, properties=["Name"]).output]


def test_pages_become_one_list(lab: estate.Estate, session: WireSession) -> None:
    whole = names(session, ResultSize="Unlimited")
    lab.faults.arm("small-pages", size=2)
    assert names(session, ResultSize="Unlimited") == whole and len(whole) > 6


def test_a_connection_that_breaks_in_mid_page_loses_nothing(lab: estate.Estate, session: WireSession) -> None:
    whole = names(session, ResultSize="Unlimited")
    lab.faults.arm("small-pages", size=2)
    lab.faults.arm("cut-answer", page=2)
    assert names(session, ResultSize="Unlimited") == whole
    lab.faults.arm("cut-answer", page=2, count=2)
    with pytest.raises(errors.SessionLost, match="broke"):
        names(session, ResultSize="Unlimited")


def test_pages_take_the_way_of_the_first(lab: estate.Estate, session: WireSession) -> None:
    """The lab refuses a page that is asked for over another mailbox or connection; so this fails if anchor or connection change between pages."""
    lab.faults.arm("small-pages", size=1)
    answer = session.invoke("Get-MailboxFolderPermission", {"Identity": "user0@contoso.com:\\Calendar"})
    assert len(answer.output) > 1


def test_a_page_that_is_no_longer_there_makes_no_short_list(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("small-pages", size=2)
    pages = site(lab).admin._pages
    site(lab).admin._pages = type("Forgetful", (dict,), {"get": lambda self, key, default=None: None})()
    try:
        with pytest.raises(errors.Truncated, match="cannot be read beyond its first 2 objects"):
            names(session, ResultSize="Unlimited")
    finally:
        site(lab).admin._pages = pages


def test_a_list_shorter_than_there_is_says_so(session: WireSession) -> None:
    answer = session.invoke("Get-Mailbox", {"ResultSize": 2})
    assert answer.truncated and len(answer.output) == 2


def test_a_refusal_without_words_is_explained(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("wordless-refusal", cmdlet="Set-RemoteDomain")
    with pytest.raises(errors.AccessDenied, match="no role of the application contains it or its parameters Identity, CharacterSet") as found:
        write(session, "utf-8")
    assert found.value.error_type == "CmdletAccessDeniedException"


def test_a_cmdlet_that_is_not_there(session: WireSession) -> None:
    with pytest.raises(errors.CommandMissing, match="does not know the cmdlet"):
        session.invoke("Get-ExchangeServer")


def test_an_object_that_is_not_there_is_proven_absent(session: WireSession) -> None:
    with pytest.raises(errors.NotFound, match=r"'gone' couldn't be found") as found:
        session.invoke("Get-Mailbox", {"Identity": "gone"})
    assert str(found.value.error_type).endswith("ManagementObjectNotFoundException")


@pytest.mark.parametrize(
    ("parameters", "text"),
    [({"DomainController": "dc01"}, "Invalid cmdlet parameters specified. DomainController"), ({"ContentType": "Paper"}, "MimeHtmlText")],
)
def test_a_parameter_that_is_refused_is_named(session: WireSession, parameters: dict[str, t.Any], text: str) -> None:
    with pytest.raises(errors.BadParameter, match=text):
        session.invoke("Set-RemoteDomain", {"Identity": "Default", **parameters})


def test_a_secret_is_not_sent(lab: estate.Estate, session: WireSession) -> None:
    before = len(calls(lab))
    with pytest.raises(errors.UsageError, match=r"Password is a secret.*Microsoft Graph"):
        session.invoke("New-Mailbox", {"Name": "x", "Password": Secret("hidden")})
    assert len(calls(lab)) == before


def test_lists_of_members_are_hashtables(lab: estate.Estate, session: WireSession) -> None:
    session.invoke("Set-Mailbox", {"Identity": "user1", "EmailAddresses": {"Add": ["smtp:one@contoso.com"]}, "Confirm": False})
    shown = session.invoke("Get-Mailbox", {"Identity": "user1"}, properties=["EmailAddresses", "WhenCreatedUTC"]).output[0]
    assert shown == {"EmailAddresses": ["SMTP:user1@contoso.com", "smtp:one@contoso.com"], "WhenCreatedUTC": "2026-03-01T09:00:00Z"}


HARD = ['O\'Brien "&" <$(Get-Date)> ]]>', "日本 🙂 \u202eRTL", "tab\tand\nline", "x" * 1000]


@pytest.mark.parametrize("text", HARD)
def test_texts_survive(session: WireSession, text: str) -> None:
    session.invoke("Set-Mailbox", {"Identity": "user2", "CustomAttribute1": text, "Confirm": False})
    assert session.invoke("Get-Mailbox", {"Identity": "user2"}, properties=["CustomAttribute1"]).output == [{"CustomAttribute1": text}]


def many(session: WireSession, count: int) -> list[str]:
    """Write one attribute of a mailbox each from a thread of its own; what failed."""

    def one(number: int) -> str:
        try:
            session.invoke("Set-Mailbox", {"Identity": f"user{number % 5}", f"CustomAttribute{number % 15 + 1}": str(number), "Confirm": False})
        except errors.HybridError as error:
            return f"{number}: {error}"
        return ""

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        return [failed for failed in pool.map(one, range(count)) if failed]


def test_many_calls_go_in_few_requests_and_few_at_a_time(lab: estate.Estate, session: WireSession) -> None:
    load = site(lab).admin.load[site(lab).tenants[0].id]
    lab.faults.arm("slow-answer", seconds=0.01, cmdlet="Set-Mailbox")
    load.requests, load.most = 0, 0
    before = sent(lab, "Set-Mailbox")
    assert not many(session, 120)
    assert sent(lab, "Set-Mailbox") == before + 120
    assert load.requests <= 40 and load.batches and load.most <= 3


def test_one_bad_call_of_a_batch_stops_no_other(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("slow-answer", seconds=0.01, cmdlet="Set-Mailbox")
    lab.faults.arm("wordless-refusal", cmdlet="Set-Mailbox", count=1, after=20)
    failed = many(session, 60)
    assert len(failed) == 1 and "no role of the application contains it" in failed[0]


def test_a_throttled_run_loses_nothing_and_sends_nothing_twice(lab: estate.Estate, session: WireSession) -> None:
    lab.faults.arm("too-many-requests", retry_after=0, count=6, after=3)
    lab.faults.arm("expired-token", count=1, after=2)  # in mid-bulk
    before = sent(lab, "Set-Mailbox")
    assert not many(session, 60)
    assert sent(lab, "Set-Mailbox") == before + 60


def test_a_service_without_batches_gets_single_requests(lab: estate.Estate, session: WireSession) -> None:
    wire: t.Any = session._wire
    original = wire._send
    wire._send = lambda jobs, method, url, *rest: original(jobs, method, url.replace("/$batch", "/NoBatch"), *rest)
    try:
        assert not many(session, 40)
        assert not wire._batches
    finally:
        wire._send, wire._batches = original, True


def test_a_federated_token_is_read_anew_for_every_login(lab: estate.Estate, tmp_path: pathlib.Path) -> None:
    """The file is rotated while the session lives; the next login takes what is in it then."""
    file = tmp_path / "token"
    file.write_text(site(lab).tokens.federated_token())
    with connected_online(lab, auth="federated_token", client_secret=None, federated_token_file=str(file)) as session:
        write(session, "utf-8")
        file.write_text(site(lab).tokens.federated_token(subject="system:serviceaccount:other:one"))
        lab.faults.arm("expired-token")
        with pytest.raises(errors.LoginRefused, match="AADSTS700213"):
            write(session, "utf-8")
        file.unlink()
        lab.faults.arm("expired-token")
        with pytest.raises(errors.UsageError, match=r"m365_tenant_federated_token_file: the file .* cannot be read"):
            write(session, "utf-8")
        file.write_text(site(lab).tokens.federated_token())
        lab.faults.arm("expired-token")
        write(session, "utf-8")


def test_a_person_signs_in_once(lab: estate.Estate) -> None:
    """The first token takes a person; one that is refused later is renewed from that login, without anybody being asked."""
    told: list[str] = []
    variables = site(lab).variables(site(lab).tenants[0], lab.ca_path)
    given = {option.name: variables.get(f"m365_tenant_{option.key}", option.default) for option in OPTIONS}
    given |= {"auth": "device_code", "client_secret": None}
    wire = exchange_online.open_wire(tenant_options.resolve(given.get, "exchange_online"))
    try:
        wire.open(Call(60, told.append))
        lab.faults.arm("expired-token")
        assert wire.invoke(Call(60), "Get-AcceptedDomain", {}, ["Name"]).output
    finally:
        wire.close()
    assert len(told) == 1 and "enter the code" in told[0]


def test_ping_takes_a_refusal_for_an_answer_and_silence_for_none(lab: estate.Estate, session: WireSession) -> None:
    wire: t.Any = session._wire
    lab.faults.arm("wordless-refusal")
    wire.test(Call(60))
    lab.faults.arm("cut-answer", page=1, count=2)
    lab.faults.clear("wordless-refusal")
    with pytest.raises(errors.SessionLost):
        wire.test(Call(60))


def test_a_call_whose_time_is_up_says_whether_it_was_sent(lab: estate.Estate, session: WireSession) -> None:
    wire: t.Any = session._wire
    wire._enter = wire._waiting.append  # nobody is told, so nobody sends it
    try:
        with pytest.raises(errors.TimedOut, match=r"was not sent.*Nothing was executed"):
            wire.invoke(Call(0.01), "Set-RemoteDomain", {"Identity": "Default"}, None)
    finally:
        del wire._enter
    lab.faults.arm("slow-answer", seconds=0.3, cmdlet="Set-RemoteDomain")
    with pytest.raises(errors.TimedOut, match=r"under way, but its time is up.*not known"):
        wire.invoke(Call(0.05), "Set-RemoteDomain", {"Identity": "Default", "Confirm": False}, None)
