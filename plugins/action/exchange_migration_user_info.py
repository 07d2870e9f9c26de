# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Written by tools/generators/action_plugins.py from plugins/modules; renew with: make generate

The action plugin of all modules and what it needs, loaded before the workers of tasks are forked.
"""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.action.cmdlet import ActionModule, loaded
from ansible_collections.m365.hybrid.plugins.plugin_utils import connection

__all__ = ["ActionModule", "connection", "main"]

main = loaded("exchange_migration_user_info").main  # where ansible-lint looks for the options that a task may have
