# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported from Exchange Online changes nothing when it is given to bulk there: every resource module, over the wire."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab import estate
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.integration.wire_session import connected_online

PATHS = [path for path in scenarios.online() if isinstance(module := scenarios.module(path.stem), CmdletModule) and module.exportable]


def run(session: Session, name: str, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_is_exported_from_a_tenant_changes_nothing(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), tenants=1, mailboxes=5) as lab, connected_online(lab) as session:
        assert lab.site
        product = lab.site.tenants[0].exchange
        assert isinstance(product, Exchange)
        scenarios.run(scenarios.load(path), scenarios.Lab(product, lab.faults, session), online=True)
        for full in (False, True):
            found = run(session, "export", module=path.stem, full=full)
            assert not found.get("failed"), found["msg"]
            assert found["objects"], "the scenario leaves nothing to export"
            given = json.loads(json.dumps(found["objects"]))
            done = run(session, "bulk", module=path.stem, objects=given, read="list")
            assert not done.get("failed") and not done["changed"], (done["msg"], done.get("diff"))
            assert done["counts"]["unchanged"] == len(given)
