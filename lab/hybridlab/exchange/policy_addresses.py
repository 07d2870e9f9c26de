# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What email address policies give a recipient: the first policy that fits it, and the addresses that the policy's templates make."""

from __future__ import annotations

import re
import typing as t

from hybridlab.exchange import addresses
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.opath import compiled
from hybridlab.exchange.recipient_view import RECIPIENT_TYPES

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

LOWEST = "Lowest"
CONDITIONS = {f"ConditionalCustomAttribute{number}": f"CustomAttribute{number}" for number in range(1, 16)} | {
    "ConditionalCompany": "Company",
    "ConditionalDepartment": "Department",
    "ConditionalStateOrProvince": "StateOrProvince",
}
FILTERABLE = (*CONDITIONS.values(), "Alias", "City", "CountryOrRegion", "Database", "DisplayName", "Office", "RecipientType", "RecipientTypeDetails", "Title")
_COMPUTED = ("ResourceMetaData",)
_VARIABLE = re.compile(r"%(?:r(?P<old>.)(?P<new>.)|(?P<count>\d*)(?P<name>[gisdm]))", re.IGNORECASE)
_PROPERTIES = {"g": "FirstName", "i": "Initials", "s": "LastName", "d": "DisplayName", "m": "Alias"}


class Candidate(t.Protocol):
    """A recipient as it is about to be."""

    entry: Entry
    kind: str | None

    def now(self, name: str) -> t.Any: ...


def policy_for(server: Exchange, candidate: Candidate) -> Entry | None:
    """The policy of the highest priority whose filter and container the recipient fits."""

    def fits(policy: Entry) -> bool:
        container, own = policy.values["RecipientContainer"], candidate.entry.container
        if container and own != container and not own.startswith(f"{container}/"):
            return False
        test = compiled(policy.values["RecipientFilter"], (*FILTERABLE, *_COMPUTED), lambda _entry, name: _shown(candidate, name))
        return test(candidate.entry)

    def place(policy: Entry) -> float:
        return float("inf") if policy.values["Priority"] == LOWEST else int(policy.values["Priority"])

    return next((policy for policy in sorted(server.objects["EmailAddressPolicy"], key=place) if fits(policy)), None)


def _shown(candidate: Candidate, name: str) -> t.Any:
    kind = candidate.kind or candidate.entry.kind
    if name == "RecipientTypeDetails":
        return kind
    if name == "RecipientType":
        return RECIPIENT_TYPES.get(kind, kind)
    if name == "ResourceMetaData":
        return next((f"ResourceType:{resource}" for resource in ("Room", "Equipment") if kind.endswith(f"{resource}Mailbox")), None)
    return candidate.now(name)


def given(server: Exchange, candidate: Candidate) -> list[str]:
    """The SMTP addresses that the policy makes, the primary one (``SMTP:``) first; none where no policy fits."""
    policy = policy_for(server, candidate)
    templates = [one for one in (policy.values["EnabledEmailAddressTemplates"] if policy else ()) if addresses.is_smtp(one)]
    return sorted((_free(server, candidate, *_made(candidate, one)) for one in templates), key=lambda one: not one.startswith("SMTP:"))


def _made(candidate: Candidate, template: str) -> tuple[str, str, str]:
    """Prefix, local part and domain.  A template without a local part, or one of whose properties none is set, takes the alias."""
    prefix, _, rest = template.partition(":")
    pattern, _, domain = rest.rpartition("@")
    replaced: list[tuple[str, str]] = []

    def filled(match: re.Match[str]) -> str:
        if match["old"]:
            replaced.append((match["old"], match["new"]))
            return ""
        text = str(candidate.now(_PROPERTIES[match["name"].lower()]) or "")
        return text[: int(match["count"])] if match["count"] else text

    local = _VARIABLE.sub(filled, pattern).strip(".")
    for old, new in replaced:
        local = local.replace(old, new)
    local = re.sub(r"\s+", "", local) or str(candidate.now("Alias"))
    return prefix, local.encode("ascii", "replace").decode().replace("?", "_"), domain


def _free(server: Exchange, candidate: Candidate, prefix: str, local: str, domain: str) -> str:
    """The address, with a number behind its local part when another recipient has it."""
    number, address = 1, f"{local}@{domain}"
    while any(other is not candidate.entry for other in server.recipients.known(address) if _has(other, address)):
        number += 1
        address = f"{local}{number}@{domain}"
    return f"{prefix}:{address}"


def _has(entry: Entry, address: str) -> bool:
    return address.lower() in {addresses.bare(one).lower() for one in entry.values.get("EmailAddresses", ())}
