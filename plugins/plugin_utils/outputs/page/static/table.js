// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all hosts: what is shown, in which order, and the rows of one page.

const state = { q: "", verdicts: new Set(VERDICTS), environment: null, kernel: null, finding: null, sort: "verdict", up: true, page: 0, per: 50, columns: FIRST, note: "" };
const opened = new Set();
const order = Uint32Array.from({ length: hosts }, (unused, place) => place);
let found = order;

function drawHeads() {
  byId("heads").replaceChildren(...state.columns.map((key) => {
    const column = BY_KEY.get(key);
    const attributes = { scope: "col", ...(column.number ? { class: "num" } : {}) };
    if (!column.compare) return node("th", attributes, column.title);
    const sorted = key === state.sort ? (state.up ? "ascending" : "descending") : "none";
    // Paper has no buttons: browsers do not print them again on the sheets that follow.
    const paper = node("span", { class: "paper", "aria-hidden": "true" }, column.title);
    return node("th", { ...attributes, "aria-sort": sorted }, node("button", { type: "button", "data-sort": key }, column.title), paper);
  }));
  const many = state.columns.length > (narrow ? 3 : 9);
  const box = byId("box");
  box.classList.toggle("many", many);
  for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", "Table of all hosts"]]) {
    if (many) box.setAttribute(name, value);
    else box.removeAttribute(name);
  }
}

function row(place) {
  const open = opened.has(place);
  const name = node("bdi", { title: fullName(place) }, cutMiddle(data.name[place], narrow ? 18 : 30));
  const button = node("button", { type: "button", class: "open", "aria-expanded": String(open), "data-place": place }, name);
  const mark = narrow ? [icon(VERDICTS[data.verdict[place]]), node("span", { class: "sr" }, words.verdicts[data.verdict[place]][1]), " "] : [];
  const cells = state.columns.slice(1).map((key) => {
    const column = BY_KEY.get(key);
    const class_ = column.number ? "num" : key === "finding" ? "found" : "";
    return node("td", class_ ? { class: class_ } : {}, column.cell(place));
  });
  return node("tr", {}, node("th", { scope: "row" }, ...mark, button), ...cells);
}

const detailRow = (place) => node("tr", { class: "details" }, node("td", { colspan: state.columns.length }, detailsOf(place)));

function drawRows() {
  const start = state.page * state.per;
  const rows = [];
  for (const place of found.subarray(start, start + state.per)) {
    rows.push(row(place));
    if (opened.has(place)) rows.push(detailRow(place));
  }
  byId("rows").replaceChildren(...rows);
  const end = Math.min(found.length, start + state.per);
  const matching = found.length < hosts ? ` that match, ${whole(hosts)} in all` : "";
  byId("info").textContent = (found.length
    ? `Hosts ${whole(start + 1)} to ${whole(end)} of ${whole(found.length)}${matching}`
    : "No host matches. Clear the search, or choose more verdicts.") + state.note;
  byId("previous").disabled = state.page === 0;
  byId("next").disabled = end >= found.length;
}

function sort() {
  const wanted = BY_KEY.get(state.sort);
  const compare = wanted?.compare ?? BY_KEY.get("verdict").compare;
  const sign = state.up ? 1 : -1;
  order.sort((one, other) => sign * compare(one, other));
}

// The hosts that match, in the order of the table. All words of the search must be there.
function filter() {
  const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = wanted.length ? searchable() : null;
  const verdicts = VERDICTS.map((word) => state.verdicts.has(word));
  const environment = placeOf("environment", state.environment);
  const kernel = placeOf("kernel", state.kernel);
  const sorts = data.findings.sorts.findIndex(([key]) => key === state.finding);
  found = order.filter((place) => (
    verdicts[data.verdict[place]]
    && (environment === null || data.environment.places[place] === environment)
    && (kernel === null || data.kernel.places[place] === kernel)
    && (state.finding === null || (findingsOf.get(place) ?? []).some((part, at) => at % 3 === 0 && part === sorts))
    && wanted.every((word) => texts[place].includes(word))
  ));
  state.page = Math.max(0, Math.min(state.page, Math.ceil(found.length / state.per) - 1));
}

// The place of a chosen text in its column; -1, which no host has, for one that is not there.
function placeOf(column, text) {
  return text === null ? null : data[column].texts.indexOf(text);
}
