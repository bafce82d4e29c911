// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The heat map: its rows in another order, and the value of a cell under pointer and keyboard.

function wakeHeat() {
  const heat = byId("heat");
  if (!heat || !data.heat) return;
  const { ages, rows: said } = data.heat;
  const picture = byId("heat-map");
  const rows = [...picture.querySelectorAll(".r")];
  const frame = picture.querySelector(".hx");
  const lists = [heat.querySelector(".hn"), heat.querySelector(".hl")].map((list) => [list, [...list.children]]);
  const wide = WIDE / ages.length;
  let order = rows.map((row, place) => place);
  let spot = [0, ages.length - 1];
  heat.parentElement.querySelector(".controls").hidden = false;
  byId("heat-order").addEventListener("change", (event) => {
    const by = Number(event.target.value);
    order = rows.map((row, place) => place);
    if (by) order.sort((one, other) => (said[one][by] < said[other][by] ? -1 : said[one][by] > said[other][by] ? 1 : one - other));
    order.forEach((place, at) => {
      rows[place].setAttribute("transform", `translate(0 ${at * 24})`);
      for (const [list, items] of lists) list.append(items[place]);
    });
    frame.setAttribute("visibility", "hidden");
  });
  const point = (row, column) => {
    spot = [Math.max(0, Math.min(rows.length - 1, row)), Math.max(0, Math.min(ages.length - 1, column))];
    const [name, , cause, kernel, values] = said[order[spot[0]]];
    const value = values[spot[1]];
    frame.setAttribute("x", spot[1] * wide);
    frame.setAttribute("y", spot[0] * 24);
    frame.setAttribute("visibility", "visible");
    const share = value === null ? "no data" : `${value}${NB}% of its limit`;
    byId("heat-say").textContent = `${name}, ${dateWords(words.now, ages[spot[1]], ages[0])}: ${share}; ${cause.replaceAll("_", " ")}; kernel now ${kernel}`;
  };
  // One stop for the keyboard: the picture, in which Enter opens the host. The names beside it stay for the pointer.
  picture.setAttribute("tabindex", "0");
  for (const link of heat.querySelectorAll(".hn a")) link.setAttribute("tabindex", "-1");
  picture.addEventListener("pointermove", (event) => {
    const { left, top, width } = picture.getBoundingClientRect();
    point(Math.floor((event.clientY - top) / 24), Math.floor(((event.clientX - left) / width) * ages.length));
  });
  picture.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -999], End: [0, 999] }[event.key];
    if (move) {
      event.preventDefault();
      point(spot[0] + move[0], spot[1] + move[1]);
    }
    if (event.key === "Enter") openHost(said[order[spot[0]]][0]);
  });
}
