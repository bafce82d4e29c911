// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel memory over time, as stacked.py draws it, from the packed past of any host; and the values of a moment under pointer and keyboard.

const WIDE = 600;

// Where samples are drawn, the last so many minutes before the end.
const placed = (ages, ahead = 0) => (at) => (WIDE * (ages[0] - ages[at])) / Math.max(1, ages[0] + ahead);

// When a sample was, the last being that of this audit.
const sampleWords = (now, ages, at) => (at === ages.length - 1 ? todayWord(ages[0]) : dateWords(now, ages[at], ages[0]));

// An unseen range input lies over each chart, so keys, touch and screen readers come for nothing.
function scrubbed(input, past, now) {
  const pane = input.parentElement;
  const cursor = pane.querySelector(".cursor");
  const high = cursor.ownerSVGElement.viewBox.baseVal.height;
  const figure = input.closest("figure");
  const cells = Object.fromEntries([...figure.querySelectorAll("[data-v]")].map((cell) => [cell.dataset.v, cell]));
  const last = past.ages.length - 1;
  const x = placed(past.ages, Number(input.dataset.ahead ?? 0));
  const sizeAt = (kind, at) => (past.kinds[kind][at] === 0 && past.unit && at < last ? `< ${sizeOfKib(past.unit)}` : sizeOfKib(past.kinds[kind][at]));
  const show = () => {
    const at = Math.min(last, Number(input.value));
    cursor.setAttribute("d", at === last ? "" : `M${x(at).toFixed(1)} 0V${high}`);
    let all = null;
    words.stack.forEach(([key], kind) => {
      if (cells[key]) cells[key].textContent = sizeAt(kind, at);
      if (past.kinds[kind][at] !== null) all = (all ?? 0) + past.kinds[kind][at];
    });
    cells.all.textContent = sizeOfKib(all);
    figure.querySelector(".day").textContent = sampleWords(now, past.ages, at);
    const said = words.stack.filter(([key]) => cells[key]).map(([key, label]) => `${label} ${cells[key].textContent}`).join(", ");
    input.setAttribute("aria-valuetext", `${sampleWords(now, past.ages, at)}: together ${sizeOfKib(all)}; ${said}`);
  };
  follow(input, last, x, show);
}

// The range follows the pointer, and returns to the last value when it is left.
function follow(input, last, x, show) {
  const back = () => {
    input.value = last;
    show();
  };
  input.hidden = false;
  input.max = last;
  input.addEventListener("input", show);
  input.addEventListener("pointermove", (event) => {
    const { left, width } = input.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * WIDE;
    let best = 0;
    for (let one = 1; one <= last; one += 1) if (Math.abs(x(one) - at) < Math.abs(x(best) - at)) best = one;
    input.value = best;
    show();
  });
  input.addEventListener("pointerleave", back);
  input.addEventListener("blur", back);
  back();
}

function runsScrubbed(input) {
  const runs = data.runs;
  const last = runs.verdicts.length - 1;
  const cursor = input.parentElement.querySelector(".cursor");
  const x = (at) => ((at + 0.5) * WIDE) / (last + 1);
  follow(input, last, x, () => {
    const at = Number(input.value);
    const day = sampleWords(runs.now, runs.ages, at);
    cursor.setAttribute("d", at === last ? "" : `M${x(at).toFixed(1)} 0V${cursor.ownerSVGElement.viewBox.baseVal.height}`);
    ["critical", "warning", "unknown"].forEach((verdict, place) => {
      document.querySelector(`[data-run=${verdict}]`).textContent = whole(runs.verdicts[at][place]);
    });
    byId("run-day").textContent = day;
    input.setAttribute("aria-valuetext", `${day}: critical ${runs.verdicts[at][0]}, warning ${runs.verdicts[at][1]}, no data ${runs.verdicts[at][2]}`);
  });
}

// The charts that came with the page learn to tell their values.
function wakeCharts() {
  for (const input of document.querySelectorAll("input.scrub")) {
    if (input.dataset.runs) runsScrubbed(input);
    else if (input.dataset.fleet) scrubbed(input, { ages: data.runs.ages, kinds: data.runs.sums, unit: 0 }, data.runs.now);
    else {
      const place = placeOfName(input.dataset.host);
      const past = place < 0 ? null : pastOf(place);
      if (past) scrubbed(input, past, words.now);
    }
  }
}

function scaleOf(highest) {
  let unit = 1;
  while (highest >= 1.5 * unit * 1024) unit *= 1024;
  const step = [0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find((one) => highest <= 5.1 * one * unit) ?? highest / unit;
  return [highest * 1.06, [1, 2, 3, 4, 5].map((at) => at * step * unit).filter((tick) => tick <= highest * 1.02)];
}

// The kinds from the foot of the stack with their classes and sums; kinds of which there never was anything are left out.
function bandsOf(past, first) {
  const shown = [...words.stack.keys()].filter((kind) => kind === first || past.kinds[kind].some((value) => value));
  const order = [...shown.filter((kind) => kind === first), ...shown.filter((kind) => kind !== first)];
  const sums = past.ages.map((unused, at) => (past.kinds.every((kind) => kind[at] === null) ? null : 0));
  let turn = 0;
  return order.map((kind) => {
    const key = words.stack[kind][0];
    sums.forEach((sum, at) => {
      if (sum !== null) sums[at] = sum + (past.kinds[kind][at] ?? 0);
    });
    let kindOf = kind === first ? "acc" : { unaccounted: "hatch", slab_reclaimable: "dots" }[key];
    if (!kindOf) {
      kindOf = ["g1", "g2"][turn % 2];
      turn += 1;
    }
    return { kind, class: kindOf, fill: { hatch: "url(#p-hatch)", dots: "url(#p-dots)" }[kindOf], sums: [...sums] };
  });
}

const painted = (band, attributes) => shape("path", { class: band.class, ...(band.fill ? { fill: band.fill } : {}), ...attributes });

function stackOf(place, limits) {
  const past = pastOf(place);
  if (!past) return null;
  const nearest = words.nearKeys[data.near[place]];
  const atFault = findingsOf.has(place) ? data.findings.sorts[findingsOf.get(place)[0]][0].split(".")[0] : nearest;
  const first = words.stack.findIndex(([key]) => key === atFault);
  const bands = bandsOf(past, first);
  if (!bands.length) return null;
  const high = 200;
  const x = placed(past.ages);
  const limit = limits?.[atFault] ?? null;
  const highest = Math.max(1, ...bands[bands.length - 1].sums.filter((sum) => sum !== null));
  const drawn = limit !== null && limit <= 1.7 * highest;
  const [top, ticks] = scaleOf(drawn ? Math.max(limit, highest) : highest);
  const y = (value) => Math.round(high - (value / top) * high);
  const inner = shape("svg", { width: "100%", height: high, viewBox: `0 0 ${WIDE} ${high}`, preserveAspectRatio: "none" });
  for (const band of [...bands].reverse()) {
    let [area, edge, begun] = ["", "", -1];
    band.sums.forEach((sum, at) => {
      if (sum === null) return;
      const to = `${begun < 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(sum)}`;
      area += to;
      edge += to;
      if (begun < 0) begun = at;
      if (at === band.sums.length - 1 || band.sums[at + 1] === null) {
        area += `V${high}H${x(begun).toFixed(1)}z`;
        begun = -1;
      }
    });
    inner.append(painted(band, { d: area }), shape("path", { class: "edge", fill: "none", d: edge }));
  }
  inner.append(...ticks.map((tick) => shape("path", { class: "grid", d: `M0 ${y(tick)}H${WIDE}` })));
  const title = `Kernel memory of ${fullName(place)}`;
  const outer = shape("svg", { class: "xs", width: "100%", height: high + 40, role: "img", "aria-label": `${title}. The numbers are in the table beside it.` }, inner);
  const say = (text, across, down, class_, anchor, dx) => outer.append(shape("text", { class: class_, x: across, y: down, "text-anchor": anchor, dx }, text));
  const percentOf = (at) => `${((100 * x(at)) / WIDE).toFixed(2)}%`;
  if (limit !== null) {
    if (drawn) inner.append(shape("path", { class: "limit", fill: "none", "stroke-dasharray": "6 4", d: `M0 ${y(limit)}H${WIDE}` }));
    const above = drawn ? y(limit) - 6 : 12;
    say(`${drawn ? "" : "↑ "}critical limit ${sizeOfKib(Math.round(limit))}`, 6, above > 10 ? above : y(limit) + 14, "t-limit halo", "start", 0);
  }
  for (const at of past.boots) {
    inner.append(shape("path", { class: "boot", "stroke-dasharray": "1 3", fill: "none", d: `M${x(at).toFixed(1)} 0V${high}` }));
    outer.append(shape("svg", { x: percentOf(at), y: high + 4, width: 1, height: 10, overflow: "visible" }, shape("path", { class: "ev", d: "M0 0 5 9H-5z" })));
  }
  dates(past, high, x, say);
  inner.append(shape("path", { class: "cursor", fill: "none" }));
  const axis = shape("svg", { class: "ys", width: 62, height: high + 40, "aria-hidden": "true", focusable: "false" }, ...[0, ...ticks].map((tick) => shape("text", { class: "t-axis", x: 56, y: y(tick) + 4, "text-anchor": "end" }, tick ? sizeOfKib(Math.round(tick)) : "0")));
  const input = node("input", { class: "scrub", type: "range", min: 0, "aria-label": `Moment: ${title}` });
  const caption = node("figcaption", {}, title, node("span", { class: "mu" }, ` past amounts in steps of ${sizeOfKib(past.unit)}`));
  const pane = node("div", { class: "pane" }, outer, input);
  const figure = node("figure", { class: "stack" }, caption, node("div", { class: "both" }, node("div", { class: "plot" }, axis, pane), legendOf(past, bands)));
  scrubbed(input, past, words.now);
  return figure;
}

function dates(past, high, x, say) {
  const span = past.ages[0];
  const step = [[28800, 10080], [11520, 2880], [2880, 1440], [480, 360], [120, 60]].find(([least]) => span >= least)?.[1] ?? 10;
  say(todayWord(span), "100%", high + 34, "t-axis", "end", 0);
  for (let age = step, number = 1; age <= span * 0.97; age += step, number += 1) {
    say(dateWords(words.now, age, span), `${((100 * (span - age)) / span).toFixed(2)}%`, high + 34, `t-axis${number % 2 ? " opt" : ""}`, "middle", 0);
  }
}

function legendOf(past, bands) {
  const rows = [...bands].reverse().map((band) => {
    const values = past.kinds[band.kind];
    const known = values.filter((value) => value !== null);
    const grown = values[values.length - 1] === null ? 0 : values[values.length - 1] - known[0];
    const swatch = shape("svg", { class: "sw", width: 14, height: 14, "aria-hidden": "true", focusable: "false" }, shape("rect", { class: band.class, width: 14, height: 14, ...(band.fill ? { fill: band.fill } : {}) }), shape("rect", { class: "box", x: 0.5, y: 0.5, width: 13, height: 13, fill: "none" }));
    const grew = Math.abs(grown) >= Math.max(past.unit, 1024) ? `${grown > 0 ? "+" : "−"}${sizeOfKib(Math.abs(grown))}` : "";
    return node("tr", band.class === "acc" ? { class: "at" } : {}, node("th", { scope: "row" }, swatch, ` ${words.stack[band.kind][1]}`), node("td", { class: "num", "data-v": words.stack[band.kind][0] }), node("td", { class: "num" }, grew));
  });
  const head = node("tr", {}, node("th", { scope: "col" }, "Kind"), node("th", { scope: "col", class: "num" }, node("span", { class: "day" })), node("th", { scope: "col", class: "num" }, `since ${dateWords(words.now, past.ages[0], past.ages[0])}`));
  const foot = node("tr", {}, node("th", { scope: "row" }, "Together"), node("td", { class: "num", "data-v": "all" }), node("td", {}));
  return node("table", { class: "legend" }, node("thead", {}, head), node("tbody", {}, ...rows), node("tfoot", {}, foot));
}
