# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal of a farm's certificates: what is in the way, what is to do, and that it is done afterwards, on a farm in this process."""

from __future__ import annotations

import base64
import contextlib
import datetime
import pathlib
import typing as t

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from ansible_collections.m365.hybrid.plugins.filter.adfs_certificate_plan import facts
from ansible_collections.m365.hybrid.plugins.module_utils._adfs import farm as farms
from ansible_collections.m365.hybrid.plugins.module_utils._adfs import renewal
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.plugin_utils import serving
from hybridlab.adfs import issuing
from hybridlab.adfs.farm import SIGNING, Node
from hybridlab.adfs.listener import Listener
from hybridlab.adfs.proxy import Proxy
from hybridlab.windows.certificates import Certificates, Held
from hybridlab.windows.stand_ins.certificates import win_certificate_info, win_certificate_store
from hybridlab.windows.task import Task as WindowsTask
from tests import scenarios
from tests.fake_farm import AUTHORITY, NAMES, FakeFarm
from tests.fake_session import FakeSession

PASSWORD = "not-for-output-8849"
DAY = datetime.timedelta(days=1)


class Renewing(FakeFarm):
    """What the role reads and does, without Ansible: modules on sessions in this process, stand-ins on machines, real handshakes."""

    def __init__(self, generation: str = "2016") -> None:
        super().__init__(generation)
        for machine in self.machines:
            machine.part(Certificates).personal.clear()
            machine.part(Certificates).add(self.farm.first)
        self.hosts: dict[str, Node | Proxy] = {"adfs01": self.primary, "adfs02": self.secondary, "wap01": self.proxy}
        self.listeners = {name: Listener(host, self.farm) for name, host in self.hosts.items()}
        self.entra: list[str] = [self.signing(0)]
        self.pfx: dict[str, t.Any] = {}

    def signing(self, number: int) -> str:
        return self.farm.of(SIGNING)[number].held.thumbprint

    def run(self, host: str, module: str, **options: t.Any) -> Result:
        loaded = scenarios.module(module)
        return loaded.run(lambda: FakeSession(self.session(self.hosts[host])), Task(loaded.validate(options)))

    def done(self, host: str, module: str, **options: t.Any) -> Result:
        result = self.run(host, module, **options)
        assert not result.get("failed") and result["changed"], result
        return result

    def given(self, held: Held, folder: pathlib.Path, password: str = PASSWORD, with_key: bool = True) -> dict[str, t.Any]:
        issuing.write_pfx(folder / "sts.pfx", held, PASSWORD, with_key=with_key, chain=(AUTHORITY.held,))
        content = (folder / "sts.pfx").read_bytes()
        for machine in self.machines:
            machine.files.write("C:\\sts.pfx", content)
        self.pfx = facts(base64.b64encode(content).decode(), password)
        return self.pfx

    def imported(self, *hosts: str) -> None:
        options = {"state": "present", "store_type": "system", "store_location": "LocalMachine", "store_name": "My", "path": "C:\\sts.pfx"}
        for host in hosts:
            win_certificate_store(WindowsTask(self.hosts[host].machine, options | {"password": PASSWORD, "key_exportable": False, "thumbprint": None}))

    def store(self, host: str) -> Result:
        options = {"store_location": "LocalMachine", "store_name": "My", "thumbprint": None}
        return win_certificate_info(WindowsTask(self.hosts[host].machine, options))

    def plan(self, **wishes: t.Any) -> dict[str, t.Any]:
        read = {host: self.run(host, "adfs_farm_info", second_hop=host == "adfs01" and self.farm.generation == "2016") for host in ("adfs01", "adfs02")}
        named = [{"use": use, "thumbprint": one} for use, one in zip(("signing_certificate", "next_signing_certificate"), self.entra, strict=False)]
        reading = {
            "farms": read,
            "certificates": {host: self.run(host, "adfs_certificate_info") for host in self.hosts},
            "store": {host: self.store(host) for host in self.hosts},
            "applications": {"wap01": self.run("wap01", "cmdlet", cmdlet="Get-WebApplicationProxyApplication")},
            "served": {host: serving.look(f"localhost:{one.port}", self.farm.service, 5, farms.now()) for host, one in self.listeners.items()},
            "pfx": self.pfx,
            "domains": [
                {
                    "domain": "fed.contoso.com",
                    "authentication_type": "federated",
                    "federation": {"passive_sign_in_uri": f"https://{self.farm.service}/adfs/ls/", "issuer_uri": "urn:other"},
                    "certificates": named,
                },
                {"domain": "contoso.com", "authentication_type": "managed", "federation": {}, "certificates": []},
            ],
        }
        return renewal.make(reading, wishes, farms.now())


@contextlib.contextmanager
def renewing(generation: str = "2016") -> t.Iterator[Renewing]:
    made = Renewing(generation)
    for one in made.listeners.values():
        one.start()
    try:
        yield made
    finally:
        for one in made.listeners.values():
            one.stop()


@pytest.fixture(name="lab")
def a_farm() -> t.Iterator[Renewing]:
    with renewing() as made:
        yield made


def fresh(**options: t.Any) -> Held:
    return AUTHORITY.issue(*NAMES, **options)


# --- PFX files that cannot be used ---


@pytest.mark.parametrize(("password", "with_key", "says"), [("wrong", True, "its password is another one"), (PASSWORD, False, "without its private key")])
def test_a_pfx_file_that_cannot_be_used(lab: Renewing, tmp_path: pathlib.Path, password: str, with_key: bool, says: str) -> None:
    lab.given(fresh(), tmp_path, password, with_key)
    assert says in lab.plan()["problems"][0]
    assert PASSWORD not in str(lab.pfx) and "PRIVATE" not in str(lab.pfx)


def test_a_pfx_file_that_ansible_vault_encrypted_is_told_from_a_wrong_password() -> None:
    found = facts(base64.b64encode(b"$ANSIBLE_VAULT;1.1;AES256\n6162\n").decode(), PASSWORD)
    assert found["problem"] == "it is encrypted by ansible-vault; leave the file as it was exported, and keep its password in a vault"


def test_a_key_that_is_of_no_certificate_in_the_file() -> None:
    key = pkcs12.serialize_key_and_certificates(b"sts", fresh().key, None, [fresh().certificate], NoEncryption())
    assert "does not belong to its certificate" in facts(base64.b64encode(key).decode())["problem"]
    alone = pkcs12.serialize_key_and_certificates(b"sts", fresh().key, None, None, NoEncryption())
    assert facts(base64.b64encode(alone).decode())["problem"] == "it holds no certificate"


@pytest.mark.parametrize("content", ["", "bm8gUEZY", "no base64!"])
def test_what_is_no_pfx_file_says_so_and_nothing_else(content: str) -> None:
    assert set(found := facts(content, PASSWORD)) == {"problem"}
    assert found["problem"] and PASSWORD not in found["problem"]


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (lambda: AUTHORITY.issue("www.contoso.com"), "is for www.contoso.com, not for sts.contoso.com"),
        (lambda: fresh(begins=issuing.now() - 400 * DAY), "ended on"),
        (lambda: fresh(begins=issuing.now() + DAY), "does not begin before"),
        (lambda: fresh(lasts=3 * DAY), "before the present one"),
    ],
    ids=["other name", "ended", "not begun", "older"],
)
def test_a_certificate_that_is_refused(lab: Renewing, tmp_path: pathlib.Path, held: t.Callable[[], Held], says: str) -> None:
    lab.given(held(), tmp_path)
    found = lab.plan()
    assert len(found["problems"]) == 1 and says in found["problems"][0]
    assert "imports" not in found


def test_certauth_must_be_in_a_certificate_where_it_is_bound(lab: Renewing, tmp_path: pathlib.Path) -> None:
    lab.given(AUTHORITY.issue("*.contoso.com"), tmp_path)
    assert not lab.plan()["problems"]
    assert "not for certauth.sts.contoso.com" in lab.plan(alternate_binding=True)["problems"][0]


# --- a farm on which nothing may be changed ---


def test_a_host_that_is_not_reached_stops_everything(lab: Renewing, tmp_path: pathlib.Path) -> None:
    lab.given(fresh(), tmp_path)
    lab.listeners["adfs02"].stop()
    (problem,) = lab.plan()["problems"]
    assert problem.startswith("not everything could be read, so nothing is changed anywhere - adfs02")


def test_a_proxy_that_the_farm_does_not_trust_stops_everything(lab: Renewing, tmp_path: pathlib.Path) -> None:
    lab.given(fresh(), tmp_path)
    lab.proxy.trusted = False
    (problem,) = lab.plan()["problems"]
    assert "wap01" in problem and "0x8007520C" in problem


def test_a_primary_that_does_not_get_to_the_others(lab: Renewing, tmp_path: pathlib.Path) -> None:
    lab.given(fresh(), tmp_path)
    lab.faults.arm("no-delegation")
    assert "CredSSP or Kerberos delegation" in lab.plan()["problems"][0]


def test_a_farm_that_was_never_raised(lab: Renewing, tmp_path: pathlib.Path) -> None:
    lab.given(fresh(), tmp_path)
    lab.farm.level = 1
    assert "behaviour level" in lab.plan()["problems"][0]


def test_a_server_that_nobody_named(lab: Renewing) -> None:
    lab.farm.nodes.append(Node(type(lab.machines[0])(type(lab.machines[0].identity)("ADFS03", "contoso.com"), {}, lab.faults)))
    assert "adfs03" in lab.plan()["problems"][0]
    assert not lab.plan(accept_missing_nodes=True)["problems"]


def test_a_thumbprint_that_is_not_everywhere(lab: Renewing, tmp_path: pathlib.Path) -> None:
    held = fresh()
    lab.given(held, tmp_path)
    lab.imported("adfs01")
    lab.pfx = {}
    (problem,) = lab.plan(thumbprint=held.thumbprint)["problems"]
    assert "adfs02, wap01" in problem and "give the PFX file" in problem


# --- a renewal ---


def test_a_renewal_ends_with_nothing_to_do(lab: Renewing, tmp_path: pathlib.Path) -> None:
    held = fresh()
    lab.given(held, tmp_path)
    found = lab.plan()
    assert (found["imports"], found["bind"], found["proxies"]) == (["adfs01", "adfs02", "wap01"], ["adfs01"], ["wap01"])
    assert found["restarts"] == ["adfs01", "adfs02", "wap01"] and found["communications"]
    assert [one["name"] for one in found["applications"]] == ["Portal"]
    assert not found["federation"]
    lab.imported("adfs01", "adfs02", "wap01")
    lab.done("adfs01", "adfs_ssl_certificate", thumbprint=held.thumbprint)
    lab.done("adfs01", "adfs_certificate", use="service_communications", thumbprint=held.thumbprint)
    lab.done("wap01", "wap_ssl_certificate", thumbprint=held.thumbprint)
    lab.done("wap01", "wap_application", name="Portal", external_certificate_thumbprint=held.thumbprint)
    after = lab.plan()
    assert not after["changes"] and not after["problems"]
    assert {one["thumbprint"] for one in after["report"]["hosts"]} == {held.thumbprint}
    assert found["saved"]["bindings"]["adfs02"][0]["thumbprint"] == lab.farm.first.thumbprint


def test_each_server_binds_for_itself_on_2012_r2(tmp_path: pathlib.Path) -> None:
    with renewing("2012r2") as lab:
        held = fresh()
        lab.given(held, tmp_path)
        assert lab.plan()["bind"] == ["adfs01", "adfs02"]
        lab.imported("adfs01", "adfs02", "wap01")
        lab.done("adfs01", "adfs_ssl_certificate", thumbprint=held.thumbprint)
        assert lab.plan()["bind"] == ["adfs02"]
        lab.done("adfs02", "adfs_ssl_certificate", thumbprint=held.thumbprint)
        assert lab.plan()["bind"] == []


def test_a_server_that_was_left_out_gets_the_certificate_in_the_next_run(lab: Renewing, tmp_path: pathlib.Path) -> None:
    held = fresh()
    lab.given(held, tmp_path)
    lab.imported("adfs01", "adfs02", "wap01")
    lab.secondary.reachable = False
    result = lab.run("adfs01", "adfs_ssl_certificate", thumbprint=held.thumbprint)
    assert result["failed"] and "everywhere: true" in result["msg"]
    lab.secondary.reachable = True
    found = lab.plan()
    assert found["bind"] == ["adfs01"] and found["everywhere"]
    lab.done("adfs01", "adfs_ssl_certificate", thumbprint=held.thumbprint, everywhere=True)
    assert lab.plan()["bind"] == []


def test_the_way_back_is_to_a_certificate_that_ends_earlier(lab: Renewing, tmp_path: pathlib.Path) -> None:
    held = fresh()
    lab.given(held, tmp_path)
    lab.imported("adfs01", "adfs02", "wap01")
    lab.done("adfs01", "adfs_ssl_certificate", thumbprint=held.thumbprint)
    old = lab.farm.first.thumbprint
    assert "before the present one" in lab.plan(thumbprint=old)["problems"][0]
    found = lab.plan(rollback_thumbprint=old)
    assert not found["problems"] and found["bind"] == ["adfs01"] and not found["imports"]


def test_a_secondary_says_where_to_go(lab: Renewing, tmp_path: pathlib.Path) -> None:
    held = fresh()
    lab.given(held, tmp_path)
    lab.imported("adfs01", "adfs02", "wap01")
    for module, options in (("adfs_ssl_certificate", {}), ("adfs_certificate", {"use": "service_communications"})):
        result = lab.run("adfs02", module, thumbprint=held.thumbprint, **options)
        assert result["failed"] and "adfs01.contoso.com" in result["msg"], result
    assert "adfs01.contoso.com" in lab.run("adfs02", "adfs_properties", sso_lifetime=10)["msg"]


# --- Entra ID ---


def test_entra_id_gets_what_it_lacks(lab: Renewing) -> None:
    assert not lab.plan()["federation"]
    lab.done("adfs01", "adfs_certificate", use="token_signing", rollover="secondary")
    (found,) = lab.plan()["federation"]
    assert set(found["options"]) == {"next_signing_certificate"}
    lab.entra = ["0" * 40]
    (found,) = lab.plan()["federation"]
    assert set(found["options"]) == {"signing_certificate", "next_signing_certificate"}
    assert not lab.plan()["report"]["domains"][0]["knows_the_farm"]
    lab.entra = [lab.signing(0), lab.signing(1)]
    assert not lab.plan()["federation"]


def test_issuer_and_addresses_need_a_word_of_their_own(lab: Renewing) -> None:
    (found,) = lab.plan(update_endpoints=True)["federation"]
    assert found["endpoints"]["issuer_uri"] == "http://sts.contoso.com/adfs/services/trust"
    assert "passive_sign_in_uri" not in found["endpoints"] and not found["options"]


def test_without_a_certificate_there_is_a_report_and_nothing_to_do(lab: Renewing) -> None:
    found = lab.plan(days=40)
    assert found["thumbprint"] is None and not found["changes"] and not found["problems"]
    assert [one["host"] for one in found["report"]["hosts"]] == ["adfs01", "adfs02", "wap01"]
    assert len(found["report"]["ending"]) == 4


# --- what clients are shown ---


def test_a_client_that_names_no_server_gets_the_fallback(lab: Renewing) -> None:
    assert lab.plan()["report"]["hosts"][0]["without_name"] is None
    other = AUTHORITY.issue("www.contoso.com")
    lab.machines[0].part(Certificates).add(other)
    lab.primary.bindings[("0.0.0.0", 443)] = other.thumbprint
    assert lab.plan()["report"]["hosts"][0]["without_name"] == other.thumbprint


def test_metadata_show_what_signs_and_what_encrypts_is_not_that(lab: Renewing) -> None:
    lab.done("adfs01", "adfs_certificate", use="token_signing", rollover="secondary")
    found = serving.look(f"localhost:{lab.listeners['adfs01'].port}", lab.farm.service, 5, farms.now())
    assert [one["thumbprint"] for one in found["signing"]] == [lab.signing(0), lab.signing(1)]


def test_a_service_that_is_stopped_serves_nothing(lab: Renewing) -> None:
    service = lab.machines[1].services.find("adfssrv")
    assert service
    lab.machines[1].services.stop(service, force=True)
    found = serving.look(f"localhost:{lab.listeners['adfs02'].port}", lab.farm.service, 5, farms.now())
    assert found["reached"] and found["metadata"] == 503


def test_an_address_is_host_and_port() -> None:
    with pytest.raises(ValueError, match="no HOST:PORT"):
        serving.look("sts.contoso.com", "sts.contoso.com", 1, farms.now())
