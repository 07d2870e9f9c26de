# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send connectors."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.settings import merge

_GROUPS = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups"
ROWS = table("""
AddressSpaces                 texts
AuthenticationCredential      =text?  -
CloudServicesMailEnabled      bool    false
Comment                       text    ""
ConnectedDomains              =texts
ConnectionInactivityTimeOut   span    00:10:00
ConnectorType                 enum    Default:Default,XPremises
DNSRoutingEnabled             bool    true
DomainSecureEnabled           bool    false
Enabled                       bool    true
ErrorPolicies                 flags   Default:Default,DowngradeDnsFailures,DowngradeCustomFailures
ForceHELO                     bool    false
Fqdn                          text?   -
FrontendProxyEnabled          bool    false
HomeMTA                       =text   Microsoft MTA
HomeMtaServerId               =text   EX01
IgnoreSTARTTLS                bool    false
IsScopedConnector             bool    false
IsSmtpConnector               =bool   true
MaxMessageSize                size    35 MB (36,700,160 bytes)
Port                          int     25
ProtocolLoggingLevel          enum    None:None,Verbose
Region                        =text   None
RequireOorg                   bool    false
RequireTLS                    bool    false
SmartHostAuthMechanism        enum    None:None,BasicAuth,BasicAuthRequireTLS,ExchangeServer,ExternalAuthoritative
SmartHosts                    texts
SmartHostsString              =text   ""
SmtpMaxMessagesPerConnection  int     20
SourceIPAddress               text    0.0.0.0
SourceRoutingGroup            =text   Exchange Routing Group (DWBGZMFD01QNBJR)
SourceTransportServers        texts
TlsAuthLevel                  enum?   -:EncryptionOnly,CertificateValidation,DomainValidation
TlsCertificateName            text?   -
TlsDomain                     text?   -
UseExternalDNSServersEnabled  bool    false
""")
USAGES: dict[str, Values] = {"Custom": {}, "Internal": {"SmartHostAuthMechanism": "ExchangeServer"}, "Internet": {}, "Partner": {"DomainSecureEnabled": True}}
_CREDENTIAL_TYPES = ("System.Management.Automation.PSCredential", "System.Object")
_SPACE = re.compile(r"(?:([A-Za-z0-9]+):)?([^;\s]+)(?:;(\d+))?")


class SendConnectors(Sort):
    noun = "SendConnector"
    parent = f"CN=Connections,CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,{_GROUPS},{CONFIGURATION_DN}"
    rows = ROWS
    captured = "Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig"

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        user = entry.values["AuthenticationCredential"]
        credential = None if user is None else Obj(_CREDENTIAL_TYPES, {"UserName": user}, string=_CREDENTIAL_TYPES[0])
        return Obj(shown.types, {**shown.props, "AuthenticationCredential": credential}, string=entry.name)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        for name in ("Force", "IsCoexistenceConnector"):
            settings.pop(name, None)
        found: Values = {}
        if entry is None:
            named = [name for name in USAGES if settings.pop(name, False)]
            usage = settings.pop("Usage", None) or (named or ["Custom"])[0]
            found = {"SourceTransportServers": ["EX01"], **_usage(usage)}
            found["DNSRoutingEnabled"] = not settings.get("SmartHosts")
        if "AuthenticationCredential" in settings:
            credential = settings.pop("AuthenticationCredential")
            found["AuthenticationCredential"] = credential.user if credential else None
        parsers: dict[str, t.Callable[[str], str]] = {
            "AddressSpaces": _space,
            "SmartHosts": _host,
            "SourceTransportServers": lambda name: call.server.servers.one(name).name,
        }
        for name, parse in parsers.items():
            if name in settings:
                found[name] = merge(entry.values[name] if entry else [], settings.pop(name), parse)
        if "SmartHosts" in found:
            found["SmartHostsString"] = ",".join(found["SmartHosts"])
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        if not values["AddressSpaces"] or not values["SourceTransportServers"]:
            raise failures.invalid("A Send connector needs at least one address space and one source transport server.")
        if values["SmartHosts"] and values["DNSRoutingEnabled"]:
            raise failures.invalid("You can't specify smart hosts while DNSRoutingEnabled is $true.")
        if not values["SmartHosts"] and not values["DNSRoutingEnabled"]:
            raise failures.invalid("If DNSRoutingEnabled is $false, you must specify at least one smart host.")
        if values["SmartHostAuthMechanism"].startswith("BasicAuth") and not values["AuthenticationCredential"]:
            raise failures.invalid("The authentication mechanism BasicAuth needs the parameter AuthenticationCredential.")
        if values["DomainSecureEnabled"] and (values["IgnoreSTARTTLS"] or not values["DNSRoutingEnabled"]):
            raise failures.invalid("DomainSecureEnabled needs DNSRoutingEnabled to be $true and IgnoreSTARTTLS to be $false.")
        if values["TlsAuthLevel"] and (values["IgnoreSTARTTLS"] or not values["RequireTLS"]):
            raise failures.invalid("TlsAuthLevel needs RequireTLS to be $true and IgnoreSTARTTLS to be $false.")
        if values["RequireTLS"] and values["IgnoreSTARTTLS"]:
            raise failures.invalid("RequireTLS and IgnoreSTARTTLS can't both be $true.")
        if values["TlsDomain"] and values["TlsAuthLevel"] != "DomainValidation":
            raise failures.invalid("TlsDomain can be set only when TlsAuthLevel is DomainValidation.")
        if not 0 < values["Port"] < 65536:
            raise failures.invalid(f"The value {values['Port']} of property 'Port' is out of range 1 to 65535.")


SORT = SendConnectors()


def _usage(name: str) -> Values:
    if name not in USAGES:
        raise failures.invalid(f"The usage '{name}' isn't valid for a Send connector.")
    return USAGES[name]


def _space(text: str) -> str:
    """``contoso.com`` as ``SMTP:contoso.com;1``.  Raises `failures.Refused`."""
    match = _SPACE.fullmatch(str(text).strip())
    cost = int(match[3] or 1) if match else 0
    if not match or not 1 <= cost <= 100 or ("*" in match[2] and not re.fullmatch(r"\*|\*\.[^*]+", match[2])):
        raise failures.invalid(f"The address space '{text}' isn't valid.")
    return f"{(match[1] or 'SMTP').upper()}:{match[2]};{cost}"


def _host(text: str) -> str:
    """An address in brackets, or a name.  Raises `failures.Refused`."""
    try:
        return f"[{ipaddress.ip_address(str(text).strip('[]'))}]"
    except ValueError:  # not an address, so a name
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", str(text)):
            raise failures.invalid(f"'{text}' isn't a valid smart host.") from None
        return str(text)
