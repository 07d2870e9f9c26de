# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connectors of Exchange Online: what proves that one is absent, and what the service shows that a task could not have written."""

from __future__ import annotations

import contextlib
import doctest
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import cloud_connector
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

OUTBOUND = "exchange_outbound_connector"
TEST_MODE = "IncludeTestModeConnectors"


class Including(FakeSession):
    """A service that does with IncludeTestModeConnectors what the name says: all connectors, in test mode or not."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        if not (parameters or {}).get(TEST_MODE):
            return super().invoke(cmdlet, parameters, properties=properties)
        found: list[t.Any] = []
        for value in (False, True):
            with contextlib.suppress(NotFound):  # by name there is only one
                found += super().invoke(cmdlet, {**(parameters or {}), TEST_MODE: value}, properties=properties).output
        return Answer(found) if found else super().invoke(cmdlet, parameters, properties=properties)


def run(session: FakeSession, which: str = OUTBOUND, **options: t.Any) -> Result:
    module = scenarios.module(which).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


@pytest.mark.parametrize("kind", [FakeSession, Including])
@pytest.mark.parametrize("values", [{"test_mode": True}, {"is_transport_rule_scoped": True}, {"test_mode": True, "is_transport_rule_scoped": True}])
def test_a_connector_that_lists_leave_out_is_not_taken_for_absent(kind: type[FakeSession], values: dict[str, t.Any]) -> None:
    session = kind(Exchange("online"))
    assert run(session, name="Hidden", recipient_domains=["partner.example"], **values)["changed"]
    again = run(session, name="Hidden", recipient_domains=["partner.example"])
    assert not again["changed"] and not again.get("failed"), again
    assert run(session, name="Hidden", state="absent")["calls"]["Remove-OutboundConnector"] == 1


@pytest.mark.parametrize("kind", [FakeSession, Including])
def test_an_export_has_each_connector_once(kind: type[FakeSession]) -> None:
    session = kind(Exchange("online"))
    assert run(session, name="Hidden", recipient_domains=["partner.example"], test_mode=True)["changed"]
    found = run(session, "export", module=OUTBOUND)["objects"]
    assert sorted(one["name"] for one in found) == ["Hidden", "Outbound to Contoso", "Through the scanner"]


def test_absence_is_proven_by_every_way_of_asking() -> None:
    gone = run(FakeSession(Exchange("online")), name="Nowhere", state="absent")
    assert not gone["changed"] and gone["calls"] == {"Get-OutboundConnector": 4}


def test_a_connector_of_the_admin_center_shows_its_source() -> None:
    product = Exchange("online")
    product.objects["OutboundConnector"].one("Outbound to Contoso").values["ConnectorSource"] = "AdminUI"
    shown = run(FakeSession(product), name="Outbound to Contoso", enabled=True)
    assert not shown["changed"] and shown["resource"]["connector_source"] == "AdminUI"


def test_wider_ranges_that_are_there_already_are_read() -> None:
    product = Exchange("online")
    product.objects["InboundConnector"].one("Inbound from Contoso").values["SenderIPAddresses"] = ["192.0.2.0/20", "2001:db8::/64"]
    shown = run(FakeSession(product), "exchange_inbound_connector", name="Inbound from Contoso", enabled=True)
    assert shown["resource"]["sender_ip_addresses"] == ["192.0.2.0/20", "2001:db8::/64"]


DIRECT: dict[str, t.Any] = {"name": "P", "recipient_domains": ["partner.example"]}
THROUGH = DIRECT | {"use_mx_record": False, "smart_hosts": ["scan.partner.example"], "tls_settings": "domain_validation", "tls_domain": "partner.example"}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("present", "wanted", "message"),
    [
        (None, DIRECT | {"use_mx_record": True, "smart_hosts": ["scan.partner.example"]}, "cannot go to scan.partner.example as well"),
        (None, DIRECT | {"tls_settings": "encryption_only", "tls_domain": "partner.example"}, "tls_domain is for tls_settings domain_validation"),
        (THROUGH, {"use_mx_record": True}, "cannot go to scan.partner.example as well"),
        (DIRECT, {"smart_hosts": ["scan.partner.example"]}, "cannot go to scan.partner.example as well"),
        (DIRECT, {"tls_domain": "partner.example"}, "and this is none"),
        (THROUGH, {"tls_settings": "certificate_validation"}, "and this is certificate_validation"),
        (THROUGH, {"smart_hosts": []}, "smart_hosts must name where messages go"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_written(
    present: dict[str, t.Any] | None, wanted: dict[str, t.Any], message: str, check: bool
) -> None:
    session = FakeSession(Exchange("online"))
    if present:
        assert run(session, **present)["changed"]
    module = scenarios.module(OUTBOUND)
    failed = module.run(lambda: session, Task(module.validate({"name": "P", **wanted}), check_mode=check, verbosity=1))
    assert failed["error"]["class"] == "UsageError" and message in failed["msg"]
    assert not {"New-OutboundConnector", "Set-OutboundConnector"} & set(failed["calls"])


def test_what_did_not_go_together_before_does_not_stop_another_change() -> None:
    """The service may have made it, and the task does not bring it about."""
    session = FakeSession(product := Exchange("online"))
    assert run(session, **THROUGH)["changed"]
    product.objects["OutboundConnector"].one("P").values |= {"SmartHosts": [], "TlsSettings": None, "AllAcceptedDomains": True, "ConnectorType": "Partner"}
    failed = run(session, name="P", comment="Ours")
    assert failed["calls"]["Set-OutboundConnector"] == 1 and failed["error"]["class"] != "UsageError"  # the lab's own refusal


def test_what_both_was_true_before_does_not_stop_another_change() -> None:
    session = FakeSession(product := Exchange("online"))
    product.objects["InboundConnector"].one("Inbound from Contoso").values["TreatMessagesAsInternal"] = True
    failed = run(session, "exchange_inbound_connector", name="Inbound from Contoso", comment="Ours")
    assert failed["calls"]["Set-InboundConnector"] == 1 and failed["error"]["class"] != "UsageError"  # the lab's own refusal


def test_a_new_connector_whose_type_is_not_said_is_judged_by_the_service() -> None:
    failed = run(FakeSession(Exchange("online")), name="New", all_accepted_domains=True)
    assert failed["calls"]["New-OutboundConnector"] == 1 and "only when ConnectorType is OnPremises" in failed["msg"]


def test_what_one_may_say_of_members_is_compared_as_the_service_keeps_it() -> None:
    session = FakeSession(Exchange("online"))
    hosts: dict[str, t.Any] = {"use_mx_record": False, "smart_hosts": ["[192.0.2.4]", "192.0.2.16/28"]}
    assert run(session, **DIRECT, **hosts)["changed"]
    assert not run(session, name="P", smart_hosts=["192.0.2.4", "192.0.2.16/28"])["changed"]
    sent = [given for cmdlet, given in session.product.calls if cmdlet == "New-OutboundConnector"]
    assert sent[0]["SmartHosts"] == ["192.0.2.4", "192.0.2.16/28"]


@pytest.mark.parametrize("wrong", ["192.0.2.1-192.0.2.9-192.0.2.12", "192.0.2.300", "-"])
def test_what_is_no_address_to_pass_over_is_refused(wrong: str) -> None:
    failed = run(FakeSession(Exchange("online")), "exchange_inbound_connector", name="Inbound from Contoso", ef_skip_ips=[wrong])
    assert failed["error"]["class"] == "UsageError" and "is not an IP address, a range" in failed["msg"]


@pytest.mark.parametrize("name", [OUTBOUND, "exchange_inbound_connector"])
def test_the_modules_work_in_the_cloud_only(name: str) -> None:
    assert scenarios.module(name).wires == (scenarios.ONLINE,)


def test_the_examples_in_the_code_hold() -> None:
    assert doctest.testmod(cloud_connector).failed == 0
