// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The small charts of the table. What each shows is also in words. What is drawn for each row is made once and cloned.

const BAR = innerWidth < 640 ? 48 : 90;
const kept = {};
const clone = (key, first) => (kept[key] ??= first()).cloneNode(true);

function bar(part, kind) {
  const one = clone(`bar ${kind}`, () => shape(
    "svg", { class: "bar", width: BAR, height: 8, "aria-hidden": "true", focusable: "false" },
    shape("rect", { class: "f-track", width: BAR, height: 8 }), shape("rect", { class: kind, height: 8 }),
  ));
  one.lastChild.setAttribute("width", (Math.max(0, Math.min(1, part)) * BAR).toFixed(1));
  return one;
}

// The past of the kind that is nearest to its limit, from nothing to the limit, which is dotted on top: a quiet host is flat at the foot.
function mini(place) {
  const kind = words.stack.findIndex(([key]) => key === words.nearKeys[data.near[place]]);
  const past = data.near[place] < 0 ? null : kind < 0 ? pastOf(place) : pastOf(place, kind);
  if (past === null || !data.used[place]) return DASH;
  const values = kind < 0 ? totalOf(past) : past.kinds[kind];
  const now = values[values.length - 1];
  if (!now) return DASH;
  const limit = now / (data.used[place] / 100);
  const drawn = clone("mini", () => shape(
    "svg", { class: "mini", width: 92, height: 22, viewBox: "0 0 92 22", "aria-hidden": "true", focusable: "false" },
    shape("path", { class: "limit", "stroke-dasharray": "2 3", d: "M0 3H92" }), shape("path", { class: "line", fill: "none" }),
  ));
  const span = past.ages[0] || 1;
  let path = "";
  let pen = "M";
  values.forEach((value, at) => {
    if (value === null) {
      pen = "M";
      return;
    }
    path += `${pen}${(1 + (90 * (span - past.ages[at])) / span).toFixed(1)} ${(21 - Math.min(1.05, value / limit) * 18).toFixed(1)}`;
    pen = "L";
  });
  drawn.lastChild.setAttribute("d", path);
  return drawn;
}

// What can't be reclaimed: the sum of all kinds but the estimate and what is given back by itself.
function totalOf(past) {
  const firm = words.stack.map(([key]) => key !== "unaccounted" && key !== "slab_reclaimable");
  return past.ages.map((unused, at) => past.kinds.reduce((sum, kind, number) => (firm[number] && kind[at] !== null ? sum + kind[at] : sum), 0));
}
