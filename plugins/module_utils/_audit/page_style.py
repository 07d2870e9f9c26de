# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page of a timeline looks: on a screen, light and dark, and on paper.  Every pair of colours has a contrast of 4.5 to 1 or more."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --panel: #f4f6f8; --line: #d4dae0; --text: #17202a; --soft: #53606e; --link: #0b57a4;
  --good: #17683a; --good-back: #e0f3e6; --bad: #9c1f1f; --bad-back: #fde8e6; --note: #6a4a00; --note-back: #fff2cf;
  --old: #8d2626; --old-back: #fdeceb; --new: #14603a; --new-back: #e3f5e9; --blue: #174f8c; --blue-back: #e3eefb; }
@media (prefers-color-scheme: dark) { :root { --back: #12171d; --panel: #1b222b; --line: #364250; --text: #e8edf2; --soft: #a6b3c0; --link: #8cc2ff;
  --good: #8fe0ae; --good-back: #143522; --bad: #ffb0aa; --bad-back: #4a1c1b; --note: #ffd98a; --note-back: #3d2f0b;
  --old: #ffb4ae; --old-back: #40201f; --new: #96e3b3; --new-back: #17382a; --blue: #a9d0ff; --blue-back: #1a3350; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem clamp(.75rem, 2vw, 2rem) 3rem; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .35rem; font-size: 1.6rem; line-height: 1.2; letter-spacing: -.01em; }
header p { margin: .35rem 0; max-width: 75rem; }
small { display: block; color: var(--soft); font-size: .82rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .4rem .8rem; z-index: 3; }
.aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.warning { padding: .55rem .85rem; border-left: 4px solid currentColor; border-radius: 4px; background: var(--note-back); color: var(--note); }
a { color: var(--link); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .5rem .7rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
caption { text-align: start; }
.sources { max-width: 90rem; margin: .8rem 0 1.2rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  border-collapse: separate; border-spacing: 0; }
.sources caption { padding: 0 0 .35rem; font-weight: 600; }
.sources th { white-space: nowrap; } .sources th, .sources td { padding: .35rem .7rem; }
.sources thead th { font-size: .82rem; color: var(--soft); font-weight: 600; }
.sources tbody tr:last-child > * { border-bottom: 0; }
.sources tbody th { font-weight: 600; } .sources tbody th small { font-weight: 400; }
.sources td p { margin: 0; } .sources td p + p { margin-top: .3rem; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
.state, .badge, .failed { display: inline-block; padding: .05rem .5rem; border-radius: 999px; font-size: .82rem; font-weight: 600; white-space: nowrap; }
.state.complete, .badge.create { background: var(--good-back); color: var(--good); }
.state.doubt { background: var(--note-back); color: var(--note); }
.badge.change { background: var(--blue-back); color: var(--blue); }
.badge.remove, .failed { background: var(--bad-back); color: var(--bad); }
.badge.other { background: var(--panel); color: var(--soft); border: 1px solid var(--line); }
.failed { margin-top: .25rem; }
.controls { display: flex; flex-wrap: wrap; gap: .6rem .8rem; align-items: end; padding: .75rem .85rem; margin-bottom: .8rem;
  background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.controls[hidden], [hidden] { display: none; }
.controls label { display: grid; gap: .15rem; font-size: .82rem; color: var(--soft); font-weight: 600; }
.controls .wide { flex: 1 1 14rem; }
input, select, button { font: inherit; font-size: .94rem; font-weight: 400; color: var(--text); background: var(--back);
  border: 1px solid var(--soft); border-radius: 4px;
  padding: .3rem .5rem; min-height: 2.1rem; }
select { max-width: 15rem; }
button { cursor: pointer; font-weight: 600; }
.controls input:not([type]) { width: 12.5rem; font-variant-numeric: tabular-nums; }
::placeholder { color: var(--soft); opacity: 1; }
#shown { flex-basis: 100%; margin: 0; color: var(--soft); font-size: .88rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
#timeline thead th { position: sticky; top: 0; z-index: 2; background: var(--panel); white-space: nowrap; border-bottom: 2px solid var(--line); }
#timeline thead button { all: unset; cursor: pointer; font-weight: 700; display: inline-flex; gap: .35rem; }
#timeline thead button:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 2px; }
#timeline thead button::after { content: "\\2195"; color: var(--soft); font-weight: 400; }
#timeline th[aria-sort="ascending"] button::after { content: "\\2191"; color: var(--text); }
#timeline th[aria-sort="descending"] button::after { content: "\\2193"; color: var(--text); }
#timeline tbody tr:hover { background: var(--panel); }
#timeline td:nth-child(2) { min-width: 12rem; max-width: 18rem; } #timeline td:nth-child(3) { min-width: 10rem; }
#timeline td:nth-child(4) { min-width: 9rem; max-width: 20rem; } #timeline td:nth-child(5) { min-width: 16rem; }
#timeline td:nth-child(6) { min-width: 8.5rem; max-width: 14rem; } #timeline td:nth-child(7) { min-width: 9rem; }
#timeline td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
td ul { margin: 0; padding: 0; list-style: none; } td li + li { margin-top: .25rem; }
del, ins { text-decoration: none; padding: 0 .25rem; border-radius: 3px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
del { background: var(--old-back); color: var(--old); text-decoration: line-through; text-decoration-thickness: 1px; }
ins { background: var(--new-back); color: var(--new); }
.unknown { color: var(--soft); font-style: italic; }
.arrow { color: var(--soft); }
#nothing { padding: 2rem; text-align: center; color: var(--soft); }
@media (max-width: 60rem) { .scroll { overflow-x: auto; } #timeline thead th { position: static; } #timeline { min-width: 56rem; } }
@media print {
  :root { --back: #fff; --panel: #fff; --line: #999; --text: #000; --soft: #333; --link: #000; --good: #000; --good-back: #fff; --bad: #000; --bad-back: #fff;
    --note: #000; --note-back: #fff; --old: #000; --old-back: #fff; --new: #000; --new-back: #fff; --blue: #000; --blue-back: #fff; }
  @page { size: landscape; margin: 12mm; }
  body { padding: 0; font-size: 9pt; } .controls, .skip { display: none; }
  #timeline { min-width: 0; } #timeline thead { display: table-header-group; } #timeline thead th { position: static; }
  #timeline thead button::after { content: ""; }
  tr { break-inside: avoid; } th, td { padding: 1mm 2mm; } .badge, .state, .failed { border: 1px solid #666; } ins { font-weight: 600; }
  #timeline td:nth-child(n) { min-width: 0; max-width: none; }
}
"""
