# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide from an existing organization to playbooks, followed to the letter: its files, its commands in their order."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import typing as t

import pytest
import yaml

from hybridlab.exchange import seed
from tests.integration import play as playing
from tests.integration.play import Lab, play, task
from tools import project

GUIDE = project.ROOT / "docs" / "guides" / "from_an_existing_organization_to_playbooks.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
BLOCKS = FENCE.findall(GUIDE.read_text(encoding="utf-8"))
COMMANDS = [code for language, code in BLOCKS if language == "shell"]
WRITTEN, COMMITTED, PROVEN, DRIFT, SHOWN, UNKNOWN, BACK = range(7)
"""The guide's commands, by what they are for."""


class Folder(t.NamedTuple):
    """Where a reader works."""

    path: pathlib.Path
    environment: dict[str, str]

    def shell(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-ec", command], cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def good(self, command: str) -> str:
        code, output = self.shell(command)
        assert code == 0, output
        return output

    def play(self, name: str) -> str:
        return self.good(f"ansible-playbook -i inventory.yml {name}.yml")

    def organization(self, name: str) -> t.Any:
        return yaml.safe_load((self.path / "organization" / f"{name}.yml").read_text(encoding="utf-8"))


@pytest.fixture
def folder(lab: Lab, tmp_path: pathlib.Path) -> Folder:
    for language, code in BLOCKS:
        name = re.match(r"# (\w+\.yml)\n", code)
        if language == "yaml" and name:
            (tmp_path / name[1]).write_text(code, encoding="utf-8")
    shutil.copy(lab.directory / "inventory.yml", tmp_path)
    (tmp_path / "vault.yml").write_text('vault_initial_password: "Gu1de-2026!"\n', encoding="utf-8")
    who = {f"GIT_{role}_{what}": "guide@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = playing.environment_for(tmp_path) | who | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    return Folder(tmp_path, {name: value for name, value in environment.items() if name != "ANSIBLE_CALLBACKS_ENABLED"})


def changed(output: str) -> int:
    return int(re.findall(r"changed=(\d+) ", output)[-1])


def test_an_organization_becomes_files_and_drift_shows(lab: Lab, folder: Folder) -> None:
    folder.good(COMMANDS[WRITTEN])
    assert {one["name"] for one in folder.organization("exchange_role_group")} >= {"Organization Management"}
    folder.good(COMMANDS[COMMITTED])
    assert changed(folder.good(COMMANDS[PROVEN])) == 0
    user = {"identity": "user0", "display_name": "Drifted", "custom_attribute1": "new"}
    partner = {"name": "Unknown partner", "domain_name": "unknown.example"}
    play({"ex01": lab.host()}, task("drift", "exchange_mailbox", user), task("new", "exchange_remote_domain", partner)).good()
    code, output = folder.shell(COMMANDS[DRIFT])
    assert code != 0 and "Not as the files say: user0@contoso.com" in output.replace("\n", " "), output
    if shutil.which("jq"):
        assert "user0@contoso.com\tupdated\t" in folder.good(COMMANDS[SHOWN])
    code, output = folder.shell(COMMANDS[UNKNOWN])
    assert code != 0 and "+  name: Unknown partner" in output and "custom_attribute1: new" in output, output
    assert changed(folder.good(COMMANDS[BACK])) == 1
    assert changed(folder.good(COMMANDS[PROVEN])) == 0


def test_files_are_split_by_site_and_by_who_manages_what(lab: Lab, folder: Folder) -> None:
    (folder.path / "organization").mkdir()
    sites = [task(name, "exchange_mailbox", {"identity": user, "custom_attribute1": name}) for user, name in (("user1", "Berlin"), ("user2", "Vienna"))]
    play({"ex01": lab.host()}, *sites).good()
    folder.play("sites")
    assert [one["identity"] for one in folder.organization("mailboxes_berlin")] == ["user1@contoso.com"]
    folder.play("ours")
    ours = folder.organization("exchange_mailbox")
    assert len(ours) >= len(seed.SPECIAL) and not [one for one in ours if "email_addresses" in one]


def test_new_mailboxes_get_their_password_from_the_vault(folder: Folder) -> None:
    assert changed(folder.play("new_mailboxes")) == 1
    assert changed(folder.play("new_mailboxes")) == 0
