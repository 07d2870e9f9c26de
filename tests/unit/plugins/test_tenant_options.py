# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a connection to a tenant: which are needed, what follows from them, what is secret."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._tenant_docs import OPTIONS, definitions
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import exchange_online, graph

GIVEN = {"tenant_id": "contoso.onmicrosoft.com", "client_id": "app", "client_secret": "s3cret"}


def resolved(**changes: t.Any) -> dict[str, t.Any]:
    given = {option.name: option.default for option in OPTIONS} | GIVEN | changes
    return tenant_options.resolve(given.get, "exchange_online")


def secrets(**changes: t.Any) -> set[str]:
    return tenant_options.secrets(({option.name: option.default for option in OPTIONS} | GIVEN | changes).get)


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=lambda cloud: cloud.name)
def test_a_cloud_names_its_hosts(cloud: t.Any) -> None:
    found = resolved(cloud=cloud.name)
    assert (found["login_host"], found["exchange_host"]) == (cloud.login, cloud.exchange)


def test_a_host_of_ones_own_goes_first() -> None:
    assert resolved(cloud="china", exchange_host="localhost:8443")["exchange_host"] == "localhost:8443"


@pytest.mark.parametrize(
    ("changes", "auth"),
    [
        ({}, "client_secret"),
        ({"client_secret": None, "certificate": "/app.pem"}, "certificate"),
        ({"client_secret": None, "federated_token_file": "/token"}, "federated_token"),
        ({"auth": "managed_identity", "client_id": None}, "managed_identity"),
        ({"auth": "certificate", "certificate": "/app.pem"}, "certificate"),
        ({"auth": "device_code"}, "device_code"),
    ],
)
def test_how_to_log_in_follows_from_what_is_given(changes: dict[str, t.Any], auth: str) -> None:
    assert resolved(**changes)["auth"] == auth


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tenant_id": None}, "m365_tenant_id is not set"),
        ({"tenant_id": "contoso/../other"}, "neither a GUID nor a domain"),
        ({"client_id": ""}, "m365_tenant_client_id is not set"),
        ({"client_secret": None}, "Nothing says how to log in"),
        ({"certificate": "/app.pem"}, "several ways to log in to the tenant: client_secret, certificate"),
        ({"auth": "certificate"}, "there is no m365_tenant_certificate"),
        ({"certificate_key": "/key.pem"}, "needs m365_tenant_certificate"),
        ({"login_host": "https://login.microsoftonline.com/x"}, "not the name of a host"),
        ({"max_requests": 0}, "1 or more"),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, t.Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        resolved(**changes)


def test_every_secret_is_known_and_no_path_is_one() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"
    assert secrets(certificate=pem, certificate_password="pw", certificate_key="/key.pem") == {"s3cret", pem, "pw"}
    assert secrets(certificate="/app.pem", proxy="http://u:hidden@proxy:3128") == {"s3cret", "http://u:hidden@proxy:3128", "hidden"}
    assert secrets(proxy="http://proxy:3128") == {"s3cret"}


def test_a_certificate_that_was_replaced_is_another_identity(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "app.pem"
    path.write_text("one")
    before = resolved(client_secret=None, certificate=str(path))
    path.write_text("another")
    assert resolved(client_secret=None, certificate=str(path)) != before


@pytest.mark.parametrize(
    "changes",
    [{"tenant_id": "fabrikam.onmicrosoft.com"}, {"client_id": "other"}, {"client_secret": "other"}, {"cloud": "dod", "login_host": "x", "exchange_host": "y"}],
    ids=str,
)
def test_another_identity_has_another_broker(tmp_path: pathlib.Path, changes: dict[str, t.Any]) -> None:
    """The hosts may have one name; what tells tenants apart tells their brokers apart."""

    def path(options: dict[str, t.Any]) -> str:
        identity = {key: value for key, value in options.items() if key not in tenant_options.TRANSIENT}
        return broker.socket_path(broker.Launch("exchange_online", identity, {}, 1, str(tmp_path)))

    assert path(resolved(login_host="x", exchange_host="y")) != path(resolved(**({"login_host": "x", "exchange_host": "y"} | changes)))
    assert path(resolved()) == path(resolved(command_timeout=5))


def test_every_option_comes_from_a_variable_and_the_environment() -> None:
    for option in OPTIONS:
        found = definitions()[option.name]
        assert {"name": f"m365_tenant_{option.key}"} in found["vars"] and found["env"] == [{"name": f"M365_TENANT_{option.key.upper()}"}]


@pytest.mark.parametrize("wire", [exchange_online.ExchangeOnline, graph.Graph], ids=lambda wire: wire.endpoint)
def test_bulk_has_enough_calls_for_every_request_and_one_request_more_that_wait(wire: t.Any) -> None:
    given = {option.name: option.default for option in OPTIONS} | GIVEN | {"max_requests": 4}
    assert tenant_options.resolve(given.get, wire.endpoint)["max_sessions"] == (4 + 1) * wire.most


def test_a_person_gets_the_time_to_sign_in() -> None:
    assert tenant_options.patience(resolved(auth="device_code")) >= tenant_options.patience(resolved()) + 900
