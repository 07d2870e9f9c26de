# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of the inbound and outbound connectors of Exchange Online.

Sources: Microsoft's reference of Get-, New- and Set-InboundConnector and -OutboundConnector.  That sender domains come back as address spaces
(``smtp:contoso.com;1``), and connectors of the admin center with the source AdminUI, was seen by others in their organizations.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.send_connector import TLS_AUTH_LEVELS, smart_host

_SPACE = re.compile(r"(?i)(?:smtp:)?(.*?)(?:;1)?")
_DOMAIN = re.compile(r"\*|(?:\*\.)?[^\s*@:;,]+\.[^\s*@:;,.]+")
WIDEST = 24
"""The widest range of addresses that a connector takes, as the length of its prefix."""


def domain(value: t.Any) -> str:
    """A domain without the type and cost of an address space.

    >>> domain("smtp:*.contoso.com;1"), domain("Contoso.com")
    ('*.contoso.com', 'Contoso.com')
    """
    found = values.text(value).strip()
    match = _SPACE.fullmatch(found)
    return match[1] if match else found


def address_key(value: str) -> str:
    """What two spellings of a range share; what is no range is compared as text.

    >>> address_key("192.0.2.1/25") == address_key("192.0.2.0/25"), address_key("192.0.2.7/32")
    (True, '192.0.2.7/32')
    """
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return value.casefold()


DOMAINS = values.members(values.Codec(domain, str.casefold))
RANGES = values.members(values.Codec(lambda value: values.text(value).strip(), address_key))
HOSTS = values.members(values.Codec(smart_host, str.casefold, lambda value: value.strip("[]")))


def _no_domain(value: str) -> str:
    return "" if _DOMAIN.fullmatch(value) else "is not a domain such as contoso.com, *.contoso.com for it with all its subdomains, or *"


def _no_source(value: str) -> str:
    try:
        narrow = ipaddress.IPv4Network(value, strict=False).prefixlen >= WIDEST
    except ValueError:
        return "is not an IPv4 address such as 192.0.2.7, or a range such as 192.0.2.0/25"
    return "" if narrow else f"is too wide a range; a connector takes /{WIDEST} to /32"


def _not_skippable(value: str) -> str:
    try:
        for end in value.split("-", 1):
            ipaddress.ip_network(end.strip(), strict=False)
    except ValueError:
        return "is not an IP address, a range such as 192.0.2.0/24, or one such as 192.0.2.1-192.0.2.9"
    return ""


def _no_host(value: str) -> str:
    return "has a port; connectors send to port 25" if re.search(r"[^:]:\d+$", value) else ""


class CloudConnector(CmdletResource):
    """A connector.  ``on_premises_only`` are options that mean nothing with partners, ``members`` says what is wrong with a list's member."""

    needed: t.ClassVar[tuple[str, ...] | None] = ()
    on_premises_only: t.ClassVar[tuple[str, ...]] = ()
    members: t.ClassVar[t.Mapping[str, t.Callable[[str], str]]] = {}

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        for name, wrong in self.members.items():
            request = wanted.get(name)
            for one in request.members() if isinstance(request, lists.Wanted) else ():
                if wrong(one):
                    raise UsageError(f"{name}: {one!r} {wrong(one)}")
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.after is not None:
            self.agree(todo.after, todo.changes.keys())
        return super().calls(todo, options, found)

    def agree(self, after: plan.State, changed: t.Collection[str]) -> None:
        """Refuse what the reference rules out, and the task brings about.  Raises UsageError."""
        kind = after.get("connector_type")
        for name in self.on_premises_only:
            if after.get(name) and kind not in (None, "on_premises") and {name, "connector_type"} & set(changed):
                raise UsageError(f"{name} is for connectors of type on_premises, and this one is of type {kind}")


class InboundConnector(CloudConnector):
    """From where messages are taken."""

    needed = ("sender_domains",)
    on_premises_only = ("treat_messages_as_internal",)
    members: t.ClassVar = {"sender_domains": _no_domain, "sender_ip_addresses": _no_source, "ef_skip_ips": _not_skippable}

    def agree(self, after: plan.State, changed: t.Collection[str]) -> None:
        super().agree(after, changed)
        both = {"treat_messages_as_internal", "cloud_services_mail_enabled"}
        if all(after.get(name) for name in both) and both & set(changed):
            advice = "With Exchange on the other side leave treat_messages_as_internal false, with anything else cloud_services_mail_enabled"
            raise UsageError("treat_messages_as_internal and cloud_services_mail_enabled cannot both be true", advice=advice)


class OutboundConnector(CloudConnector):
    """Through which hosts messages leave.

    The reference says that connectors in test mode, and those for transport rules, are listed only when they are asked for, and the name of the
    parameter says something else.  A connector is absent when no way of asking shows it.
    """

    on_premises_only = ("all_accepted_domains", "route_all_messages_via_on_premises", "sender_rewriting_enabled")
    members: t.ClassVar = {"recipient_domains": _no_domain, "smart_hosts": _no_host}
    scopes = ({}, {"rule": True}, {"test": True}, {"rule": True, "test": True})

    def scope(self, options: Options) -> dict[str, t.Any]:
        parameters = {"test": "IncludeTestModeConnectors", "rule": "IsTransportRuleScoped"}
        return {parameter: True for name, parameter in parameters.items() if options.get(name)}

    def selection(self, options: Options) -> dict[str, t.Any]:
        return super().selection(options) | self.scope(options)

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        return next((found for scope in self.scopes if (found := super(OutboundConnector, self).fetch(session, {**options, **scope})) is not None), None)

    def agree(self, after: plan.State, changed: t.Collection[str]) -> None:
        super().agree(after, changed)
        route, hosts = after.get("use_mx_record"), after.get("smart_hosts")
        if {"use_mx_record", "smart_hosts"} & set(changed):
            if route is False and not hosts:
                raise UsageError("use_mx_record is false, so smart_hosts must name where messages go")
            if route is True and hosts:
                advice = "Give use_mx_record: false with smart_hosts, or smart_hosts: [] to go by DNS"
                raise UsageError(f"use_mx_record is true, and messages cannot go to {', '.join(hosts)} as well", advice=advice)
        level = after.get("tls_settings")
        if after.get("tls_domain") and level not in (None, "domain_validation") and {"tls_domain", "tls_settings"} & set(changed):
            advice = 'Give tls_settings: domain_validation with it, or tls_domain: "" to do without'
            raise UsageError(f"tls_domain is for tls_settings domain_validation, and this is {level}", advice=advice)


INBOUND_FIELDS = (
    Field("sender_domains", codec=DOMAINS),
    *(Field(name, codec=RANGES) for name in ("sender_ip_addresses", "ef_skip_ips")),
    Field("ef_users", codec="addresses"),
    Field("tls_sender_certificate_name", codec="name"),
)
OUTBOUND_FIELDS = (
    Field("recipient_domains", codec=DOMAINS),
    Field("smart_hosts", codec=HOSTS),
    Field("tls_domain", codec="name"),
    Field("tls_settings", codec=values.choice_or_none(TLS_AUTH_LEVELS)),
    Field("validation_recipients", codec="recipient_addresses"),
    Field("last_validation_timestamp", codec="timestamp"),
)
_BOTH: dict[str, t.Any] = {"enabled": True, "cloud_services_mail_enabled": False, "connector_source": "default"}
INBOUND_DEFAULTS: dict[str, t.Any] = {
    **_BOTH,
    **dict.fromkeys(("ef_skip_last_ip", "restrict_domains_to_certificate", "restrict_domains_to_ip_addresses", "treat_messages_as_internal"), False),
}
OUTBOUND_DEFAULTS: dict[str, t.Any] = {
    **_BOTH,
    **dict.fromkeys((*OutboundConnector.on_premises_only, "is_transport_rule_scoped", "is_validated", "test_mode"), False),
    "use_mx_record": True,
    "tls_settings": "none",
    **dict.fromkeys(("mta_sts_mode", "smtp_dane_mode"), "opportunistic"),
}
"""What a new connector has, by the reference; whether it asks for encryption is left out, because descriptions differ."""
