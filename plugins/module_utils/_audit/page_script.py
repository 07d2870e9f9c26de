# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page of a timeline does by itself: filters and sorts the rows that are there.  Without it the page is a plain table."""

from __future__ import annotations

SCRIPT = """
"use strict";
(() => {
  const body = document.querySelector("#timeline tbody");
  const rows = Array.from(body.rows, (row) => ({ row, data: row.dataset, text: row.textContent.toLowerCase() }));
  const control = (id) => document.getElementById(id);
  const chosen = ["who", "source", "kind", "operation"];
  const all = [...chosen, "text", "since", "until"];
  const say = (count) => count.toLocaleString("en");

  for (const name of chosen) {
    const counts = new Map();
    for (const one of rows) counts.set(one.data[name], (counts.get(one.data[name]) || 0) + 1);
    for (const value of Array.from(counts.keys()).sort((a, b) => a.localeCompare(b))) {
      control(name).append(new Option(`${value} (${say(counts.get(value))})`, value));
    }
  }

  function filter() {
    const words = control("text").value.toLowerCase().split(/\\s+/).filter(Boolean);
    const [since, until] = ["since", "until"].map((name) => control(name).value.trim().toUpperCase().replace(" ", "T"));
    let count = 0;
    for (const one of rows) {
      const fits = chosen.every((name) => !control(name).value || one.data[name] === control(name).value)
        && one.data.time >= since && (!until || one.data.time.slice(0, until.length) <= until) && words.every((word) => one.text.includes(word));
      one.row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    control("shown").textContent = `${say(count)} of ${say(rows.length)} rows`;
    control("nothing").hidden = count > 0;
  }

  function sort(head) {
    const name = head.dataset.sort, up = head.getAttribute("aria-sort") !== "ascending", way = up ? 1 : -1;
    for (const one of head.parentElement.cells) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort((a, b) => way * a.data[name].localeCompare(b.data[name], "en", { numeric: true }));
    body.append(...rows.map((one) => one.row));
  }

  for (const head of document.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
  }
  let waiting = 0;
  for (const name of all) {
    const later = () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); };
    control(name).addEventListener("input", later);
    control(name).addEventListener("change", later);
  }
  control("reset").addEventListener("click", () => { for (const name of all) control(name).value = ""; filter(); control("text").focus(); });
  document.querySelector(".controls").hidden = false;
  filter();
})();
"""
