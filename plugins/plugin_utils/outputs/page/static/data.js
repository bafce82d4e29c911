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
const words = data.words;
const hosts = data.name.length;
const fullName = (place) => data.name[place] + words.ending;
const textOf = (column, place) => data[column].texts[data[column].places[place]];

let placesByName = null;

function placeOfName(name) {
  if (placesByName === null) placesByName = new Map(data.name.map((one, place) => [one + words.ending, place]).reverse());
  return placesByName.get(name) ?? placesByName.get(name + words.ending) ?? -1;
}

// findingsOf.get(place) is [sort of finding, severity, phrase, the same of the next finding, …].
const findingsOf = new Map(data.findings.rows.map((row) => [row[0], row.slice(1)]));

// The packed past of a host (see model/stack.py): a stretch without a change, a change of a few levels, a new level in two digits, or a gap.
const SIGNS = Array.from({ length: 0x7f - 0x23 }, (unused, at) => String.fromCharCode(0x23 + at)).filter((sign) => !"\\<&'`>".includes(sign));
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const [RUN, STEP] = [34, 24];
const [JUMP, GAP] = [SIGNS[RUN + 2 * STEP], SIGNS[RUN + 2 * STEP + 1]];
const SIGN_AT = new Map(SIGNS.map((sign, at) => [sign, at]));
const DIGIT_AT = new Map([...DIGITS].map((sign, at) => [sign, at]));
let packs = null;

// The amounts in KiB of the kinds of words.stack up to the place *last*, and the ages of the samples in minutes; null without a past.
function pastOf(place, last = words.stack.length - 1) {
  if (packs === null) packs = data.past.signs.split(" ");
  const axis = data.past.places[place];
  if (axis < 0) return null;
  const ages = data.past.ages[axis];
  const unit = data.past.units[place];
  const signs = packs[place];
  const kinds = [];
  for (let kind = 0, at = 0; kind <= last; kind += 1) {
    const values = [];
    let level = 0;
    while (values.length < ages.length && at < signs.length) {
      const sign = signs[at];
      at += 1;
      const code = SIGN_AT.get(sign);
      if (sign === GAP) values.push(null);
      else if (sign === JUMP) {
        level = DIGIT_AT.get(signs[at]) * 64 + DIGIT_AT.get(signs[at + 1]);
        at += 2;
        values.push(level * unit);
      } else if (code < RUN) for (let still = 0; still <= code; still += 1) values.push(level * unit);
      else {
        level = Math.max(0, level + code - RUN - STEP + (code - RUN >= STEP ? 1 : 0));
        values.push(level * unit);
      }
    }
    while (values.length < ages.length) values.push(null);
    // Today's amount is known to the KiB.
    const now = data[words.stack[kind][0]][place];
    values[values.length - 1] = now === null ? null : Math.max(0, now);
    kinds.push(values);
  }
  return { ages, kinds, unit, boots: data.past.boots[place] ?? [], kernels: data.past.kernels[place] ?? [] };
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
      const parts = [fullName(place), textOf("environment", place), textOf("kernel", place), textOf("platform", place), textOf("coverage", place), data.held[place] ?? "", ...found];
      return parts.join(" ").toLowerCase();
    });
  }
  return searched;
}
