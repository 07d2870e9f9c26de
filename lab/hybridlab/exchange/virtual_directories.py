# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual directories of servers, and Outlook Anywhere, which is one of them by another name.

What IIS keeps (the Boolean kinds of authentication) is not shown with -ADPropertiesOnly.
"""

from __future__ import annotations

import re
import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import DOMAIN, Entry, Store, configuration_keys, derived_guid
from hybridlab.exchange.mailbox_table import Property, table
from hybridlab.exchange.servers import SERVER_DN
from hybridlab.records import Output, Record, Warned

SERVERS = {"EX01": "https://mail.contoso.com/owa", "EX02": None}
"""Each server, and the address that Outlook on the web has for those outside."""
SITE = "Default Web Site"
_PROTECTION = """
ExtendedProtectionFlags          texts
ExtendedProtectionSPNList        texts
ExtendedProtectionTokenChecking  enum   None:None,Allow,Require
"""
_URLS = """
InternalUrl                      text?  -
ExternalUrl                      text?  -
"""
_METHODS = """
InternalAuthenticationMethods    =texts
ExternalAuthenticationMethods    texts
"""
_BASIC, _WINDOWS, _DIGEST = "BasicAuthentication bool false\n", "WindowsAuthentication bool false\n", "DigestAuthentication bool false\n"
_OAUTH, _WS_SECURITY = "OAuthAuthentication bool true\n", "WSSecurityAuthentication bool true\n"
_FORMS = "FormsAuthentication bool true\nAdfsAuthentication bool false\n"
_OWA = """
AnonymousFeaturesEnabled               bool   true
CalendarEnabled                        bool   true
ChangePasswordEnabled                  bool   true
DefaultDomain                          text   ""
DisplayPhotosEnabled                   bool   true
ExternalDownloadHostName               text   ""
GzipLevel                              enum   High:Off,Low,High,Error
InstantMessagingCertificateThumbprint  text   ""
InstantMessagingEnabled                bool   true
InstantMessagingServerName             text   ""
InstantMessagingType                   enum   None:None,Ocs
InternalDownloadHostName               text   ""
IRMEnabled                             bool   true
LogonFormat                            enum   FullDomain:FullDomain,UserName,PrincipalName
LogonPagePublicPrivateSelectionEnabled bool   false
SetPhotoEnabled                        bool   true
WacEditingEnabled                      bool   true
"""
_ANYWHERE = """
ExternalClientAuthenticationMethod     enum   Negotiate:Basic,Ntlm,Negotiate
ExternalClientsRequireSsl              bool   false
ExternalHostname                       text?  -
IISAuthenticationMethods               texts
InternalClientAuthenticationMethod     enum   Ntlm:Basic,Ntlm,Negotiate
InternalClientsRequireSsl              bool   false
InternalHostname                       text?  -
SSLOffloading                          bool   true
"""
_IN_IIS = re.compile(r"(Basic|Windows|Digest|Forms|Adfs|Certificate)Authentication|RequireSSL|(Basic|Windows)AuthEnabled|IISAuthenticationMethods")
_BEGINNINGS: dict[str, tuple[str, str, str, str]] = {
    "OwaVirtualDirectory": ("owa", "/owa", _URLS + _METHODS + _BASIC + _WINDOWS + _DIGEST + _OAUTH + _FORMS + _OWA, "Basic Fba"),
    "EcpVirtualDirectory": (
        "ecp",
        "/ecp",
        _URLS + _METHODS + _BASIC + _WINDOWS + _DIGEST + _OAUTH + _FORMS + "AdminEnabled bool true\nGzipLevel text High\n",
        "Fba",
    ),
    "ActiveSyncVirtualDirectory": (
        "Microsoft-Server-ActiveSync",
        "/Microsoft-Server-ActiveSync",
        _URLS
        + "InternalAuthenticationMethods texts\nExternalAuthenticationMethods texts\nBasicAuthEnabled bool true\nWindowsAuthEnabled bool false\n"
        + "ClientCertAuth enum Ignore:Ignore,Accepted,Required\nCompressionEnabled bool false\n",
        "",
    ),
    "OabVirtualDirectory": ("OAB", "/OAB", _URLS + _BASIC + _WINDOWS + _OAUTH + "PollInterval int 480\nRequireSSL bool true\n", "WindowsIntegrated"),
    "WebServicesVirtualDirectory": (
        "EWS",
        "/EWS/Exchange.asmx",
        _URLS
        + "InternalAuthenticationMethods =texts\nExternalAuthenticationMethods =texts\n"
        + _BASIC
        + _WINDOWS
        + _DIGEST
        + _OAUTH
        + _WS_SECURITY
        + "CertificateAuthentication bool? -\nGzipLevel enum High:Off,Low,High,Error\nInternalNLBBypassUrl text? -\nMRSProxyEnabled bool false\n",
        "Ntlm WindowsIntegrated WSSecurity OAuth",
    ),
    "MapiVirtualDirectory": ("mapi", "/mapi", _URLS + "IISAuthenticationMethods texts\n", ""),
    "PowerShellVirtualDirectory": (
        "PowerShell",
        "/powershell",
        _URLS + _BASIC + _WINDOWS + "CertificateAuthentication bool true\nRequireSSL bool false\n",
        "",
    ),
    "AutodiscoverVirtualDirectory": (
        "Autodiscover",
        "",
        "InternalAuthenticationMethods =texts\nExternalAuthenticationMethods =texts\n" + _BASIC + _WINDOWS + _DIGEST + _OAUTH + _WS_SECURITY,
        "Basic Ntlm WindowsIntegrated WSSecurity OAuth",
    ),
    "OutlookAnywhere": ("Rpc", "", _ANYWHERE, ""),
}
_SAME_SITE = {"OwaVirtualDirectory": "ECP", "EcpVirtualDirectory": "OWA"}


class VirtualDirectories(Sort):
    """Those of one kind.  ``beginning`` is the name in IIS, ``path`` what follows the server in the address of a new one."""

    parent = SERVER_DN
    noun: str  # type: ignore[misc]
    rows: dict[str, Property]  # type: ignore[misc]

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.beginning, self.path, rows, methods = _BEGINNINGS[noun]
        self.rows = table("\n".join(line for line in (rows + _PROTECTION).splitlines() if line.strip()))
        self.methods = methods.split()
        kind = "RpcHttpVirtualDirectory" if noun == "OutlookAnywhere" else noun
        self.types = (f"Microsoft.Exchange.Data.Directory.SystemConfiguration.AD{kind}",)  # type: ignore[misc]

    @property
    def name(self) -> str:
        return f"{self.beginning} ({SITE})"

    def handlers(self) -> dict[str, Handler]:
        verbs = ("Get", "Set") if self.noun == "OutlookAnywhere" else ("Get", "New", "Set", "Remove")
        return {f"{verb}-{self.noun}": getattr(self, verb.lower()) for verb in verbs}

    def fresh_store(self) -> Store:
        return Store(lambda entry: (*configuration_keys(entry), identity(entry)))

    def seed(self, store: Store) -> None:
        for server, outside in SERVERS.items():
            more = {"ExternalUrl": outside} if self.noun == "OwaVirtualDirectory" else {}
            store.add(self.entry(self.name, derived_guid(self.beginning.lower(), server), **(self.fresh(server) | more)))

    def fresh(self, server: str) -> Values:
        """What a new one on that server has."""
        host = f"{server.lower()}.{DOMAIN}"
        found: Values = {"Server": server}
        if "InternalUrl" in self.rows:
            found["InternalUrl"] = f"http{'' if self.noun == 'PowerShellVirtualDirectory' else 's'}://{host}{self.path}"
        if "InternalHostname" in self.rows:
            found |= {"InternalHostname": host, "IISAuthenticationMethods": ["Basic", "Ntlm", "Negotiate"]}
        if self.noun == "MapiVirtualDirectory":
            found["IISAuthenticationMethods"] = ["Ntlm", "OAuth", "Negotiate"]
        for name in ("InternalAuthenticationMethods", "ExternalAuthenticationMethods"):
            if name in self.rows:
                found[name] = list(self.methods)
        on = {"OwaVirtualDirectory": ["BasicAuthentication"], "EcpVirtualDirectory": ["BasicAuthentication"]}.get(self.noun, ["WindowsAuthentication"])
        return found | {name: True for name in on if name in self.rows}

    def home(self, values: Values) -> str:
        return f"CN=HTTP,CN=Protocols,CN={values['Server']},{self.parent}"

    def listing(self, call: Call) -> list[Entry]:
        if call.parameters.get("ShowMailboxVirtualDirectories"):
            raise failures.not_emulated(call.cmdlet, "-ShowMailboxVirtualDirectories")
        given = call.parameters.get("Server")
        server = None if given is None else call.server.servers.one(given).name
        return [one for one in super().listing(call) if server is None or one.values["Server"] == server]

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        properties: dict[str, t.Any] = {**shown.props, "Identity": identity(entry), "Server": entry.values["Server"]}
        if call.parameters.get("ADPropertiesOnly"):
            properties |= {name: None for name in properties if _IN_IIS.fullmatch(name)}
        return Obj(shown.types, properties, string=identity(entry))

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        for name in ("InternalUrl", "ExternalUrl", "InternalNLBBypassUrl"):
            if values.get(name) and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", values[name]):
                raise failures.invalid(f"The value '{values[name]}' of property '{name}' isn't an absolute URL.")
        for side in ("Internal", "External"):
            if self.noun == "OutlookAnywhere" and call.parameters.get(f"{side}Hostname") and f"{side}ClientsRequireSsl" not in call.parameters:
                text = f"You must specify the {side}ClientsRequireSsl parameter when you set the {side}Hostname parameter."
                raise failures.refused(text, "ArgumentException", "InvalidArgument")
        if values.get("ExternalHostname") and values.get("ExternalClientAuthenticationMethod") == "Basic" and not values["ExternalClientsRequireSsl"]:
            raise failures.refused("Basic authentication of external clients needs ExternalClientsRequireSsl.", "ArgumentException", "InvalidArgument")

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        if entry is None:
            server = call.server.servers.one(settings.pop("Server", failures.SERVER)).name
            for name in ("WebSiteName", "Role", "AppPoolId", "Path"):
                settings.pop(name, None)
            return self.fresh(server)
        return {}

    def new(self, call: Call) -> t.Iterable[Record]:
        call.parameters["Name"] = self.name
        server = call.server.servers.one(call.parameters.get("Server", failures.SERVER)).name
        if any(one.values["Server"] == server for one in self.store(call)):
            raise failures.refused(f"The virtual directory '{self.beginning}' already exists under '{server}/{SITE}'.", "InvalidOperationException")
        return super().new(call)

    def set(self, call: Call) -> t.Iterable[Record]:
        yield from super().set(call)
        other = _SAME_SITE.get(self.noun)
        if other and {"InternalUrl", "ExternalUrl"} & call.parameters.keys():
            yield Warned(
                f"You've changed the InternalURL or ExternalURL for the {self.beginning.upper()} virtual directory. Please make the same change for the "
                f"{other} virtual directory in the same website."
            )

    def get(self, call: Call) -> t.Iterable[Record]:
        return [Output(self.view(call, one)) for one in self.listing(call)]


SORTS = tuple(VirtualDirectories(noun) for noun in _BEGINNINGS)


def identity(entry: Entry) -> str:
    return f"{entry.values['Server']}\\{entry.name}"
