# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members named by DN, GUID, address or alias, resolved to the name under which Exchange shows them."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.plan import State
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session


class Kind(t.NamedTuple):
    """How values name objects: the nouns that find them, in turn, and the property under which the server shows a reference to one.

    ``unfit`` are the recipient types that cannot stand there.
    """

    nouns: tuple[str, ...] = ("Recipient",)
    shown_as: str = "Identity"
    unfit: tuple[str, ...] = ()


KINDS = {
    "recipient": Kind(),
    "recipients": Kind(),
    "recipient_address": Kind(shown_as="PrimarySmtpAddress"),
    "recipient_addresses": Kind(shown_as="PrimarySmtpAddress"),
    "owners": Kind(("Recipient", "User")),
    "members": Kind(("Recipient", "User", "Group")),
    "principals": Kind(("Recipient", "User", "Group"), unfit=("MailContact", "MailUniversalDistributionGroup", "DynamicDistributionGroup", "RoomList")),
}
"""By codec.  A group's owners and members may be objects of Active Directory without an address; principals are what rights can be given to."""


def resolve_all(
    session: Session,
    attributes: t.Mapping[str, Attribute],
    wanted: State,
    current: State,
    known: dict[str, str],
    common: dict[str, t.Any],
) -> State:
    """The wanted state with every reference to a recipient in the server's spelling.

    ``known`` holds the names resolved so far (folded) and grows: one lookup per name that is not already the server's spelling.
    """

    def resolve(option: str, name: str, must_exist: bool = True) -> str:
        kind = KINDS[attributes[option].kind]
        key = name.casefold() if kind.shown_as == "Identity" else f"{kind.shown_as}:{name}".casefold()
        if name and name.casefold() not in shown and key not in known:
            # an address that belongs to nobody here is left to the server, which may take one from outside
            outside = kind.shown_as == "PrimarySmtpAddress" and "@" in name
            found = lookup(session, option, name, common, must_exist and not outside, kind)
            if found is None:
                return name
            known[key] = found
        return known.get(key, name)

    result = dict(wanted)
    for option in (name for name in wanted if attributes[name].kind in KINDS):
        present = current.get(option) or ()
        shown = {one.casefold() for one in ([present] if isinstance(present, str) else present)}
        value = wanted[option]
        if isinstance(value, Wanted):
            kept = Wanted(value.exact, value.add).map(functools.partial(resolve, option))
            result[option] = Wanted(kept.exact, kept.add, tuple(resolve(option, one, must_exist=False) for one in value.remove))
        else:
            result[option] = resolve(option, value)
    return result


def lookup(session: Session, option: str, name: str, common: dict[str, t.Any], must_exist: bool, kind: Kind = KINDS["recipient"]) -> str | None:
    """The name under which the server shows one object; None for one that need not exist and does not."""
    missing: NotFound | None = None
    for noun in kind.nouns:
        try:
            return _shown(session, option, name, common, noun, kind, must_exist)
        except NotFound as error:
            missing = missing or error
    if must_exist and missing:
        raise NotFound(f"{option}: {missing.text}", cmdlet=missing.cmdlet, target=missing.target, error_id=missing.error_id) from None
    return None


def _shown(session: Session, option: str, name: str, common: dict[str, t.Any], noun: str, kind: Kind, must_fit: bool) -> str:
    cmdlet = f"Get-{noun}"
    answer = session.invoke(
        cmdlet, {"Identity": values.smtp_address(name)} | common, properties=(kind.shown_as, *(("RecipientTypeDetails",) if kind.unfit else ()))
    )
    if len(answer.output) > 1 or answer.truncated:
        raise Ambiguous(f"{option}: {len(answer.output)} {noun.lower()}s answer to '{name}'", cmdlet=cmdlet, target=session.target)
    identity = answer.output[0].get(kind.shown_as) if answer.output else None
    if not identity:
        raise HybridError(f"{option}: neither the identity of '{name}' nor an error was returned", cmdlet=cmdlet, target=session.target)
    found = str(answer.output[0].get("RecipientTypeDetails"))
    if must_fit and found in kind.unfit:
        text = f"{option}: '{name}' is a {found}, to which no rights can be given"
        raise UsageError(text, target=session.target, advice="Name a user or a security group")
    return str(identity)
