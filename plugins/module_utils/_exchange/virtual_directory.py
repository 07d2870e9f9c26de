# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual directories: one module for nouns that differ in what they have, found by server and web site."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import named
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

SITE = "Default Web Site"
ANYWHERE = "outlook_anywhere"
URLS = ("internal_url", "external_url")
_METHODS = ("internal_authentication_methods", "external_authentication_methods")
_SIGN_IN = ("basic_authentication", "windows_authentication")
_MORE = ("digest_authentication", "oauth_authentication")
_FORMS = ("forms_authentication", "adfs_authentication")
_PROTECTION = ("extended_protection_token_checking", "extended_protection_flags", "extended_protection_spn_list")
_OWA = tuple(
    """
    anonymous_features_enabled calendar_enabled change_password_enabled default_domain display_photos_enabled external_download_host_name gzip_level
    instant_messaging_certificate_thumbprint instant_messaging_enabled instant_messaging_server_name instant_messaging_type internal_download_host_name
    irm_enabled logon_format logon_page_public_private_selection_enabled set_photo_enabled wac_editing_enabled
    """.split()
)


class Kind(t.NamedTuple):
    """A type's noun, and the options that its Set- cmdlet takes."""

    noun: str
    options: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "owa": Kind("OwaVirtualDirectory", (*URLS, _METHODS[1], *_SIGN_IN, *_MORE, *_FORMS, *_OWA, *_PROTECTION)),
    "ecp": Kind("EcpVirtualDirectory", (*URLS, _METHODS[1], *_SIGN_IN, *_MORE, *_FORMS, "admin_enabled", *_PROTECTION)),
    "activesync": Kind(
        "ActiveSyncVirtualDirectory",
        (*URLS, *_METHODS, "basic_auth_enabled", "windows_auth_enabled", "client_cert_auth", "compression_enabled", *_PROTECTION),
    ),
    "oab": Kind("OabVirtualDirectory", (*URLS, *_SIGN_IN, "oauth_authentication", "poll_interval", "require_ssl", *_PROTECTION)),
    "ews": Kind(
        "WebServicesVirtualDirectory",
        (
            *URLS,
            *_SIGN_IN,
            *_MORE,
            "certificate_authentication",
            "ws_security_authentication",
            "gzip_level",
            "internal_nlb_bypass_url",
            "mrs_proxy_enabled",
            *_PROTECTION,
        ),
    ),
    "mapi": Kind("MapiVirtualDirectory", (*URLS, "iis_authentication_methods", *_PROTECTION)),
    "powershell": Kind("PowerShellVirtualDirectory", (*URLS, *_SIGN_IN, "certificate_authentication", "require_ssl", *_PROTECTION)),
    "autodiscover": Kind("AutodiscoverVirtualDirectory", (*_SIGN_IN, *_MORE, "ws_security_authentication", *_PROTECTION)),
    ANYWHERE: Kind(
        "OutlookAnywhere",
        (
            "internal_hostname",
            "external_hostname",
            "internal_clients_require_ssl",
            "external_clients_require_ssl",
            "internal_client_authentication_method",
            "external_client_authentication_method",
            "iis_authentication_methods",
            "ssl_offloading",
            *_PROTECTION,
        ),
    ),
}
IN_DIRECTORY = frozenset((*URLS, *_METHODS, "internal_nlb_bypass_url", "internal_hostname", "external_hostname"))
"""What is surely kept in Active Directory: all that can be compared without asking IIS."""
FIELDS = (
    *(Field(name, codec="uri") for name in (*URLS, "internal_nlb_bypass_url")),
    *(Field(name, codec="name") for name in ("internal_hostname", "external_hostname", "default_domain")),
    Field("client_cert_auth", codec=values.choice(("ignore", "accepted", "required"))),
    Field("iis_authentication_methods", read="IISAuthenticationMethods", write="IISAuthenticationMethods"),
)
INSTRUCTIONS = ("type", "server", "web_site", "ad_properties_only", "recreate", "state", "domain_controller")
_SIDES = ("internal", "external")


def short(server: t.Any) -> str:
    """A server's name without its domain, folded: a server answers to both."""
    return str(server).partition(".")[0].casefold()


class VirtualDirectory(CmdletResource):
    """One directory of one server."""

    facts = ("name", "server", "guid", "distinguished_name")

    def label(self, options: Options) -> str:
        return f"virtual directory {options['type']} ({options['web_site']}) of {options['server']}"

    def admit(self, session: Session, options: Options) -> None:
        """The directory that the session itself comes through is not taken away under it."""
        gone = options["recreate"] or options["state"] == "absent"
        if gone and options["type"] == "powershell" and short(options["server"]) == short(session.target.rpartition(" on ")[2]):
            advice = "Run the task on a host that connects to another server of the organization"
            raise UsageError("the session itself comes through this virtual directory", target=session.target, advice=advice)

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        if found is None:
            return engine.Reading(None)
        return engine.Reading(self.state(found), f"{options['server'].partition('.')[0]}\\{self.name_of(found)}")

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The server is asked for all of the kind: a name of IIS would have to be guessed, and one that is not there is no class of its own among errors."""
        cmdlet = f"Get-{self.noun}"
        quick = {"ADPropertiesOnly": True} if options["ad_properties_only"] else {}
        answer = session.invoke(cmdlet, {"Server": options["server"]} | quick | common(options), properties=self._needed_properties)
        if answer.truncated:
            raise Truncated(f"the list that should show {self.label(options)} is incomplete", cmdlet=cmdlet, target=session.target)
        ending = f"({options['web_site']})".casefold()
        found = [one for one in answer.output if isinstance(one, dict) and self.name_of(one).casefold().endswith(ending)]
        if len(found) > 1:
            raise Ambiguous(f"{len(found)} objects answer to {self.label(options)}", cmdlet=cmdlet, target=session.target)
        return {**found[0], "Server": named(found[0].get("Server"))} if found else None

    def name_of(self, found: t.Mapping[str, t.Any]) -> str:
        """``owa (Default Web Site)``; empty where it is not shown."""
        return next((values.text(value) for key, value in found.items() if values.fold(key) == "name"), "")

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return [self._new(todo, options)]
        verb = "Remove" if todo.action == "delete" else "Set"
        changes = {} if todo.action == "delete" else self.dump(todo.changes) | self._companions(todo, options)
        return [self.call(verb, options, {"Identity": found.background} | changes)]

    def _new(self, todo: plan.Plan, options: Options) -> engine.Call:
        if options["type"] == ANYWHERE:
            advice = "Setup makes it with the server; see whether the server and its web site are the right ones"
            raise UsageError(f"{self.label(options)} does not exist, and no cmdlet makes it", advice=advice)
        taken = {name: change for name, change in todo.changes.items() if name in URLS}
        site = {"WebSiteName": options["web_site"]} if options["web_site"] != SITE else {}
        name = {"Name": "PowerShell"} if options["type"] == "powershell" else {}
        return self.call("New", options, {"Server": options["server"]} | name | site | self.dump(taken))

    def _companions(self, todo: plan.Plan, options: Options) -> dict[str, t.Any]:
        """Outlook Anywhere takes a host name only together with how its clients come, even where that stays as it is."""
        added: dict[str, t.Any] = {}
        for side in _SIDES:
            if f"{side}_hostname" in todo.changes and todo.changes[f"{side}_hostname"].after:
                for name in (f"{side}_clients_require_ssl", f"{side}_client_authentication_method"):
                    value = (todo.after or {}).get(name)
                    if value is not None:
                        added[self.attributes[name].write] = self.attributes[name].codec.dump(value)
        return added
