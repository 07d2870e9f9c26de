# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of the whole estate that is cancelled, and one whose hosts cannot be reached; its molecule scenario shows the rest."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import typing as t

import pytest

from tests.integration.play import IMPORT, SOON, Lab, Playing, processes, sockets, start, until
from tools import project

BOOK = {IMPORT: str(project.ROOT / "playbooks" / "hybrid_estate.yml")}
SECRET = "Th1n.Air!"


def estate(lab: Lab, path: pathlib.Path, declared: t.Any, *arguments: str, **host: t.Any) -> Playing:
    (path / "estate.yml").write_text(json.dumps(declared), encoding="utf-8")
    variables = {"hybrid_estate_file": str(path / "estate.yml"), "hybrid_estate_report_path": str(path / "report.json")}
    return start({"ex01": lab.host(**host)}, BOOK, arguments=("-e", json.dumps(variables), *arguments))


def report(path: pathlib.Path) -> t.Any:
    return json.loads((path / "report.json").read_text(encoding="utf-8"))["areas"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_cancelled_run_leaves_nothing_and_the_next_one_converges(lab: Lab, tmp_path: pathlib.Path, number: signal.Signals) -> None:
    name = number.name.lower()
    declared = {
        "organization": {"on_premises": {"accepted_domains": [{"name": f"{name}.example", "domain_name": f"{name}.example"}]}},
        "connectors": {"on_premises": {"send_connectors": [{"name": name, "address_spaces": [f"SMTP:{name}.example;1"]}]}},
    }
    lab.fault("slow-answer", seconds=60, cmdlet="Get-SendConnector")
    playing = estate(lab, tmp_path, declared)
    until(lambda: any("Bring objects" in one.task and one.status == "ok" for one in playing.results), 60, "the first area")
    if number is signal.SIGINT:
        os.killpg(playing.process.pid, number)  # as Ctrl-C does: to all of the terminal's processes
    else:
        playing.process.send_signal(number)
    assert playing.process.wait(20) != 0
    until(lambda: not processes(playing.folder), SOON, f"the run's processes end: {processes(playing.folder)}")
    assert not sockets(playing.folder)
    lab.rest()
    lab.client.clear()
    estate(lab, tmp_path, declared).finish().good()
    states = {area: row["state"] for area, row in report(tmp_path).items()}
    assert (states["organization"], states["connectors"]) == ("compliant", "changed")


def test_a_drift_report_that_cannot_look_is_no_success_and_asks_a_lost_host_once(lab: Lab, tmp_path: pathlib.Path) -> None:
    domains = [{"name": "a.example", "domain_name": "a.example"}]
    declared = {
        "organization": {"on_premises": {"accepted_domains": domains, "remote_domains": domains}},
        "mfa": {"users": []},
        "servers": {"databases": []},
        "rooms": {"rooms": [{"address": "k2@contoso.com", "password": SECRET}]},
    }
    run = estate(lab, tmp_path, declared, "--check", "--skip-tags", "servers", m365_exchange_port=1).finish()
    assert run.code == 2, "a failed task, not an unreachable host: that would end the play"
    areas = report(tmp_path)
    first, second = areas["organization"]["parts"]
    assert (first["state"], second["state"]) == ("unknown", "unknown")
    assert "cannot be reached" in first["why"] and second["why"] == f"Not tried again: {first['why']}"
    assert areas["mfa"]["state"] == "unknown" and "no host for entra" in areas["mfa"]["parts"][0]["why"]
    assert areas["servers"]["state"] == "skipped" and areas["ad_fs"]["state"] == "not_managed"
    assert areas["rooms"]["state"] == "unknown"
    assert SECRET not in str([one.result for one in run.results]) + run.output + str(areas), "callbacks get the results of all tasks, and the items of loops"


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        ("rooms:\n  password: *Th1n.Air!\n", (), "estate.yml cannot be read as a mapping in YAML: line 2, column 18."),
        ("- rooms\n", (), "estate.yml cannot be read as a mapping in YAML. "),
        ("rooms: {}\n", ("--tags", "romms"), "There is no area romms; --tags and --skip-tags take organization, servers, "),
        ("rooms: {}\n", ("--skip-tags", "rooms,mfaa"), "There is no area mfaa; "),
    ],
    ids=["no-yaml", "no-mapping", "tags", "skip-tags"],
)
def test_a_mistake_before_anything_is_run(lab: Lab, tmp_path: pathlib.Path, text: str, arguments: tuple[str, ...], says: str) -> None:
    opened = lab.client.status()["sessions"]["opened"]
    (tmp_path / "estate.yml").write_text(text, encoding="utf-8")
    run = start({"ex01": lab.host()}, BOOK, arguments=("-e", f"hybrid_estate_file={tmp_path}/estate.yml", *arguments)).finish()
    assert run.code == 2
    assert says in str([one.result.get("msg") for one in run.results if one.status == "failed"])
    assert SECRET[:4] not in run.output + str([one.result for one in run.results])
    assert lab.client.status()["sessions"]["opened"] == opened
