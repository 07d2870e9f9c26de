# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set- parameters that write the property of the same name: the value as the store keeps it.

Values arrive converted by the contract; lists come whole or as ``{"Add": […], "Remove": […]}``.
"""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures, values
from hybridlab.exchange.directory import Entry, Store
from hybridlab.exchange.mailbox_table import Property
from hybridlab.exchange.recipient_table import DYNAMIC, GROUPS, PLAIN

GROUP_KINDS = (*GROUPS, *DYNAMIC)
DATABASES = ("DB01", "DB02")
POLICIES = {
    "RetentionPolicy": ("Default MRM Policy", "ArbitrationMailbox", "Seven Years"),
    "RoleAssignmentPolicy": ("Default Role Assignment Policy", "Contractors"),
    "AddressBookPolicy": ("Branch Office",),
    "ThrottlingPolicy": ("GlobalThrottlingPolicy_6f1a2f0e", "Applications"),
    "OfflineAddressBook": ("\\Default Offline Address Book",),
    "ManagedFolderMailboxPolicy": ("Managed Folders",),
    "ActiveSyncMailboxPolicy": ("Default",),
}


def named(name: str, value: str | None, known: t.Iterable[str]) -> str | None:
    """The thing of that name in the organisation's spelling.  Raises `failures.Refused`."""
    if value is None or value == "":
        return None
    found = [item for item in known if item.lower().lstrip("\\") == value.lower().lstrip("\\")]
    if not found:
        raise failures.reference_not_found(name, value)
    return found[0]


def policy(name: str, value: str | None) -> str | None:
    return named(name, value, POLICIES[name])


def database(value: str | None) -> str | None:
    return named("database", value, DATABASES)


def merge(current: t.Sequence[t.Any], value: t.Any, resolve: t.Callable[[t.Any], t.Any]) -> list[t.Any]:
    """The list after a whole list or Add and Remove; removing what is not there and adding what is are no errors."""
    if not isinstance(value, dict):
        return unique([resolve(item) for item in value or []])
    added = [resolve(item) for item in value.get("Add", [])]
    removed = [same(resolve(item)) for item in value.get("Remove", [])]
    return unique([*(item for item in current if same(item) not in removed), *added])


def same(item: t.Any) -> t.Any:
    """What two members must share to be one."""
    return item.lower() if isinstance(item, str) else item


def unique(items: t.Iterable[t.Any]) -> list[t.Any]:
    return list({same(item): item for item in items}.values())


def recipient(recipients: Store, identity: t.Any, kind: str = "refs") -> Entry:
    """A mail-enabled object.  Raises `failures.Refused`."""
    found = [entry for entry in recipients.find(identity) if entry.kind not in PLAIN]
    if kind == "groups":
        found = [entry for entry in found if entry.kind in GROUP_KINDS]
    if kind == "senders":
        found = [entry for entry in found if entry.kind not in GROUP_KINDS]
    if not found:
        raise failures.reference_not_found("recipient", identity)
    if len(found) > 1:
        raise failures.ambiguous(identity)
    return found[0]


def stored(row: Property, value: t.Any, current: t.Any, recipients: Store) -> t.Any:
    """The new value of a property.  Raises `failures.Refused`."""
    if row.kind in ("refs", "groups", "senders"):
        return merge(current, value, lambda identity: recipient(recipients, identity, row.kind))
    if row.kind == "ref":
        return None if value in (None, "") else recipient(recipients, value)
    if row.kind in ("texts", "enums"):
        return merge(current, value, str)
    if row.kind == "policy":
        return policy(row.name, value)
    if row.kind == "enum":
        return _enumerator(row, value)
    if row.kind == "text":
        return value or ""
    if row.kind == "bytes" and value is None:
        return row.default
    printer = _PRINTERS.get(row.kind)
    return printer(value) if printer else value


def _enumerator(row: Property, value: t.Any) -> str:
    known = {name.lower(): name for name in row.names}
    if str(value).lower() not in known:
        raise failures.invalid(f"'{value}' is not a value of property '{row.name}'. The values are: {', '.join(row.names)}.")
    return known[str(value).lower()]


def _span(value: t.Any) -> str:
    if value.days > 24855:
        raise failures.invalid("The time span is longer than 24855.03:14:07.")
    return values.print_span(value)


_PRINTERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "size": values.quota,
    "bytes": values.quota,
    "count": values.count,
    "span": _span,
    "span*": values.unlimited_span,
    "text?": lambda value: value or None,
}
