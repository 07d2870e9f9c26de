# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arithmetic of a renewal, on readings written down: what each fact of the farm changes in the plan."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import renewal

OLD, NEW, OTHER, SIGNS, FOLLOWS = ("A" * 40, "B" * 40, "C" * 40, "D" * 40, "E" * 40)
NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
SERVICE = "sts.contoso.com"
HOSTS = ("adfs01", "adfs02", "wap01")
NAMES = [SERVICE, f"certauth.{SERVICE}", "portal.contoso.com"]
Row = dict[str, t.Any]


def bindings(thumbprint: str = OLD, *more: tuple[str, str]) -> list[Row]:
    return [{"host_name": name, "port": 443, "thumbprint": one, "days_left": 20} for name, one in ((SERVICE, thumbprint), ("localhost", thumbprint), *more)]


def held(thumbprint: str = NEW, *, key: bool = True, names: t.Sequence[str] = NAMES, ends: str = "2027-06-01T00:00:00Z") -> Row:
    facts = {"dns_names": list(names), "valid_from_iso8601": "2026-01-01T00:00:00Z", "valid_to_iso8601": ends}
    return {"thumbprint": thumbprint, "has_private_key": key, **facts}


def certificate(use: str, thumbprint: str, primary: bool = True, days: int = 300) -> Row:
    return {"use": use, "thumbprint": thumbprint, "is_primary": primary, "days_left": days}


def farm(host: str, **more: t.Any) -> Row:
    primary = host == "adfs01"
    own = {"nodes": [f"{one}.contoso.com" for one in HOSTS[:2]], "behavior_level": 3, "second_hop": []} if primary else {"nodes": None}
    return {
        "computer": host.upper(),
        "role": "primary" if primary else "secondary",
        "binds": "farm",
        "service_name": SERVICE,
        "identifier": f"http://{SERVICE}/adfs/services/trust",
        "alternate_binding": False,
        **own,
        **more,
    }


def domain(name: str = "contoso.com", *known: str, kind: str = "federated", sends_to: str = SERVICE) -> Row:
    uses = zip(("signing_certificate", "next_signing_certificate"), known, strict=False)
    return {
        "domain": name,
        "authentication_type": kind,
        "federation": {"passive_sign_in_uri": f"https://{sends_to}/adfs/ls/"},
        "certificates": [{"use": use, "thumbprint": one} for use, one in uses],
    }


class Farm:
    """A farm of two servers and a proxy as it was read; every attribute may be changed before the plan is made."""

    def __init__(self) -> None:
        self.farms: dict[str, t.Any] = {host: farm(host) for host in HOSTS[:2]}
        configured = [certificate("service_communications", OLD), certificate("token_signing", SIGNS), certificate("token_decrypting", OTHER)]
        self.certificates: dict[str, t.Any] = {host: {"bindings": bindings(), "certificates": configured if host == "adfs01" else None} for host in HOSTS}
        self.store: dict[str, t.Any] = {host: {"certificates": [held(), held(OLD, names=[SERVICE])]} for host in HOSTS}
        self.published: list[Row] = [{"Name": "Portal", "ExternalUrl": "https://portal.contoso.com/", "ExternalCertificateThumbprint": OLD.lower()}]
        self.signing: list[Row] = [{"thumbprint": one, "certificate": f"text of {one}"} for one in (SIGNS, FOLLOWS)]
        self.ends = "2026-06-21T00:00:00Z"
        self.domains: list[Row] = []
        self.pfx: Row = {}

    @property
    def configured(self) -> list[Row]:
        return t.cast(list[Row], self.certificates["adfs01"]["certificates"])

    def bound(self, thumbprint: str, *hosts: str) -> None:
        for host in hosts:
            self.certificates[host] = {**self.certificates[host], "bindings": bindings(thumbprint)}

    def plan(self, **wishes: t.Any) -> Row:
        shown: Row = {"reached": True, "error": None, "metadata": 200, "sign_in_page": 200, "without_name": None}
        rows = {host: (self.certificates[host] or {}).get("bindings") or bindings() for host in HOSTS}
        presented = {host: found[0]["thumbprint"] for host, found in rows.items()}
        served = {host: {**shown, "certificate": {"thumbprint": one, "not_after": self.ends, "days_left": 20}} for host, one in presented.items()}
        served["adfs01"]["signing"] = self.signing
        reading = {
            "farms": self.farms,
            "certificates": self.certificates,
            "store": self.store,
            "applications": {"wap01": {"output": self.published}},
            "served": served,
            "pfx": self.pfx,
            "domains": self.domains,
        }
        return renewal.make(reading, {"thumbprint": NEW, **wishes}, NOW)


@pytest.fixture(name="read")
def reading() -> Farm:
    return Farm()


def problem(plan: Row) -> str:
    (found,) = plan["problems"]
    return str(found)


# --- what is in the way ---


@pytest.mark.parametrize("what", ["farms", "certificates", "store"])
@pytest.mark.parametrize("answer", [None, {"failed": True, "msg": "no way"}, {"unreachable": True, "msg": "no way"}], ids=["none", "failed", "unreachable"])
def test_a_reading_that_is_missing_stops_everything(read: Farm, what: str, answer: Row | None) -> None:
    getattr(read, what)["adfs02"] = answer
    found = problem(read.plan())
    assert found.startswith("not everything could be read") and "adfs02" in found and ("no way" if answer else "it was not read") in found


def test_two_primaries_are_none(read: Farm) -> None:
    read.farms["adfs02"] = farm("adfs01", computer="ADFS02")
    assert "not exactly one primary" in problem(read.plan())


def test_what_only_binding_needs_is_no_obstacle_where_nothing_is_bound(read: Farm) -> None:
    read.farms["adfs01"] |= {"behavior_level": 1, "second_hop": [{"node": "adfs02.contoso.com", "reached": False, "error": "Access is denied."}]}
    assert len(read.plan()["problems"]) == 2
    read.bound(NEW, *HOSTS)
    assert not read.plan()["problems"]


def test_a_certificate_without_its_key_is_not_there(read: Farm) -> None:
    read.store["wap01"] = {"certificates": [held(key=False)]}
    assert "is not in the store of wap01, or its private key is not" in problem(read.plan())
    read.pfx = {"thumbprint": NEW, "has_key": True, "names": NAMES, "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-06-01T00:00:00Z", "problem": ""}
    assert read.plan()["imports"] == ["wap01"]


def test_a_certificate_that_ends_when_the_present_one_does_is_as_good(read: Farm) -> None:
    for host in HOSTS:
        read.store[host] = {"certificates": [held(ends=read.ends)]}
    assert not read.plan()["problems"]


def test_certauth_that_is_bound_already_must_be_in_the_new_certificate(read: Farm) -> None:
    read.farms["adfs01"]["alternate_binding"] = True
    for host in HOSTS:
        read.store[host] = {"certificates": [held(names=[SERVICE, "portal.contoso.com"])]}
    assert f"not for certauth.{SERVICE}" in problem(read.plan())


def test_an_application_that_the_certificate_is_not_for_stops_everything(read: Farm) -> None:
    for host in HOSTS:
        read.store[host] = {"certificates": [held(names=[SERVICE])]}
    assert "application Portal is published with the present certificate as portal.contoso.com" in problem(read.plan())
    assert not read.plan(published_applications=False)["problems"]


# --- what is bound, and where it is restarted ---


def test_the_binding_for_clients_that_name_no_server_is_nobodys(read: Farm) -> None:
    read.bound(NEW, *HOSTS)
    read.certificates["adfs02"]["bindings"] = bindings(NEW, ("0.0.0.0", OTHER))
    assert read.plan()["bind"] == []


def test_a_server_without_certauth_is_bound_where_that_is_asked_for(read: Farm) -> None:
    read.bound(NEW, *HOSTS)
    assert read.plan()["bind"] == [] and read.plan(alternate_binding=True)["bind"] == ["adfs01"]
    for host in HOSTS[:2]:
        read.certificates[host]["bindings"] = bindings(NEW, (f"certauth.{SERVICE}", NEW))
    assert read.plan(alternate_binding=True)["bind"] == []


def test_everywhere_is_for_servers_that_were_left_out(read: Farm) -> None:
    assert not read.plan()["everywhere"]
    read.bound(NEW, "adfs01")
    assert read.plan()["everywhere"] and read.plan()["bind"] == ["adfs01"]


def test_servers_whose_service_certificate_changes_are_restarted_although_they_present_it(read: Farm) -> None:
    read.bound(NEW, *HOSTS)
    assert read.plan()["communications"] and read.plan()["restarts"] == ["adfs01", "adfs02"]
    found = read.plan(service_communications=False)
    assert not found["communications"] and not found["restarts"]


# --- applications ---


def test_applications_with_another_certificate_stay_as_they_are(read: Farm) -> None:
    read.store["wap01"]["certificates"].append(held(OTHER, names=["shop.contoso.com"]))
    read.published[0]["ExternalCertificateThumbprint"] = OTHER
    assert read.plan()["applications"] == []


@pytest.mark.parametrize("name", [SERVICE, SERVICE.upper(), "*.contoso.com"])
def test_what_an_interrupted_run_left_with_the_old_certificate_gets_the_new_one(read: Farm, name: str) -> None:
    read.bound(NEW, *HOSTS)
    read.store["wap01"] = {"certificates": [held(), held(OLD, names=[name])]}
    assert [one["name"] for one in read.plan()["applications"]] == ["Portal"]
    assert read.plan(published_applications=False)["applications"] == []


# --- tokens and Entra ID ---


def test_a_certificate_that_signs_is_replaced_while_it_is_the_one_that_is_named(read: Farm) -> None:
    assert read.plan(token_rollover="urgent", token_replaces=SIGNS.lower())["rollover"]
    assert read.plan(token_rollover="secondary", token_replaces=SIGNS)["rollover"]
    assert not read.plan(token_rollover="urgent", token_replaces=FOLLOWS)["rollover"]
    assert not read.plan(token_rollover="secondary", token_replaces=FOLLOWS)["rollover"]
    assert not read.plan(token_rollover="none", token_replaces=SIGNS)["rollover"]


def test_a_second_certificate_that_signs_is_made_once(read: Farm) -> None:
    assert read.plan(token_rollover="secondary")["rollover"]
    read.configured.append(certificate("token_decrypting", FOLLOWS, primary=False))
    assert read.plan(token_rollover="secondary")["rollover"]
    read.configured.append(certificate("token_signing", FOLLOWS, primary=False))
    assert not read.plan(token_rollover="secondary")["rollover"]
    assert not read.plan(token_rollover="none")["rollover"]


def test_only_federated_domains_of_this_farm_are_told(read: Farm) -> None:
    read.domains = [
        domain("contoso.com"),
        domain("managed.example", kind="managed"),
        domain("others.example", sends_to="sts.others.example"),
        domain("known.example", SIGNS),
    ]
    (found,) = read.plan()["federation"]
    assert (found["domain"], found["options"]) == ("contoso.com", {"signing_certificate": f"text of {SIGNS}"})


def test_named_domains_are_told_wherever_they_send_people(read: Farm) -> None:
    read.domains = [domain("contoso.com"), domain("others.example", sends_to="sts.others.example")]
    assert [one["domain"] for one in read.plan(federation_domains=["Others.example"])["federation"]] == ["others.example"]


def test_a_named_domain_that_is_not_federated_is_refused(read: Farm) -> None:
    read.domains = [domain("managed.example", kind="managed")]
    assert "managed.example is managed, not federated" in problem(read.plan(federation_domains=["managed.example"]))


def test_the_following_certificate_is_known_in_whichever_place(read: Farm) -> None:
    read.configured.append(certificate("token_signing", FOLLOWS, primary=False))
    read.domains = [domain("contoso.com", SIGNS, FOLLOWS)]
    assert read.plan()["federation"] == []
    read.configured[1:] = [certificate("token_signing", FOLLOWS), certificate("token_signing", SIGNS, primary=False)]
    (found,) = read.plan()["federation"]
    assert set(found["options"]) == {"signing_certificate"}


def test_metadata_that_does_not_show_what_signs_are_not_knowledge_of_entra_id(read: Farm) -> None:
    read.signing, read.domains = [], [domain("contoso.com", OTHER)]
    found = read.plan()
    assert not found["report"]["domains"][0]["knows_the_farm"] and not found["problems"]
    assert [one["options"] for one in found["federation"]] == [{}]
    assert f"does not show {SIGNS}" in problem(read.plan(update_federation=True))
    read.domains = [domain("contoso.com", SIGNS)]
    assert read.plan()["report"]["domains"][0]["knows_the_farm"] and not read.plan(update_federation=True)["problems"]


@pytest.mark.parametrize(
    ("names", "issuer"), [(["contoso.com"], f"http://{SERVICE}/adfs/services/trust"), (["contoso.com", "b.example"], "http://contoso.com/")]
)
def test_a_farm_of_several_domains_has_an_issuer_for_each(read: Farm, names: list[str], issuer: str) -> None:
    read.domains = [domain(name, SIGNS) for name in names]
    assert read.plan(update_endpoints=True)["federation"][0]["endpoints"]["issuer_uri"].startswith(issuer)


# --- the report ---


def test_what_ends_within_the_days_is_told(read: Farm) -> None:
    assert len(read.plan(days=20)["report"]["ending"]) == 3 and read.plan(days=19)["report"]["ending"] == []
    read.configured.append(certificate("token_signing", FOLLOWS, primary=False, days=5))
    assert read.plan(days=5)["report"]["ending"] == [f"token_signing {FOLLOWS} in 5 days"]
