# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members named by DN, GUID, address or alias, resolved to the name under which Exchange shows them."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.plan import State
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

KINDS = ("recipient", "recipients")


@dataclasses.dataclass(frozen=True)
class Search:
    """Where members are looked for: cmdlets in turn, and the kinds of what they find that cannot stand there."""

    cmdlets: tuple[str, ...] = ("Get-Recipient",)
    unfit: tuple[str, ...] = ()


RECIPIENTS = Search()


def resolve_all(
    session: Session,
    attributes: t.Mapping[str, Attribute],
    wanted: State,
    current: State,
    known: dict[str, str],
    common: dict[str, t.Any],
    search: Search = RECIPIENTS,
) -> State:
    """The wanted state with every reference to a recipient in the server's spelling.

    ``known`` holds the names resolved so far (folded) and grows: one lookup per name that is not already the server's spelling.
    """

    def resolve(option: str, name: str, must_exist: bool = True) -> str:
        if name and name.casefold() not in shown | known.keys():
            found = lookup(session, option, name, common, must_exist, search)
            if found is None:
                return name
            known[name.casefold()] = found
        return known.get(name.casefold(), name)

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


def lookup(session: Session, option: str, name: str, common: dict[str, t.Any], must_exist: bool, search: Search = RECIPIENTS) -> str | None:
    """The canonical name of one recipient; None for one that need not exist and does not."""
    for cmdlet in search.cmdlets:
        try:
            answer = session.invoke(cmdlet, {"Identity": values.smtp_address(name)} | common, properties=("Identity", "RecipientTypeDetails"))
        except NotFound as error:
            if cmdlet != search.cmdlets[-1]:
                continue
            if not must_exist:
                return None
            raise NotFound(f"{option}: {error.text}", cmdlet=error.cmdlet, target=error.target, error_id=error.error_id) from None
        if len(answer.output) > 1 or answer.truncated:
            raise Ambiguous(f"{option}: {len(answer.output)} recipients answer to '{name}'", cmdlet=cmdlet, target=session.target)
        identity = answer.output[0].get("Identity") if answer.output else None
        if not identity:
            raise HybridError(f"{option}: neither the identity of '{name}' nor an error was returned", cmdlet=cmdlet, target=session.target)
        kind = str(answer.output[0].get("RecipientTypeDetails"))
        if must_exist and kind in search.unfit:
            raise UsageError(
                f"{option}: '{name}' is a {kind}, to which no rights can be given", target=session.target, advice="Name a user or a security group"
            )
        return str(identity)
    return None
