# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that exist, as options of their module."""

from __future__ import annotations

import collections
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk, engine, parallel, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.docs import Documentation
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, SessionError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import GraphResource

_UNSET: tuple[t.Any, ...] = (None, "", [])
"""What the service shows where nothing is set."""


def entry(resource: GraphResource, docs: Documentation, named: dict[str, str], state: plan.State, full: bool) -> dict[str, t.Any]:
    """One object's options: what the module can read and write, the secrets left out; what is not set only when ``full``.

    ``named`` is how the options name it; the property that the name is says nothing more.
    """
    options: dict[str, t.Any] = dict(named)
    for name, attribute in resource.attributes.items():
        value = state.get(name)
        if attribute.secret or not attribute.readable or not _can_be_said(docs.options[name], value):
            continue
        if attribute.write == resource.named_by and value in named.values():
            continue
        if full or value not in _UNSET:
            options[name] = values.plain(value)
    return options


def _can_be_said(option: t.Mapping[str, t.Any], value: t.Any) -> bool:
    """Whether the option takes the value: an empty one may have no word, and the service may know more words than the module."""
    return value is not None and ("choices" not in option or value in option["choices"])


_OF_EXCHANGE = ("filter", "organizational_unit", "database", "server", "folder_type")
"""Options of `export` that select what Exchange keeps."""


class Exporting:
    """One export of one kind of object; ``options`` are those of `export`.

    The list is one read; what has to be asked for apart, such as the members of groups, is asked for over the parallel requests that the
    budget allows.
    """

    def __init__(
        self,
        make: t.Callable[[], GraphResource],
        docs: Documentation,
        key: str | None,
        session: engine.Tally,
        options: Options,
        watch: t.Callable[[int, int], None],
    ) -> None:
        self._make, self._docs, self._key, self._session, self._options, self._watch = make, docs, key, session, options, watch
        self._full = bool(options["full"])
        self._rows: dict[int, dict[str, t.Any]] = {}
        self._result = Exported()
        self._stop: HybridError | None = None

    def run(self) -> Exported:
        """Raises HybridError where the objects cannot be listed, or nothing more can be read."""
        given = [name for name in _OF_EXCHANGE if self._options.get(name) is not None]
        if given:
            raise UsageError(f"{given[0]} selects nothing of Microsoft Graph", advice="Name the objects with identity")
        if self._options.get("identity") is not None and self._key is None:
            raise UsageError(f"{self._docs.module} manages one object, so identity selects nothing")
        found = self._found()
        named = self._make().named_by
        names = collections.Counter(str(one.get(named)).casefold() for one in found)
        width = parallel.width(self._session, self._options.get("parallel"))
        jobs = [(number, str(one.get(named)), names[str(one.get(named)).casefold()] == 1, one) for number, one in enumerate(found)]
        _left, broken = parallel.work_off(self._session, jobs, width, self._worker, lambda: self._watch(len(self._rows), len(jobs)))
        if self._stop or broken:
            raise self._stop or broken or HybridError("")
        self._result.objects = [self._rows[number] for number in sorted(self._rows)]
        return self._result

    def _worker(self, session: engine.Tally) -> t.Callable[[t.Any], None]:
        return functools.partial(self._one, self._make(), session)

    def _found(self) -> list[dict[str, t.Any]]:
        """The objects as Graph shows them: those that the user named, or all."""
        resource, session = self._make(), self._session
        if self._options.get("identity") is None:
            return resource.everything(session)
        found = []
        for name in self._options["identity"]:
            one = resource.fetch(session, {str(self._key): name})
            if one is None:
                self._result.failed.append((str(name), NotFound(f"there is no {resource.kind} '{name}'", target=session.target)))
            else:
                found.append(one)
        return found

    def _one(self, resource: GraphResource, session: engine.Tally, job: tuple[int, str, bool, dict[str, t.Any]]) -> None:
        if self._stop:
            return
        number, name, alone, one = job
        named = {self._key: name if alone else str(one["id"])} if self._key else {}
        try:
            state = resource.shown(session, resource.complete(session, one, self._full))
            self._rows[number] = entry(resource, self._docs, named, state, self._full)
        except SessionError as error:
            self._stop = self._stop or error
        except HybridError as error:
            self._result.failed.append((name, error))
        except Exception as error:  # a defect that one object shows must not stop the others
            self._result.failed.append((name, bulk.defect(error)))
