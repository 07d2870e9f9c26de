# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole estate is written down, twice without a difference, and checked by hybrid_estate.yml, which finds nothing to change."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import IMPORT, Lab, Run, Variables, play_of, task
from tools import project

BOOKS = project.ROOT / "playbooks"
GROUPS = ("exchange", "exchange_online", "entra", "directory", "directory_sync", "skype", "adfs", "wap")
TEMPLATE = "{{ lookup('pipe', 'touch /tmp/ran') }}"
SHOWN = "{% raw %}" + TEMPLATE + "{% endraw %}"
FABRIKAM = {"name": "Fabrikam", "domain_names": ["fabrikam.example"], "free_busy_access_enabled": True, "free_busy_access_level": "limited_details"}
POLICY = {"included_recipients": ["mailbox_users"], "conditional_department": ["Sales"], "enabled_email_address_templates": ["SMTP:%g.%s@contoso.com"]}
SCANNERS = {"bindings": ["0.0.0.0:2600"], "remote_ip_ranges": ["192.0.2.0/24"], "transport_role": "frontend_transport", "usage": "custom"}
SEND = {"address_spaces": ["SMTP:partner.example;1"], "smart_hosts": ["relay.partner.example"], "dns_routing_enabled": False}


def forward(identity: str, **options: t.Any) -> Variables:
    return task(identity, "exchange_mailbox", {"identity": identity, "deliver_to_mailbox_and_forward": True, **options})


SERVER = (
    task("domain", "exchange_remote_domain", {"name": "Partner", "domain_name": "partner.example", "auto_forward_enabled": True}),
    forward("user1", forwarding_smtp_address="x@partner.example"),
    forward("user2", forwarding_address="user4@contoso.com", deliver_to_mailbox_and_forward=False),
    forward("user3", forwarding_smtp_address="x@closed.example"),
    task("rule", "exchange_transport_rule", {"name": "Mark", "from_scope": "not_in_organization", "set_header_name": "X-Origin", "set_header_value": SHOWN}),
    task("send", "exchange_send_connector", {"name": "To the partner", **SEND}),
    task("receive", "exchange_receive_connector", {"name": "EX01\\Scanners", **SCANNERS}),
    task("relationship", "exchange_organization_relationship", FABRIKAM),
    task("policy", "exchange_email_address_policy", {"name": "Sales", **POLICY}),
    task("directory", "exchange_virtual_directory", {"type": "owa", "server": "EX01", "external_url": "https://mail.contoso.com/owa"}),
)
ALLOWED = "Forwarding allowed"
CLOUD = (
    task("open", "exchange_outbound_spam_policy", {"name": ALLOWED, "auto_forwarding_mode": "on"}),
    task("who", "exchange_outbound_spam_rule", {"name": ALLOWED, "hosted_outbound_spam_filter_policy": ALLOWED, "from": ["user5@contoso.com"]}),
    forward("user5", forwarding_smtp_address="x@partner.example"),
    task("rule online", "exchange_transport_rule", {"name": "Online", "from_scope": "not_in_organization", "set_header_name": "X-A", "set_header_value": "b"}),
    task("relationship online", "exchange_organization_relationship", FABRIKAM),
)
ENTRA = (
    task("enabled", "entra_user_mfa", {"identity": "user0@contoso.com", "per_user_mfa_state": "enabled"}),
    task("enforced", "entra_user_mfa", {"identity": "user1@contoso.com", "per_user_mfa_state": "enforced"}),
    task("texts", "entra_authentication_method_policy", {"method": "sms", "method_state": "enabled", "include_targets": ["Engineering"]}),
)
ROOMS: dict[str, t.Any] = {
    "meeting_room_usage_location": "DE",
    "meeting_room_remote_routing_domain": "contoso.mail.onmicrosoft.com",
    "meeting_room_organizational_unit": "contoso.com/Resources",
    "meeting_room_cycle_interval": 0.2,
    "meeting_room_arrival_delay": 1,
    "meeting_room_rooms": [
        {"address": "elbrus@contoso.com", "name": "Room Elbrus", "platform": "skype_server", "resource_capacity": 8},
        {"address": "k2@contoso.com", "name": "Room K2", "platform": "teams", "calendar": {"booking_window_in_days": 30}},
    ],
}


class Estate(t.NamedTuple):
    lab: Lab
    folder: pathlib.Path

    @property
    def file(self) -> pathlib.Path:
        return self.folder / "estate.yml"

    def run(self, *plays: Variables, arguments: t.Sequence[str] = (), **variables: t.Any) -> Run:
        given = ("-i", str(self.lab.directory / "inventory.yml"), "-e", json.dumps(variables))
        return playing.play({}, *plays, arguments=(*given, *arguments))

    def export(self, *arguments: str, **variables: t.Any) -> Run:
        variables.setdefault("estate_export_path", str(self.file))
        return self.run({IMPORT: str(BOOKS / "estate_export.yml")}, arguments=arguments, **variables)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Estate]:
    with playing.lab("--tenants", "1", "--adfs", "2016") as lab:
        found = Estate(lab, tmp_path_factory.mktemp("estate"))
        halves = [play_of(*tasks, hosts=f"{group}[0]") for group, tasks in (("exchange", SERVER), ("exchange_online", CLOUD), ("entra", ENTRA))]
        rooms = {IMPORT: str(BOOKS / "meeting_room.yml")}
        run = found.run(*halves, rooms, **ROOMS, meeting_room_password_folder="passwords").good()
        assert (run.folder / "passwords" / "k2@contoso.com").is_file(), "below the working directory"
        yield found
    playing.clear()


def states(run: Run) -> dict[str, str]:
    """Place → state."""
    report = run.all("m365.hybrid.estate_export : Report")[-1].result["ansible_facts"]["estate_export_report"]
    return {one["place"]: one["state"] for one in report}


def test_what_was_exported_is_compliant_in_every_area_and_a_second_export_is_the_same(estate: Estate) -> None:
    export = {IMPORT: str(BOOKS / "estate_export.yml")}
    twice = estate.run(export, export, estate_export_path=str(estate.file)).good()
    assert [one.result["changed"] for one in twice.all("m365.hybrid.estate_export : Write the file")] == [True, False], twice.output
    assert "changed=1 " in twice.output, twice.output
    text = estate.file.read_text(encoding="utf-8")
    assert set(states(twice).values()) == {"exported", "not_derived"}, twice.output
    assert estate.file.stat().st_mode & 0o777 == 0o600
    for said in (
        f'set_header_value: !unsafe "{TEMPLATE}"',
        "left out: user3@contoso.com, whose forwarding is ineffective",
        "built in, and not written down: Client Frontend EX01",
        "  - address: k2@contoso.com",
        "    - Microsoft_Teams_Rooms_Pro",
        "  - identity: user1@contoso.com\n    per_user_mfa_state: enforced",
        "  - elbrus@contoso.com",
        "external_url: https://mail.contoso.com/owa",
    ):
        assert said in text, f"{said}\n{text}"
    assert "    mailboxes:\n    - identity: user5@contoso.com" in text
    check = estate.run(
        {IMPORT: str(BOOKS / "hybrid_estate.yml")},
        arguments=("--check", "--diff"),
        hybrid_estate_file=str(estate.file),
        hybrid_estate_report_path="report.json",
        hybrid_estate_fail_on_drift=True,
    )
    found = json.loads((check.folder / "report.json").read_text(encoding="utf-8"))["areas"]
    assert {name: one["state"] for name, one in found.items()} == dict.fromkeys(found, "compliant"), found
    assert check.good() and len(found) == 8 and "changed=0" in check.output


def test_an_area_without_credentials_is_unknown_and_the_others_are_there(estate: Estate) -> None:
    path = estate.folder / "partly.yml"
    wrong: Variables = {"estate_export_path": str(path), "estate_export_areas": ["connectors", "mfa"], "m365_tenant_client_secret": "wrong"}
    run = estate.export(**wrong)
    assert run.code != 0 and "is written without what could not be read: connectors.online.inbound_connectors" in " ".join(run.output.split()), run.output
    assert states(run) == {
        "connectors.on_premises.send_connectors": "exported",
        "connectors.on_premises.receive_connectors": "exported",
        "connectors.online.inbound_connectors": "unknown",
        "connectors.online.outbound_connectors": "unknown",
        "mfa": "unknown",
    }
    text = path.read_text(encoding="utf-8")
    assert "To the partner" in text and "\n  online:" not in text and "\nmfa:" not in text
    assert "# mfa is not here, because it could not be read: " in text and "wrong" not in text.replace("wrong with", "")


def test_a_path_that_cannot_be_written_is_refused_before_anything_is_read(estate: Estate) -> None:
    before = estate.lab.calls
    run = estate.export(estate_export_path=str(estate.folder / "missing" / "estate.yml"))
    assert run.code != 0 and f"cannot be written: the folder {estate.folder}/missing does not exist. Name another" in " ".join(run.output.split()), run.output
    assert estate.lab.calls == before
