# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of configuration objects that `configured.Sort` describes."""

from __future__ import annotations

from hybridlab.exchange import (
    address_policies,
    availability_groups,
    cloud_connectors,
    databases,
    hybrid,
    irm,
    organization_relationships,
    outbound_spam_policies,
    outbound_spam_rules,
    receive_connectors,
    send_connectors,
    servers,
    sharing_policies,
    transport_rules,
    virtual_directories,
)
from hybridlab.exchange.call import Handler
from hybridlab.exchange.configured import Sort
from hybridlab.exchange.directory import Store

SORTS: tuple[Sort, ...] = (
    address_policies.SORT,
    availability_groups.SORT,
    *cloud_connectors.SORTS,
    databases.SORT,
    hybrid.SORT,
    irm.SORT,
    organization_relationships.SORT,
    outbound_spam_policies.SORT,
    outbound_spam_rules.SORT,
    receive_connectors.SORT,
    send_connectors.SORT,
    servers.SORT,
    sharing_policies.SORT,
    transport_rules.SORT,
    *virtual_directories.SORTS,
)
HANDLERS: dict[str, Handler] = {cmdlet: handler for sort in SORTS for cmdlet, handler in sort.handlers().items()}


def stores() -> dict[str, Store]:
    """A new organisation's objects, by noun."""
    found = {sort.noun: sort.fresh_store() for sort in SORTS}
    for sort in SORTS:
        sort.seed(found[sort.noun])
    return found
