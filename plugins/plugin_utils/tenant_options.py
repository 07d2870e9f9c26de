# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a connection to a tenant as its wire takes them: plain types, one way to log in, secrets known."""

from __future__ import annotations

import os
import re
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._tenant_docs import AUTHS, OPTIONS
from ansible_collections.m365.hybrid.plugins.plugin_utils.option_set import Getter, OptionSet

TRANSIENT = tuple(option.key for option in OPTIONS if not option.identity)
# What tells that a way to log in is meant, and what it cannot do without.
_GIVEN = {"client_secret": "client_secret", "certificate": "certificate", "federated_token": "federated_token_file"}
_FILES = ("certificate", "certificate_key", "ca_cert")
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?\Z")
# How many calls one request to the service can carry.  A task may have so many under way for each request, and so many more that wait:
# a request that ends then finds the next one's calls ready, and does not take the first that come.
CALLS_IN_A_REQUEST = {"exchange_online": 10, "graph": 20}
# A person needs minutes to sign in: the identity platform's codes live for 15.
SIGNING_IN = 900


def option_set(endpoint: str) -> OptionSet:
    """The options of the connection to one service of a tenant."""
    return OptionSet(lambda get: resolve(get, endpoint), TRANSIENT, secrets, patience)


def resolve(get: Getter, endpoint: str) -> dict[str, t.Any]:
    """All options by key, for the wire.  Raises `UsageError`.

    ``files`` are size and time of the named files: a certificate that was replaced is another identity.
    """
    found = {option.key: _plain(get(option.name)) for option in OPTIONS}
    found["endpoint"] = endpoint
    found["auth"] = _auth(found)
    _check(found)
    cloud = CLOUDS[found["cloud"]]
    found["login_host"] = found["login_host"] or cloud.login
    found["exchange_host"] = found["exchange_host"] or cloud.exchange
    found["graph_host"] = found["graph_host"] or cloud.graph
    found["pace"] = found["pace"] not in (False, 0)
    for key in (*_FILES, "federated_token_file"):
        found[key] = _absolute(found[key])
    found["max_sessions"] = (int(found["max_requests"]) + 1) * CALLS_IN_A_REQUEST[endpoint]
    found["files"] = {key: _stamp(found[key]) for key in _FILES if found[key]}
    return found


def secrets(get: Getter) -> set[str]:
    """Every secret among the options; a path is none, and would hide harmless words."""
    values = {option.key: _plain(get(option.name)) for option in OPTIONS if option.secret}
    found = {value for key, value in values.items() if isinstance(value, str) and not (key in _FILES and is_path(value))}
    proxy = values["proxy"]
    password = urllib.parse.urlsplit(proxy).password if proxy else None
    return found | {password} if password else found - {proxy}


def patience(options: t.Mapping[str, t.Any]) -> float:
    """Seconds that opening may take."""
    return float(options["retry_timeout"] + options["connect_timeout"] + 90 + (SIGNING_IN if options["auth"] == "device_code" else 0))


def is_path(value: str) -> bool:
    """Whether a certificate's or key's option names a file, and is not its content: PEM text has lines, base64 is long."""
    return "-----BEGIN" not in value and "\n" not in value.strip() and (len(value) < 400 or value.startswith(("/", "~", "./", "../")))


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return str.__str__(value) or None
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _auth(found: t.Mapping[str, t.Any]) -> str:
    """How to log in.  More than one way without a choice is refused: which identity acts must not be left to an order of ours."""
    if found["auth"]:
        missing = _GIVEN.get(found["auth"])
        if missing and not found[missing]:
            raise UsageError(f"m365_tenant_auth is {found['auth']}, but there is no m365_tenant_{missing}")
        return str(found["auth"])
    given = [auth for auth, option in _GIVEN.items() if found[option]]
    if len(given) == 1:
        return given[0]
    if given:
        several = ", ".join(_GIVEN[one] for one in given)
        raise UsageError(f"There are several ways to log in to the tenant: {several}", advice=f"Set m365_tenant_auth to one of {', '.join(given)}")
    options = ", ".join(f"m365_tenant_{option}" for option in _GIVEN.values())
    others = ", ".join(auth for auth in AUTHS if auth not in _GIVEN)
    raise UsageError("Nothing says how to log in to the tenant", advice=f"Give one of {options}, or set m365_tenant_auth to one of {others}")


def _check(found: t.Mapping[str, t.Any]) -> None:
    tenant, auth = found["id"], found["auth"]
    if not tenant:
        raise UsageError("m365_tenant_id is not set", advice="Give the tenant's GUID or one of its domains")
    if not _TENANT.match(str(tenant)):
        raise UsageError(f"m365_tenant_id: '{tenant}' is neither a GUID nor a domain")
    if not found["client_id"] and auth != "managed_identity":
        raise UsageError("m365_tenant_client_id is not set", advice="Give the application (client) ID of the app registration")
    if found["certificate_key"] and auth != "certificate":
        raise UsageError("m365_tenant_certificate_key needs m365_tenant_certificate")
    for key in ("login_host", "exchange_host", "graph_host"):
        if found[key] and not _HOST.match(str(found[key])):
            raise UsageError(f"m365_tenant_{key}: '{found[key]}' is not the name of a host", advice="Leave out https:// and any path")
    if int(found["max_requests"]) < 1:
        raise UsageError("m365_tenant_max_requests must be 1 or more")


def _absolute(value: str | None) -> str | None:
    """The broker works in another directory than the playbook."""
    return os.path.abspath(os.path.expanduser(value)) if value and is_path(value) else value


def _stamp(path: str) -> list[int] | None:
    if not is_path(path):
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None  # a file that is missing: the wire says so
    return [found.st_mtime_ns, found.st_size]
