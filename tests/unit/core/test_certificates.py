# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a federation: read without a library, compared by thumbprint, counted in days."""

from __future__ import annotations

import base64
import datetime
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import certificate, domain_federation
from hybridlab.graph import Graph, seed
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph

KEY = ec.generate_private_key(ec.SECP256R1())
MOMENTS = st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(9999, 12, 31)).map(lambda one: one.replace(microsecond=0))


def made(begin: datetime.datetime, end: datetime.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ADFS Signing")])
    return x509.CertificateBuilder(name, name, KEY.public_key(), 1, begin, end).sign(KEY, hashes.SHA256())


def der(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.DER)


@given(MOMENTS, MOMENTS)
def test_a_certificate_reads_as_a_library_reads_it(one: datetime.datetime, other: datetime.datetime) -> None:
    expected = made(min(one, other), max(one, other))
    found = certificate.parse(der(expected))
    assert found.thumbprint == expected.fingerprint(hashes.SHA1()).hex().upper()
    assert (found.not_before, found.not_after) == (expected.not_valid_before_utc, expected.not_valid_after_utc)


@given(st.binary(max_size=200) | st.integers(0, 294).map(lambda length: der(made(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)))[:length]))
def test_what_is_no_certificate_is_refused_with_a_sentence(data: bytes) -> None:
    try:
        x509.load_der_x509_certificate(data)
    except ValueError:
        with pytest.raises(ValueError, match="it is no certificate"):
            certificate.text(base64.b64encode(data).decode() or "=")


def test_pem_and_base64_are_one() -> None:
    one = made(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1))
    plain, pem = base64.b64encode(der(one)).decode(), one.public_bytes(serialization.Encoding.PEM).decode()
    assert certificate.text(pem) == certificate.text(f" {plain[:70]}\n{plain[70:]}\n") == plain
    assert certificate.CODEC.key(pem and certificate.text(pem)) == certificate.CODEC.key(plain)
    with pytest.raises(ValueError, match="2 certificates"):
        certificate.text(pem + pem)


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23, 0), (24, 1), (24 * 30 + 1, 30), (-1, -1), (-25, -2)])
def test_days_are_whole_and_negative_afterwards(hours: int, days: int) -> None:
    now = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    end = (now + datetime.timedelta(hours=hours)).replace(tzinfo=None)
    assert certificate.parse(der(made(datetime.datetime(2020, 1, 1), end))).days_left(now) == days


def test_the_list_counts_the_days_of_each_certificate_and_shows_one_that_cannot_be_read() -> None:
    product = Graph(seed.tenant())
    signing = base64.b64encode(der(made(datetime.datetime(2026, 1, 1), datetime.datetime(2100, 1, 11)))).decode()
    order: dict[str, t.Any] = {"issuer_uri": "http://sts", "passive_sign_in_uri": "https://sts", "signing_certificate": signing}
    assert graph_task.run(product, "entra_domain_federation", domain="fed.contoso.com", **order)["changed"]
    product.tenant.federation["fed.contoso.com"]["nextSigningCertificate"] = "bm9uc2Vuc2U="
    module = scenarios.module("entra_domain_federation_info")
    info = domain_federation.FederationInfo(module.documentation, collection="/v1.0/domains", now=lambda: datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC))
    result = info.run(lambda: t.cast(t.Any, FakeGraph(product)), Task(info.validate({"domain": ["fed.contoso.com"]})))
    (domain,) = result["domains"]
    assert [(one["use"], one["days_left"]) for one in domain["certificates"]] == [("signing_certificate", 10), ("next_signing_certificate", None)]
    assert (domain["authentication_type"], domain["federation"]["issuer_uri"]) == ("federated", "http://sts")
