# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection plugins, as data: documentation and resolution are made from the same table.

Every option X is read from the variable m365_X, the environment variable M365_X and the key X of the ini section m365_hybrid; for
each endpoint E, the variable m365_E_X goes first, and the environment variable M365_E_X after it.
Ansible's own connection variables for Windows (ansible_port, ansible_winrm_*,
ansible_psrp_*) count for the endpoint windows only: a host's ansible_port 5986 must not become Exchange's port.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS, Endpoint


@dataclasses.dataclass(frozen=True)
class Option:
    """One option.

    ``common``: Ansible's variables that set it for every endpoint.  ``windows``: Ansible's variables that set it for the endpoint
    windows; of several that are set, the last counts.  ``identity``: whether another value needs another session.
    ``name`` in documentation is the option, ``key`` what variables are called after; they differ where a task keyword of the same
    name would otherwise fill the option.
    """

    key: str
    description: str
    type: str = "str"
    default: t.Any = None
    choices: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    keyword: str | None = None
    identity: bool = True
    per_endpoint: bool = True
    secret: bool = False
    option: str = ""

    @property
    def name(self) -> str:
        return self.option or self.key


AUTHS = ("kerberos", "negotiate", "ntlm", "basic", "certificate")

OPTIONS: tuple[Option, ...] = (
    Option("endpoint", "What the host offers.", default="exchange", choices=tuple(ENDPOINTS), per_endpoint=False),
    Option(
        "host",
        "Name of the server. Kerberos and TLS want the name that the server's account and certificate carry.",
        default="inventory_hostname",
        common=("inventory_hostname", "ansible_host"),
        windows=("ansible_winrm_host", "ansible_psrp_host"),
    ),
    Option("port", "TCP port.", "int", windows=("ansible_port", "ansible_winrm_port", "ansible_psrp_port"), option="tcp_port"),
    Option("scheme", "Protocol.", choices=("http", "https"), windows=("ansible_winrm_scheme", "ansible_psrp_protocol")),
    Option("path", "Path of the URL.", windows=("ansible_winrm_path", "ansible_psrp_path")),
    Option("configuration_name", "Session configuration on the server.", windows=("ansible_psrp_configuration_name",)),
    Option(
        "auth",
        "How to log in. V(kerberos) takes the password, or the ticket of an earlier C(kinit) if there is no password. "
        "V(basic) is refused over plain http unless O(message_encryption=never).",
        choices=AUTHS,
        windows=("ansible_winrm_transport", "ansible_psrp_auth"),
    ),
    Option(
        "user", "Account, for Kerberos as V(user@REALM).", common=("ansible_user",), windows=("ansible_winrm_user", "ansible_psrp_user"), keyword="remote_user"
    ),
    Option(
        "password",
        "Its password.",
        common=("ansible_password",),
        windows=("ansible_winrm_pass", "ansible_winrm_password", "ansible_psrp_password"),
        secret=True,
    ),
    Option(
        "ca_cert",
        "Certificate authorities to verify the server with: path, or PEM text. The system's if omitted.",
        windows=("ansible_winrm_ca_trust_path", "ansible_psrp_cert_trust_path", "ansible_psrp_ca_cert"),
    ),
    Option(
        "validate_certs",
        "Whether to verify the server's certificate.",
        "bool",
        windows=("ansible_winrm_server_cert_validation", "ansible_psrp_cert_validation"),
    ),
    Option("client_cert", "Certificate to log in with: path, or PEM text.", windows=("ansible_winrm_cert_pem", "ansible_psrp_certificate_pem")),
    Option(
        "client_key",
        "Its private key: path, or PEM text. Omitted if O(client_cert) contains it.",
        windows=("ansible_winrm_cert_key_pem", "ansible_psrp_certificate_key_pem"),
        secret=True,
    ),
    Option("client_key_password", "Password of the private key.", windows=("ansible_winrm_cert_key_password",), secret=True),
    Option("negotiate_service", "Service class of the server's Kerberos principal (SPN).", windows=("ansible_psrp_negotiate_service",)),
    Option("negotiate_hostname", "Host name in the server's Kerberos principal, if it is not O(host).", windows=("ansible_psrp_negotiate_hostname_override",)),
    Option(
        "negotiate_delegate",
        "Whether the server may use the ticket to log in elsewhere (the second hop).",
        "bool",
        default=False,
        windows=("ansible_winrm_kerberos_delegation", "ansible_psrp_negotiate_delegate"),
    ),
    Option(
        "message_encryption",
        "Whether to encrypt the messages themselves. V(auto) does so over plain http.",
        default="auto",
        choices=("auto", "always", "never"),
        windows=("ansible_winrm_message_encryption", "ansible_psrp_message_encryption"),
    ),
    Option("proxy", "URL of a proxy, or V(none) for no proxy whatever the environment says.", windows=("ansible_psrp_proxy",), secret=True),
    Option("max_sessions", "How many sessions to one server a playbook run may hold at a time.", "int", default=1),
    Option(
        "connect_timeout",
        "Seconds until a server that accepts no connection is unreachable. One that accepts it may take 90 seconds to open the session.",
        "int",
        default=30,
        identity=False,
        per_endpoint=False,
    ),
    Option(
        "command_timeout",
        "Seconds that one cmdlet may take before it is cancelled; also for opening the session.",
        "int",
        default=1800,
        identity=False,
        per_endpoint=False,
    ),
    Option("idle_timeout", "Seconds after which sessions that no task uses are closed.", "int", default=900, identity=False, per_endpoint=False),
    Option(
        "retry_timeout",
        "Seconds to spend on repeating what surely was not executed: opening a session, a call that the server refused for its load.",
        "int",
        default=60,
        identity=False,
        per_endpoint=False,
    ),
)
SECRETS = tuple(option.key for option in OPTIONS if option.secret)
PER_ENDPOINT = tuple(option for option in OPTIONS if option.per_endpoint)


def definitions() -> dict[str, dict[str, t.Any]]:
    """The ``options`` of the plugin's documentation."""
    result: dict[str, dict[str, t.Any]] = {}
    for option in OPTIONS:
        result[option.name] = _definition(option)
    for endpoint in ENDPOINTS:
        for option in PER_ENDPOINT:
            result[f"{endpoint}_{option.key}"] = _override(option, endpoint)
    return result


def _definition(option: Option) -> dict[str, t.Any]:
    names = (*option.common, f"m365_{option.key}")
    found: dict[str, t.Any] = {"description": [option.description], "type": option.type, "vars": [{"name": name} for name in names]}
    if option.choices:
        found["choices"] = list(option.choices)
    if option.default is not None:
        found["default"] = option.default
    if option.keyword:
        found["keyword"] = [{"name": option.keyword}]
    found["env"] = [{"name": f"M365_{option.key.upper()}"}]
    found["ini"] = [{"section": "m365_hybrid", "key": option.key}]
    if option.per_endpoint:
        found["description"].append(_default(option))
    return found


def _default(option: Option) -> str:
    """What holds if the option is omitted, where that depends on the endpoint."""
    values: dict[str, t.Callable[[Endpoint], str]] = {
        "port": lambda e: "/".join(str(port) for port in e.ports.values()),
        "scheme": lambda e: e.scheme,
        "path": lambda e: e.path,
        "configuration_name": lambda e: e.configuration,
        "auth": lambda e: e.auth,
        "negotiate_service": lambda e: e.service,
        "validate_certs": lambda e: "true",
    }
    if option.key not in values:
        return f"For one endpoint only, use C(m365_<endpoint>_{option.key})."
    each = ", ".join(f"{name} V({values[option.key](endpoint)})" for name, endpoint in ENDPOINTS.items())
    return f"By default {each}. For one endpoint only, use C(m365_<endpoint>_{option.key})."


def _override(option: Option, endpoint: str) -> dict[str, t.Any]:
    names = (*(option.windows if endpoint == "windows" else ()), f"m365_{endpoint}_{option.key}")
    # Values of Ansible's own variables differ (ignore/validate, lists of transports): they are understood when the option is resolved.
    loose = endpoint == "windows" and option.key in ("auth", "validate_certs")
    found: dict[str, t.Any] = {
        "description": [f"O({option.name}) for the endpoint V({endpoint}) only."],
        "type": "raw" if loose else option.type,
        "vars": [{"name": name} for name in names],
        "env": [{"name": f"M365_{endpoint.upper()}_{option.key.upper()}"}],
    }
    if option.choices and not loose:
        found["choices"] = list(option.choices)
    return found


class Documented:
    """The table as documentation."""

    DOCUMENTATION = json.dumps({"options": definitions()}, indent=1)  # JSON is YAML
