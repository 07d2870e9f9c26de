# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of things: how logs, cmdlets, paths of Microsoft Graph and modules of this collection spell them.

Logs name what a server calls a thing, records what its module is called.  A row has the module's word, and a filter takes each of them.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_MODULES = {
    "hosted_outbound_spam_filter_policy": "outbound_spam_policy",
    "hosted_outbound_spam_filter_rule": "outbound_spam_rule",
    "mailbox_auto_reply_configuration": "auto_reply",
    "mailbox_calendar_folder": "calendar_folder",
    "mailbox_junk_email_configuration": "junk_email_configuration",
    "recipient_permission": "send_as_permission",
    "exchange_server": "server",
    "exchange_certificate": "certificate",
    "distribution_group_member": "distribution_group",
    "role_group_member": "role_group",
    "store_mailbox_state": "store_state",
    "outlook_anywhere": "virtual_directory",
}
"""The nouns of cmdlets that are not their module's name."""
_ALSO = {
    "ad_permission": ("send_as_permission",),  # on-premises, the right to send as somebody is one of these
    "send_as_permission": ("ad_permission",),
}
_METHODS = {"PATCH": "change", "PUT": "change", "DELETE": "remove"}


def of(word: str) -> str:
    """The kind as modules spell it."""
    return "virtual_directory" if word.endswith("_virtual_directory") else _MODULES.get(word, word)


def spellings(*words: str) -> list[str]:
    """All words by which a filter finds a thing of these kinds."""
    found = {one.casefold() for word in words for one in (word, of(word))}
    found |= {noun for noun, module in _MODULES.items() if module in found}
    return sorted(found.union(*(_ALSO.get(one, ()) for one in found)))


def noun(cmdlet: str) -> str:
    """The kind of thing a cmdlet works on, as modules spell it; the whole name where it is no cmdlet."""
    verb, dash, rest = cmdlet.partition("-")
    return values.snake(rest) if dash and verb.isalpha() else "_".join(re.findall(r"[a-z0-9]+", cmdlet.casefold()))


def of_activity(target: str, activity: str) -> str:
    """The directory calls every policy a Policy; what kind of policy it is stands in the activity, behind its verb."""
    return values.snake(activity.partition(" ")[2].replace(" ", "_")) if target == "policy" and " " in activity else target


class Request(t.NamedTuple):
    """What a request to Microsoft Graph says of the thing it is about: its kind, other words for that, its names and what was done."""

    kind: str
    others: list[str]
    names: list[str]
    operation: str | None


def request(call: str, filled: str) -> Request:
    """Of a method and a path with ``{}`` for names, and the same with its names.  ``operation`` is None where the last word of the path says it."""
    method, _space, path = call.partition(" ")
    parts, whole = path.strip("/").split("/")[1:], filled.partition(" ")[2].strip("/").split("/")[1:]
    words = [_one(part) for part in parts] or [""]
    place = parts.index("{}") if "{}" in parts[1:] else 1
    others = [*words, *(f"{before}_{word}" for before, word in zip(map(values.snake, parts), words[1:]))]  # noqa: B905  (zip knows no strict on Python 3.9)
    made = "create" if method == "POST" and len(parts) == 1 else None
    return Request(words[place - 1], others, whole[1:], _METHODS.get(method, made))


def _one(part: str) -> str:
    """One thing of a collection: policies are of the kind policy."""
    return re.sub(r"s$", "", re.sub(r"ies$", "y", values.snake(part)))
