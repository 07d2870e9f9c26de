# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inbound and outbound connectors of Exchange Online: from where it takes messages, and through which hosts it sends them.  No message is sent.

What is refused is what Microsoft's reference of New- and Set-InboundConnector and -OutboundConnector rules out.  The words of the service are not
published; these are the lab's own.  Sender domains are shown as address spaces (``smtp:contoso.com;1``), whatever form they were given in.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store
from hybridlab.exchange.mailbox_table import Property, table
from hybridlab.exchange.settings import merge

INBOUND = table("""
AdminDisplayName               =text   ""
AssociatedAcceptedDomains      texts
CloudServicesMailEnabled       bool    false
Comment                        text    ""
ConnectorSource                enum    Default:Default,Migrated,HybridWizard,AdminUI
ConnectorType                  enum    Partner:OnPremises,Partner
EFSkipIPs                      texts
EFSkipLastIP                   bool    false
EFUsers                        texts
Enabled                        bool    true
RequireTls                     bool    true
RestrictDomainsToCertificate   bool    false
RestrictDomainsToIPAddresses   bool    false
SenderDomains                  texts
SenderIPAddresses              texts
TlsSenderCertificateName       text?   -
TreatMessagesAsInternal        bool    false
TrustedOrganizations           texts
""")
OUTBOUND = table("""
AdminDisplayName                =text   ""
AllAcceptedDomains              bool    false
CloudServicesMailEnabled        bool    false
Comment                         text    ""
ConnectorSource                 enum    Default:Default,Migrated,HybridWizard,AdminUI
ConnectorType                   enum    Partner:OnPremises,Partner
Enabled                         bool    true
IsTransportRuleScoped           bool    false
IsValidated                     bool    false
LastValidationTimestamp         date?   -
MtaStsMode                      enum    Opportunistic:Opportunistic,None
RecipientDomains                texts
RouteAllMessagesViaOnPremises   bool    false
SenderRewritingEnabled          bool    false
SmartHosts                      texts
SmtpDaneMode                    enum    Opportunistic:Opportunistic,Mandatory,None
TestMode                        bool    false
TlsDomain                       text?   -
TlsSettings                     enum?   -:EncryptionOnly,CertificateValidation,DomainValidation
UseMXRecord                     bool    true
ValidationRecipients            texts
""")
SMALLEST_PREFIX = 24
"""The reference: valid subnet masks of sender addresses are /24 through /32."""
_SPACE = re.compile(r"(?i)(?:smtp:)?([^;:]+)(?:;(\d{1,3}))?")
_DOMAIN = re.compile(r"(?i)(?:\*\.)?[\w-]+(?:\.[\w-]+)+")
_CERTIFICATE = re.compile(r"(?i)<I>.+<S>.+")
_TYPES = "Microsoft.Exchange.Data.Directory.SystemConfiguration"


def _domain(text: t.Any) -> str:
    """A domain, with ``*.`` before it one with all its subdomains; ``*`` alone is every domain.  Raises `failures.Refused`."""
    if str(text) != "*" and not _DOMAIN.fullmatch(str(text)):
        raise failures.invalid(f"'{text}' isn't a valid SMTP domain. A wildcard stands for all subdomains, as in *.contoso.com.")
    return str(text)


def _space(text: t.Any) -> str:
    match = _SPACE.fullmatch(str(text).strip())
    return f"smtp:{_domain(match[1] if match else text)};{int((match and match[2]) or 1)}"


def _address(text: t.Any) -> str:
    """An IPv4 address or a range of at most 256.  Raises `failures.Refused`."""
    try:
        range_ = ipaddress.IPv4Network(str(text), strict=False)
    except ValueError:
        raise failures.invalid(f"'{text}' isn't a valid IPv4 address or range such as 192.168.0.1/25.") from None
    if range_.prefixlen < SMALLEST_PREFIX:
        raise failures.invalid(f"The range '{text}' isn't valid. Subnet masks of /{SMALLEST_PREFIX} through /32 are.")
    return str(text)


def _skipped(text: t.Any) -> str:
    """An address or range that enhanced filtering passes over.  Raises `failures.Refused`."""
    try:
        for end in str(text).split("-", 1):
            ipaddress.ip_network(end.strip(), strict=False)
    except ValueError:
        raise failures.invalid(f"'{text}' isn't a valid IP address or range.") from None
    return str(text)


def _mailbox(text: t.Any) -> str:
    name, at, domain = str(text).partition("@")
    if not (name and at and "." in domain) or " " in str(text):
        raise failures.invalid(f"The email address '{text}' isn't correct. Please use this format: user name, the @ sign, followed by the domain name.")
    return str(text)


def _host(text: t.Any) -> str:
    """A name, an address, shown in brackets, or a range.  There is no port.  Raises `failures.Refused`."""
    try:
        return f"[{ipaddress.ip_address(str(text).strip('[]'))}]"
    except ValueError:  # a range or a name
        if re.fullmatch(r"[\d.]+/\d+", str(text)):
            return _skipped(text)
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", str(text)):
            raise failures.invalid(f"'{text}' isn't a valid smart host.") from None
        return str(text)


def _certificate(text: t.Any) -> str:
    """A domain that the certificate must be for, or its issuer and subject.  Raises `failures.Refused`."""
    return str(text) if _CERTIFICATE.fullmatch(str(text)) else _domain(text)


def _accepted(call: Call, text: t.Any) -> str:
    known = next((one.values["DomainName"] for one in call.server.accepted_domains if one.values["DomainName"].lower() == str(text).lower()), None)
    if known is None:
        raise failures.domain_not_accepted(str(text))
    return str(known)


class CloudConnectors(Sort):
    """What both kinds share."""

    parent = f"CN=Transport Settings,{CONFIGURATION_DN}"
    on_premises_only: t.ClassVar[tuple[str, ...]]
    parsers: t.ClassVar[dict[str, t.Callable[[t.Any], str]]]

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        return {name: merge(entry.values[name] if entry else [], settings.pop(name), parse) for name, parse in self.parsers.items() if name in settings}

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        for name in self.on_premises_only:
            if values[name] and values["ConnectorType"] != "OnPremises":
                raise failures.invalid(f"{name} can be $true only when ConnectorType is OnPremises.")


class InboundConnectors(CloudConnectors):
    noun = "InboundConnector"
    rows: t.ClassVar[dict[str, Property]] = INBOUND
    types = (f"{_TYPES}.TenantInboundConnector",)
    on_premises_only = ("CloudServicesMailEnabled", "TreatMessagesAsInternal")
    parsers: t.ClassVar = {"SenderDomains": _space, "SenderIPAddresses": _address, "EFSkipIPs": _skipped, "EFUsers": _mailbox}

    def seed(self, store: Store) -> None:
        wizard: Values = {"ConnectorSource": "HybridWizard", "ConnectorType": "OnPremises", "CloudServicesMailEnabled": True}
        certificate = "<I>CN=Contoso Issuing CA<S>CN=mail.contoso.com"
        store.add(self.entry("Inbound from Contoso", **wizard, SenderDomains=["smtp:*;1"], TlsSenderCertificateName=certificate))

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found = super().special(call, settings, entry)
        if "AssociatedAcceptedDomains" in settings:
            current = entry.values["AssociatedAcceptedDomains"] if entry else []
            found["AssociatedAcceptedDomains"] = merge(current, settings.pop("AssociatedAcceptedDomains"), lambda one: _accepted(call, one))
        if settings.get("TlsSenderCertificateName"):
            found["TlsSenderCertificateName"] = _certificate(settings.pop("TlsSenderCertificateName"))
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        super().check(call, values, entry)
        addresses, certificate = values["SenderIPAddresses"], values["TlsSenderCertificateName"]
        if not values["SenderDomains"] and not values["TrustedOrganizations"]:
            raise failures.invalid("An inbound connector needs at least one sender domain.")
        if values["ConnectorType"] == "OnPremises" and not addresses and not certificate:
            raise failures.invalid("An inbound connector of type OnPremises needs SenderIPAddresses or TlsSenderCertificateName.")
        if values["RestrictDomainsToIPAddresses"] and not addresses:
            raise failures.invalid("RestrictDomainsToIPAddresses needs at least one sender IP address.")
        if values["RestrictDomainsToCertificate"] and not certificate:
            raise failures.invalid("RestrictDomainsToCertificate needs TlsSenderCertificateName.")
        if values["TreatMessagesAsInternal"] and values["CloudServicesMailEnabled"]:
            raise failures.invalid("TreatMessagesAsInternal can't be $true while CloudServicesMailEnabled is $true.")


class OutboundConnectors(CloudConnectors):
    noun = "OutboundConnector"
    rows: t.ClassVar[dict[str, Property]] = OUTBOUND
    types = (f"{_TYPES}.TenantOutboundConnector",)
    on_premises_only = ("AllAcceptedDomains", "CloudServicesMailEnabled", "RouteAllMessagesViaOnPremises", "SenderRewritingEnabled")
    parsers: t.ClassVar = {"RecipientDomains": _domain, "SmartHosts": _host, "ValidationRecipients": _mailbox}

    def seed(self, store: Store) -> None:
        wizard: Values = {"ConnectorSource": "HybridWizard", "ConnectorType": "OnPremises", "CloudServicesMailEnabled": True, "UseMXRecord": False}
        tls: Values = {"TlsSettings": "DomainValidation", "TlsDomain": "mail.contoso.com"}
        store.add(self.entry("Outbound to Contoso", **wizard, **tls, RecipientDomains=["contoso.com"], SmartHosts=["mail.contoso.com"]))
        scanner: Values = {"UseMXRecord": False, "SmartHosts": ["scan.partner.example"]}
        store.add(self.entry("Through the scanner", **scanner, IsTransportRuleScoped=True))

    def listing(self, call: Call) -> list[Entry]:
        """By the reference, connectors in test mode, and those for transport rules, are shown only when they are asked for."""
        scopes = {"TestMode": "IncludeTestModeConnectors", "IsTransportRuleScoped": "IsTransportRuleScoped"}
        wanted = {name: bool(call.parameters.get(parameter)) for name, parameter in scopes.items()}
        shown = [entry for entry in super().listing(call) if all(entry.values[name] is value for name, value in wanted.items())]
        if not shown and call.identity is not None and "*" not in str(call.identity):
            raise failures.not_found(call.identity)
        return shown

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        if "LinkForModifiedConnector" in settings:
            raise failures.not_emulated(call.cmdlet, "-LinkForModifiedConnector")
        return super().special(call, settings, entry)

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        super().check(call, values, entry)
        if values["UseMXRecord"] and values["SmartHosts"]:
            raise failures.invalid("SmartHosts can't be specified while UseMXRecord is $true.")
        if not values["UseMXRecord"] and not values["SmartHosts"]:
            raise failures.invalid("SmartHosts must be specified when UseMXRecord is $false.")
        if values["TlsDomain"] and values["TlsSettings"] != "DomainValidation":
            raise failures.invalid("TlsDomain can be specified only when TlsSettings is DomainValidation.")
        if not (values["RecipientDomains"] or values["IsTransportRuleScoped"] or values["AllAcceptedDomains"]):
            raise failures.invalid("An outbound connector needs recipient domains, unless it is scoped to transport rules or for all accepted domains.")


SORTS = (InboundConnectors(), OutboundConnectors())
