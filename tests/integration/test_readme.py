# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README's inventory and playbook as they stand there, and the EXAMPLES of the inventory plugin, against the lab.

Only where the lab is differs: addresses and accounts of its servers come from variables beside the inventory.
"""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import subprocess

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.inventory import estate
from tests.integration import play as playing
from tests.integration.play import TRACEBACK, Lab
from tools import project

README = (project.ROOT / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```yaml\n# (\w+\.yml)\n(.*?)^```$", README, re.M | re.S))
SERVER = "ex01.contoso.com"
SECONDS = 120


def run(folder: pathlib.Path, command: str, **more: str) -> str:
    environment = playing.environment_for(folder) | {"HOME": str(folder)} | more
    words = shlex.split(command)
    done = subprocess.run(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0 and TRACEBACK not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(lab: Lab, tmp_path: pathlib.Path) -> pathlib.Path:
    for name, code in FILES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    shown = yaml.safe_load(FILES["inventory.yml"])["all"]["children"]["exchange"]["vars"]
    there = lab.host("ex01", **{name: None for name in shown if name != "ansible_user"})
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / f"{SERVER}.yml").write_text(json.dumps(there), encoding="utf-8")
    (tmp_path / "group_vars").mkdir()
    secret = {"vault_exchange_password": lab.host("ex01")["ansible_password"]}
    (tmp_path / "group_vars" / "exchange.yml").write_text(json.dumps(secret), encoding="utf-8")
    return tmp_path


def test_every_block_of_yaml_in_the_readme_is_a_file_of_this_test() -> None:
    assert set(FILES) == {"inventory.yml", "site.yml"} and README.count("\n```yaml\n") == len(FILES)


def test_the_command_of_the_readme_shows_what_would_change_and_then_it_changes(lab: Lab, folder: pathlib.Path) -> None:
    (command,) = re.findall(r"`(ansible-playbook -i inventory\.yml site\.yml [^`]*)`", README)
    assert "--check" in command and "--diff" in command
    shown = run(folder, command)
    assert re.search(r'^\+ +"domain_name": "partner.example"', shown, re.M), shown
    for output in (shown, run(folder, command.replace(" --check", ""))):  # the second finds what the first left: nothing was written
        assert re.search(rf"{re.escape(SERVER)}\s*: ok=2\s+changed=2\s", output), output


def test_the_example_of_the_inventory_plugin_lists_the_estate(lab: Lab, folder: pathlib.Path) -> None:
    given, way = yaml.safe_load(estate.EXAMPLES), lab.credentials["dc01"]
    there = {"host": ["localhost"], "tcp_port": way["ldaps_port"], "user": way["user"], "ca_cert": lab.credentials["ca_cert"]}
    assert set(there) & set(given) == {"host", "user"} and "AD_PASSWORD" in given["password"]
    (folder / "estate.yml").write_text(yaml.safe_dump(given | there), encoding="utf-8")
    listed = json.loads(run(folder, "ansible-inventory -i estate.yml --list", AD_PASSWORD=way["password"], ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true"))
    assert set(listed["adfs"]["hosts"]) == {"fs01.contoso.com", "fs02.contoso.com"}
    assert set(listed["tenant_contoso"]["hosts"]) == {"contoso_exchange_online", "contoso_entra"}
    hosts = listed["_meta"]["hostvars"]
    servers = {name for name, one in hosts.items() if "exchange_server" in one}
    assert servers and all("dag" in hosts[name] for name in servers)
    assert [group for group in listed if group.startswith("site_")]
    assert list((folder / ".cache" / "estate").iterdir())
