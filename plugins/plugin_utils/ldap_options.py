# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a connection to Active Directory as its wire takes them: plain types, one way to log in, no password in clear text."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._ldap_docs import ENCRYPTIONS, OPTIONS
from ansible_collections.m365.hybrid.plugins.plugin_utils.option_set import Getter, OptionSet

TRANSIENT = tuple(option.key for option in OPTIONS if not option.identity)
_AT_LEAST_ONE = ("page_size", "max_connections", "connect_timeout", "command_timeout")


def resolve(get: Getter) -> dict[str, t.Any]:
    """All options by key, for the wire.  Raises `UsageError`.

    ``files`` are size and time of the named files: a certificate that was replaced is another identity.
    """
    found = {option.key: _plain(get(option.name)) for option in OPTIONS}
    found["endpoint"] = "ldap"
    found["host"] = _hosts(found["host"])
    found["auth"] = found["auth"] or ("simple" if found["password"] else "kerberos")
    found["port"] = found["port"] or ENCRYPTIONS[found["encryption"]]
    found["max_sessions"] = found["max_connections"]
    _check(found)
    found["ca_cert"] = _absolute(found["ca_cert"])
    found["files"] = {"ca_cert": _stamp(found["ca_cert"])} if found["ca_cert"] else {}
    return found


def secrets(get: Getter) -> set[str]:
    """The password."""
    return {str.__str__(value) for option in OPTIONS if option.secret and isinstance(value := get(option.name), str) and value}


def patience(options: t.Mapping[str, t.Any]) -> float:
    """Seconds that opening may take: each host has its time to connect, to protect the connection and to accept the login."""
    return float(options["retry_timeout"] + 3 * options["connect_timeout"] * len(options["host"]) + 30)


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return str.__str__(value) or None
    if isinstance(value, (list, tuple)):
        return [str.__str__(one) if isinstance(one, str) else one for one in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _hosts(value: t.Any) -> list[str]:
    names = value.split(",") if isinstance(value, str) else list(value or ())
    hosts = [str(name).strip() for name in names if str(name).strip()]
    if not hosts:
        raise UsageError("m365_ldap_host names no domain controller")
    wrong = [host for host in hosts if "://" in host or "/" in host or " " in host]
    if wrong:
        raise UsageError(f"m365_ldap_host: '{wrong[0]}' is not the name of a host", advice="Leave out ldaps:// and any path; the port is m365_ldap_port")
    return hosts


def _check(found: t.Mapping[str, t.Any]) -> None:
    for key in _AT_LEAST_ONE:
        if int(found[key]) < 1:
            raise UsageError(f"m365_ldap_{key} must be 1 or more")
    if found["auth"] == "simple":
        _check_simple(found)
    elif found["password"] and not found["user"]:
        raise UsageError("there is a password for the directory, but no m365_ldap_user")
    elif found["password"] and found["ccache"]:
        raise UsageError("m365_ldap_ccache holds a ticket, and there is a password as well", advice="Set m365_ldap_password to an empty text to use the ticket")


def _check_simple(found: t.Mapping[str, t.Any]) -> None:
    if not found["user"] or not found["password"]:
        # A domain controller takes an empty password for an anonymous login, and says that it succeeded.
        raise UsageError("m365_ldap_auth is simple, which needs m365_ldap_user and m365_ldap_password")
    if found["encryption"] not in ("ldaps", "starttls"):
        raise UsageError(
            f"m365_ldap_auth is simple and m365_ldap_encryption is {found['encryption']}: the password would be sent in clear text",
            advice="Set m365_ldap_encryption to ldaps or starttls, or m365_ldap_auth to kerberos",
        )


def _absolute(value: str | None) -> str | None:
    """The broker works in another directory than the playbook."""
    return value if not value or "-----BEGIN" in value else os.path.abspath(os.path.expanduser(value))


def _stamp(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None  # PEM text, or a file that is missing: the wire says so
    return [found.st_mtime_ns, found.st_size]


LDAP = OptionSet(resolve, TRANSIENT, secrets, patience)
