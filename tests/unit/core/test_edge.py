# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which server answers is settled before its settings are read; a module of Edge Transport servers says why it refuses others."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import edge
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.plugin_utils import opening
from tests import scenarios
from tests.unit.core.fake import FakeSession

NAME = {"Key": "COMPUTERNAME", "Value": "EX01"}
MAILBOX = {"Name": "EX01", "ServerRole": "Mailbox", "IsEdgeServer": False}
MODULE = scenarios.module("exchange_ip_block_list_providers_config")


def asked(name: t.Any, server: t.Any) -> FakeSession:
    return FakeSession({"Get-Item": name, "Get-ExchangeServer": server})


def test_the_machine_is_asked_for_its_own_name() -> None:
    session = asked({"Value": "EDGE01"}, {"Name": "EDGE01", "ServerRole": "Edge", "IsEdgeServer": True})
    assert edge.edge_server(session) == "EDGE01"
    assert session.calls == [("Get-Item", {"Path": "Env:COMPUTERNAME"}), ("Get-ExchangeServer", {"Identity": "EDGE01"})]


def test_a_mailbox_server_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="EX01 has the role Mailbox, not Edge: connection filtering exists on Edge Transport servers only"):
        edge.edge_server(asked(NAME, MAILBOX))


def test_a_management_host_is_no_exchange_server() -> None:
    with pytest.raises(NotFound, match=r"EX01 is not an Exchange server: nothing there\. Name an Edge Transport server with m365_edge_host"):
        edge.edge_server(asked(NAME, NotFound("nothing there")))


def test_nothing_of_a_mailbox_server_is_exported() -> None:
    session = asked(NAME, MAILBOX)
    with pytest.raises(UsageError, match="role Mailbox, not Edge"):
        t.cast(CmdletModule, MODULE).export(engine.Tally(session), {"full": True}, lambda _done, _all: None)
    assert "Get-IPBlockListProvidersConfig" not in session.sent()


@pytest.mark.parametrize(
    ("name", "server", "error"),
    [
        ({"Value": ""}, MAILBOX, HybridError),
        ({}, MAILBOX, HybridError),
        (None, MAILBOX, HybridError),
        (NAME, None, HybridError),
        (NAME, {"Name": "EX01"}, UsageError),
        (NAME, Answer([MAILBOX, MAILBOX]), Ambiguous),
    ],
)
def test_a_doubt_is_an_error(name: t.Any, server: t.Any, error: type[HybridError]) -> None:
    with pytest.raises(error):
        edge.edge_server(asked(name, server))


def test_an_exchange_endpoint_is_refused_with_the_reason() -> None:
    action = types.SimpleNamespace(_connection=types.SimpleNamespace(wire="powershell", endpoint="exchange"))
    with pytest.raises(UsageError) as caught:
        opening.connection_for(action, MODULE, {})
    assert "cannot use endpoint exchange of connection m365.hybrid.powershell: connection filtering exists on Edge Transport servers only" in str(caught.value)
    assert "Set ansible_connection: m365.hybrid.powershell with m365_endpoint: edge" in str(caught.value)


def test_there_is_no_domain_controller_to_name() -> None:
    assert "domain_controller" not in MODULE.docs.options
