# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logging on to the lab's Active Directory with Kerberos."""

from __future__ import annotations

import ssl
import typing as t

import ldap3
import pytest
import spnego
from ldap3.protocol.sasl.sasl import send_sasl_negotiation

from hybridlab import estate
from hybridlab.ad import ber
from hybridlab.wire import kdc
from tests.unit.lab.ad_client import BASE


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[estate.Estate]:
    try:
        kdc.program("krb5kdc")
    except kdc.Unavailable as missing:
        pytest.skip(str(missing))
    with estate.running(tmp_path_factory.mktemp("kerberos") / "lab", kerberos=True, mailboxes=1) as found:
        yield found


@pytest.fixture
def kerberos(lab: estate.Estate, monkeypatch: pytest.MonkeyPatch) -> estate.Estate:
    monkeypatch.setenv("KRB5_CONFIG", str(lab.krb5_config))
    return lab


def server(lab: estate.Estate, clear: bool = False) -> ldap3.Server:
    trust = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(lab.ca_path))
    return ldap3.Server("localhost", port=lab.dc.ldap_port if clear else lab.dc.ldaps_port, use_ssl=not clear, tls=trust, get_info=ldap3.NONE)


def ticket(lab: estate.Estate) -> t.Any:
    import gssapi

    name = gssapi.Name(lab.user, gssapi.NameType.user)
    return gssapi.raw.acquire_cred_with_password(name, lab.password.encode(), usage="initiate", mechs=[gssapi.MechType.kerberos]).creds


def bound(lab: estate.Estate, clear: bool = False) -> ldap3.Connection:
    credentials = ("localhost", None, ticket(lab))
    return ldap3.Connection(server(lab, clear), authentication=ldap3.SASL, sasl_mechanism=ldap3.KERBEROS, sasl_credentials=credentials, receive_timeout=10)


def test_a_ticket_logs_on_over_tls(kerberos: estate.Estate) -> None:
    client = bound(kerberos)
    assert client.bind(), client.result
    assert client.extend.standard.who_am_i() == "u:CONTOSO\\administrator"


def test_a_ticket_without_a_layer_is_refused_in_clear_text(kerberos: estate.Estate) -> None:
    client = bound(kerberos, clear=True)
    assert not client.bind()
    assert client.result["result"] == 8


def test_what_a_sealed_connection_carries_is_no_clear_text(kerberos: estate.Estate) -> None:
    """ldap3 2.9 has no layers of its own: this client wraps by hand."""
    client = ldap3.Connection(server(kerberos, clear=True), authentication=ldap3.SASL, sasl_mechanism="GSSAPI", receive_timeout=10)
    client.open(read_server_info=False)
    context = spnego.client(kerberos.user, kerberos.password, hostname="localhost", service="ldap", protocol="kerberos")
    answer = send_sasl_negotiation(client, [], context.step())
    assert answer["result"] == 14
    context.step(answer["saslCreds"])
    offer = send_sasl_negotiation(client, [], b"")
    assert context.unwrap(offer["saslCreds"]).data == b"\x07\xa0\x00\x00"
    done = send_sasl_negotiation(client, [], context.wrap(b"\x04\x00\xff\xff", encrypt=False).data)
    assert done["result"] == 0
    root_entry = ber.text("") + ber.integer(0, 0x0A) * 2 + ber.integer(0) * 2 + ber.tlv(ber.BOOLEAN, b"\0") + ber.text("objectClass", 0x87) + ber.tlv(0x30, b"")
    request = ber.tlv(ber.SEQUENCE, ber.integer(9) + ber.tlv(0x63, root_entry))
    wrapped = context.wrap(request, encrypt=True).data
    client.socket.sendall(len(wrapped).to_bytes(4, "big") + wrapped)
    received = client.socket.recv(1 << 16)
    assert BASE.encode() not in received
    size = int.from_bytes(received[:4], "big")
    assert BASE.encode() in context.unwrap(received[4 : 4 + size]).data


def test_spnego_logs_on_over_tls(kerberos: estate.Estate) -> None:
    client = ldap3.Connection(server(kerberos), authentication=ldap3.SASL, sasl_mechanism="GSS-SPNEGO", receive_timeout=10)
    client.open(read_server_info=False)
    wanted = spnego.ContextReq.mutual_auth | spnego.ContextReq.no_integrity
    context = spnego.client(kerberos.user, kerberos.password, hostname="localhost", service="ldap", protocol="negotiate", context_req=wanted)
    answer = send_sasl_negotiation(client, [], context.step())
    assert answer["result"] == 0, answer
    assert client.search(BASE, "(objectClass=domainDNS)", ldap3.BASE)


def test_the_root_entry_names_the_mechanisms(lab: estate.Estate) -> None:
    client = ldap3.Connection(server(lab))
    client.bind()
    client.search("", "(objectClass=*)", ldap3.BASE, attributes=["supportedSASLMechanisms"])
    assert client.response[0]["raw_attributes"]["supportedSASLMechanisms"] == [b"GSSAPI", b"GSS-SPNEGO"]
