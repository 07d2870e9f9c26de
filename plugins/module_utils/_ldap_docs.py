# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection to Active Directory, as data: documentation and resolution are made from the same table.

Every option X is read from the variable m365_ldap_X, the environment variable M365_LDAP_X and the key ldap_X of the ini section
m365_hybrid, so that a credential type of AWX can inject them.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import Option

AUTHS = ("simple", "kerberos")
ENCRYPTIONS = {"ldaps": 636, "starttls": 389, "sealing": 389, "none": 389}
"""How what travels is protected, and the port for it."""

OPTIONS: tuple[Option, ...] = (
    Option(
        "host",
        "Names of domain controllers, in the order in which they are tried. The first that answers serves the whole playbook run; another one takes its "
        "place when it is lost. Kerberos and TLS want the names that the servers' accounts and certificates carry.",
        "list",
        default="inventory_hostname",
        common=("inventory_hostname", "ansible_host"),
    ),
    Option(
        "port",
        "TCP port, by default V(636) for O(encryption=ldaps) and V(389) otherwise. V(3269) and V(3268) are the global catalogue's, "
        "which has the objects of the whole forest with some of their attributes, and is for reading only.",
        "int",
        option="tcp_port",
    ),
    Option(
        "encryption",
        "How what travels is protected. V(sealing) does it with Kerberos, on port 389 and without a certificate, and needs ldap3 2.10 or later. "
        "V(none) never sends a password; a domain controller may refuse it.",
        default="ldaps",
        choices=tuple(ENCRYPTIONS),
    ),
    Option(
        "ca_cert",
        "Certificate authorities to verify the servers with: path, or PEM text. The system's if omitted. Certificate and name are always verified; "
        "there is no option to leave that out.",
    ),
    Option(
        "certificate_name",
        "The name that the servers' certificate must carry, if they are reached by another one, for example the domain's. "
        "It takes the place of the host's name.",
    ),
    Option(
        "auth",
        "How to log in. V(simple) sends name and password, only where encryption protects them. V(kerberos) takes the password, or a ticket if there is "
        "no password: that of O(ccache), or of an earlier C(kinit). If omitted, V(simple) with a password and V(kerberos) without one.",
        choices=AUTHS,
    ),
    Option(
        "user",
        "Account: V(user@domain) or V(DOMAIN\\\\user), for V(simple) also a distinguished name, for V(kerberos) V(user@REALM).",
        common=("ansible_user", "m365_user"),
    ),
    Option("password", "Its password.", common=("ansible_password", "m365_password"), secret=True),
    Option("ccache", "Kerberos credentials cache to take the ticket from, as E(KRB5CCNAME) names it; that of the environment if omitted."),
    Option("kerberos_host", "Name of the server in its Kerberos principal, if it is not O(host)."),
    Option("base", "Distinguished name of the domain, below which objects are looked for. The server's own domain if omitted."),
    Option(
        "page_size",
        "How many objects are asked for at a time. A domain controller gives no more than 1000, unless its policy was changed.",
        "int",
        default=1000,
    ),
    Option("max_connections", "How many connections a playbook run may hold at a time.", "int", default=3),
    Option("connect_timeout", "Seconds until a server that accepts no connection or login is given up.", "int", default=10, identity=False),
    Option("command_timeout", "Seconds that one operation may take before it is given up.", "int", default=600, identity=False),
    Option("idle_timeout", "Seconds after which connections that no task uses are closed.", "int", default=900, identity=False),
    Option("retry_timeout", "Seconds to spend on repeating what surely was not executed, as of a busy server.", "int", default=60, identity=False),
)
SHARED = ("ca_cert", "connect_timeout", "command_timeout", "idle_timeout", "retry_timeout")
"""Options for which the variable of all connections, m365_X, counts where m365_ldap_X is not set."""


def definitions() -> dict[str, dict[str, t.Any]]:
    """The ``options`` of the plugin's documentation."""
    return {option.name: _definition(option) for option in OPTIONS}


def _definition(option: Option) -> dict[str, t.Any]:
    shared = (f"m365_{option.key}",) if option.key in SHARED else ()
    found: dict[str, t.Any] = {
        "description": [option.description],
        "type": option.type,
        "vars": [{"name": name} for name in (*option.common, *shared, f"m365_ldap_{option.key}")],
        "env": [{"name": f"M365_LDAP_{option.key.upper()}"}],
        "ini": [{"section": "m365_hybrid", "key": f"ldap_{option.key}"}],
    }
    if option.type == "list":
        found["elements"] = "str"
    if option.choices:
        found["choices"] = list(option.choices)
    if option.default is not None:
        found["default"] = option.default
    return found


class Documented:
    """The table as documentation."""

    DOCUMENTATION = json.dumps({"options": definitions()}, indent=1)  # JSON is YAML
