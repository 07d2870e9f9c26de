# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receive connectors: objects of a server, told apart by where they listen and to whom."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from hybridlab.clixml import Enum, Obj, ValueObj
from hybridlab.contract.arguments import span
from hybridlab.exchange import failures
from hybridlab.exchange.ad_permissions import own
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import Entry, Store, configuration_keys
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.servers import SERVER_DN
from hybridlab.exchange.settings import merge
from hybridlab.exchange.shapes import AD_OBJECT_ID, render, shape

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

EVERYWHERE = ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255")
ROWS = table("""
AdvertiseClientSettings                   bool    false
AuthMechanism                             flags   Tls:None,Tls,Integrated,BasicAuth,BasicAuthRequireTLS,ExchangeServer,ExternalAuthoritative
AuthTarpitInterval                        span    00:00:05
Banner                                    text    ""
BareLinefeedRejectionEnabled              bool    false
BinaryMimeEnabled                         bool    true
Bindings                                  texts
ChunkingEnabled                           bool    true
Comment                                   text    ""
ConnectionInactivityTimeout               span    00:05:00
ConnectionTimeout                         span    00:10:00
DefaultDomain                             text?   -
DeliveryStatusNotificationEnabled         bool    true
DomainSecureEnabled                       bool    false
EightBitMimeEnabled                       bool    true
EnableAuthGSSAPI                          bool    false
Enabled                                   bool    true
EnhancedStatusCodesEnabled                bool    true
ExtendedProtectionPolicy                  enum    None:None,Allow,Require
Fqdn                                      text?   ex01.contoso.com
LongAddressesEnabled                      bool    false
MaxAcknowledgementDelay                   span    00:00:30
MaxHeaderSize                             bytes   256 KB (262,144 bytes)
MaxHopCount                               int     60
MaxInboundConnection                      count   5000
MaxInboundConnectionPerSource             count   20
MaxInboundConnectionPercentagePerSource   int     2
MaxLocalHopCount                          int     12
MaxLogonFailures                          int     3
MaxMessageSize                            bytes   36 MB (37,748,736 bytes)
MaxProtocolErrors                         count   5
MaxRecipientsPerMessage                   int     200
MessageRateLimit                          count   Unlimited
MessageRateSource                         enum    IPAddress:None,User,IPAddress,All
OrarEnabled                               bool    false
PermissionGroups                          flags   None:None,AnonymousUsers,ExchangeUsers,ExchangeServers,ExchangeLegacyServers,Partners,Custom
PipeliningEnabled                         bool    true
ProtocolLoggingLevel                      enum    None:None,Verbose
RejectReservedSecondLevelRecipientDomains bool    false
RejectReservedTopLevelRecipientDomains    bool    false
RejectSingleLabelRecipientDomains         bool    false
RemoteIPRanges                            texts
RequireEHLODomain                         bool    false
RequireTLS                                bool    false
Server                                    =text   EX01
ServiceDiscoveryFqdn                      text?   -
SizeEnabled                               enum    Enabled:Disabled,Enabled,EnabledWithoutValue
SmtpUtf8Enabled                           bool    true
SuppressXAnonymousTls                     bool    false
TarpitInterval                            span    00:00:05
TlsCertificateName                        text?   -
TlsDomainCapabilities                     texts
TransportRole                             enum    HubTransport:FrontendTransport,HubTransport
""")
# What -Usage means: authentication, groups, where it listens.
USAGES: dict[str, Values] = {
    "Client": {
        "AuthMechanism": "Tls, Integrated, BasicAuth, BasicAuthRequireTLS",
        "PermissionGroups": "ExchangeUsers",
        "Bindings": ["[::]:587", "0.0.0.0:587"],
        "RemoteIPRanges": list(EVERYWHERE),
    },
    "Custom": {"AuthMechanism": "Tls", "PermissionGroups": "None"},
    "Internal": {
        "AuthMechanism": "Tls, ExchangeServer",
        "PermissionGroups": "ExchangeServers, ExchangeLegacyServers",
        "Bindings": ["[::]:25", "0.0.0.0:25"],
    },
    "Internet": {"AuthMechanism": "Tls", "PermissionGroups": "AnonymousUsers", "RemoteIPRanges": list(EVERYWHERE)},
    "Partner": {"AuthMechanism": "Tls", "PermissionGroups": "Partners", "DomainSecureEnabled": True},
}
# The connectors that setup makes: name, role, port, authentication, groups.
_SERVERS = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer"
_HUB_GROUPS = "ExchangeUsers, ExchangeServers, ExchangeLegacyServers"
DEFAULTS = (
    ("Default", "HubTransport", 2525, _SERVERS, _HUB_GROUPS),
    ("Client Proxy", "HubTransport", 465, _SERVERS, "ExchangeUsers, ExchangeServers"),
    ("Default Frontend", "FrontendTransport", 25, _SERVERS, "AnonymousUsers, ExchangeServers, ExchangeLegacyServers"),
    ("Outbound Proxy Frontend", "FrontendTransport", 717, "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer", "AnonymousUsers, ExchangeServers"),
    ("Client Frontend", "FrontendTransport", 587, "Tls, Integrated, BasicAuth, BasicAuthRequireTLS", "ExchangeUsers"),
)
_MASKED = re.compile(r"(?P<first>[0-9.]+)\((?P<mask>[0-9.]+)\)")


class ReceiveConnectors(Sort):
    noun = "ReceiveConnector"
    rows = ROWS
    captured = "Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector"

    def fresh_store(self) -> Store:
        return Store(keys)

    def seed(self, store: Store) -> None:
        server = "EX01"
        for name, role, port, mechanisms, groups in DEFAULTS:
            made = self.entry(
                f"{name} {server}",
                Server=server,
                Fqdn=f"{server.lower()}.contoso.com",
                TransportRole=role,
                AuthMechanism=mechanisms,
                PermissionGroups=groups,
                Bindings=[f"[::]:{port}", f"0.0.0.0:{port}"],
                RemoteIPRanges=list(EVERYWHERE),
                ProtocolLoggingLevel="Verbose",
            )
            store.add(made)

    def home(self, values: Values) -> str:
        return f"CN=SMTP Receive Connectors,CN=Protocols,CN={values['Server']},{SERVER_DN}"

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        identity = ValueObj(AD_OBJECT_ID, f"{entry.values['Server']}\\{entry.name}")
        changed = {"Identity": identity, "Id": identity, "PermissionGroups": _groups(entry)}
        return Obj(shown.types, {**shown.props, **changed}, string=identity.string)

    def listing(self, call: Call) -> list[Entry]:
        if "Server" not in call.parameters:
            return super().listing(call)
        server = call.server.servers.one(call.parameters["Server"])
        return [entry for entry in self.store(call) if entry.values["Server"] == server.name]

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found: Values = {}
        if entry is None:
            named = [name for name in USAGES if settings.pop(name, False)]
            found = dict(USAGES[settings.pop("Usage", None) or (named or ["Custom"])[0]])
            server = settings.pop("Server", None)
            found["Server"] = call.server.servers.one(server).name if server else "EX01"
            found["Fqdn"] = f"{found['Server'].lower()}.contoso.com"
        for name, parse in (("Bindings", _binding), ("RemoteIPRanges", _printed_range)):
            if name in settings:
                found[name] = merge(entry.values[name] if entry else [], settings.pop(name), parse)
        if settings.get("DefaultDomain"):
            known = call.server.accepted_domains.known(settings["DefaultDomain"])
            if not known:
                raise failures.reference_not_found("accepted domain", settings["DefaultDomain"])
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        mechanisms, groups = (values[name].split(", ") for name in ("AuthMechanism", "PermissionGroups"))
        for name in ("Bindings", "RemoteIPRanges"):
            if not values[name]:
                raise failures.invalid(f"The property {name} must have at least one value.")
        if "ExternalAuthoritative" in mechanisms and not set(mechanisms) <= {"ExternalAuthoritative", "Tls"}:
            raise failures.invalid("ExternalAuthoritative can be combined with Tls only.")
        if "ExternalAuthoritative" in mechanisms and "ExchangeServers" not in groups:
            raise failures.invalid(
                "You must set the value for the PermissionGroups parameter to ExchangeServers when you set AuthMechanism to ExternalAuthoritative."
            )
        if "BasicAuthRequireTLS" in mechanisms and not {"BasicAuth", "Tls"} <= set(mechanisms):
            raise failures.invalid("BasicAuthRequireTLS needs the authentication mechanisms BasicAuth and Tls.")
        server = call.server.servers.one(values["Server"])
        if "ExchangeServer" in mechanisms and (values["Fqdn"] or "").lower() not in ("", server.name.lower(), server.values["Fqdn"]):
            raise failures.invalid(f"With the authentication mechanism ExchangeServer, the FQDN must be {server.values['Fqdn']}, {server.name} or $null.")
        if "Tls" not in mechanisms and (values["RequireTLS"] or values["DomainSecureEnabled"]):
            raise failures.invalid("RequireTLS and DomainSecureEnabled need the authentication mechanism Tls.")
        if "Custom" in groups:
            raise failures.invalid("The permission group Custom cannot be set; it shows that permissions were changed in Active Directory.")
        if values["Banner"] and not re.fullmatch(r"220 [ -~]+", values["Banner"]):
            raise failures.invalid("The banner must begin with 220 and a space, and have characters of 7-bit ASCII only.")
        if span(values["ConnectionTimeout"]) <= span(values["ConnectionInactivityTimeout"]):
            raise failures.invalid("The value of property 'ConnectionTimeout' must be larger than that of property 'ConnectionInactivityTimeout'.")
        if entry is None or any(entry.values[name] != values[name] for name in ("Bindings", "RemoteIPRanges", "TransportRole")):
            self._refuse_conflict(call, values, entry)

    def _refuse_conflict(self, call: Call, values: Values, entry: Entry | None) -> None:
        """Connectors of one server: with another role they share no port, with the same one they are told apart by nested ranges.

        The product says of roles that they "must listen on unique local IP address & port bindings", whatever their ranges.
        """
        for other in self.store(call):
            same_role = other.values["TransportRole"] == values["TransportRole"]
            listens = _bindings_equal if same_role else _bindings_meet
            if other is entry or other.values["Server"] != values["Server"] or not listens(values["Bindings"], other.values["Bindings"]):
                continue
            pairs = [(_range(one), _range(two)) for one in values["RemoteIPRanges"] for two in other.values["RemoteIPRanges"]]
            if not same_role or any(_cannot_tell(*pair) for pair in pairs):
                raise _conflict(f"{other.values['Server']}\\{other.name}", same_role)


SORT = ReceiveConnectors()


def change(exchange: Exchange, order: t.Mapping[str, t.Any]) -> Values:
    """What a connector got before the product refused it: ``receive_connector`` with other ``bindings``, whatever they conflict with.

    Returns what it is.  Raises ValueError for a connector that there is not.
    """
    store: Store = exchange.objects[ReceiveConnectors.noun]
    found = store.find(str(order["receive_connector"]))
    if len(found) != 1 or set(order) != {"receive_connector", "bindings"}:
        raise ValueError(f"{exchange.name} has no receive connector {order['receive_connector']}, or there is something else than bindings to change")
    store.change(found[0], {"Bindings": [str(one) for one in order["bindings"]]})
    return {"receive_connector": found[0].name, "bindings": found[0].values["Bindings"]}


def _groups(entry: Entry) -> Enum:
    """What Exchange makes of the permissions: those given one by one are shown as Custom."""
    row = shape(ReceiveConnectors.captured)["properties"]["PermissionGroups"]
    given = [] if entry.values["PermissionGroups"] == "None" else entry.values["PermissionGroups"].split(", ")
    given += ["Custom"] if own(entry) else []
    return t.cast(Enum, render(row, ", ".join(given) or "None"))


def keys(entry: Entry) -> t.Iterator[str]:
    """A connector is named with its server, too."""
    yield from configuration_keys(entry)
    yield f"{entry.values['Server']}\\{entry.name}"


def _conflict(other: str, same_role: bool) -> failures.Refused:
    text = f'The values that you specified for the Bindings and RemoteIPRanges parameters conflict with the settings on Receive connector "{other}".'
    if not same_role:
        text += " Receive connectors assigned to different Transport roles on a single server must listen on unique local IP address & port bindings."
    return failures.Refused(text, "ConnectorMappingConflictException" if same_role else "ReceiveConnectorRoleConflictException", "InvalidOperation")


def _binding(text: str) -> str:
    """``0.0.0.0:25`` or ``[::]:25``.  Raises `failures.Refused`."""
    host, colon, port = str(text).rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        colon = ""
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise failures.invalid(f"The IP binding '{text}' isn't valid. Use the format address:port, for example 192.168.0.1:25.")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def _range(text: str) -> tuple[int, int, int]:
    """IP version, first and last address of ``10.0.0.1``, ``10.0.0.0/8``, ``10.0.0.1-10.0.0.9`` or ``10.0.0.0(255.0.0.0)``."""
    masked = _MASKED.fullmatch(text)
    first, dash, last = text.partition("-")
    if dash:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        if low.version != high.version or int(low) > int(high):
            raise ValueError(text)
        return low.version, int(low), int(high)
    network = ipaddress.ip_network(f"{masked['first']}/{masked['mask']}" if masked else text, strict=False)
    return network.version, int(network.network_address), int(network.broadcast_address)


def _printed_range(text: str) -> str:
    try:
        _range(str(text))
    except ValueError:
        raise failures.invalid(f"The IP range '{text}' isn't valid.") from None
    return str(text)


def _bindings_equal(ours: t.Iterable[str], theirs: t.Sequence[str]) -> bool:
    return any(one in theirs for one in ours)


def _bindings_meet(ours: t.Iterable[str], theirs: t.Sequence[str]) -> bool:
    """Whether two connectors listen on one port of one address; 0.0.0.0 and [::] are every address of their kind."""
    return any(
        one.rpartition(":")[2] == two.rpartition(":")[2] and ("[" in one) == ("[" in two) and (one == two or _is_any(one) or _is_any(two))
        for one in ours
        for two in theirs
    )


def _is_any(binding: str) -> bool:
    return binding.rpartition(":")[0] in ("0.0.0.0", "[::]")


def _meet(one: tuple[int, int, int], two: tuple[int, int, int]) -> bool:
    return one[0] == two[0] and one[1] <= two[2] and two[1] <= one[2]


def _cannot_tell(one: tuple[int, int, int], two: tuple[int, int, int]) -> bool:
    """Equal ranges, or such that overlap without one being within the other."""
    within = (one[1] <= two[1] and two[2] <= one[2]) or (two[1] <= one[1] and one[2] <= two[2])
    return _meet(one, two) and (one == two or not within)
