# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One censor for everything that leaves a task: results, errors, warnings and diffs."""

from __future__ import annotations

import json
import typing as t

from ansible.module_utils.common.validation import check_type_dict

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
TAGS = ("$secret", "$credential")
"""Keys under which a free-form parameter holds a secret (modules ``cmdlet``)."""

_SHORTEST = 3  # a shorter secret would mask innocent text everywhere; such a value is masked only where it stands alone


class Censor:
    """Knows the secrets of a task and masks them wherever they stand, also as Python's or JSON's escapes spell them."""

    def __init__(self, secrets: t.Iterable[str]) -> None:
        known = {str(secret) for secret in secrets if secret}  # plain text, because a subclass may have a repr of its own
        spelled = {spelling for secret in known for spelling in _spellings(secret)}
        self._exact = frozenset(known)
        self._parts = sorted((one for one in spelled if len(one) >= _SHORTEST), key=len, reverse=True)
        # JSON escapes character by character, so text that contains a secret does so in JSON as well.
        self._in_json = tuple({json.dumps(one, ensure_ascii=False)[1:-1] for one in known.union(self._parts)})

    def __call__(self, value: t.Any) -> t.Any:
        """A copy of the value with the secrets masked; the value itself where there is nothing to mask."""
        if not self._exact or not self._may_occur(value):
            return value
        if isinstance(value, t.Mapping):  # a result's own keys are Ansible's words: the password "fail" must not hide that a task failed
            return {key: self._walk(one) for key, one in value.items()}
        return self._walk(value)

    def _may_occur(self, value: t.Any) -> bool:
        """Whether a secret may be in the value.  Searching its JSON text takes an eighth of the time of looking at each of its parts."""
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError):  # what JSON does not know has to be looked at itself
            return True
        return any(one in text for one in self._in_json)

    def text(self, value: str) -> str:
        """One string with the secrets masked."""
        if value in self._exact:
            return MASK
        for part in self._parts:
            if part in value:
                value = value.replace(part, "********")
        return value

    def _walk(self, value: t.Any) -> t.Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, t.Mapping):
            return {self._walk(key): self._walk(one) for key, one in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [self._walk(one) for one in value]
        if value is None or isinstance(value, bool):
            return value
        return MASK if str(value) in self._exact else value


def _spellings(secret: str) -> tuple[str, ...]:
    return secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def secrets_in(value: t.Any) -> t.Iterator[str]:
    """Every piece of text in a value that is secret as a whole."""
    if isinstance(value, t.Mapping):
        for one in value.values():
            yield from secrets_in(one)
    elif isinstance(value, (list, tuple, set)):
        for one in value:
            yield from secrets_in(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def tagged_in(value: t.Any) -> t.Iterator[str]:
    """The secrets inside a free-form value: what stands under ``$secret``, and the password of a ``$credential``."""
    if isinstance(value, t.Mapping):
        for key, one in value.items():
            if key in TAGS:
                yield from secrets_in(one.get("password") if key == "$credential" and isinstance(one, t.Mapping) else one)
            else:
                yield from tagged_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from tagged_in(one)


def of_options(spec: t.Mapping[str, t.Mapping[str, t.Any]], given: t.Mapping[str, t.Any]) -> set[str]:
    """The secrets among a task's raw arguments, before anything is validated."""
    hidden = {alias for name, entry in spec.items() if entry.get("no_log") for alias in (name, *entry.get("aliases", ()))}
    found = {secret for name, value in given.items() if name in hidden for secret in secrets_in(value)}
    free = {name: as_dict(value) if spec.get(name, {}).get("type") == "dict" else value for name, value in given.items()}
    return found | set(tagged_in(free))


def as_dict(value: t.Any) -> t.Any:
    """A dictionary, which may be written as text: JSON, or ``key=value``; anything else as it is."""
    try:
        return check_type_dict(value)
    except (TypeError, ValueError):  # it will be refused as well, and then nothing of it was used
        return value


def masked(spec: t.Mapping[str, t.Mapping[str, t.Any]], params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The ``invocation.module_args`` of a result, as AnsibleModule writes it."""
    return {name: MASK if spec.get(name, {}).get("no_log") and value is not None else value for name, value in params.items()}
