# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a domain's users sign in elsewhere: one federation configuration for a domain, or none, which is a managed domain."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AlreadyExists, Ambiguous, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import certificate, info, paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import Ask, GraphResource, Options

CERTIFICATES = ("signing_certificate", "next_signing_certificate")
FIELDS = tuple(Field(name, codec=certificate.CODEC) for name in CERTIFICATES)
_DOMAINS = "/v1.0/domains"
_CONFIGURATION = f"{_DOMAINS}/{{}}/federationConfiguration"


def configuration(session: RestSession, domain: str) -> dict[str, t.Any] | None:
    """The federation configuration of a domain; None for a managed one.  Raises NotFound for a domain that the tenant does not have."""
    found: list[dict[str, t.Any]] = session.request("GET", paths.path(_CONFIGURATION, domain)).output
    if len(found) > 1:
        raise Ambiguous(f"domain '{domain}' has {len(found)} federation configurations", target=session.target, advice="Remove all but one of them")
    return found[0] if found else None


class DomainFederation(GraphResource):
    """The configuration of one domain.  ``background`` of a reading is the domain itself."""

    facts = ("id", "signingCertificateUpdateStatus")
    needed = ("issuer_uri", "passive_sign_in_uri", "signing_certificate")

    def read(self, session: RestSession, options: Options) -> engine.Reading:
        name = str(options["domain"])
        try:
            domain = self._one(session.request("GET", paths.path(f"{_DOMAINS}/{{}}", name)), session, options)
            found = configuration(session, name)
        except NotFound:
            raise UsageError(f"the tenant has no domain {name}", target=session.target, advice="Add the domain and verify it first") from None
        return engine.Reading(self.state(found) if found else None, domain)

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        state = super().state(found)
        return state | {f"{name}_thumbprint": certificate.read(state[name]).thumbprint for name in CERTIFICATES if state.get(name)}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        for name in CERTIFICATES:
            self._refuse_expired(name, todo, options)
        for name in self.needed:
            if todo.action == "update" and name in todo.changes and not todo.changes[name].after:
                raise UsageError(f"{self.label(options)}: {name} is empty, and a federated domain needs it", advice="To end the federation write state absent")
        if todo.action == "create":
            self._refuse_domain(options, found.background)
            super().create(todo, options)  # refuses what lacks a needed option
            return [Ask("POST", self.body(todo.changes, {}), paths.path(_CONFIGURATION, options["domain"]))]
        one = paths.path(f"{_CONFIGURATION}/{{}}", options["domain"], (found.state or {})["id"])
        return [Ask("DELETE", {}, one) if todo.action == "delete" else Ask("PATCH", self.body(todo.changes, {}), one)]

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {"@odata.type": "#microsoft.graph.internalDomainFederation"} | super().body(changes, found)

    def _refuse_expired(self, name: str, todo: plan.Plan, options: Options) -> None:
        """Nobody of the domain could sign in with it."""
        if name in todo.changes and todo.changes[name].after:
            wanted = certificate.read(todo.changes[name].after)
            if wanted.days_left(datetime.datetime.now(datetime.UTC)) < 0:
                raise UsageError(f"{self.label(options)}: {name} {wanted.thumbprint} ended on {wanted.not_after:%Y-%m-%d}")

    def _refuse_domain(self, options: Options, domain: t.Mapping[str, t.Any]) -> None:
        """Domains that cannot be federated: without the default one the tenant's administrators could lock themselves out."""
        if domain.get("isDefault"):
            raise UsageError(f"{self.label(options)}: it is the default domain, which is not federated", advice="Make another domain the default one first")
        if domain.get("isInitial"):
            raise UsageError(f"{self.label(options)}: it is the tenant's first domain, which is never federated")
        if not domain.get("isVerified"):
            raise UsageError(f"{self.label(options)}: it is not verified", advice="Verify the domain first")

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if isinstance(error, AlreadyExists):
            error.advice = "Each federated domain of a tenant needs an issuer URI of its own; AD FS makes it from the domain where it serves several"
        return super().explain(error, call)


@dataclasses.dataclass(frozen=True)
class FederationInfo(info.GraphInfoModule):
    """Domains with their federation and how long its certificates last.  ``now`` is the clock."""

    now: t.Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        wanted = task.options.get("domain")
        known = {one["id"].casefold(): one for one in session.request("GET", paths.path(self.collection)).output}
        names = list(known) if wanted is None else list(dict.fromkeys(name.casefold() for name in wanted))
        found = [self._row(session, known[name]) for name in names if name in known]
        return {"domains": found, "missing": [name for name in names if name not in known]}

    def _row(self, session: RestSession, domain: t.Mapping[str, t.Any]) -> info.Row:
        federated = domain["authenticationType"] == "Federated"
        found = configuration(session, domain["id"]) if federated else None
        return {
            "domain": domain["id"],
            "authentication_type": str(domain["authenticationType"]).lower(),
            "is_default": domain["isDefault"],
            "is_verified": domain["isVerified"],
            "federation": info.properties(found) if found else {},
            "certificates": [self._certificate(name, found) for name in CERTIFICATES if found.get(_CAMEL[name])] if found else [],
        }

    def _certificate(self, name: str, found: t.Mapping[str, t.Any]) -> info.Row:
        try:
            one = certificate.read(certificate.text(found[_CAMEL[name]]))
        except ValueError:
            return {"use": name, "thumbprint": None, "not_before": None, "not_after": None, "days_left": None}
        return {
            "use": name,
            "thumbprint": one.thumbprint,
            "not_before": f"{one.not_before:%Y-%m-%dT%H:%M:%SZ}",
            "not_after": f"{one.not_after:%Y-%m-%dT%H:%M:%SZ}",
            "days_left": one.days_left(self.now()),
        }


_CAMEL = {"signing_certificate": "signingCertificate", "next_signing_certificate": "nextSigningCertificate"}
