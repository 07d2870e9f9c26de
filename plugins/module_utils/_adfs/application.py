# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications that Web Application Proxy publishes.

They are read by name, and changed and removed by the identifier that the farm gave them.  Preauthentication and the relying party are chosen when an
application is published: Set-WebApplicationProxyApplication has no parameter for them.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates
from ansible_collections.m365.hybrid.plugins.module_utils._adfs.ssl_certificate import trusted
from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, literally, single

_NEW = "Publish the application under another name with it, and remove this one"


def _thumbprint(value: t.Any) -> str:
    return certificates.thumbprint(value) if values.text(value) else ""


PREAUTHENTICATION = {
    "pass_through": "PassThrough",
    "adfs": "ADFS",
    "client_certificate": "ClientCertificate",
    "adfs_for_rich_clients": "ADFSforRichClients",
    "adfs_for_oauth": "ADFSforOAuth",
    "adfs_for_browsers_and_office": "ADFSforBrowsersAndOffice",
}
THUMBPRINT = values.Codec(_thumbprint, str, values.TEXT.dump)
FIELDS = (
    Field("external_url", codec="uri"),
    Field("backend_server_url", codec="uri"),
    *(Field(name, codec=THUMBPRINT) for name in ("external_certificate_thumbprint", "client_certificate_preauthentication_thumbprint")),
    Field("external_preauthentication", codec=values.choice(PREAUTHENTICATION, PREAUTHENTICATION.__getitem__), immutable=True, instead=_NEW),
    Field("relying_party", read="ADFSRelyingPartyName", write="ADFSRelyingPartyName", codec="name", immutable=True, instead=_NEW),
    Field("backend_server_authentication_spn", write="BackendServerAuthenticationSPN"),
    Field("enable_http_redirect", write="EnableHTTPRedirect"),
    Field("use_oauth_authentication", write="UseOAuthAuthentication"),
)
CREATE_WITH = (
    *("external_url", "backend_server_url", "external_preauthentication", "relying_party", "external_certificate_thumbprint"),
    *("backend_server_authentication_spn", "backend_server_certificate_validation", "client_certificate_preauthentication_thumbprint"),
    *("enable_http_redirect", "enable_sign_out", "disable_http_only_cookie_protection", "use_oauth_authentication"),
    *("disable_translate_url_in_request_headers", "disable_translate_url_in_response_headers"),
    *("inactive_transactions_timeout_sec", "persistent_access_cookie_expiration_time_sec"),
)


class Application(CmdletResource):
    """One published application."""

    making_verb = "Add"
    facts = ("id",)
    needed = ("external_url", "backend_server_url")
    named_by = ("name",)

    def label(self, options: Options) -> str:
        return f"application '{options['name']}'"

    def properties(self) -> list[str]:
        return [*super().properties(), "id"]

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """Looked for in the list of all: what an unknown name is answered with is not documented."""
        cmdlet = f"Get-{self.noun}"
        try:
            answer = session.invoke(cmdlet, properties=self.properties())
        except HybridError as error:
            raise trusted(error) from None
        found = literally(answer, str(options["name"]))
        return single(found, cmdlet, session.target, self.label(options)) if found.output or found.truncated else None

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return [engine.Call(one.cmdlet, _without_confirm(one.parameters)) for one in self.create(todo, options, found)]
        identity = {"ID": (found.state or {})["id"]}
        if todo.action == "delete":
            return [engine.Call("Remove-WebApplicationProxyApplication", {"ID": [identity["ID"]]})]
        return [engine.Call("Set-WebApplicationProxyApplication", identity | self.dump(todo.changes))]


def _without_confirm(parameters: dict[str, t.Any]) -> dict[str, t.Any]:
    """These cmdlets are made of CIM classes and know no -Confirm."""
    return {name: value for name, value in parameters.items() if name != "Confirm"}
