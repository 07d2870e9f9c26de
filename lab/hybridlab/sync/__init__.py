# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directory synchronisation: what brings the lab's Active Directory into a tenant.

`scope` says which objects come along and which rule keeps the others out, `flow` what of them is brought, `service` what the tenant
makes of it, `engine` runs the steps of a cycle.  `machine` is the server that it runs on, `session` and `cmdlets` are what administrators see of
it; three generations of the product differ there.  The fourth, `cloud`, has no server but a job of the tenant.
"""

from __future__ import annotations

GENERATIONS = ("connect", "aadsync", "dirsync", "cloud")
