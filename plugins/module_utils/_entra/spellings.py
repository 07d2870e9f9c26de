# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that Microsoft Graph spells otherwise than options do: names out of a table, several of them, or joined to one text."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

Spellings = t.Mapping[str, str]
"""Option's word → Graph's word; where case counts, no rule makes one of the other."""


def word(spellings: Spellings) -> values.Codec:
    """One word; an empty one is none.  A word that only Graph knows stays as it is."""
    known = {theirs.casefold(): mine for mine, theirs in spellings.items()} | {mine: mine for mine in spellings}

    def load(value: t.Any) -> str:
        return known.get(str(value or "").casefold(), str(value or ""))

    return values.Codec(load, dump=lambda value: spellings.get(value, value) or None)


def words(spellings: Spellings) -> values.Codec:
    """Several words, in any order; a user writes those of the table only."""
    return dataclasses.replace(values.members(word(spellings)), names=tuple(spellings))


def joined(spellings: Spellings) -> values.Codec:
    """Several words that Graph holds in one text, with commas; none of them is null."""
    many = words(spellings)

    def load(value: t.Any) -> list[str]:
        parts = value.split(",") if isinstance(value, str) else list(value or ())
        return [one for one in many.load([str(part).strip() for part in parts]) if one not in ("", "none")]

    return dataclasses.replace(many, load=load, dump=lambda value: ",".join(many.dump(value)) or None)


def switch(read: str = "isEnabled") -> values.Codec:
    """Whether an object with a switch is there and on; off is written as no object."""

    def load(value: t.Any) -> bool:
        return bool(value.get(read)) if isinstance(value, dict) else bool(values.boolean(value))

    return values.Codec(load, dump=lambda value: {read: True} if value else None)


def mode(name: str, spellings: Spellings) -> values.Codec:
    """The mode of an object with a switch; an empty one is off, which is written as no object."""
    inner = word(spellings)

    def load(value: t.Any) -> str:
        if isinstance(value, dict):
            return str(inner.load(value.get(name))) if value.get("isEnabled") else ""
        return str(inner.load(value))

    return values.Codec(load, dump=lambda value: {"isEnabled": True, name: inner.dump(value)} if value else None)
