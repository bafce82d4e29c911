// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all hosts: what is shown, in which order, and the rows of one page.

const VERDICTS = words.verdicts.map(([word]) => word);
const state = { q: "", verdicts: new Set(VERDICTS), environment: null, kernel: null, finding: null, sort: "verdict", up: true, page: 0, per: 50 };
const opened = new Set();
const order = Uint32Array.from({ length: hosts }, (unused, place) => place);
let found = order;

const byText = (text) => (one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : one - other);
// Largest first, and what is not known last.
const byNumber = (number) => (one, other) => (number(other) ?? -Infinity) - (number(one) ?? -Infinity) || one - other;
const amount = (column) => (place) => sizeOfKib(column[place]);

const COLUMNS = [
  { key: "host", title: "Host", compare: byText((place) => data.name[place]) },
  { key: "verdict", title: "Verdict", compare: (one, other) => one - other, cell: (place) => status(words.verdicts[data.verdict[place]]) },
  { key: "environment", title: "Environment", compare: byText((place) => textOf("environment", place)), cell: (place) => isolated(textOf("environment", place)) },
  { key: "kernel", title: "Kernel", compare: byText((place) => textOf("kernel", place)), cell: (place) => isolated(textOf("kernel", place) || DASH) },
  { key: "finding", title: "Findings", cell: (place) => findingCell(place) },
  {
    key: "total", title: "Kernel memory", number: (place) => data.total[place],
    cell: (place) => (data.total[place] === null ? DASH : words.bounds[data.bound[place]] + sizeOfKib(data.total[place])),
  },
  { key: "share", title: "Of RAM", number: (place) => shareOf(data.total[place], place), cell: (place) => shareCell(place) },
  { key: "fixed", title: "Unreclaimable", number: (place) => data.fixed[place], cell: amount(data.fixed) },
  ...(hasTrends ? [{ key: "trend", title: "Trend of unreclaimable", cell: (place) => trendCell(place) }] : []),
  ...(hasUsual ? [{ key: "usual", title: "Against usual", number: (place) => known(aboveUsual[place]), cell: (place) => usualCell(aboveUsual[place]) }] : []),
  { key: "ram", title: "RAM", number: (place) => data.ram[place], cell: amount(data.ram) },
  // A kind that no host has any of is left out here; it is in the account of each host.
  ...words.kinds.filter(([key]) => columnOf[key].some(Boolean)).map(([key, label]) => ({ key, title: label, number: (place) => columnOf[key][place], cell: amount(columnOf[key]) })),
];
for (const column of COLUMNS) if (column.number) column.compare = byNumber(column.number);

const known = (number) => (Number.isNaN(number) ? null : number);
const shareOf = (part, place) => (part === null || !data.ram[place] ? null : part / data.ram[place]);

function shareCell(place) {
  return node("span", { class: "share" }, memoryBar(place, 70), percent(data.total[place], data.ram[place]));
}

function usualCell(above) {
  if (Number.isNaN(above)) return DASH;
  return above <= 0.5 ? "within" : node("strong", {}, `+${above.toFixed(above < 10 ? 1 : 0)} %`);
}

function trendCell(place) {
  const trend = trendOf(place);
  return trend ? sparkline("Unreclaimable kernel memory", trend, 110, 22) : DASH;
}

function findingCell(place) {
  const all = findingsOf.get(place);
  if (!all) return data.verdict[place] === VERDICTS.indexOf("unknown") ? textOf("coverage", place) : "";
  return node("span", {}, all[2], all.length > 3 ? node("span", { class: "mu" }, ` and ${all.length / 3 - 1} more`) : "");
}

function drawHeads() {
  byId("heads").replaceChildren(...COLUMNS.map((column) => {
    const sorted = column.key === state.sort ? (state.up ? "ascending" : "descending") : "none";
    const head = column.compare ? node("button", { type: "button", "data-sort": column.key }, column.title) : column.title;
    const attributes = { scope: "col", ...(column.number ? { class: "num" } : {}), ...(column.compare ? { "aria-sort": sorted } : {}) };
    return node("th", attributes, head);
  }));
}

function row(place) {
  const open = opened.has(place);
  const button = node("button", { type: "button", class: "open", "aria-expanded": String(open), "data-place": place }, isolated(data.name[place]));
  const cells = COLUMNS.slice(1).map((column) => node("td", column.number ? { class: "num" } : column.key === "finding" ? { class: "found" } : {}, column.cell(place)));
  return node("tr", {}, node("th", { scope: "row" }, button), ...cells);
}

const detailRow = (place) => node("tr", { class: "details" }, node("td", { colspan: COLUMNS.length }, detailsOf(place)));

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
  byId("info").textContent = found.length
    ? `Hosts ${whole(start + 1)} to ${whole(end)} of ${whole(found.length)}${matching}`
    : "No host matches. Clear the search, or choose more verdicts.";
  byId("previous").disabled = state.page === 0;
  byId("next").disabled = end >= found.length;
}

function sort() {
  const column = COLUMNS.find(({ key, compare }) => key === state.sort && compare) ?? COLUMNS[1];
  const sign = state.up ? 1 : -1;
  order.sort((one, other) => sign * column.compare(one, other));
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
