# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of connections to a Microsoft 365 tenant, as data: documentation and resolution are made from the same table.

Every option X is read from the variable m365_tenant_X, the environment variable M365_TENANT_X and the key tenant_X of the ini section
m365_hybrid, so that a credential type of AWX can inject them.  Every wire to a tenant has the same options; the host that it talks to
is the one thing of its own.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import Option
from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS

AUTHS = ("client_secret", "certificate", "federated_token", "managed_identity", "device_code")
"""How to log in; each of the first three needs the option of that meaning."""

_GIVEN = "The one whose option is given, if omitted: O(client_secret), O(certificate) or O(federated_token_file)."
_IMPLIED = ", ".join(f"V({cloud.name}) ({cloud.title})" for cloud in CLOUDS.values())

OPTIONS: tuple[Option, ...] = (
    Option("id", "The tenant: its GUID (best) or one of its domains, for example V(contoso.onmicrosoft.com).", option="tenant_id"),
    Option("client_id", "The application (client) ID of the app registration; with V(managed_identity), of a user-assigned identity."),
    Option(
        "auth",
        "How to log in. V(federated_token) exchanges the token of another identity provider, for example of a Kubernetes service account. "
        "V(managed_identity) is for control nodes in Azure. V(device_code) is for a person at the terminal, who signs in with a browser. " + _GIVEN,
        choices=AUTHS,
    ),
    Option("client_secret", "A client secret of the application: its value, not its ID.", secret=True),
    Option(
        "certificate",
        "The application's certificate with its private key: path of a PEM or PFX file, PEM text, or the content of a PFX file in base64. "
        "Content never goes to a file.",
        secret=True,
    ),
    Option("certificate_key", "The certificate's private key, if O(certificate) does not contain it: path, or PEM text.", secret=True),
    Option("certificate_password", "Password of the private key or PFX file.", secret=True),
    Option("federated_token_file", "Path of the file that holds the current token of the other identity provider. It is read anew for every login."),
    Option("cloud", f"The cloud of the tenant: {_IMPLIED}.", default="worldwide", choices=tuple(CLOUDS)),
    Option("login_host", "Host that issues the tokens, if it is not the cloud's own; V(host:port) is possible."),
    Option("exchange_host", "Host of Exchange Online, if it is not the cloud's own; V(host:port) is possible."),
    Option("graph_host", "Host of Microsoft Graph, if it is not the cloud's own; V(host:port) is possible."),
    Option(
        "pace",
        "Whether requests to the services of Microsoft Graph that allow few keep to the published limits by themselves: conditional access one in a "
        "second, reports and logs five in ten seconds. Otherwise they are sent at once, and the service's refusals are waited out.",
        "bool",
        default=True,
    ),
    Option(
        "ca_cert",
        "Certificate authorities to verify the hosts with: path, or PEM text. The system's if omitted. There is no way to leave the verification out.",
    ),
    Option("proxy", "URL of a proxy, or V(none) for no proxy whatever the environment says.", secret=True),
    Option("max_requests", "How many requests to the tenant a playbook run may have under way at a time.", "int", default=3),
    Option("connect_timeout", "Seconds until a host that accepts no connection is unreachable.", "int", default=30, identity=False),
    Option("command_timeout", "Seconds that one call may take, waiting for the tenant's throttling included.", "int", default=1800, identity=False),
    Option("idle_timeout", "Seconds after which what holds the token ends, if no task uses it.", "int", default=900, identity=False),
    Option("retry_timeout", "Seconds to spend on repeating one call that surely was not executed, as a throttled one.", "int", default=300, identity=False),
)
SHARED = ("connect_timeout", "command_timeout", "idle_timeout", "retry_timeout")
"""Options for which the variable of all connections, m365_X, counts where m365_tenant_X is not set."""


def definitions() -> dict[str, dict[str, t.Any]]:
    """The ``options`` of the plugins' documentation."""
    return {option.name: _definition(option) for option in OPTIONS}


def _definition(option: Option) -> dict[str, t.Any]:
    shared = (f"m365_{option.key}",) if option.key in SHARED else ()
    found: dict[str, t.Any] = {
        "description": [option.description],
        "type": option.type,
        "vars": [{"name": name} for name in (*shared, f"m365_tenant_{option.key}")],
        "env": [{"name": f"M365_TENANT_{option.key.upper()}"}],
        "ini": [{"section": "m365_hybrid", "key": f"tenant_{option.key}"}],
    }
    if option.choices:
        found["choices"] = list(option.choices)
    if option.default is not None:
        found["default"] = option.default
    return found


class Documented:
    """The table as documentation."""

    DOCUMENTATION = json.dumps({"options": definitions()}, indent=1)  # JSON is YAML
