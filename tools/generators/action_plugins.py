# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``plugins/action``: the one action plugin under the name of every module.

Routing alone (``meta/runtime.yml``) would do, but then ansible-core loads the plugin in the worker of each task, and compiles it and all
that it imports again.  A plugin of the module's own name it loads before it forks the workers, which halves the time of a task.
"""

from __future__ import annotations

import pathlib

from tools.generators.runtime import ACTION, modules

HEADER = pathlib.Path(__file__).read_text(encoding="utf-8").partition("\n\n")[0]
CONTENT = '''{header}

"""Written by tools/generators/action_plugins.py from plugins/modules; renew with: make generate

The action plugin of all modules and what it needs, loaded before the workers of tasks are forked.
"""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.action.cmdlet import ActionModule, loaded
from ansible_collections.m365.hybrid.plugins.plugin_utils import connection

__all__ = ["ActionModule", "connection", "main"]

main = loaded("{name}").main  # where ansible-lint looks for the options that a task may have
'''


def outputs(root: pathlib.Path) -> dict[str, str]:
    """The files' paths and contents."""
    others = [name for name in modules(root) if name != ACTION.rpartition(".")[2]]
    return {f"plugins/action/{name}.py": CONTENT.format(header=HEADER, name=name) for name in others}
