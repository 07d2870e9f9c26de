# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a connection to Active Directory: which are needed, what follows from them, what is secret."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._ldap_docs import ENCRYPTIONS, OPTIONS, definitions
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options
from tests.fake_directory import options

GIVEN = {"host": ["dc01.contoso.com"], "user": "admin@contoso.com", "password": "s3cret"}


def resolved(**changes: t.Any) -> dict[str, t.Any]:
    return options(**GIVEN | changes)


@pytest.mark.parametrize(("encryption", "port"), ENCRYPTIONS.items())
def test_the_port_follows_from_the_encryption(encryption: str, port: int) -> None:
    assert resolved(encryption=encryption, auth="kerberos")["port"] == port
    assert resolved(encryption=encryption, auth="kerberos", tcp_port=3269)["port"] == 3269


def test_how_to_log_in_follows_from_the_password() -> None:
    assert resolved()["auth"] == "simple" and resolved(password=None, user=None)["auth"] == "kerberos"
    assert resolved(auth="kerberos")["auth"] == "kerberos"


def test_hosts_are_a_list_or_a_text_with_commas() -> None:
    assert resolved(host="dc01, dc02,")["host"] == resolved(host=["dc01", "dc02"])["host"] == ["dc01", "dc02"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"host": []}, "names no domain controller"),
        ({"host": ["ldaps://dc01"]}, "not the name of a host"),
        ({"encryption": "none"}, "in clear text"),
        ({"encryption": "sealing"}, "in clear text"),
        ({"auth": "simple", "password": ""}, "needs m365_ldap_user and m365_ldap_password"),
        ({"user": ""}, "needs m365_ldap_user"),
        ({"auth": "kerberos", "user": None}, "no m365_ldap_user"),
        ({"auth": "kerberos", "ccache": "FILE:/tickets"}, "there is a password as well"),
        ({"page_size": 0}, "m365_ldap_page_size must be 1 or more"),
        ({"max_connections": 0}, "m365_ldap_max_connections must be 1 or more"),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, t.Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        resolved(**changes)
    assert "s3cret" not in str(caught.value)


def test_the_password_is_the_secret() -> None:
    given = {option.name: option.default for option in OPTIONS} | GIVEN
    assert ldap_options.secrets(given.get) == {"s3cret"}
    assert ldap_options.secrets((given | {"password": None}).get) == set()


def test_a_certificate_that_was_replaced_is_another_identity(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("one")
    before = resolved(ca_cert=str(path))
    path.write_text("another")
    assert resolved(ca_cert=str(path))["files"] != before["files"]
    assert resolved(ca_cert="-----BEGIN CERTIFICATE-----\nx")["files"] == {"ca_cert": None}


def test_every_host_of_the_list_has_its_time() -> None:
    assert ldap_options.patience(resolved(host=["a", "b", "c"])) - ldap_options.patience(resolved()) == 60


def test_a_credential_type_can_set_everything_by_the_environment() -> None:
    for key, found in definitions().items():
        option = next(one for one in OPTIONS if one.name == key)
        assert found["env"] == [{"name": f"M365_LDAP_{option.key.upper()}"}]
        assert found["vars"][-1] == {"name": f"m365_ldap_{option.key}"}
