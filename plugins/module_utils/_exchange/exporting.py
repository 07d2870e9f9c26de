# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what `export` writes down: from a list, or object by object where the service lists none."""

from __future__ import annotations

import functools
import re
import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk, engine, parallel
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    BadParameter,
    CommandMissing,
    HybridError,
    NeverOpened,
    NotFound,
    SessionError,
    Truncated,
    UsageError,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import catalogue, export, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, common

if t.TYPE_CHECKING:
    from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

SELECTORS = {"filter": "Filter", "organizational_unit": "OrganizationalUnit", "database": "Database", "server": "Server"}
"""Options that select some of the listed objects, and the parameters that do."""

_NOT_THE_OBJECTS_FAULT = (SessionError, CommandMissing, BadParameter, UsageError)
"""What the next object would fail with as well."""

Found = dict[str, t.Any]
Row = tuple[Found, t.Any]
"""The options that identify an object; its state, or the error that says why it has no form as options."""


def _unknown(error: BadParameter, name: str) -> bool:
    """Whether a cmdlet does not know the parameter: in the words of PowerShell's binder, or of Exchange Online's own."""
    binder = "NamedParameterNotFound" in str(error.error_id) and f"'{name}'" in error.text
    return binder or re.search(rf"Invalid cmdlet parameters specified\..*\b{name}\b", error.text) is not None


class Exporting:
    """One export of one module's objects; ``options`` are those of `export`."""

    def __init__(self, module: CmdletModule, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> None:
        self._module, self._session, self._options, self._watch = module, session, options, watch
        self._resource = module.resource()
        self._rows: dict[int, list[Found]] = {}
        self._result = Exported()
        self._stop: HybridError | None = None
        self._lock = threading.Lock()

    def run(self) -> Exported:
        """Raises HybridError where the objects cannot be listed, or nothing more can be read."""
        self._resource.admit(self._session, self._options)
        if self._options.get("folder_type") and "folder_type" not in self._module.docs.options:
            raise UsageError(f"folder_type is given, but {self._module.docs.module} is not about folders")
        if self._selects and self._resource.key is None:
            raise UsageError(f"{self._module.docs.module} manages one object, so {self._selects[0]} selects nothing")
        if self._resource.owners:
            self._read_all(self._names(), self._of_owner)
        elif self._options.get("identity") is not None:
            self._read_all(self._options["identity"], self._named)
        else:
            self._from_lists()
        self._result.objects = [one for number in sorted(self._rows) for one in self._rows[number]]
        return self._result

    @property
    def _selects(self) -> list[str]:
        """The options by which the user selects."""
        return [name for name in ("identity", *SELECTORS) if self._options.get(name) is not None]

    @functools.cached_property
    def _asked(self) -> Found:
        """What every read is asked: how to work, and the options that it shows only when they are asked for."""
        working = {name: self._options.get(name) for name in ("domain_controller", "folder_type")}
        shown = [name for name in self._resource.unlisted if self._options["full"] or name in self._resource.essential]
        return {**working, "full": self._options["full"], **dict.fromkeys(shown, ())}

    # lists

    def _listed(self, noun: str, scope: Found, properties: t.Iterable[str]) -> list[Found] | None:
        """None where the cmdlet lists nothing without the name of one.  Raises UsageError for a selection that it does not know."""
        cmdlet = f"Get-{noun}"
        chosen = {SELECTORS[name]: self._options[name] for name in self._selects if name != "identity"}
        online.permit_selection(self._session, cmdlet, self._options, SELECTORS)
        try:
            parameters = scope | chosen | common(self._options)
            return catalogue.selected(self._session, cmdlet, parameters, properties, self._resource.key or "").objects
        except BadParameter as error:
            if scope or not chosen:
                return None
            unknown = next((name for name in chosen if _unknown(error, name)), None)
            if unknown is None:
                raise
            advice = "Select by another option, or name the objects with identity"
            raise UsageError(f"{cmdlet} does not take {unknown}", cmdlet=cmdlet, target=self._session.target, advice=advice) from None

    def _from_lists(self) -> None:
        rows: list[tuple[Found, Found]] = []
        seen: set[t.Any] = set()  # what one scope shows another one may show as well
        for scope in self._resource.scopes:
            listed = self._listed(self._resource.noun, self._resource.scope(scope), self._resource.properties())
            if listed is None and not scope:
                text = f"the service lists no {self._resource.noun} without the name of one"
                raise UsageError(text, target=self._session.target, advice="Name the objects with identity")
            fresh = [one for one in listed or () if one.get("Guid") not in seen]  # a version that does not know the scope has no such objects
            seen.update(one["Guid"] for one in fresh if one.get("Guid"))
            rows += [(scope, one) for one in fresh]
        if self._asked.keys() & set(self._resource.unlisted):
            self._read_all(rows, self._singly)
            return
        for number, (_scope, one) in enumerate(rows):
            naming, state = self._shown(self._resource, self._resource.complete(self._session, one, self._options))
            self._rows[number] = self._entries(self._resource, naming, state)

    def _names(self) -> list[str]:
        """Of the objects that have what is exported."""
        if self._options.get("identity") is not None:
            return list(self._options["identity"])
        found: list[str] = []
        for noun in self._resource.owners[: 1 if self._selects else None]:
            for one in self._listed(noun, {}, catalogue.NAMES) or ():
                folded = catalogue.folded(one)
                name = next((str(folded[name]) for name in self._resource.named_by if folded.get(name)), None)
                if name is None:
                    raise HybridError(f"a listed {noun} has no name", cmdlet=f"Get-{noun}", target=self._session.target)
                found.append(name)
        return found

    # one object

    def _of_owner(self, resource: CmdletResource, session: Session, name: str) -> t.Iterator[Row]:
        everything = dict.fromkeys((one for one in resource.attributes if one not in resource.unlisted), ())
        return resource.held(session, {**everything, **self._asked, t.cast(str, resource.key): name})

    def _singly(self, resource: CmdletResource, session: Session, row: tuple[Found, Found]) -> t.Iterator[Row]:
        """A listed object with what the list does not show of it, which an older server may not show at all."""
        scope, listed = row
        naming = resource.naming(listed)
        folded = catalogue.folded(listed)
        named = {t.cast(str, resource.key): str(folded.get("distinguishedname") or naming[t.cast(str, resource.key)])}
        try:
            found = resource.fetch(session, {**self._asked, **scope, **naming, **named})
        except BadParameter:
            found = listed
        if found is None:
            raise NotFound(f"{resource.label(naming)} is no longer there")
        _naming, state = self._shown(resource, found, self._asked if found is not listed else {})
        yield naming, state

    def _named(self, resource: CmdletResource, session: Session, name: str) -> t.Iterator[Row]:
        """An object that the user named."""
        for scope in resource.scopes:
            found = resource.fetch(session, {**self._asked, **scope, t.cast(str, resource.key): name})
            if found is not None:
                yield self._shown(resource, found, self._asked)
                return
        raise NotFound(f"there is no {resource.noun} '{name}'", target=session.target, cmdlet=f"Get-{resource.noun}")

    @staticmethod
    def _shown(resource: CmdletResource, found: Found, asked: Options | None = None) -> Row:
        state = resource.state(found)
        return resource.naming(found), {name: value for name, value in state.items() if name not in resource.unlisted or name in (asked or ())}

    def _entries(self, resource: CmdletResource, naming: Found, state: Found) -> list[Found]:
        """One entry; none for settings that are all as the service makes them, which change nothing wherever they are given back."""
        module, full = self._module, self._options["full"]
        lacking = resource.lacking(self._session)  # what is shown, and cannot be given back
        known = {name: value for name, value in state.items() if name not in lacking}
        whole = export.entry(resource, module.docs, module.defaults, naming, known, full)
        made = export.without_rivals(whole, module.constraints.get("mutually_exclusive", ()))
        return [] if module.settings_of and made == naming and not full else [made]

    # many objects

    def _read_all(self, jobs: t.Sequence[t.Any], read: t.Callable[[CmdletResource, Session, t.Any], t.Iterator[Row]]) -> None:
        def worker(session: engine.Tally) -> t.Callable[[tuple[int, t.Any]], None]:
            return functools.partial(self._one, read, self._module.resource(), session)

        width = parallel.width(self._session, self._options.get("parallel"))
        _left, broken = parallel.work_off(self._session, list(enumerate(jobs)), width, worker, lambda: self._watch(len(self._rows), len(jobs)))
        if self._stop or broken:
            raise self._stop or broken or HybridError("")

    def _one(
        self, read: t.Callable[[CmdletResource, Session, t.Any], t.Iterator[Row]], resource: CmdletResource, session: Session, job: tuple[int, t.Any]
    ) -> None:
        if self._stop:
            return
        number, named = job
        label = str(number + 1)
        found: list[Found] = []
        try:
            label = named if isinstance(named, str) else str(next(iter(resource.naming(named[1]).values())))
            for naming, state in read(resource, session, named):
                if isinstance(state, HybridError):
                    self._leave(self._result.gone, label, state)
                else:
                    found += self._entries(resource, naming, state)
        except _NOT_THE_OBJECTS_FAULT as error:
            self._stop = self._stop or error
        except (NeverOpened, NotFound) as error:
            gone = not isinstance(error, NotFound) or self._options.get("identity") is None
            self._leave(self._result.gone if gone else self._result.failed, label, error)
        except HybridError as error:
            if isinstance(error, Truncated):
                self._stop = self._stop or error  # what is cut short once may be cut short everywhere
            self._leave(self._result.failed, label, error)
        except Exception as error:  # a defect that one object shows must not stop the others
            self._leave(self._result.failed, label, bulk.defect(error))
        self._rows[number] = found

    def _leave(self, among: list[tuple[str, HybridError]], label: str, error: HybridError) -> None:
        with self._lock:
            among.append((label, error))
