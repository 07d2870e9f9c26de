# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils import _fragments


class ModuleDocFragment(_fragments.AuditEntries):
    """Shown by ansible-doc; obeyed by the modules through the same text."""
