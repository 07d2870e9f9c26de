# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual directories: one module for nouns that differ in what they have, found by server and web site."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import export
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import named
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

SITE = "Default Web Site"
ANYWHERE = "outlook_anywhere"
_URLS = ("internal_url", "external_url")
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
    "owa": Kind("OwaVirtualDirectory", (*_URLS, _METHODS[1], *_SIGN_IN, *_MORE, *_FORMS, *_OWA, *_PROTECTION)),
    "ecp": Kind("EcpVirtualDirectory", (*_URLS, _METHODS[1], *_SIGN_IN, *_MORE, *_FORMS, "admin_enabled", *_PROTECTION)),
    "activesync": Kind(
        "ActiveSyncVirtualDirectory",
        (*_URLS, *_METHODS, "basic_auth_enabled", "windows_auth_enabled", "client_cert_auth", "compression_enabled", *_PROTECTION),
    ),
    "oab": Kind("OabVirtualDirectory", (*_URLS, *_SIGN_IN, "oauth_authentication", "poll_interval", "require_ssl", *_PROTECTION)),
    "ews": Kind(
        "WebServicesVirtualDirectory",
        (
            *_URLS,
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
    "mapi": Kind("MapiVirtualDirectory", (*_URLS, "iis_authentication_methods", *_PROTECTION)),
    "powershell": Kind("PowerShellVirtualDirectory", (*_URLS, *_SIGN_IN, "certificate_authentication", "require_ssl", *_PROTECTION)),
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
IN_DIRECTORY = frozenset((*_URLS, *_METHODS, "internal_nlb_bypass_url", "internal_hostname", "external_hostname"))
"""What is surely kept in Active Directory: all that can be compared without asking IIS."""
FIELDS = (
    *(Field(name, codec="uri") for name in (*_URLS, "internal_nlb_bypass_url")),
    *(Field(name, codec="name") for name in ("internal_hostname", "external_hostname", "default_domain")),
    Field("client_cert_auth", codec=values.choice(("ignore", "accepted", "required"))),
    Field("iis_authentication_methods", read="IISAuthenticationMethods", write="IISAuthenticationMethods"),
)
INSTRUCTIONS = ("type", "server", "web_site", "ad_properties_only", "recreate", "state", "domain_controller")
_SIDES = ("internal", "external")


class VirtualDirectory(CmdletResource):
    """One directory of one server."""

    facts = ("name", "server", "guid", "distinguished_name")

    def label(self, options: Options) -> str:
        return f"virtual directory {options['type']} ({options['web_site']}) of {options['server']}"

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        if found is None:
            return engine.Reading(None)
        name = next(values.text(value) for key, value in found.items() if values.fold(key) == "name")
        return engine.Reading(self.state(found), f"{options['server'].partition('.')[0]}\\{name}")

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The server is asked for all of the kind: a name of IIS would have to be guessed, and one that is not there is no class of its own among errors."""
        cmdlet = f"Get-{self.noun}"
        quick = {"ADPropertiesOnly": True} if options["ad_properties_only"] else {}
        answer = session.invoke(cmdlet, {"Server": options["server"]} | quick | common(options), properties=self._needed_properties)
        if answer.truncated:
            raise Truncated(f"the list that should show {self.label(options)} is incomplete", cmdlet=cmdlet, target=session.target)
        ending = f"({options['web_site']})".casefold()
        found = [one for one in answer.output if isinstance(one, dict) and self._name(one).casefold().endswith(ending)]
        if len(found) > 1:
            raise Ambiguous(f"{len(found)} objects answer to {self.label(options)}", cmdlet=cmdlet, target=session.target)
        return {**found[0], "Server": named(found[0].get("Server"))} if found else None

    def listed(self, session: Session, options: Options) -> list[dict[str, t.Any]]:
        """All of the kind, on one server or all."""
        cmdlet = f"Get-{self.noun}"
        server = {"Server": options["server"]} if options.get("server") else {}
        answer = session.invoke(cmdlet, server | common(options), properties=self._needed_properties)
        if answer.truncated:
            raise Truncated(f"the list of {cmdlet} is incomplete", cmdlet=cmdlet, target=session.target)
        return [one for one in answer.output if isinstance(one, dict)]

    def site(self, found: t.Mapping[str, t.Any]) -> str:
        """The web site, which is told by the name: ``owa (Default Web Site)``."""
        return self._name(found).partition("(")[2].rpartition(")")[0]

    def _name(self, found: t.Mapping[str, t.Any]) -> str:
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
        taken = {name: change for name, change in todo.changes.items() if name in _URLS}
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


@dataclasses.dataclass(frozen=True)
class VirtualDirectoryModule(ResourceModule):
    """A directory there with its settings, not there, or made anew."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    def attributes(self, kind: str) -> dict[str, Attribute]:
        bound = fields.bind(self.docs, FIELDS, keys=INSTRUCTIONS)
        return {name: bound[name] for name in KINDS[kind].options}

    def resource(self) -> engine.Resource:
        raise UsageError(f"{self.docs.module} manages objects of several kinds, and no list of them", advice="Give it one object in each round of a loop")

    def directory(self, kind: str) -> VirtualDirectory:
        return VirtualDirectory(KINDS[kind].noun, self.attributes(kind), None, _URLS)

    def check(self, options: Options) -> None:
        kind = options["type"]
        known = KINDS[kind].options
        given = [name for name in self.docs.options if name in self.docs.properties and name not in INSTRUCTIONS and options.get(name) is not None]
        foreign = [name for name in given if name not in known]
        if foreign:
            raise UsageError(f"{foreign[0]} is nothing that type {kind} has", advice=f"It has {', '.join(known)}")
        beyond = [name for name in given if name not in IN_DIRECTORY]
        if options["ad_properties_only"] and beyond:
            raise UsageError(f"{beyond[0]} is kept in IIS, and ad_properties_only does not ask it", advice="Leave ad_properties_only out")
        if kind == ANYWHERE and (options["recreate"] or options["state"] == "absent"):
            raise UsageError("Outlook Anywhere can be neither removed nor made anew")
        if options["recreate"] and options["state"] == "absent":
            raise UsageError("recreate is for a directory that shall be there")
        plan.load(self.attributes(kind), options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource, options = self.directory(task.options["type"]), dict(task.options)
        self._guard(session, options)
        anew = options["recreate"] and resource.read(session, options)
        if anew and anew.state is not None:
            kept = {name: anew.state[name] for name in _URLS if name in resource.attributes and options.get(name) is None}
            options |= {name: value or None for name, value in kept.items()}
            if task.check_mode:
                after = {name: value for name, value in plan.load(resource.attributes, options).items() if not hasattr(value, "exact")}
                diff = plan.Plan("create", None, after, {name: plan.Change(None, value) for name, value in after.items()}).diff(resource.label(options))
                return {"changed": True, "diff": diff, "resource": after}
            engine.carry_out(resource, session, [resource.call("Remove", options, {"Identity": anew.background})])
        try:
            outcome = engine.converge(resource, session, options, present=options["state"] == "present", check_mode=task.check_mode)
        except HybridError as error:
            if anew and anew.state is not None:
                error.advice = f"It was removed and is not back whole: run the task again, with the same options. {error.advice}"
            raise
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(options)), "resource": outcome.state or {}}

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        """Every directory of every server, or of one.  Raises HybridError where one kind cannot be listed: servers have each of them."""
        chosen = next((name for name in ("identity", "filter", "organizational_unit", "database", "folder_type") if options.get(name) is not None), None)
        if chosen:
            raise UsageError(f"{chosen} selects no virtual directories", advice="server selects those of one server")
        found = Exported()
        for number, kind in enumerate(KINDS):
            watch(number, len(KINDS))
            self._export(session, kind, options, found)
        return found

    def _export(self, session: engine.Tally, kind: str, options: Options, found: Exported) -> None:
        resource = self.directory(kind)
        seen: set[tuple[str, ...]] = set()
        for one in resource.listed(session, options):
            server, site = named(one.get("Server")), resource.site(one)
            named_by = {"type": kind, "server": server} | ({"web_site": site} if site != SITE else {})
            if tuple(named_by.values()) in seen:
                found.gone.append((f"{kind} ({site}) of {server}", Ambiguous("several directories of this type are in one web site")))
                continue
            seen.add(tuple(named_by.values()))
            entry = export.entry(resource, self.docs, {}, named_by, resource.state({**one, "Server": server}), bool(options["full"]))
            found.objects.append(entry)

    @staticmethod
    def _guard(session: engine.Tally, options: Options) -> None:
        """The directory that the session itself comes through is not taken away under it."""
        gone = options["recreate"] or options["state"] == "absent"
        host = session.target.rpartition(" on ")[2].partition(".")[0].casefold()
        if gone and options["type"] == "powershell" and options["server"].partition(".")[0].casefold() == host:
            advice = "Run the task on a host that connects to another server of the organization"
            raise UsageError("the session itself comes through this virtual directory", target=session.target, advice=advice)
