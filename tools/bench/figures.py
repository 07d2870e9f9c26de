# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured, as numbers: medians, ratios, the file and the table."""

from __future__ import annotations

import dataclasses
import json
import statistics
import typing as t

Detail = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured value and what it should be.

    ``target`` is the largest value that meets it, or with ``exact`` the only one; None where the value is only reported.
    ``detail`` holds what the value was made of: medians in seconds, repetitions, sizes.
    """

    name: str
    value: float
    unit: str
    target: float | None
    detail: Detail = dataclasses.field(default_factory=dict)
    exact: bool = False

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value == self.target if self.exact else self.value <= self.target

    def as_dict(self) -> Detail:
        return {"name": self.name, "value": self.value, "unit": self.unit, "target": self.target, "met": self.met, "detail": self.detail}


def rounded(value: float) -> float:
    """Four significant digits: more would claim a precision that no shared machine has."""
    return float(f"{value:.4g}")


def median(values: t.Iterable[float]) -> float:
    """Raises statistics.StatisticsError without a value."""
    return rounded(statistics.median(values))


def ratio(name: str, ours: t.Sequence[float], theirs: t.Sequence[float], target: float | None, **detail: t.Any) -> Figure:
    """The median of ours over the median of theirs, both in seconds."""
    top, bottom = statistics.median(ours), statistics.median(theirs)
    measured = {"ours": rounded(top), "theirs": rounded(bottom), "repetitions": [len(ours), len(theirs)]}
    measured |= {"ours_range": spread(ours), "theirs_range": spread(theirs)}
    return Figure(name, rounded(top / bottom), "ratio", target, measured | detail)


def paired(name: str, ours: t.Sequence[float], theirs: t.Sequence[float], target: float | None, **detail: t.Any) -> Figure:
    """The median of the ratios of runs that took turns, in seconds: what slows a shared machine for a while slows both of a pair."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    measured = {"ours": median(ours), "theirs": median(theirs), "repetitions": len(ratios), "range": spread(ratios)}
    return Figure(name, median(ratios), "ratio", target, measured | detail)


def spread(values: t.Sequence[float]) -> list[float]:
    return [rounded(min(values)), rounded(max(values))]


def document(figures: t.Iterable[Figure]) -> str:
    """The content of ``bench.json``, ratios first."""
    return json.dumps({"figures": [figure.as_dict() for figure in ordered(figures)]}, indent=2) + "\n"


def ordered(figures: t.Iterable[Figure]) -> list[Figure]:
    """Ratios first: they say the same on a fast and on a slow machine."""
    return sorted(figures, key=lambda figure: figure.unit != "ratio")


def table(figures: t.Iterable[Figure]) -> str:
    """The figures for a reader: name, value, target, whether it is met, and what the value was made of."""
    rows = [("figure", "value", "target", "", "made of")]
    for one in ordered(figures):
        target = "-" if one.target is None else f"{'=' if one.exact else '<='} {one.target:g}"
        verdict = "" if one.target is None else "met" if one.met else "MISSED"
        rows.append((one.name, f"{one.value:g} {'' if one.unit == 'ratio' else one.unit}".strip(), target, verdict, made_of(one.detail)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip() for row in rows)


def made_of(detail: Detail) -> str:
    """The numbers of a detail in a line; lists and texts stay in the file."""
    return ", ".join(f"{name} {value:g}" for name, value in detail.items() if isinstance(value, (int, float)) and not isinstance(value, bool))
