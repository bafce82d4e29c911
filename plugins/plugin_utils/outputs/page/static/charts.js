// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The charts of the table. What each shows is also in words.

function memoryBar(place, width) {
  const [ram, total, fixed] = [data.ram[place], data.total[place], data.fixed[place]];
  if (!ram || total === null || fixed === null) return "";
  const first = Math.min(width, (width * fixed) / ram);
  const second = Math.max(0, Math.min(width - first, (width * (total - fixed)) / ram));
  const part = (name, x, long) => shape("rect", { class: `f-${name}`, x: x.toFixed(1), width: Math.max(0, long - (long > 3 ? 1 : 0)).toFixed(1), height: 10 });
  return shape(
    "svg", { class: "bar", width, height: 10, viewBox: `0 0 ${width} 10`, "aria-hidden": "true", focusable: "false" },
    part("track", 0, width), part("fixed", 0, first), part("free", first, second),
  );
}

function trendWords(label, trend) {
  const known = trend.levels.filter((level) => level !== null);
  const amount = (level) => sizeOfKib(Math.round(amountAt(trend, level)));
  const usual = trend.usual ? `; usually ${amount(trend.usual[0])} to ${amount(trend.usual[1])}` : "";
  return `${label} from ${amount(known[0])} on ${trend.since} to ${amount(known[known.length - 1])} now${usual}`;
}

// A line through the values, one step each, over a band that is the usual range. A gap is never bridged.
function sparkline(label, trend, width, height) {
  const across = (step) => (3 + (step * (width - 6)) / Math.max(1, trend.levels.length - 1)).toFixed(1);
  const down = (level) => height - 2 - (level * (height - 4)) / 63;
  const drawn = shape("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": trendWords(label, trend) });
  if (trend.usual) {
    const [bottom, top] = trend.usual.map(down);
    drawn.append(shape("rect", { class: "band", y: top.toFixed(1), width, height: Math.max(1.5, bottom - top).toFixed(1) }));
  }
  let path = "";
  let last = null;
  trend.levels.forEach((level, step) => {
    if (level === null) {
      last = null;
      return;
    }
    path += `${last === null ? "M" : "L"}${across(step)} ${down(level).toFixed(1)}`;
    last = step;
  });
  drawn.append(shape("path", { class: "line", d: path }));
  const end = trend.levels.findLastIndex((level) => level !== null);
  drawn.append(shape("circle", { class: "dot", cx: across(end), cy: down(trend.levels[end]).toFixed(1), r: 2.5 }));
  return drawn;
}
