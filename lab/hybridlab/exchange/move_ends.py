# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is different when a move has been completed: where the mailbox is, and what its old database keeps of it."""

from __future__ import annotations

import typing as t

from hybridlab.exchange.directory import EPOCH
from hybridlab.exchange.seed import mailbox_entry
from hybridlab.exchange.stores import mailbox_held

if t.TYPE_CHECKING:
    from hybridlab.exchange.moves import Request
    from hybridlab.exchange.server import Exchange


def arrive(exchange: Exchange, request: Request) -> None:
    """Raises nothing: a request is completed when this is called."""
    account = request.account
    if request.direction == "Pull":
        exchange.recipients.change(account, _as_mailbox(request), kind="UserMailbox")
    elif request.direction == "Push":
        outside = f"{account.values['Alias']}@{request.settings.get('TargetDeliveryDomain') or 'contoso.com'}"
        exchange.recipients.change(account, {"ExternalEmailAddress": f"SMTP:{outside}"}, kind="MailUser")
    else:
        homes = {"Database": request.target, "ArchiveDatabase": request.target_archive}
        exchange.recipients.change(account, {name: home for name, home in homes.items() if home})
        if request.target:
            _carry(exchange, request)


def _as_mailbox(request: Request) -> dict[str, t.Any]:
    """What a mail user has as a mailbox and had not before."""
    made = mailbox_entry(request.account.values["Alias"], request.account.name, "UserMailbox", "Users")
    return {name: value for name, value in made.values.items() if name not in request.account.values} | {"Database": request.target or "DB01"}


def _carry(exchange: Exchange, request: Request) -> None:
    """The old database keeps a soft-deleted copy, the new one has the mailbox."""
    guid = request.account.values["ExchangeGuid"]
    held = [one for one in exchange.stores.find(str(guid)) if one.values["Database"] == request.source]
    for entry in held:
        exchange.stores.change(entry, {"DisconnectReason": "SoftDeleted", "DisconnectDate": EPOCH})
        kept = {name: entry.values[name] for name in ("ItemCount", "AssociatedItemCount", "TotalItemSize", "TotalDeletedItemSize")}
        for old in [one for one in exchange.stores.find(str(guid)) if one.values["Database"] == request.target]:
            exchange.stores.remove(old)
        alias, name = request.account.values["Alias"], request.account.values["DisplayName"]
        exchange.stores.add(mailbox_held(guid, alias, name, str(request.target), 0, **kept))
