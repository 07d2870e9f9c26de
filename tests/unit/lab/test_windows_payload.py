# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-core sends to Windows hosts: the contract of the lab with each release, and payloads that releases made."""

from __future__ import annotations

import base64
import json
import pathlib
import typing as t

import pytest

from hybridlab.windows import payload
from tests.unit.lab.windows import Host
from tools import windows_payload

RECORDED: list[dict[str, t.Any]] = json.loads(pathlib.Path(__file__).with_name("windows_payloads.json").read_text(encoding="utf-8"))
"""Standard input of bootstrap wrappers, without the texts of scripts and modules."""


def test_this_release_of_ansible_core_sends_what_the_lab_reads() -> None:
    folder = windows_payload.installed()
    release = windows_payload.release(folder)
    noted, found = payload.known()["releases"].get(release), windows_payload.facts(folder)
    assert noted, (
        f"the lab does not know ansible-core {release}: look at what it sends to Windows hosts, then run: PYTHONPATH=lab python -m tools.windows_payload"
    )
    changed = [name for name in found if found[name] != noted[name]]
    assert not changed, f"ansible-core {release} changed {', '.join(changed)}: {[(noted[name], found[name]) for name in changed]}"


def test_every_release_that_is_noted_has_a_wrapper_that_is_read() -> None:
    known = payload.known()
    assert {one["wrapper"] for one in known["releases"].values()} == set(known["wrappers"])
    assert list(known["releases"]) == ["2.16", "2.17", "2.18", "2.19", "2.20", "2.21", "2.22"]


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: f"{one['release']} {one['what']}")
def test_a_recorded_payload_is_read(one: dict[str, t.Any]) -> None:
    order = payload.decode(one["shape"], one["lines"])
    if isinstance(order, payload.Order):
        assert (order.name, set(order.parameters)) == ("powershell_mkdtemp", {"Directory", "Name"})
        return
    assert one["what"].startswith(order.module)
    assert order.arguments["_ansible_module_name"] == order.module
    assert (order.become is not None) == ("another user" in one["what"])
    assert (order.asynchronous is not None) == ("background" in one["what"])
    if order.module == "ansible.windows.win_regedit":
        assert order.arguments["path"] == "HKLM:\\SOFTWARE\\X"


def test_a_payload_of_another_shape_is_not_guessed_at() -> None:
    with pytest.raises(payload.Unreadable, match="not of the shape manifest"):
        payload.decode("manifest", ["{}", payload.END, '{"actions": []}'])
    with pytest.raises(payload.Unreadable, match="not of the shape object"):
        payload.decode("object", [payload.END + '{"module_args": {}}'])


def test_any_other_script_is_refused_by_its_first_words() -> None:
    with pytest.raises(payload.Unreadable, match=r"the lab runs no scripts.*Get-Process"):
        payload.read("Get-Process", [])
    wrapper = (windows_payload.installed() / "executor" / "powershell" / "bootstrap_wrapper.ps1").read_text(encoding="utf-8")
    with pytest.raises(payload.Unreadable, match="this one is none"):
        payload.read(wrapper + "\nRemove-Item C:\\ -Recurse", [])


@pytest.mark.parametrize("script", ["Remove-Item 'C:\\it''s' -Force -Recurse;", "Remove-Item C:\\tmp\\a -Force;"])
def test_a_temporary_folder_is_removed_by_its_path(script: str) -> None:
    order = payload.read(script, [])
    assert isinstance(order, payload.Order) and order.parameters["Path"] in ("C:\\it's", "C:\\tmp\\a")
    for more in ("Remove-Item C:\\a, C:\\b -Force;", "Remove-Item C:\\a -Force; Stop-Computer"):
        with pytest.raises(payload.Unreadable):
            payload.read(more, [])


def test_a_command_line_is_read_whatever_it_is_wrapped_in() -> None:
    def line(script: str, prefix: str = "") -> str:
        encoded = base64.b64encode(script.encode("utf-16-le")).decode()
        return f"{prefix}PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand {encoded}"

    assert payload.read_line(line("a b")) == payload.Line("a b", None)
    assert payload.read_line(line("a", "type 'C:\\m.ps1' | ")) == payload.Line("a", "C:\\m.ps1")
    assert payload.read_line("cmd /c dir") is None


def test_a_task_in_the_background_is_asked_for_later() -> None:
    wrapper = (windows_payload.installed() / "executor" / "powershell" / "bootstrap_wrapper.ps1").read_text(encoding="utf-8")
    release = windows_payload.release(windows_payload.installed())
    if payload.known()["wrappers"][payload.fingerprint(wrapper)] != "manifest":
        pytest.skip(f"ansible-core {release} has a payload of another shape")
    lines = next(one["lines"] for one in RECORDED if one["release"] == "2.19" and "background" in one["what"])
    host = Host()
    (started,) = host.executor.run(wrapper, lines).output
    job = json.loads(started)["ansible_job_id"]
    asked = [lines[0], payload.END, json.dumps(_status(job))]
    (answer,) = host.executor.run(wrapper, asked).output
    assert json.loads(answer)["ping"] == "pong" and json.loads(answer)["finished"]


def _status(job: str) -> dict[str, t.Any]:
    value = {"jid": job, "mode": "status", "_ansible_module_name": "ansible.windows.async_status"}
    variables = [{"Name": "complex_args", "Value": value}]
    script = "ansible_collections.ansible.windows.plugins.modules.async_status.ps1"
    return {"actions": [{"name": "module_wrapper.ps1", "params": {"Script": script, "Variables": variables}}]}
