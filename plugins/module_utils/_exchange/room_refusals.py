# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a room is not begun: somebody else has its names, the tenant does not know its domain, no seat, no pool.  Nothing here talks to a service."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.room_reading import REMOTE_ROOM, ROOM, Found, Room, Row, is_remote_room, kind, same

_WORDS = {
    "MailContact": "contact",
    "GuestMailUser": "guest",
    "UserMailbox": "user mailbox",
    "MailUser": "mail user",
    "SharedMailbox": "shared mailbox",
    "RoomMailbox": "room mailbox",
    "EquipmentMailbox": "equipment mailbox",
    "RemoteUserMailbox": "remote user mailbox",
    "MailUniversalDistributionGroup": "distribution group",
    "MailUniversalSecurityGroup": "mail-enabled security group",
    "GroupMailbox": "Microsoft 365 group",
}
"""RecipientTypeDetails in words, for errors."""


def of(room: Room, found: Found, reading: Row, secrets: t.Collection[str]) -> list[str]:
    """Every reason against one room, but for seats, which `seats` counts over all of them."""
    return [
        *_online(room, found),
        *_on_premises(room, found),
        *_names(room, found),
        *_domains(room, found, reading),
        *_pool(room, reading),
        *_needs(room, found, secrets),
    ]


def _online(room: Room, found: Found) -> t.Iterator[str]:
    for one in found.online:
        arrived = one.get("RecipientTypeDetails") == "MailUser" and found.synced and same(one.get("ExternalDirectoryObjectId"), (found.user or {}).get("id"))
        other = one.get("RecipientTypeDetails") == ROOM and not same(one.get("PrimarySmtpAddress"), room.address)
        if other or (one.get("RecipientTypeDetails") != ROOM and not arrived):
            yield f"the {_word(one)} {_label(one)} of Exchange Online has the address {room.address}"
    known = {str(one.get("ExternalDirectoryObjectId")).casefold() for one in found.online} | {str((found.user or {}).get("id")).casefold()}
    for one in found.holders:
        if str(one["id"]).casefold() not in known:
            yield f"another user of the tenant, {one.get('userPrincipalName') or one['id']}, has the address {room.address}"
    if found.user is not None and found.mailbox is None and not found.synced:
        yield f"another user of the tenant, {found.user.get('display_name') or found.user['id']}, has the user principal name {room.upn}"
    for one in found.deleted:
        yield (
            f"the tenant has a deleted user {one.get('displayName') or one['id']} with the name or address of the room ({one['id']}); "
            "restore it, or delete it for good"
        )


def _on_premises(room: Room, found: Found) -> t.Iterator[str]:
    for one in found.here:
        if one.get("RecipientTypeDetails") != REMOTE_ROOM:
            advice = "; move it to Exchange Online first" if one.get("RecipientTypeDetails") == ROOM else ""
            yield f"the {_word(one)} {_label(one)} on-premises has the address {room.address}{advice}"
    rooms = [str(one["dn"]) for one in found.accounts if is_remote_room(one)]
    if len(rooms) > 1:
        yield f"several remote mailboxes share its user principal name and its address: {', '.join(rooms)}"
    told = [str(one.get("DistinguishedName")) for one in found.here]
    for one in found.accounts:
        if not is_remote_room(one) and not any(same(one["dn"], dn) for dn in told):
            yield f"the {kind(one)} {one['dn']} of Active Directory has the user principal name {room.upn} or the address {room.address}"


def _names(room: Room, found: Found) -> t.Iterator[str]:
    """Both halves must have the same names, or synchronisation makes a second user."""
    if found.mailbox is not None and not same(found.mailbox.get("user_principal_name"), room.upn):
        yield f"the room's user principal name is {found.mailbox.get('user_principal_name')} online and is to be {room.upn}"
    yield from mismatches(room, found)


def mismatches(room: Room, found: Found) -> t.Iterator[str]:
    """Differences between the account and what the cloud has, both named."""
    if found.account is None:
        return
    online = (found.mailbox or {}).get("user_principal_name") or room.upn
    address = (found.mailbox or {}).get("primary_smtp_address") or room.address
    if not same(found.account.get("userPrincipalName"), online):
        yield f"userPrincipalName is {found.account.get('userPrincipalName')} in Active Directory and {online} online"
    if not same(found.account.get("mail"), address):
        yield f"mail is {found.account.get('mail')} in Active Directory and {address} online"


def _domains(room: Room, found: Found, reading: Row) -> t.Iterator[str]:
    suffix = room.upn.rpartition("@")[2]
    verified = [one["id"] for one in reading["domains"] if one.get("isVerified")]
    if not any(same(suffix, one) for one in verified):
        yield f"the suffix {suffix} of {room.upn} is not a verified domain of the tenant, which has {', '.join(sorted(verified))}"
    if found.account is None and not room.remote_routing_address and not reading["routing"]:
        yield "its routing address is not known, because no remote domain on-premises is the target delivery domain; say meeting_room_remote_routing_domain"


def _pool(room: Room, reading: Row) -> t.Iterator[str]:
    if room.platform != "skype_server":
        return
    if room.registrar_pool:
        pools = [str(one) for one in reading["pools"]]
        if not any(same(room.registrar_pool, one) for one in pools):
            yield f"there is no registrar pool {room.registrar_pool}; there are {', '.join(sorted(pools)) or 'none'}"
    elif len(used := pools_in_use(reading)) != 1:
        what = f"users are at home on {', '.join(used)}" if used else "no user is at home on any"
        yield f"the registrar pool cannot be told, because {what}; say it in registrar_pool"


def pools_in_use(reading: Row) -> list[str]:
    """The pools where users are at home, each once."""
    return sorted({str(one["registrar_pool"]).casefold() for one in reading["skype_users"] if one.get("registrar_pool")})


def synchronisation(found: Found, reading: Row, wishes: Row) -> t.Iterator[str]:
    """Why no cycle would bring a room that is not synchronised yet: it shall not be made first, and then never arrive."""
    if found.synced:
        return
    server, tenant = reading["synchronizer"]["server"], reading["synchronizer"]["tenant"]
    yield from _jobs(tenant["jobs"], wishes) if server is None else _server(server, wishes)
    matched = bool(found.user and found.user.get("on_premises_immutable_id"))
    features = tenant["features"]
    if features.get("block_soft_match_enabled") and not matched:
        yield (
            "the tenant blocks soft match (blockSoftMatchEnabled), by which its two halves would become one; allow it until the room has arrived, or write "
            "the anchor of its account into onPremisesImmutableId of its user"
        )
    if features.get("block_cloud_object_takeover_through_hard_match_enabled") and matched:
        yield "the tenant does not let synchronisation take over its user by the anchor (blockCloudObjectTakeoverThroughHardMatchEnabled)"


def _server(server: Row, wishes: Row) -> t.Iterator[str]:
    life = server.get("lifecycle") or {}
    if life.get("works") is False and not wishes.get("accept_retired"):
        what = f"{server['generation']} {server.get('version') or ''}".strip()
        yield f"{what} no longer synchronises since {life['since']}: {life['instead']}; to run it all the same, say meeting_room_accept_retired"
    if server.get("staging"):
        yield "the server that synchronises is in staging mode and exports nothing; name the active one in meeting_room_sync_host"
    if (server.get("scheduler") or {}).get("sync_cycle_enabled") is False and not wishes.get("accept_disabled_scheduler"):
        yield "the scheduler of the server that synchronises is disabled; ask why, and acknowledge with meeting_room_accept_disabled_scheduler"


def _jobs(jobs: t.Sequence[Row], wishes: Row) -> t.Iterator[str]:
    if not jobs:
        yield "meeting_room_sync_host names a tenant that has no job of Cloud Sync; name the server that synchronises"
    for job in jobs:
        if job["state"] == "Quarantine":
            yield f"the job of Cloud Sync of {job['configuration']} is in quarantine: {(job.get('quarantine') or {}).get('reason')}"
        elif job["state"] == "Paused" and not wishes.get("accept_disabled_scheduler"):
            yield f"the job of Cloud Sync of {job['configuration']} is paused; ask why, and acknowledge with meeting_room_accept_disabled_scheduler"


def _needs(room: Room, found: Found, secrets: t.Collection[str]) -> t.Iterator[str]:
    if room.licenses and not room.usage_location and not (found.user or {}).get("usage_location"):
        yield "it can have no licence without a usage location; say usage_location"
    if needs_password(found) and room.address.casefold() not in secrets:
        yield "its account needs a password: say password, or meeting_room_password_folder to have one made"


def needs_password(found: Found) -> bool:
    """Until the account is enabled and synchronised, its two halves get one password; from then on it belongs to Active Directory."""
    return not (found.synced and found.enabled)


def seats(rooms: t.Iterable[tuple[Room, Found]], subscriptions: t.Iterable[Row]) -> dict[str, list[str]]:
    """By address of the room: licences that the tenant does not have, or has no seat left of; in the order of the list."""
    known = {key.casefold(): one for one in subscriptions for key in (str(one["sku"]), str(one["sku_id"]))}
    taken: dict[str, int] = collections.defaultdict(int)
    wrong: dict[str, list[str]] = {}
    for room, found in rooms:
        held = {str(one.get("sku_id")).casefold() for one in (found.user or {}).get("assigned_licenses") or ()}
        for sku in room.licenses:
            bought = known.get(sku.casefold())
            if bought is None:
                wrong.setdefault(room.address, []).append(f"the tenant has no subscription {sku}")
            elif str(bought["sku_id"]).casefold() not in held:
                taken[str(bought["sku"])] += 1
                if taken[str(bought["sku"])] > int(bought["free_seats"]):
                    wrong.setdefault(room.address, []).append(f"no seat of {sku} is left for it: {bought['free_seats']} of {bought['seats']} are free")
    return wrong


def _word(one: Row) -> str:
    details = str(one.get("RecipientTypeDetails") or "")
    return _WORDS.get(details, details or "recipient")


def _label(one: Row) -> str:
    """The canonical name of a recipient on-premises; in the cloud a name may be an identifier, so there what people see."""
    identity = str(one.get("Identity") or "")
    return identity if "/" in identity else str(one.get("DisplayName") or identity or one.get("PrimarySmtpAddress"))
