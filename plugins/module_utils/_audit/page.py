# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A timeline as one page of HTML that needs nothing else: no other file, no network, and no script to be read."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit.page_script import SCRIPT
from ansible_collections.m365.hybrid.plugins.module_utils._audit.page_style import STYLE
from ansible_collections.m365.hybrid.plugins.module_utils._audit.rows import Row
from ansible_collections.m365.hybrid.plugins.module_utils._audit.writing import Timeline, as_text

LONGEST = 400
"""How many characters of a value the page shows."""
LABELS = {
    "complete": "complete",
    "partial": "may lack changes",
    "truncated": "truncated",
    "disabled": "log turned off",
    "refused": "permission refused",
    "unreachable": "not reached",
    "failed": "not readable",
    "not_asked": "not asked",
}
KINDS = {
    "admin_audit_log": "Administrator audit log, on-premises",
    "unified_audit_log": "Unified audit log of Microsoft 365",
    "directory_audits": "Directory audits of Entra ID",
    "records": "Records of this collection",
}
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, among them those that turn the direction of text around and so can make it look like another."""


def text(value: t.Any, longest: int | None = None) -> str:
    """A value as HTML: escaped, in its own direction, control characters by their numbers, and with a note where it is too long for a page."""
    whole = as_text(value)
    shown = whole if longest is None else whole[:longest]
    safe = attribute(shown)
    more = f" <i>… and {len(whole) - len(shown):,} more characters</i>" if len(shown) < len(whole) else ""
    return f"<bdi>{safe}</bdi>{more}"


def attribute(value: t.Any) -> str:
    return html.escape(_INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", as_text(value)), quote=True)


def as_html(timeline: Timeline, rows: t.Iterable[Row], most: int, others: t.Sequence[str] = ()) -> t.Iterator[str]:
    """The page, with the newest ``most`` rows.  ``others`` are the names of the files that hold all of them."""
    shown = min(timeline.count, most)
    yield _head(timeline.title)
    yield _summary(timeline, shown, others)
    yield _sources(timeline)
    yield _CONTROLS
    yield _TABLE
    for number, row in enumerate(rows):
        if number >= most:
            break
        yield _row(row)
    yield f"</tbody></table></div>\n{_NOTHING}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _head(title: str) -> str:
    policy = f"default-src 'none'; style-src 'sha256-{_hash(STYLE)}'; script-src 'sha256-{_hash(SCRIPT)}'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f'<a class="skip" href="#timeline">To the timeline</a>\n<header><h1>{text(title)}</h1>\n'
    )


def _summary(timeline: Timeline, shown: int, others: t.Sequence[str]) -> str:
    chosen = timeline.chosen
    since, until = (f'<time datetime="{attribute(chosen[name])}">{attribute(chosen[name])}</time>' if chosen[name] else "" for name in ("since", "until"))
    span = f"From {since or 'the oldest entry'} {'to ' + until if until else 'on'}. All times are UTC."
    filters = [f"{name} {', '.join(map(text, chosen[name]))}" for name in ("people", "objects", "kinds", "operations") if chosen.get(name)]
    only = f" Only {'; '.join(filters)}." if filters else ""
    count = f"<p><b>{timeline.count:,}</b> {'entry' if timeline.count == 1 else 'entries'}, the newest first. {span}{only}</p>\n"
    if shown < timeline.count:
        where = f"All of them are in {' and '.join(map(text, others))}, beside this page" if others else "Ask for JSON or CSV to have all of them"
        count += f'<p class="warning" id="cut"><b>This page shows the newest {shown:,} of {timeline.count:,} entries.</b> {where}.</p>\n'
    return count


def _sources(timeline: Timeline) -> str:
    doubtful = len(timeline.doubtful)
    warned = ""
    if doubtful:
        words = f"{doubtful} of {len(timeline.sources)} sources {'is' if doubtful == 1 else 'are'} not complete"
        warned = f'<p class="warning" role="note"><b>{words}: changes may be missing below.</b> The table says why.</p>\n'
    rows = "".join(_source(one) for one in timeline.sources)
    head = "".join(f'<th scope="col">{one}</th>' for one in ("Source", "State", "Entries", "What to know"))
    return (
        f'{warned}<table class="sources"><caption>Where the entries come from</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>\n</header>\n'
    )


def _source(one: t.Mapping[str, t.Any]) -> str:
    about = "".join(f"<p>{text(line)}</p>" for line in (one["reason"], *one["notes"]) if line)
    state = "complete" if one["state"] == "complete" else "doubt"
    return (
        f'<tr><th scope="row">{text(one["name"])}<small>{KINDS[one["kind"]]}</small></th>'
        f'<td><span class="state {state}">{LABELS[one["state"]]}</span></td><td class="number">{one["count"]:,}</td><td>{about}</td></tr>'
    )


_CONTROLS = """<main>
<div class="controls" role="search" aria-label="Filter the timeline" hidden>
<label class="wide">Text<input id="text" type="search" autocomplete="off" placeholder="anything in a row"></label>
<label>Person<select id="who"><option value="">everybody</option></select></label>
<label>Source<select id="source"><option value="">all</option></select></label>
<label>Kind<select id="kind"><option value="">all</option></select></label>
<label>Operation<select id="operation"><option value="">all</option></select></label>
<label>From (UTC)<input id="since" placeholder="2026-03-02T08:00" autocomplete="off"></label>
<label>To (UTC)<input id="until" placeholder="2026-03-02" autocomplete="off"></label>
<button id="reset" type="button">Show all</button>
<p id="shown" role="status" aria-live="polite"></p>
</div>
"""
_HEADS = "".join(
    f'<th scope="col"{more}>{name}</th>'
    for name, more in (
        ("Time (UTC)", ' data-sort="time" aria-sort="descending"'),
        ("Who", ' data-sort="who"'),
        ("What", ' data-sort="operation"'),
        ("Object", ' data-sort="object"'),
        ("Old and new values", ""),
        ("Where", ' data-sort="where"'),
        ("Source", ' data-sort="source"'),
    )
)
_TABLE = (
    '<div class="scroll" tabindex="0" role="region" aria-label="Timeline">'
    f'<table id="timeline" tabindex="-1"><caption class="aside">Changes, the newest first</caption><thead><tr>{_HEADS}</tr></thead>\n<tbody>\n'
)
_NOTHING = '<p id="nothing" hidden>Nothing fits. <span>Change a filter, or show all.</span></p>\n'


def _row(row: Row) -> str:
    data = "".join(f' data-{name}="{attribute(row[name])}"' for name in ("time", "who", "operation", "kind", "object", "where", "source"))
    day, _t, clock = row["time"].removesuffix("Z").partition("T")
    failed = f'<span class="failed">failed</span> {text(row["error"], LONGEST) if row["error"] else ""}' if row["outcome"] == "failure" else ""
    same = f"<small>same change as in {text(row['same_as']['source'])}</small>" if row["same_as"] else ""
    address = f"<small>{text(row['address'])}</small>" if row["address"] else ""
    run = f"<small>run {text(row['run'])}</small>" if row["run"] else ""
    cells = (
        f'<time datetime="{attribute(row["time"])}">{day} <b>{clock}</b></time>',
        f"{text(row['who'], LONGEST)}{address}",
        f'<span class="badge {attribute(row["operation"])}">{text(row["operation"])}</span> {text(row["action"], LONGEST)}{failed}',
        f"{text(row['object'], LONGEST)}<small>{text(row['kind'])}</small>",
        _changes(row["changes"]),
        text(row["where"], LONGEST),
        f"{text(row['source'])}{run}{same}",
    )
    return f"<tr{data}>{''.join(f'<td>{one}</td>' for one in cells)}</tr>\n"


def _changes(changes: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    if not changes:
        return ""
    lines = []
    for one in changes:
        old, new = _value(one["old"], one["old_known"], "del"), _value(one["new"], one["new_known"], "ins")
        lines.append(f'<li><b>{text(one["property"], LONGEST)}</b> <span class="aside">from</span> {old} <span class="arrow" aria-hidden="true">→</span>'
                     f' <span class="aside">to</span> {new}</li>')  # fmt: skip
    return f"<ul>{''.join(lines)}</ul>"


def _value(value: t.Any, known: bool, tag: str) -> str:
    if not known or as_text(value) == "":
        return f'<span class="unknown">{"nothing" if known else "unknown"}</span>'
    return f"<{tag}>{text(value, LONGEST)}</{tag}>"
