# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a resource module offers beyond its own task, so that many of its objects can be worked on at once."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Loader, Module
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

Options = t.Mapping[str, t.Any]
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Overview(t.Protocol):
    """All objects of a kind, read with one call and found by every name that the server shows of them."""

    def __len__(self) -> int: ...

    def over(self, session: Session) -> Session:
        """A session that answers the read of a listed object from the list, and leaves everything else to the given one."""

    def some(self, session: Session, named: t.Sequence[Options]) -> Overview | None:
        """The same read again, of these objects only; None where the service cannot select them.  Raises Truncated."""

    def handle(self, options: Options) -> str | None:
        """What the server itself tells the named object apart by; None when the list does not say which object is meant."""


@dataclasses.dataclass
class Exported:
    """Objects as options of their module, and what could not be written down, with the reason.

    ``gone`` have nothing to export, for example a mailbox that nobody has opened; ``failed`` were not read, so the export is not whole.
    """

    objects: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    gone: list[tuple[str, HybridError]] = dataclasses.field(default_factory=list)
    failed: list[tuple[str, HybridError]] = dataclasses.field(default_factory=list)


def label(subject: t.Iterable[str]) -> str:
    """How outcomes and records name an object: ``user0``, or ``user0 / CONTOSO\\user1 / Calendar``."""
    return " / ".join(part for part in subject if part)


class ResourceModule(Module):
    """A module that manages one object, given by its options."""

    in_order: bool = False
    """Whether the objects have places among each other: a list of them is worked on one by one, each as the one before left it."""

    owner: str | None = None
    """The option that names whose object it is, where what may be done to one depends on the others of its owner, or where the service keeps
    them all in one place and loses changes that meet there: those of one owner are worked on one after the other."""

    def resource(self) -> engine.Resource:
        """What the engine needs; keeps nothing of one object that another one's work could see."""
        raise UsageError(f"{self.docs.module} manages no objects")

    def present(self, options: Options) -> bool:
        """Whether the options want the object to exist."""
        return options.get("state", "present") == "present"

    def subject(self, options: Options) -> tuple[str, ...]:
        """What tells the object apart from others of a list, as far as the options alone say; the first part names it."""
        raise UsageError(f"{self.docs.module} manages no objects")

    def about(self, options: Options) -> str | None:
        try:
            return label(self.subject(options)) or None
        except (HybridError, KeyError, TypeError):  # a record must not make a task fail, and the diff names the object, too
            return super().about(options)

    def lanes(self, listed: t.Sequence[Options]) -> list[t.Hashable]:
        """For each object of a list, what it shares with those that must not be worked on at the same time: they come one after the other.

        An owner named once by an identifier and once by a name may be one; nothing here can tell, so such a list is one lane.
        """
        if self.in_order:
            return [True] * len(listed)
        if self.owner is None:
            return list(range(len(listed)))
        names = [str(options[self.owner]).casefold() for options in listed]
        return [True] * len(listed) if len({bool(_IDENTIFIER.fullmatch(name)) for name in names}) > 1 else list(names)

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> Overview | None:
        """One read of all objects; None where the service lists none without naming one.  Raises Truncated.

        ``used`` are the options that will be compared, so that only what they need is read; None means all.
        """
        return None

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        """What exists, as options of this module; ``options`` are those of `export`.

        ``watch`` is told a few times a second how many of how many objects have been read.  Raises UsageError where the service cannot list it.
        """
        raise UsageError(f"{self.docs.module} cannot list its objects")


def resource_module(name: t.Any, load: Loader) -> ResourceModule:
    """The resource module of that name.  Raises UsageError."""
    module = load(str(name))
    if not isinstance(module, ResourceModule):
        raise UsageError(f"{module.docs.module} is not a resource module", advice="Name a module that manages one object, such as exchange_mailbox")
    return module
