# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: kept, renewed before their end and after a refusal, and what a refusal means.  Certificates: what cannot log anybody in."""

from __future__ import annotations

import base64
import datetime
import json
import pathlib
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, aadsts, credentials, tokens
from hybridlab.cloud.tenants import Certificate

RESOURCE = "https://outlook.office365.com"


class Platform:
    """Issues numbered tokens, or says what is written down."""

    def __init__(self, life: float = 3600, says: t.Any = None) -> None:
        self.life, self.says, self.asked = life, says, 0

    def acquire(self, resource: str, call: Call) -> dict[str, t.Any]:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says or {"access_token": f"{resource} {self.asked}", "expires_in": self.life}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def made(platform: Platform) -> tuple[tokens.Tokens, Clock]:
    clock = Clock()
    return tokens.Tokens(platform, "application app to tenant t", "login.example", clock), clock


def test_one_token_serves_until_shortly_before_its_end() -> None:
    platform = Platform(3600)
    found, clock = made(platform)
    first = found.token(RESOURCE, Call())
    clock.now = 3299
    assert found.token(RESOURCE, Call()) is first
    clock.now = 3301
    assert found.token(RESOURCE, Call()) is not first and platform.asked == 2


def test_a_short_life_is_renewed_at_its_half() -> None:
    platform = Platform(100)
    found, clock = made(platform)
    found.token(RESOURCE, Call())
    clock.now = 49
    found.token(RESOURCE, Call())
    assert platform.asked == 1
    clock.now = 51
    found.token(RESOURCE, Call())
    assert platform.asked == 2


def test_a_refused_token_is_replaced_once_however_many_calls_had_it() -> None:
    platform = Platform()
    found, _clock = made(platform)
    old = found.token(RESOURCE, Call())
    new = [found.token(RESOURCE, Call(), refused=old) for _call in range(5)]
    assert len({one.value for one in new}) == 1 and platform.asked == 2


def test_services_have_tokens_of_their_own() -> None:
    found, _clock = made(Platform())
    assert found.token(RESOURCE, Call()).value != found.token("https://graph.microsoft.com", Call()).value


def test_a_token_shows_itself_to_nobody() -> None:
    assert "secret" not in repr(tokens.Token("secret"))


def test_roles_are_read_for_messages() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"roles": ["Exchange.ManageAsApp"]}).encode()).decode().rstrip("=")
    assert tokens.Token(f"x.{claims}.y").roles() == {"Exchange.ManageAsApp"}
    assert tokens.Token("opaque").roles() == tokens.Token("a.b.c").roles() == frozenset()


def refused(says: t.Any) -> errors.HybridError:
    found, _clock = made(Platform(says=says))
    with pytest.raises(errors.HybridError) as error:
        found.token(RESOURCE, Call())
    return error.value


def test_a_known_code_is_explained() -> None:
    error = refused({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2"})
    assert isinstance(error, errors.LoginRefused) and error.error_id == "AADSTS7000215"
    assert "the client secret is wrong. AADSTS7000215: Invalid client secret provided." in error.text and "Trace" not in error.text
    assert "not its ID" in error.advice


def test_an_unknown_code_keeps_its_words() -> None:
    error = refused({"error": "x", "error_description": "AADSTS99999999: Something new."})
    assert "AADSTS99999999: Something new." in error.text and "error?code=99999999" in error.advice


def test_a_refusal_without_a_code_has_advice_of_its_own() -> None:
    error = refused({"error": "invalid_client"})
    assert "invalid_client" in error.text and error.advice == "Look at the sign-in logs of the tenant"


def test_a_platform_that_is_down_refuses_no_login() -> None:
    error = refused({"error": "temporarily_unavailable", "error_description": "AADSTS90033: A transient error has occurred."})
    assert isinstance(error, errors.Unreachable) and not isinstance(error, errors.LoginRefused)


def test_a_tenant_that_is_not_there_is_found_in_the_librarys_words() -> None:
    inner = ValueError('OIDC Discovery failed. Error: {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}')
    outer = ValueError("Unable to get authority configuration")
    outer.__context__ = inner
    assert "there is no such tenant. AADSTS90002: Tenant not found." in refused(outer).text


def test_a_page_that_is_no_token_service() -> None:
    assert "does not answer as the identity platform does" in refused(ValueError("Expecting value: line 1 column 1")).text


def test_every_meaning_reads_as_a_sentence() -> None:
    for number, meaning in aadsts.CODES.items():
        assert meaning.text[0].islower() and not meaning.text.endswith("."), number
        assert meaning.advice[0].isupper() and not meaning.advice.endswith("."), number


# --- certificates ---


@pytest.fixture(scope="module")
def made_certificate() -> Certificate:
    return Certificate.make("automation")


def options(certificate: str, key: str | None = None, password: str | None = None) -> dict[str, t.Any]:
    return {"certificate": certificate, "certificate_key": key, "certificate_password": password}


def pfx(found: Certificate, password: bytes | None = b"Sesame", key: bool = True) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", found.key if key else None, found.certificate, None, encryption)


def encrypted(found: Certificate) -> str:
    protection = serialization.BestAvailableEncryption(b"Sesame")
    return found.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode()


def public(found: Certificate) -> str:
    return found.certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_every_form_of_a_certificate_is_the_same_credential(made_certificate: Certificate, tmp_path: pathlib.Path) -> None:
    found = made_certificate
    (tmp_path / "app.pem").write_text(found.pem())
    (tmp_path / "app.pfx").write_bytes(pfx(found))
    (tmp_path / "key.pem").write_text(encrypted(found))
    forms = [
        options(found.pem()),
        options(encrypted(found) + public(found), password="Sesame"),
        options(str(tmp_path / "app.pem")),
        options(str(tmp_path / "app.pfx"), password="Sesame"),
        options(base64.b64encode(pfx(found)).decode(), password="Sesame"),
        options(base64.encodebytes(pfx(found, None)).decode()),
        options(public(found), key=encrypted(found), password="Sesame"),
        options(public(Certificate.make("authority")) + found.pem()),
        options(public(found), key=str(tmp_path / "key.pem"), password="Sesame"),
    ]
    credential = [credentials.certificate(form) for form in forms]
    assert all(one == credential[0] for one in credential) and credential[0]["public_certificate"] == public(found)


def test_what_cannot_log_anybody_in_is_refused_before_anything_is_sent(made_certificate: Certificate) -> None:
    found, other = made_certificate, Certificate.make("other")
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    wrong = {
        "has no private key": options(public(found)),
        "PFX has no private key": options(base64.b64encode(pfx(found, key=False)).decode(), password="Sesame"),
        "contains no certificate": options(encrypted(found)),
        "is encrypted": options(encrypted(found) + public(found)),
        "is not encrypted, but there is a password": options(found.pem(), password="Sesame"),
        "cannot be read": options(encrypted(found) + public(found), password="wrong"),
        "no PFX file that this password opens": options(base64.b64encode(pfx(found)).decode(), password="wrong"),
        "expired on": options(Certificate.make("old", days=-1).pem()),
        "does not belong to the certificate CN=automation": options(public(found), key=other.pem()),
        "cannot be read: No such file": options("/nowhere/app.pem"),
        "neither a path, nor PEM text": options("no certificate at all\nbut a text"),
        "not an RSA key": options(_curved(curve)),
    }
    for message, given in wrong.items():
        with pytest.raises(errors.UsageError) as error:
            credentials.certificate(given)
        assert message.removeprefix("PFX ") in str(error.value), message
        assert "PRIVATE" not in str(error.value) and "Sesame" not in str(error.value)


def _curved(key: bytes) -> str:
    """A certificate of an elliptic curve, with its key."""
    private = serialization.load_pem_private_key(key, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "curve")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(1)
    signed = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1)).sign(private, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode() + key.decode()


def test_a_certificate_that_is_not_valid_yet(made_certificate: Certificate) -> None:
    with pytest.raises(errors.UsageError, match="not valid before"):
        credentials.certificate(options(made_certificate.pem()), now=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
