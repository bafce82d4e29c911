// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The data of the page: columns by the place of a host. The details are read when the first row is opened.

function taken(id) {
  const block = byId(id);
  const content = JSON.parse(block.textContent);
  block.remove();
  return content;
}

const data = taken("data");
const hosts = data.name.length;
const words = data.words;
const columnOf = Object.fromEntries(words.kinds.map(([key]) => [key, data[key]]));
const textOf = (column, place) => data[column].texts[data[column].places[place]];

// findingsOf.get(place) is [sort of finding, severity, phrase, the same of the next finding, …].
const findingsOf = new Map(data.findings.rows.map((row) => [row[0], row.slice(1)]));

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LEVELS = new Map([...SIGNS].map((sign, level) => [sign, level]));
const levelsOf = (signs) => [...signs].map((sign) => LEVELS.get(sign) ?? null);

// A trend: levels from 0 to 63 between low and high (KiB), null in a gap; usual is [level, level] or null; since is its first day.
function unpacked(signs, low, high, usual, since) {
  if (low === null) return null;
  const band = levelsOf(usual);
  return { levels: levelsOf(signs), low, high, usual: band[0] === null ? null : band, since };
}

const hasTrends = data.trend.low.some((low) => low !== null);
const hasUsual = /[^.]/.test(data.trend.usual);

function trendOf(place) {
  const { steps, signs, low, high, usual, since, days } = data.trend;
  return unpacked(signs.slice(place * steps, (place + 1) * steps), low[place], high[place], usual.slice(2 * place, 2 * place + 2), days[since[place]]);
}

const amountAt = (trend, level) => trend.low + ((trend.high - trend.low) * level) / 63;

// How far the last value is above the top of the usual range, in percent of it; below 0 within or under the range, null where not known.
const aboveUsual = new Float64Array(hosts).fill(NaN);
for (let place = 0; place < (hasUsual ? hosts : 0); place += 1) {
  const sign = data.trend.usual[2 * place + 1];
  const top = sign === "." ? 0 : amountAt({ low: data.trend.low[place], high: data.trend.high[place] }, LEVELS.get(sign));
  if (top > 0 && data.fixed[place] !== null) aboveUsual[place] = 100 * (data.fixed[place] / top - 1);
}

let detailsRead = null;

function details() {
  if (detailsRead === null) detailsRead = taken("details");
  return detailsRead;
}

// What the search looks through, made when it is first used.
let searched = null;

function searchable() {
  if (searched === null) {
    searched = data.name.map((name, place) => {
      const found = (findingsOf.get(place) ?? []).filter((part, at) => at % 3 === 2);
      const parts = [name, textOf("environment", place), textOf("kernel", place), textOf("platform", place), textOf("coverage", place), ...found];
      return parts.join(" ").toLowerCase();
    });
  }
  return searched;
}
