# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection plugin powershell."""

from __future__ import annotations

import json

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import definitions


class ModuleDocFragment:
    # JSON is YAML; made from the table, so that the options are written down once.
    DOCUMENTATION = json.dumps({"options": definitions()}, indent=1)
