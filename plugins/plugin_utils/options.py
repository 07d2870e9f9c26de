# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection's options as the wire takes them: endpoint before general, what the endpoint implies, plain types."""

from __future__ import annotations

import os
import typing as t
import urllib.parse

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import AUTHS, OPTIONS, Option
from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS, Endpoint
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils.option_set import Getter, OptionSet

TRANSIENT = tuple(option.key for option in OPTIONS if not option.identity)
_FILES = ("ca_cert", "client_cert", "client_key")
# Ansible's names for what has another name here: pywinrm calls Basic over http plaintext and Basic over https ssl.
_OTHER_AUTHS = {"plaintext": "basic", "ssl": "basic"}
_OTHER_BOOLS = {"ignore": False, "validate": True}


def resolve(get: Getter) -> dict[str, t.Any]:
    """All options by key, for the wire.  Raises `UsageError`.

    ``files`` are size and time of the named files: a certificate that was replaced is another identity.
    """
    name = str(get("endpoint"))
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise UsageError(f"m365_endpoint: there is no endpoint {name}", advice=f"Use one of {', '.join(ENDPOINTS)}")
    found = {option.key: _value(get, option, name) for option in OPTIONS}
    found["auth"] = _auth(found["auth"], endpoint, bool(found["client_cert"]))
    found["validate_certs"] = _bool(found["validate_certs"])
    found["negotiate_delegate"] = bool(found["negotiate_delegate"])
    _address(found, endpoint)
    for key in _FILES:
        found[key] = _absolute(found[key])
    found["files"] = {key: _stamp(found[key]) for key in _FILES if found[key]}
    return found


def secrets(get: Getter) -> set[str]:
    """Every secret among the options, also of endpoints that are not used here."""
    names = [name for option in OPTIONS if option.secret for name in (option.name, *(f"{endpoint}_{option.key}" for endpoint in ENDPOINTS))]
    values = {str.__str__(value) for value in (get(name) for name in names) if isinstance(value, str) and value}
    passwords = {password for password in (urllib.parse.urlsplit(value).password for value in values if "://" in value) if password}
    # A path to a key or a proxy without a password is no secret, and would hide harmless words.
    return {value for value in values if not value.startswith(("/", "~", "http://", "https://"))} | passwords | _with_password(values)


def _with_password(values: t.Iterable[str]) -> set[str]:
    return {value for value in values if "://" in value and "@" in value}


def _value(get: Getter, option: Option, endpoint: str) -> t.Any:
    override = get(f"{endpoint}_{option.key}") if option.per_endpoint else None
    value = get(option.name) if override is None or override == "" else override
    if isinstance(value, str):
        return str.__str__(value) or None
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _auth(value: t.Any, endpoint: Endpoint, certificate: bool) -> str:
    names = [value] if isinstance(value, str) else list(value or ())
    if not names:
        return endpoint.auth
    name = str(names[0]).lower()
    if name == "ssl" and certificate:
        return "certificate"
    name = _OTHER_AUTHS.get(name, name)
    if name not in AUTHS:
        raise UsageError(f"m365_auth: {name} is not possible here", advice=f"Use one of {', '.join(AUTHS)}")
    return name


def _bool(value: t.Any) -> bool:
    if value is None:
        return True
    if isinstance(value, str) and value.lower() in _OTHER_BOOLS:
        return _OTHER_BOOLS[value.lower()]
    try:
        return bool(boolean(value))
    except TypeError as error:
        raise UsageError(f"m365_validate_certs: {value} is neither true nor false") from error


def _address(found: dict[str, t.Any], endpoint: Endpoint) -> None:
    """Fill in scheme, port, path, configuration and service from the endpoint; a well-known port implies its scheme."""
    if found["scheme"] is None:
        found["scheme"] = next((scheme for scheme, port in endpoint.ports.items() if port == found["port"]), endpoint.scheme)
    if found["port"] is None:
        found["port"] = endpoint.ports[found["scheme"]]
    found["path"] = found["path"] or endpoint.path
    found["configuration_name"] = found["configuration_name"] or endpoint.configuration
    found["negotiate_service"] = found["negotiate_service"] or endpoint.service


def _absolute(value: str | None) -> str | None:
    """The broker works in another directory than the playbook."""
    return value if not value or "-----BEGIN" in value else os.path.abspath(os.path.expanduser(value))


def _stamp(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None  # PEM text, or a file that is missing: the wire says so
    return [found.st_mtime_ns, found.st_size]


def _patience(options: t.Mapping[str, t.Any]) -> float:
    return float(options["retry_timeout"] + options["connect_timeout"] + 90)


POWERSHELL = OptionSet(resolve, TRANSIENT, secrets, _patience)
