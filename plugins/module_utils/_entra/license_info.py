# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a subscription reads."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._entra import licence


def row(sku: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "sku": sku["skuPartNumber"],
        "sku_id": sku["skuId"],
        "status": str(sku["capabilityStatus"]).lower(),
        "seats": sku["prepaidUnits"]["enabled"],
        "seats_in_use": sku["consumedUnits"],
        "free_seats": licence.free_seats(sku),
        "service_plans": sorted(one["servicePlanName"] for one in sku["servicePlans"]),
    }
