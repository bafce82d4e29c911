// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of the table of all hosts: those that are shown at first, and those that can be chosen.

const VERDICTS = words.verdicts.map(([word]) => word);
const narrow = innerWidth < 640;
const byText = (text) => (one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : one - other);

// The largest first, what is not known last.
function byNumber(number) {
  return (one, other) => {
    const [a, b] = [number(one), number(other)];
    if (a === null || b === null) return a === b ? one - other : a === null ? 1 : -1;
    return b - a || one - other;
  };
}

const availableOf = (place) => (data.available[place] === null || !data.ram[place] ? null : data.available[place] / data.ram[place]);
const shareOf = (place) => (data.total[place] === null || !data.ram[place] ? null : data.total[place] / data.ram[place]);

function nearestCell(place) {
  if (data.used[place] === null) return DASH;
  const sick = data.verdict[place] < 2;
  const share = node("span", { class: "pc" }, `${fixed(data.used[place], 0)}${NB}%`);
  return node("span", { class: "lim" }, bar(data.used[place] / 100, sick ? `f-${VERDICTS[data.verdict[place]]}` : "acc"), " ", share, " ", node("span", { class: "mu" }, words.near[data.near[place]]));
}

function findingCell(place) {
  const all = findingsOf.get(place);
  if (!all) return "";
  return node("span", {}, all[2], all.length > 3 ? node("span", { class: "mu" }, ` and ${all.length / 3 - 1} more`) : "");
}

function usualCell(place) {
  const above = data.usual[place];
  return above === null ? DASH : above <= 0 ? "within" : `+${above}${NB}%`;
}

// Without data, who holds the memory is why there is none.
const heldWords = (place) => data.held[place] ?? (data.verdict[place] === VERDICTS.indexOf("unknown") ? textOf("coverage", place) : "");

const COLUMNS = [
  { key: "host", title: "Host", compare: byText((place) => data.name[place]) },
  { key: "verdict", title: "Verdict", cell: (place) => status(words.verdicts[data.verdict[place]]), compare: (one, other) => one - other },
  { key: "left", title: "Days left", number: true, cell: (place) => leftWords(data.left[place]), compare: (one, other) => (data.left[one] ?? 1e9) - (data.left[other] ?? 1e9) || one - other },
  { key: "available", title: "Available", number: true, cell: (place) => (availableOf(place) === null ? DASH : partWords(availableOf(place))), compare: (one, other) => (availableOf(one) ?? 2) - (availableOf(other) ?? 2) || one - other },
  { key: "nearest", title: "Nearest limit", cell: nearestCell, compare: byNumber((place) => data.used[place]) },
  { key: "trend", title: "To its limit", cell: mini },
  { key: "held", title: "Held by", cell: (place) => isolated(cutMiddle(heldWords(place), 28)), compare: byText((place) => heldWords(place) || "~") },
  { key: "environment", title: "Environment", cell: (place) => isolated(textOf("environment", place)), compare: byText((place) => textOf("environment", place)) },
  { key: "kernel", title: "Kernel", cell: (place) => isolated(textOf("kernel", place) || DASH), compare: byText((place) => textOf("kernel", place) || "~") },
  { key: "finding", title: "Findings", cell: findingCell },
  { key: "ram", title: "RAM", number: true, cell: (place) => sizeOfKib(data.ram[place]), compare: byNumber((place) => data.ram[place]) },
  { key: "total", title: "Kernel memory", number: true, cell: (place) => (data.total[place] === null ? DASH : words.bounds[data.bound[place]] + sizeOfKib(data.total[place])), compare: byNumber((place) => data.total[place]) },
  { key: "share", title: "Of RAM", number: true, cell: (place) => percent(data.total[place], data.ram[place]), compare: byNumber(shareOf) },
  { key: "fixed", title: "Unreclaimable", number: true, cell: (place) => sizeOfKib(data.fixed[place]), compare: byNumber((place) => data.fixed[place]) },
  { key: "usual", title: "Against usual", number: true, cell: usualCell, compare: byNumber((place) => data.usual[place]) },
  ...words.kinds.map(([key, title]) => ({ key, title, number: true, cell: (place) => sizeOfKib(data[key][place]), compare: byNumber((place) => data[key][place]) })),
  { key: "coverage", title: "Coverage", cell: (place) => textOf("coverage", place), compare: byText((place) => textOf("coverage", place)) },
];
const BY_KEY = new Map(COLUMNS.map((column) => [column.key, column]));
const hasPast = data.past.places.some((axis) => axis >= 0);
const FIRST = narrow ? ["host", "left", "nearest"] : ["host", "verdict", "left", "available", "nearest", ...(hasPast ? ["trend"] : []), "held", ...(innerWidth < 1240 ? [] : ["environment"])];
