# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/awx_setup.yml, with the real modules of awx.awx, against a part of AWX's API on loopback."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import threading
import typing as t

import pytest

from tests.fake_awx import Awx, Server
from tools import project

TEMPLATES = ["m365 estate drift report", "m365 estate apply", "m365 AD FS certificate", "m365 mail forwarding"]
PLAYBOOK = project.ROOT / "playbooks" / "awx_setup.yml"


@pytest.fixture(scope="module")
def server() -> t.Iterator[Server]:
    awx = Awx({f"playbooks/{path.name}" for path in (project.ROOT / "playbooks").glob("*.yml")})
    types = {"tenant": "a tenant", "exchange": "an account", "directory": "a directory account"}
    for name in types.values():
        awx.add("credentials", {"name": name})
    found = Server(awx, "the-token")
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def play(server: Server, *more: str, **variables: t.Any) -> tuple[int, str, int]:
    """Exit code, output, and how many tasks changed something."""
    given = {"awx_setup_image": "registry.example.com/m365:1", "awx_setup_only": TEMPLATES, **variables}
    environment = project.environment(CONTROLLER_HOST=server.url, CONTROLLER_OAUTH_TOKEN=server.token)
    command = ["ansible-playbook", str(PLAYBOOK), "-e", json.dumps(given), *more]
    done = subprocess.run(command, env=environment, cwd=project.BUILD, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    counted = re.search(r"localhost\s+: ok=\d+\s+changed=(\d+)", done.stdout)
    return done.returncode, done.stdout + done.stderr, int(counted[1]) if counted else -1


def test_what_is_declared_is_made_once(server: Server, tmp_path: pathlib.Path) -> None:
    awx = server.awx
    given = {"awx_setup_credentials": {"tenant": "a tenant", "exchange": "an account", "directory": "a directory account"}}
    code, output, changed = play(server, **given)
    assert code == 0, output
    assert changed > 0
    templates = {one["name"]: one for one in awx.objects["job_templates"]}
    assert sorted(templates) == sorted(TEMPLATES)
    assert templates["m365 estate drift report"]["job_type"] == "check"
    assert len(awx.objects["credential_types"]) == 5
    assert {one["name"] for one in awx.objects["schedules"]} == {"m365 weekly drift report", "m365 daily certificate report"}
    forwarding = templates["m365 mail forwarding"]
    assert awx.surveys[forwarding["id"]]["spec"]
    assert json.loads(forwarding["extra_vars"])["mail_forwarding_mailboxes"] == "{{ survey_mail_forwarding_mailboxes | from_yaml }}"
    assert len(awx.associated["job_templates", forwarding["id"], "credentials"]) == 2
    nodes = {one["identifier"]: one for one in awx.objects["workflow_job_template_nodes"]}
    order = [awx.associated["workflow_job_template_nodes", nodes[name]["id"], "success_nodes"] for name in ("check", "approve")]
    assert order == [[nodes["approve"]["id"]], [nodes["apply"]["id"]]]
    made = awx.writes

    code, output, changed = play(server, **given)
    assert (code, changed) == (0, 0), output
    code, output, _changed = play(server, "--check", awx_setup_surveys=False, **given)
    assert code == 0, output
    assert not [one for one in awx.objects["job_templates"] if one["extra_vars"] == "{}" and one["name"] == "m365 mail forwarding"]
    assert awx.writes == made


def test_a_template_that_is_not_declared_is_refused_before_anything_is_asked(server: Server) -> None:
    before = server.awx.writes
    code, output, _changed = play(server, awx_setup_only=["m365 mail forwardin"])
    assert code != 0
    assert "awx_setup_only only templates that extensions/awx/objects.yml declares" in " ".join(output.split())
    assert server.awx.writes == before
