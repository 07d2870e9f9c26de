# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of receive connectors: they belong to a server, and where they listen decides whether they are refused."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

_MASKED = re.compile(r"([0-9.]+)\s*\(\s*([0-9.]+)\s*\)")


def binding(value: t.Any) -> str:
    """``192.0.2.1:25`` or ``[2001:db8::1]:25``, addresses in their shortest form."""
    host, _colon, port = values.text(value).strip().rpartition(":")
    try:
        address = ipaddress.ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    except ValueError:
        port = ""
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError(f"{value!r} is not an address with a port such as 0.0.0.0:25 or [::]:25")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def ip_range(value: t.Any) -> str:
    """What the user wrote; refused when it is no address, network or range of addresses."""
    found = values.text(value).strip()
    bounds(found)
    return found


def bounds(text: str) -> tuple[int, int, int]:
    """IP version, first and last address: two spellings of one range are equal.

    >>> bounds("10.0.0.0/8") == bounds("10.0.0.0-10.255.255.255") == bounds("10.0.0.0(255.0.0.0)")
    True
    """
    first, dash, last = text.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            if low.version != high.version or int(low) > int(high):
                raise ValueError("the last address is before the first one")
            return low.version, int(low), int(high)
        network = ipaddress.ip_network(_MASKED.sub(r"\1/\2", text), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not an address, a network such as 10.0.0.0/8, or a range such as 10.0.0.1-10.0.0.9") from None
    return network.version, int(network.network_address), int(network.broadcast_address)


AUTH_MECHANISMS = ("tls", "integrated", "basic_auth", "basic_auth_require_tls", "exchange_server", "external_authoritative")
PERMISSION_GROUPS = ("anonymous_users", "exchange_users", "exchange_servers", "exchange_legacy_servers", "partners", "custom")
COUNTS = ("max_inbound_connection", "max_inbound_connection_per_source", "max_protocol_errors", "message_rate_limit")
SPANS = ("auth_tarpit_interval", "connection_inactivity_timeout", "connection_timeout", "max_acknowledgement_delay", "tarpit_interval")

FIELDS = (
    Field("usage", read=""),
    Field("auth_mechanism", codec=values.flags(AUTH_MECHANISMS)),
    Field("permission_groups", codec=values.flags(PERMISSION_GROUPS)),
    Field("bindings", codec=values.members(values.Codec(binding))),
    Field("remote_ip_ranges", codec=values.members(values.Codec(ip_range, bounds))),
    Field("tls_domain_capabilities", codec="texts"),
    *(Field(name, codec="name") for name in ("default_domain", "fqdn", "service_discovery_fqdn", "tls_certificate_name")),
    *(Field(name, codec="size") for name in ("max_header_size", "max_message_size")),
    *(Field(name, codec="count") for name in COUNTS),
    *(Field(name, codec="timespan") for name in SPANS),
)

CREATE_WITH = (
    "usage",
    "bindings",
    "remote_ip_ranges",
    "transport_role",
    "enabled",
    "auth_mechanism",
    "permission_groups",
    "require_tls",
    "fqdn",
    "tls_certificate_name",
)
"""What a new connector must not be without for a moment: where it listens, and who may do what."""

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
        if "different Transport roles" in found.text:
            found.advice = "Two transport services cannot share a port; give the connector transport_role: frontend_transport, or another port"
        elif "Bindings and RemoteIPRanges" in found.text:
            found.advice = "Connectors on one port are told apart by remote_ip_ranges: one range must lie within the other and be smaller"
        return found
