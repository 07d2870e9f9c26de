# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the objects of an estate say about the file: lists of a module's objects, and the variables of roles that would bring about what is there.

Only what a role would find at rest is derived.  What is there and would be changed by the role is named in a note, and left out.
"""

from __future__ import annotations

import re
import typing as t

Row = t.Mapping[str, t.Any]
Derived = tuple[t.Any, list[str]]
NEEDED = {
    "directory_sync": ("host", "tenant"),
    "meeting_room": ("exchange_online_host", "graph_host", "exchange_host", "directory_host"),
}
"""The hosts without which a role's variables cannot be derived, where that is not ``host`` alone."""
_SETUP = re.compile(r"(Default|Default Frontend|Client Frontend|Client Proxy|Outbound Proxy Frontend) \S+", re.I)
"""The receive connectors that Setup makes on each server (the vendor's page on default receive connectors)."""
_DEFAULTS = {
    "exchange_remote_domain": "Default",
    "exchange_email_address_policy": "Default Policy",
    "exchange_sharing_policy": "Default Sharing Policy",
}
"""Objects that every organization has, and that cannot be made."""
_NAMING = frozenset(("name", "identity", "domain_name", "guid"))
_NORMAL, _DISABLED, _NO_EXPIRY = 0x0200, 0x0002, 0x10000
"""Bits of userAccountControl."""


# lists of objects


def objects(module: str, answer: Row, single: bool) -> Derived:
    """The exported objects in a stable order, without those that Setup made and nobody changed."""
    notes = [f"left out: {one['object']}, because {one['msg']}" for one in answer["left_out"]]
    found = [dict(one) for one in answer["objects"]]
    if single:
        return (found[0] if found else {}), notes
    kept = [one for one in found if not _built_in(module, one)]
    gone = sorted(str(one.get("name")) for one in found if _built_in(module, one))
    if gone:
        notes.append(f"built in, and not written down: {', '.join(gone)}")
    if module == "exchange_transport_rule" or any("priority" in one for one in kept):
        return kept, notes  # in the order in which they apply
    return sorted(kept, key=lambda one: [str(value).casefold() for value in one.values() if isinstance(value, str)]), notes


def _built_in(module: str, one: Row) -> bool:
    """A connector that Setup made is left to Setup: on another server it would be wrong; of other objects only what nobody changed."""
    name = str(one.get("name") or one.get("identity") or "")
    if module == "exchange_receive_connector":
        return _SETUP.fullmatch(name.rpartition("\\")[2]) is not None
    return _DEFAULTS.get(module) == name and not set(one) - _NAMING


# variables of roles


def _forwarding(answers: Row) -> Derived:
    reasons = {str(one["mailbox"]).casefold(): "; ".join(why["text"] for why in one["reasons"]) for one in answers["ineffective"]}
    found, notes = [], []
    for one in answers["mailboxes"]["objects"]:
        why = next((reasons[name] for name in _names(one) if name in reasons), None)
        if why is not None:
            notes.append(f"left out: {one['identity']}, whose forwarding is ineffective: {why}")
            continue
        options = {name: one[name] for name in ("forwarding_address", "forwarding_smtp_address") if one.get(name)}
        found.append({"identity": one["identity"], **options, "deliver_to_mailbox_and_forward": bool(one.get("deliver_to_mailbox_and_forward"))})
    value: dict[str, t.Any] = {"mailboxes": sorted(found, key=lambda one: str(one["identity"]).casefold())}
    if any("forwarding_smtp_address" in one or "forwarding_address" in one for one in found):
        notes.append("what forwards outside, or without a copy, does so already and counts as accepted; others should be asked about before they are added")
        value = {"accept_external": True} | value
    if any(not one["deliver_to_mailbox_and_forward"] for one in found):
        value = {"accept_no_copy": True} | value
    return value, notes


def _names(one: Row) -> set[str]:
    found = [one.get(name) for name in ("identity", "primary_smtp_address", "user_principal_name", "name", "alias")]
    return {str(name).casefold() for name in found if name}


def _sync(answers: Row) -> Derived:
    rows = answers["users"]["users"]
    names = [str(one.get("on_premises_user_principal_name") or "") for one in rows]
    unknown = sorted(str(one["user_principal_name"]) for one, name in zip(rows, names, strict=True) if not name)
    notes = [f"left out: {', '.join(unknown)}, whose names in Active Directory the tenant does not know"] if unknown else []
    return {"objects": sorted((name for name in names if name), key=str.casefold)}, notes


def _mfa(answers: Row) -> Derived:
    value: dict[str, t.Any] = {}
    settings = answers["settings"]["objects"][0]
    if settings.get("migration_state"):
        value["migration_state"] = settings["migration_state"]
    value["methods"] = sorted(answers["methods"]["objects"], key=lambda one: str(one["method"]))
    words = {True: "enforced", False: "enabled"}  # asked whether they are enforced
    states = [{"identity": one["object"], "per_user_mfa_state": words[one["outcome"] == "unchanged"]} for one in answers["states"].get("outcomes") or ()]
    value["users"] = sorted(states, key=lambda one: str(one["identity"]).casefold())
    notes = ["users whose per-user state is disabled are not listed; phone numbers are personal data and are not read"]
    names = [str(one.get("display_name") or one["identity"]) for one in answers["locations"]["objects"]]
    if names:
        notes.append(
            f"named locations and conditional access policies are not read back: nothing says which of them the role made; there are {', '.join(sorted(names))}"
        )
    return value, notes


def _rooms(answers: Row) -> Derived:
    subscriptions = {str(one["sku_id"]).casefold(): str(one["sku"]) for one in answers["subscriptions"]["subscriptions"]}
    index = {
        "user": _by(_listed(answers["users"], "users"), "user_principal_name"),
        "remote": _by(_listed(answers["remotes"], "objects"), "user_principal_name"),
        "account": _by(_listed(answers["accounts"], "objects"), "userPrincipalName"),
        "calendar": _by(_listed(answers["calendars"], "objects"), "identity"),
        "skype": _by(_listed(answers["skype"], "meeting_rooms"), "user_principal_name"),
    }
    found, notes = [], []
    for mailbox in answers["mailboxes"]["mailboxes"]:
        upn = str(mailbox.get("user_principal_name")).casefold()
        parts = {name: rows.get(str(mailbox["primary_smtp_address"]).casefold() if name == "calendar" else upn, {}) for name, rows in index.items()}
        skus = sorted(subscriptions.get(str(one.get("sku_id")).casefold(), "") for one in parts["user"].get("assigned_licenses") or ())
        why = _not_at_rest(mailbox, parts, skus)
        if why:
            notes.append(f"left out: {mailbox['primary_smtp_address']}, {why}")
        else:
            found.append(_room(mailbox, parts, [one for one in skus if one]))
    return {"rooms": sorted(found, key=lambda one: str(one["address"]).casefold())}, notes


def _not_at_rest(mailbox: Row, parts: t.Mapping[str, Row], skus: t.Sequence[str]) -> str:
    """Why the role would not leave the room as it is; empty where it would."""
    flags = int(parts["account"].get("userAccountControl") or 0)
    remote = parts["remote"]
    reasons = (
        (not remote, "which has no remote mailbox on-premises"),
        (not parts["user"].get("on_premises_sync_enabled"), "whose account is not synchronised"),
        (
            not parts["skype"] and not any("Teams_Rooms" in one for one in skus),
            "which is no room system, neither of Skype for Business Server nor of Teams",
        ),
        (not flags & _NO_EXPIRY or bool(flags & _DISABLED), "whose account in Active Directory is disabled, or has a password that expires"),
        ("disable_password_expiration" not in (parts["user"].get("password_policies") or ()), "whose password in the tenant expires"),
        (bool(remote.get("email_address_policy_enabled")), "whose addresses a policy of Exchange Server sets"),
        (str(remote.get("exchange_guid")).casefold() != str(mailbox.get("exchange_guid")).casefold(), "whose remote mailbox has another ExchangeGuid"),
    )
    return "; ".join(text for wrong, text in reasons[:1] if wrong) or "; ".join(text for wrong, text in reasons[1:] if wrong)


def _room(mailbox: Row, parts: t.Mapping[str, Row], skus: t.Sequence[str]) -> dict[str, t.Any]:
    address, upn = str(mailbox["primary_smtp_address"]), str(mailbox["user_principal_name"])
    calendar = {name: value for name, value in parts["calendar"].items() if name != "identity" and value not in (None, "", [])}
    room = {"address": address, "user_principal_name": upn if upn.casefold() != address.casefold() else None, "name": mailbox.get("name")}
    room |= {"platform": "skype_server" if parts["skype"] else "teams", "licenses": list(skus), "usage_location": parts["user"].get("usage_location") or None}
    room |= {"resource_capacity": mailbox.get("resource_capacity"), "remote_routing_address": parts["remote"].get("remote_routing_address")}
    room |= {"registrar_pool": parts["skype"].get("registrar_pool"), "calendar": calendar or None}
    return {name: value for name, value in room.items() if value is not None}


def _listed(answer: t.Any, name: str) -> list[Row]:
    """What an answer lists; nothing where it was not asked because there was nothing to ask about."""
    return list(answer.get(name) or ()) if isinstance(answer, dict) else []


def _by(rows: t.Iterable[Row], key: str) -> dict[str, Row]:
    return {str(one[key]).casefold(): one for one in rows if one.get(key)}


ROLES: dict[str, t.Callable[[Row], Derived]] = {"mail_forwarding": _forwarding, "directory_sync": _sync, "entra_mfa": _mfa, "meeting_room": _rooms}
"""Role → its variables without its prefix, of the answers that its tasks kept."""
