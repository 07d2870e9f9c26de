# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries of the wires, asked for by name before they are used, so that a user reads what to install."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import sys
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import MissingLibrary

PSRP = 'pip install "pypsrp[kerberos]>=0.9.1,<1"'
# pypsrp 0.9 brought the shell's idle timeout and a check for a dead session that opens no new connection.
OLDEST_PYPSRP = (0, 9)
TENANT = 'pip install "msal>=1.35,<2" "requests>=2.31,<3"'
# msal 1.35 finds the fingerprints of a certificate itself, as the identity platform wants them now (SHA-256), and knows all managed identities.
OLDEST_MSAL = (1, 35)

LDAP = 'pip install "ldap3>=2.9.1,<3"'
OLDEST_LDAP3 = (2, 9)
GSSAPI = 'pip install "ldap3>=2.9.1,<3" "gssapi>=1.8,<2"; or log in without Kerberos, with m365_ldap_user and a password'


def require(names: t.Iterable[str], install: str) -> None:
    """Import the libraries.  Raises `MissingLibrary` with the first that fails, and the command line that installs it."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise MissingLibrary(f"The Python library {name} cannot be imported ({error})", advice=advice(install)) from error


def require_powershell(auth: str) -> None:
    """What PowerShell remoting needs: pypsrp, and for Kerberos its two libraries, which pypsrp itself does not insist on."""
    require(("pypsrp", *(("gssapi", "krb5") if auth == "kerberos" else ())), PSRP)
    _require_version("pypsrp", OLDEST_PYPSRP, PSRP)


def require_tenant() -> None:
    """What every wire to a tenant needs: msal for its tokens, and requests, which msal brings along."""
    require(("msal", "requests", "cryptography"), TENANT)
    _require_version("msal", OLDEST_MSAL, TENANT)


def require_ldap(auth: str) -> None:
    """What the directory needs: ldap3, and for Kerberos a library that ldap3 itself does not insist on."""
    require(("ldap3", *(("gssapi", "cryptography") if auth == "kerberos" else ())), GSSAPI if auth == "kerberos" else LDAP)
    _require_version("ldap3", OLDEST_LDAP3, LDAP)
    convert = importlib.import_module("ldap3.protocol.convert")
    if convert.prepare_filter_for_sending("\\28") != b"(":  # so in 2.10.2rc4: nothing with a special character in its name would be found
        version = importlib.metadata.version("ldap3")
        raise MissingLibrary(f"ldap3 {version} sends the escaped characters of filters as they are written", advice=advice('pip install "ldap3==2.9.1"'))


def _require_version(name: str, oldest: tuple[int, int], install: str) -> None:
    version = importlib.metadata.version(name)
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < oldest:
        raise MissingLibrary(f"{name} {version} is too old", advice=advice(install))


def advice(install: str) -> str:
    return f"Install it for the Python that runs ansible-playbook ({sys.executable}): {install}"
