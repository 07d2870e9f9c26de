# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph as far as the collection uses it: stateful, checked against the published schema, independent of what serves it."""

from __future__ import annotations

from hybridlab.graph.permissions import ALL as EVERYTHING
from hybridlab.graph.service import Caller, Graph, Request, Response

__all__ = ["EVERYTHING", "Caller", "Graph", "Request", "Response"]
