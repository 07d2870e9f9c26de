# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection plugins that reach a Microsoft 365 tenant."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils import _tenant_docs


class ModuleDocFragment(_tenant_docs.Documented):
    """Shown by ansible-doc; obeyed by the connections through the same table."""
