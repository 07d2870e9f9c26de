# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of send connectors: address spaces, smart hosts, and a credential of which only the name can be read."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Secret, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.connector import CERTIFICATE, server_key
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

_SPACE = re.compile(r"(?:(?P<type>[A-Za-z0-9]+):)?(?P<address>[^;]+?)(?:;(?P<cost>[0-9]{1,3}))?")
UNNAMED = "unknown"
"""Stands for the user of a credential whose name the server does not show."""


def address_space(value: t.Any) -> str:
    """Type, address and cost as the server shows them.

    >>> address_space("contoso.com"), address_space("smtp:*;5")
    ('SMTP:contoso.com;1', 'SMTP:*;5')
    """
    match = _SPACE.fullmatch(values.text(value).strip())
    if not match or not 1 <= int(match["cost"] or 1) <= 100:
        raise ValueError(f"{value!r} is not an address space such as contoso.com, SMTP:*.contoso.com;1 or *, with a cost of 1 to 100")
    return f"{(match['type'] or 'SMTP').upper()}:{match['address'].strip()};{int(match['cost'] or 1)}"


def smart_host(value: t.Any) -> str:
    """A name, or an address in brackets."""
    found = values.text(value).strip()
    try:
        return f"[{ipaddress.ip_address(found[1:-1] if found.startswith('[') and found.endswith(']') else found)}]"
    except ValueError:  # not an address, so a name
        return found


def user_of(value: t.Any) -> str:
    """The user's name out of an option or a PSCredential."""
    if isinstance(value, t.Mapping):
        value = next((one for name, one in value.items() if values.fold(name) == "username"), UNNAMED)
    found = values.text(value)
    return UNNAMED if found == "System.Management.Automation.PSCredential" else found


def place_of(space: str) -> str:
    """An address space without its cost: what is sent through the connector."""
    return space.rpartition(";")[0].casefold()


ERROR_POLICIES = ("downgrade_dns_failures", "downgrade_custom_failures")
TLS_AUTH_LEVELS = ("none", "encryption_only", "certificate_validation", "domain_validation")
FIELDS = (
    Field("usage", read=""),
    Field("address_spaces", codec=values.members(values.Codec(address_space, str.casefold))),
    Field("smart_hosts", codec=values.members(values.Codec(smart_host, str.casefold))),
    Field("source_transport_servers", codec=values.members(values.Codec(values.text, server_key))),
    Field("authentication_user", read="AuthenticationCredential", write="AuthenticationCredential", codec=values.Codec(user_of, str.casefold)),
    Field("authentication_password", read="AuthenticationPassword", write="AuthenticationCredential", secret=True),
    Field("connection_inactivity_timeout", codec="timespan"),
    Field("max_message_size", codec="size"),
    Field("error_policies", codec=values.flags(ERROR_POLICIES, none="default")),
    Field("tls_auth_level", codec=values.choice_or_none(TLS_AUTH_LEVELS)),
    Field("tls_certificate_name", codec=CERTIFICATE),
    *(Field(name, codec="name") for name in ("fqdn", "tls_domain", "source_ip_address")),
)
DEFAULTS: dict[str, t.Any] = {
    "cloud_services_mail_enabled": False,
    "connection_inactivity_timeout": "00:10:00",
    "connector_type": "default",
    "dns_routing_enabled": True,
    "domain_secure_enabled": False,
    "enabled": True,
    "force_helo": False,
    "frontend_proxy_enabled": False,
    "ignore_starttls": False,
    "is_scoped_connector": False,
    "port": 25,
    "protocol_logging_level": "none",
    "require_oorg": False,
    "require_tls": False,
    "smart_host_auth_mechanism": "none",
    "smtp_max_messages_per_connection": 20,
    "source_ip_address": "0.0.0.0",
    "tls_auth_level": "none",
    "use_external_dns_servers_enabled": False,
}
"""What a new connector has, by the reference of New-SendConnector; the size limit, in which versions differ, is left out."""
CREATE_WITH = tuple(
    """
    usage address_spaces is_scoped_connector source_transport_servers enabled smart_hosts dns_routing_enabled use_external_dns_servers_enabled
    smart_host_auth_mechanism authentication_user authentication_password port fqdn source_ip_address require_tls ignore_starttls tls_auth_level
    tls_domain tls_certificate_name domain_secure_enabled cloud_services_mail_enabled require_oorg frontend_proxy_enabled connector_type
    max_message_size smtp_max_messages_per_connection connection_inactivity_timeout force_helo error_policies protocol_logging_level comment
    """.split()
)
"""Everything: a connector without half of its settings would send at once."""

_CREDENTIAL = {"authentication_user", "authentication_password"}


@dataclasses.dataclass(frozen=True)
class _WithPassword(engine.Call):
    """A call whose success is noted: a password that may not have arrived is sent again, for no look at the connector tells."""

    note: t.Callable[[], None]

    def send(self, session: engine.Tally) -> Answer:
        answer = super().send(session)
        self.note()
        return answer


class SendConnector(CmdletResource):
    """A send connector.  Its password goes with its user, or by itself where the task says always."""

    needed = ("address_spaces",)

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self._sent: set[str] = set()  # connectors that got their password: it cannot be seen, so it is not looked for again

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        given = {name: value for name, value in options.items() if name != "authentication_password"}
        wanted = super().wanted(session, given, current)
        if "address_spaces" in wanted:
            present = (current or {}).get("address_spaces") or ()
            wanted["address_spaces"] = lists.one_each("address_spaces", wanted["address_spaces"], present, place_of, str.casefold)
        user, password, shown = wanted.get("authentication_user"), options.get("authentication_password"), (current or {}).get("authentication_user")
        if user and shown == UNNAMED:
            wanted["authentication_user"] = UNNAMED
        same = shown == UNNAMED or (user or "").casefold() == (shown or "").casefold()
        if user and not same and password is None:
            raise UsageError(f"{self.label(options)} gets the user {user}, and authentication_password is not given")
        if password is not None and not user:
            raise UsageError("authentication_password needs authentication_user")
        due = user and (not same or options.get("update_password") == "always")
        return wanted | ({"authentication_password": Secret(password)} if due and str(options["name"]).casefold() not in self._sent else {})

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        made = super().calls(todo, options, found)
        if not _CREDENTIAL & todo.changes.keys():
            return made
        user, password = options["authentication_user"], Secret(options.get("authentication_password") or "")
        names = {str(one).casefold() for one in (options["name"], (found.state or {}).get("guid"))}  # it is looked for by either
        credential = {"AuthenticationCredential": Credential(user, password) if user else None}
        return [_WithPassword(call.cmdlet, call.parameters | credential, lambda: self._sent.update(names)) for call in made]
