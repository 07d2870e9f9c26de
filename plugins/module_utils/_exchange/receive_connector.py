# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of receive connectors: they belong to a server, and where they listen decides whether they are refused."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.bindings import Listener, binding, bounds, conflict, ip_range
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.connector import CERTIFICATE
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common


def capabilities(value: t.Any) -> str:
    """``mail.example.com:AcceptCloudServicesMail``, several of them in the order of their names and without blanks.

    >>> capabilities("contoso.com: B, A")
    'contoso.com:A,B'
    """
    domain, colon, rest = values.text(value).strip().partition(":")
    found = sorted({one.strip() for one in rest.split(",") if one.strip()}, key=str.casefold)
    if not colon or not domain.strip() or not found:
        raise ValueError(f"{value!r} is not a domain with what is granted to it, such as mail.example.com:AcceptCloudServicesMail")
    return f"{domain.strip()}:{','.join(found)}"


AUTH_MECHANISMS = ("tls", "integrated", "basic_auth", "basic_auth_require_tls", "exchange_server", "external_authoritative")
CUSTOM = "custom"
"""Shown where permissions were changed in Active Directory; Exchange takes it from nobody (github.com/dsccommunity/ExchangeDsc, issue 39)."""
PERMISSION_GROUPS = ("anonymous_users", "exchange_users", "exchange_servers", "exchange_legacy_servers", "partners", CUSTOM)
_NAMED = values.flags(PERMISSION_GROUPS)
GROUPS = dataclasses.replace(_NAMED, dump=lambda found: _NAMED.dump([one for one in found if one != CUSTOM]))
COUNTS = ("max_inbound_connection", "max_inbound_connection_per_source", "max_protocol_errors", "message_rate_limit")
SPANS = ("auth_tarpit_interval", "connection_inactivity_timeout", "connection_timeout", "max_acknowledgement_delay", "tarpit_interval")

FIELDS = (
    Field("usage", read=""),
    Field("auth_mechanism", codec=values.flags(AUTH_MECHANISMS)),
    Field("permission_groups", codec=GROUPS),
    Field("bindings", codec=values.members(values.Codec(binding))),
    Field("remote_ip_ranges", codec=values.members(values.Codec(ip_range, bounds))),
    Field("tls_certificate_name", codec=CERTIFICATE),
    Field("tls_domain_capabilities", codec=values.members(values.Codec(capabilities, str.casefold))),
    *(Field(name, codec="name") for name in ("default_domain", "fqdn", "service_discovery_fqdn")),
    *(Field(name, codec="limited_size") for name in ("max_header_size", "max_message_size")),
    *(Field(name, codec="count") for name in COUNTS),
    *(Field(name, codec="timespan") for name in SPANS),
)

CREATE_WITH = tuple(
    """
    usage bindings remote_ip_ranges transport_role enabled auth_mechanism permission_groups require_tls fqdn tls_certificate_name
    tls_domain_capabilities domain_secure_enabled suppress_x_anonymous_tls enable_auth_gssapi extended_protection_policy advertise_client_settings
    service_discovery_fqdn default_domain banner comment max_message_size max_header_size max_recipients_per_message max_hop_count max_local_hop_count
    max_inbound_connection max_inbound_connection_per_source max_inbound_connection_percentage_per_source max_logon_failures max_protocol_errors
    max_acknowledgement_delay message_rate_limit message_rate_source connection_timeout connection_inactivity_timeout tarpit_interval
    auth_tarpit_interval protocol_logging_level binary_mime_enabled chunking_enabled delivery_status_notification_enabled eight_bit_mime_enabled
    enhanced_status_codes_enabled long_addresses_enabled orar_enabled pipelining_enabled require_ehlo_domain size_enabled
    reject_reserved_second_level_recipient_domains reject_reserved_top_level_recipient_domains reject_single_label_recipient_domains
    """.split()
)
"""What New-ReceiveConnector takes: a connector without half of its settings would let in what it should not."""

DEFAULTS: dict[str, t.Any] = {
    "advertise_client_settings": False,
    "auth_tarpit_interval": "00:00:05",
    "bare_linefeed_rejection_enabled": False,
    "binary_mime_enabled": True,
    "chunking_enabled": True,
    "connection_inactivity_timeout": "00:05:00",
    "connection_timeout": "00:10:00",
    "delivery_status_notification_enabled": True,
    "domain_secure_enabled": False,
    "eight_bit_mime_enabled": True,
    "enable_auth_gssapi": False,
    "enabled": True,
    "enhanced_status_codes_enabled": True,
    "extended_protection_policy": "none",
    "long_addresses_enabled": False,
    "max_acknowledgement_delay": "00:00:30",
    "max_hop_count": 60,
    "max_inbound_connection": 5000,
    "max_inbound_connection_per_source": 20,
    "max_inbound_connection_percentage_per_source": 2,
    "max_logon_failures": 3,
    "max_protocol_errors": 5,
    "max_recipients_per_message": 200,
    "message_rate_limit": "unlimited",
    "orar_enabled": False,
    "pipelining_enabled": True,
    "protocol_logging_level": "none",
    "reject_reserved_second_level_recipient_domains": False,
    "reject_reserved_top_level_recipient_domains": False,
    "reject_single_label_recipient_domains": False,
    "require_ehlo_domain": False,
    "require_tls": False,
    "size_enabled": "enabled",
    "smtp_utf8_enabled": True,
    "suppress_x_anonymous_tls": False,
    "tarpit_interval": "00:00:05",
}
"""What a new connector has whatever its usage and role, by the reference of New-ReceiveConnector; limits that versions differ in are left out."""

_NO_CONFLICT = "Give it another transport_role (frontend_transport on port 25), other bindings, or other remote_ip_ranges"
_BOTH = ("bindings", "remote_ip_ranges")
NEEDED = {"custom": _BOTH, "partner": _BOTH, "internet": ("bindings",), "internal": ("remote_ip_ranges",), "client": ("remote_ip_ranges",)}
"""What New-ReceiveConnector does not know by itself for each usage."""


class ReceiveConnector(CmdletResource):
    """A connector of one server.  Its name alone may belong to several servers, so the server is part of the identity."""

    facts = (*CmdletResource.facts, "server")
    apart = ("server",)

    def identity(self, options: Options) -> dict[str, t.Any]:
        server = options.get("server")
        return {"Identity": f"{server.partition('.')[0]}\\{options['name']}" if server else options["name"]}

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return super().naming(found) | {"server": str(found["Server"])}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        found = super().pinned(options, state)
        return found if found is options else {**found, "server": None}

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "permission_groups" in wanted:
            wanted["permission_groups"] = _with_custom(wanted["permission_groups"], CUSTOM in ((current or {}).get("permission_groups") or ()))
        self._refuse_conflict(session, options, plan.make(self.attributes, True, wanted, current))
        return wanted

    def _refuse_conflict(self, session: Session, options: Options, todo: plan.Plan) -> None:
        """What the server would refuse, so that check mode says it too; where it listens by its usage is left to the server."""
        before, after = todo.before or {}, todo.after or {}
        server = before.get("server") or options.get("server")
        known = server and after.get("bindings") and after.get("remote_ip_ranges") and after.get("enabled") is not False
        if not known or not {*_BOTH, "transport_role", "enabled"} & todo.changes.keys():
            return
        answer = session.invoke("Get-ReceiveConnector", {"Server": server} | common(options), properties=self.properties())
        if answer.truncated:
            raise Truncated(f"the list of receive connectors of {server} is incomplete", cmdlet="Get-ReceiveConnector", target=session.target)
        # A connector that replication has just brought is itself, even if the read before did not find it.
        own = {str(one).casefold() for one in (options["name"], before.get("guid"))}
        others = [self.state(one) | {"name": one["Name"]} for one in answer.output if one.get("Enabled") is not False]
        rivals = [one for one in others if not own & {str(one["name"]).casefold(), str(one.get("guid")).casefold()}]
        why = conflict(_listener(options["name"], after), (_listener(one["name"], one) for one in rivals))
        if why:
            raise UsageError(why, target=session.target, advice=_NO_CONFLICT)

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        usage = options.get("usage") or "custom"
        missing = [name for name in NEEDED[usage] if not (name in todo.changes and todo.changes[name].after)]
        if missing:
            raise UsageError(f"{self.label(options)} does not exist, and {' and '.join(missing)} must be given to create it for usage {usage}")
        (call,) = super().create(todo, options, found)
        call.parameters.setdefault("Usage", "Custom")
        if options.get("server"):
            call.parameters["Server"] = options["server"]
        return [call]

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        found = super().explain(error, call)
        if "Bindings and RemoteIPRanges" in found.text:
            found.advice = _NO_CONFLICT
        return found


def _listener(name: str, state: plan.State) -> Listener:
    """The connector of a state; without a role it is the one that Exchange chooses."""
    return Listener(name, state.get("transport_role") or "hub_transport", state.get("bindings") or (), state.get("remote_ip_ranges") or ())


def _with_custom(request: Wanted, shown: bool) -> Wanted:
    """The groups that are asked for; ``custom`` stays where it is shown, because it goes only with the permissions that it stands for."""
    if CUSTOM in request.members() and (not shown or CUSTOM in request.remove):
        advice = "It shows that permissions were changed in Active Directory; exchange_ad_permission changes them"
        raise UsageError(f"permission_groups: {CUSTOM} can be neither set nor removed", advice=advice)
    return dataclasses.replace(request, exact=[*request.exact, CUSTOM]) if shown and request.exact is not None else request
