# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewing the certificates of a farm: what must be done where, and what is in the way.

The plan is a pure function of what was read: nothing is changed anywhere before everything was reached and nothing is in the way.
Sources: "Manage SSL certificates in AD FS and WAP", "Obtain and configure token signing and token decryption certificates for AD FS", "Renew federation
certificates for Microsoft 365 and Microsoft Entra ID".
"""

from __future__ import annotations

import datetime
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates
from ansible_collections.m365.hybrid.plugins.module_utils._core import certificate_names

Row = dict[str, t.Any]


def pfx_problem(pfx: t.Mapping[str, t.Any]) -> str:
    """Why a PFX file cannot be used, before anything is asked of a server; empty where nothing is against it."""
    if pfx.get("problem"):
        return f"the PFX file cannot be used: {pfx['problem']}"
    return "" if pfx["has_key"] else f"the PFX file has the certificate {pfx['thumbprint']} without its private key"


class Renewal:
    """One reading, with what is wanted.

    ``reading`` has the results of modules by host: ``farms`` of the servers, ``applications`` of the proxies, ``certificates`` and ``store`` of both, and
    ``served``; ``pfx``, and ``domains`` of Entra ID.  ``wishes`` are the role's variables.
    """

    def __init__(self, reading: t.Mapping[str, t.Any], wishes: t.Mapping[str, t.Any], now: datetime.datetime) -> None:
        self.reading, self.wishes, self.now = reading, wishes, now
        self.nodes = {host: self._host(host, farm=one) for host, one in (reading.get("farms") or {}).items()}
        self.proxies = {host: self._host(host, applications=one) for host, one in (reading.get("applications") or {}).items()}
        self.hosts = {**self.nodes, **self.proxies}
        pfx = reading.get("pfx") or {}
        given = wishes.get("rollback_thumbprint") or wishes.get("thumbprint") or pfx.get("thumbprint") or ""
        self.thumbprint = certificates.thumbprint(given) if given else ""
        self.pfx = pfx if pfx.get("problem") or pfx.get("thumbprint") == self.thumbprint else {}

    def _host(self, host: str, **more: Row) -> Row:
        return {**more, "certificates": (self.reading.get("certificates") or {}).get(host), "store": (self.reading.get("store") or {}).get(host)}

    # what is in the way

    def unreached(self) -> list[str]:
        """Which reading of which host failed."""
        found = []
        for host, readings in self.hosts.items():
            for what, result in readings.items():
                if result is None or result.get("failed") or result.get("unreachable"):
                    found.append(f"{host} ({what}): {(result or {}).get('msg') or 'it was not read'}")
                    break
        for host, shown in (self.reading.get("served") or {}).items():
            if not shown["reached"]:
                found.append(f"{host}: {shown['error']}")
        return found

    @property
    def primary(self) -> str | None:
        found = [host for host, one in self.nodes.items() if one["farm"]["role"] == "primary"]
        return found[0] if len(found) == 1 else None

    @property
    def farm(self) -> Row:
        return dict(self.nodes[self.primary]["farm"]) if self.primary else {}

    def problems(self) -> list[str]:
        """Everything that speaks against a change; empty where nothing does."""
        found = self.unreached()
        if found:
            return [f"not everything could be read, so nothing is changed anywhere - {one}" for one in found]
        if self.primary is None:
            return [f"among {', '.join(self.nodes)} there is not exactly one primary of the farm"]
        return [*self._of_the_farm(), *self._of_the_certificate(), *self._of_the_domains()]

    def _of_the_farm(self) -> t.Iterator[str]:
        farm = self.farm
        if farm["binds"] == "farm":
            known = {one.partition(".")[0].casefold() for one in farm["nodes"] or ()}
            missing = known - {str(one["farm"]["computer"]).casefold() for one in self.nodes.values()}
            if missing and not self.wishes.get("accept_missing_nodes"):
                yield f"the farm has servers that adfs_certificate_nodes does not name: {', '.join(sorted(missing))}"
            if self.bind() and farm["behavior_level"] < 2:
                yield f"the behaviour level of the farm is {farm['behavior_level']} while its servers are newer: raise it, or bind the certificate with netsh"
            if self.bind():
                for hop in farm.get("second_hop") or ():
                    if not hop["reached"]:
                        yield (
                            f"the primary does not get to {hop['node']} ({hop['error']}), which binding a certificate on all servers takes: "
                            "use CredSSP or Kerberos delegation for the session to the primary"
                        )

    def _of_the_certificate(self) -> t.Iterator[str]:
        """The certificate that is to be presented, as far as it is known."""
        if not self.thumbprint:
            return
        facts = self.pfx or self._facts()
        absent = [host for host, one in self.hosts.items() if not self._held(one)]
        if not facts or (absent and not self.pfx):
            yield f"certificate {self.thumbprint} is not in the store of {', '.join(absent)}, or its private key is not: give the PFX file"
            return
        if facts["not_after"] <= self._moment():
            yield f"certificate {self.thumbprint} ended on {facts['not_after'][:10]}"
            return
        if facts["not_before"] > self._moment():
            yield f"certificate {self.thumbprint} does not begin before {facts['not_before']}"
        service = str(self.farm["service_name"])
        wanted = [service, *([f"certauth.{service}"] if self.alternate else [])]
        named = certificates.Facts("", self.now, self.now, "", tuple(facts["names"]))
        missing = [one for one in wanted if not named.covers(one)]
        if missing:
            yield f"certificate {self.thumbprint} is for {', '.join(facts['names']) or 'no name'}, not for {', '.join(missing)}"
        for one in self.applications():
            name = urllib.parse.urlsplit(str(one["url"])).hostname or ""
            if name not in missing and not named.covers(name):
                yield (
                    f"application {one['name']} is published with the present certificate as {name}, which certificate {self.thumbprint} is not for: "
                    "use one that is, or give the application its own and set adfs_certificate_published_applications to false"
                )
        current = self._current()
        if current and facts["not_after"] < current["not_after"] and not self.wishes.get("rollback_thumbprint"):
            yield (
                f"certificate {self.thumbprint} ends on {facts['not_after'][:10]}, before the present one {current['thumbprint']} "
                f"({current['not_after'][:10]}): to go back to an older one name it in adfs_certificate_rollback_thumbprint"
            )

    def _of_the_domains(self) -> t.Iterator[str]:
        """Domains that were named and that no certificate can be told; and what is to be told and was not read."""
        known = {one["domain"].casefold(): one["authentication_type"] for one in self.reading.get("domains") or ()}
        for name in self.wishes.get("federation_domains") or ():
            if known.get(name.casefold(), "federated") != "federated":
                yield f"adfs_certificate_federation_domains: {name} is {known[name.casefold()]}, not federated"
        unread = [one["thumbprint"] for one in self._configured("token_signing") if not one.get("certificate")]
        lacking = [one["domain"] for one in self.federation() if one["lacks"]]
        if unread and lacking and self.wishes.get("update_federation"):
            yield (
                f"the federation metadata of {self.primary} does not show {', '.join(unread)}, with which the farm signs, "
                f"so {', '.join(lacking)} cannot be told of it"
            )

    def _moment(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def _held(self, one: Row) -> Row | None:
        """The wanted certificate in the store of a host, with its key."""
        found = [held for held in one["store"].get("certificates") or () if str(held["thumbprint"]).upper() == self.thumbprint]
        return next((held for held in found if held["has_private_key"]), None)

    def _facts(self) -> Row | None:
        held = next((found for one in self.hosts.values() if (found := self._held(one))), None)
        if held is None:
            return None
        return {"names": held.get("dns_names") or [], "not_before": held["valid_from_iso8601"], "not_after": held["valid_to_iso8601"]}

    def _current(self) -> Row | None:
        """What the service presents now, where that is another certificate."""
        if self.primary is None:
            return None
        shown = (self.reading.get("served") or {}).get(self.primary) or {}
        found = shown.get("certificate")
        return found if found and found["thumbprint"] != self.thumbprint else None

    @property
    def alternate(self) -> bool:
        wanted = self.wishes.get("alternate_binding")
        return bool(self.farm.get("alternate_binding")) if wanted is None else bool(wanted)

    # what is to do

    def imports(self) -> list[str]:
        return [host for host, one in self.hosts.items() if not self._held(one)] if self.thumbprint and self.pfx else []

    def unbound(self, host: str) -> bool:
        rows = self.hosts[host]["certificates"]["bindings"]
        present = any(str(one["host_name"]).casefold().startswith("certauth.") for one in rows)
        return any(one["thumbprint"] != self.thumbprint for one in rows if one["host_name"] != "0.0.0.0") or (
            host in self.nodes and bool(self.wishes.get("alternate_binding")) and not present
        )

    def bind(self) -> list[str]:
        """The servers on which the certificate is to be bound: the primary for all of them, or each by itself."""
        missing = [host for host in self.nodes if self.thumbprint and self.unbound(host)]
        if self.farm.get("binds") == "farm":
            return [self.primary] if missing and self.primary else []
        return missing

    def everywhere(self) -> bool:
        """Whether the primary has it already, and writes again for servers that were left out."""
        missing = [host for host in self.nodes if self.thumbprint and self.unbound(host)]
        return self.farm.get("binds") == "farm" and bool(missing) and self.primary not in missing

    def communications(self) -> bool:
        if not self.thumbprint or not self.wishes.get("service_communications", True) or self.primary is None:
            return False
        rows = self.nodes[self.primary]["certificates"]["certificates"] or []
        return not any(one["use"] == "service_communications" and one["thumbprint"] == self.thumbprint for one in rows)

    def applications(self) -> list[Row]:
        """Published applications that have the certificate which the proxies present now."""
        if not self.thumbprint or not self.wishes.get("published_applications", True) or not self.proxies:
            return []
        host = next(iter(self.proxies))
        used = {one["thumbprint"] for proxy in self.proxies.values() for one in proxy["certificates"]["bindings"]}
        rows = self.proxies[host]["applications"].get("output") or []
        found = []
        for one in rows:
            shown = str(one.get("ExternalCertificateThumbprint") or "").upper()
            if shown and shown != self.thumbprint and (shown in used or self._same_service(host, shown)):
                found.append({"host": host, "name": one["Name"], "url": one.get("ExternalUrl"), "thumbprint": shown})
        return found

    def _same_service(self, host: str, thumbprint: str) -> bool:
        """Whether a certificate is for the name of the service, so that it is an older one of it: what an interrupted run left behind."""
        held = [one for one in self.proxies[host]["store"].get("certificates") or () if str(one["thumbprint"]).upper() == thumbprint]
        return any(certificate_names.covers(str(self.farm.get("service_name")), one.get("dns_names") or ()) for one in held)

    def restarts(self) -> list[str]:
        """Where the service is restarted: on nodes and proxies of which something changes."""
        nodes = [host for host in self.nodes if self.thumbprint and (self.unbound(host) or self.communications())]
        return [*nodes, *(host for host in self.proxies if self.thumbprint and self.unbound(host))]

    def rollover(self) -> bool:
        """Whether the certificate that signs is renewed: a second one beside it is made once, and one that is named is replaced once."""
        wanted, replaces = self.wishes.get("token_rollover") or "none", str(self.wishes.get("token_replaces") or "").upper()
        current, following = self.signing()
        if wanted == "none" or (replaces and (current is None or current["thumbprint"].upper() != replaces)):
            return False
        return wanted == "urgent" or following is None

    # Entra ID

    def signing(self) -> tuple[Row | None, Row | None]:
        """What the farm signs with, now and next."""
        rows = self._configured("token_signing")
        return next((one for one in rows if one["is_primary"]), None), next((one for one in rows if not one["is_primary"]), None)

    def _configured(self, use: str) -> list[Row]:
        """The certificates of the configuration for a use, each with its text (``certificate``) where the metadata shows it."""
        if self.primary is None:
            return []
        shown = ((self.reading.get("served") or {}).get(self.primary) or {}).get("signing") or ()
        texts = {one["thumbprint"]: one["certificate"] for one in shown}
        rows = self.nodes[self.primary]["certificates"].get("certificates") or []
        return [{**one, "certificate": texts.get(one["thumbprint"])} for one in rows if one["use"] == use]

    def federation(self) -> list[Row]:
        """The domains of Entra ID that lack a certificate of the farm, with what they are to know."""
        current, following = self.signing()
        chosen = {one.casefold() for one in self.wishes.get("federation_domains") or ()}
        found = []
        for one in self.reading.get("domains") or ():
            if one["authentication_type"] != "federated" or (chosen and one["domain"].casefold() not in chosen) or not self._ours(one, bool(chosen)):
                continue
            known = {use["use"]: use["thumbprint"] for use in one["certificates"]}
            lacks = current is not None and known.get("signing_certificate") != current["thumbprint"]
            lacks_next = following is not None and following["thumbprint"] not in known.values()
            endpoints = self._endpoints(one)
            row: Row = {"domain": one["domain"], "known": sorted(filter(None, known.values())), "lacks": lacks or lacks_next, "endpoints": endpoints}
            row["options"] = {"signing_certificate": current["certificate"]} if lacks and current and current["certificate"] else {}
            row["options"] |= {"next_signing_certificate": following["certificate"]} if lacks_next and following and following["certificate"] else {}
            found.append(row)
        return found

    def _endpoints(self, domain: t.Mapping[str, t.Any]) -> Row:
        """Issuer and addresses that a domain does not have as the farm has them.  A farm of several domains signs for each under an issuer of its own."""
        if not self.wishes.get("update_endpoints"):
            return {}
        base = f"https://{self.farm['service_name']}/adfs"
        several = sum(one["authentication_type"] == "federated" for one in self.reading.get("domains") or ()) > 1
        wanted = {
            "issuer_uri": f"http://{domain['domain']}/adfs/services/trust/" if several else self.farm["identifier"],
            "passive_sign_in_uri": f"{base}/ls/",
            "active_sign_in_uri": f"{base}/services/trust/2005/usernamemixed",
            "metadata_exchange_uri": f"{base}/services/trust/mex",
            "sign_out_uri": f"{base}/ls/",
        }
        found = domain.get("federation") or {}
        return {name: value for name, value in wanted.items() if found.get(name) != value}

    def _ours(self, domain: t.Mapping[str, t.Any], chosen: bool) -> bool:
        """Whether a domain signs in with this farm."""
        uri = str((domain.get("federation") or {}).get("passive_sign_in_uri") or "").casefold()
        return chosen or uri.startswith(f"https://{str(self.farm.get('service_name')).casefold()}/")

    # what is told

    def report(self) -> Row:
        rows = []
        for host, shown in (self.reading.get("served") or {}).items():
            found = shown.get("certificate") or {}
            fallback = shown.get("without_name") or {}
            rows.append(
                {
                    "host": host,
                    "role": "proxy" if host in self.proxies else self.nodes[host]["farm"].get("role"),
                    **{name: found.get(name) for name in ("thumbprint", "not_after", "days_left")},
                    "without_name": fallback.get("thumbprint"),
                    "metadata": shown.get("metadata"),
                    "sign_in_page": shown.get("sign_in_page"),
                }
            )
        configured = (self.nodes[self.primary]["certificates"].get("certificates") or []) if self.primary and not self.unreached() else []
        limit = int(self.wishes.get("days") or 30)
        ending = [one for one in [*rows, *configured] if one.get("days_left") is not None and one["days_left"] <= limit]
        domains = [{"domain": one["domain"], "knows_the_farm": not one["lacks"], "known": one["known"]} for one in self.federation()] if configured else []
        named = [f"{one.get('host') or one.get('use')} {one['thumbprint']} in {one['days_left']} days" for one in ending]
        return {"hosts": rows, "certificates": configured, "ending": named, "domains": domains}

    def saved(self) -> Row:
        """What the way back needs."""
        return {
            "bindings": {host: one["certificates"]["bindings"] for host, one in self.hosts.items()},
            "certificates": self.nodes[self.primary]["certificates"]["certificates"] if self.primary else [],
            "applications": self.applications(),
            "domains": [{"domain": one["domain"], "certificates": one["certificates"]} for one in self.reading.get("domains") or ()],
        }


def make(reading: t.Mapping[str, t.Any], wishes: t.Mapping[str, t.Any], now: datetime.datetime) -> Row:
    """The plan, with ``problems`` first: where there are any, nothing else is to be done."""
    renewal = Renewal(reading, wishes, now)
    problem = pfx_problem(renewal.pfx) if renewal.pfx else ""
    problems = [problem] if problem else renewal.problems()
    if problems:
        unread = bool(problem) or bool(renewal.unreached()) or renewal.primary is None
        return {"problems": problems, "thumbprint": renewal.thumbprint or None, "report": {} if unread else renewal.report()}
    proxies = [host for host in renewal.proxies if renewal.thumbprint and renewal.unbound(host)]
    steps = {
        "imports": renewal.imports(),
        "bind": renewal.bind(),
        "everywhere": renewal.everywhere(),
        "communications": renewal.communications(),
        "restarts": renewal.restarts(),
        "proxies": proxies,
        "applications": renewal.applications(),
    }
    changes = any(value for name, value in steps.items() if name != "everywhere")
    federation = renewal.federation()
    return {
        "problems": [],
        "thumbprint": renewal.thumbprint or None,
        "primary": renewal.primary,
        "service_name": renewal.farm["service_name"],
        **steps,
        "changes": changes,
        "rollover": renewal.rollover(),
        "federation": [one for one in federation if one["lacks"] or one["endpoints"]],
        "report": renewal.report(),
        "saved": renewal.saved(),
    }
