// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// What the page does beside its table: copying, the scheme, the contents, a file of the hosts that are shown, paper.

function copied(button) {
  const said = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = said;
  }, 1200);
}

// A window without focus refuses the clipboard, and a page from a disk may have none.
function copyByHand(button) {
  const field = node("textarea", { "aria-hidden": "true" });
  field.value = button.dataset.copy;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (done) copied(button);
}

function wakeCopies() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    if (navigator.clipboard) navigator.clipboard.writeText(button.dataset.copy).then(() => copied(button), () => copyByHand(button));
    else copyByHand(button);
  });
  for (const button of document.querySelectorAll("button.copy")) button.hidden = false;
}

function wakeScheme() {
  const button = byId("theme");
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => {
    button.textContent = dark() ? "Light" : "Dark";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  name();
}

// The section in view is marked in the contents.
function wakeContents() {
  const links = new Map([...document.querySelectorAll(".side a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((seen) => {
    for (const one of seen) {
      if (!one.isIntersecting || !links.has(one.target.id)) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(one.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const section of document.querySelectorAll("main > section")) watch.observe(section);
}

// A cell of CSV that no spreadsheet takes for a formula.
function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}

const CSV = [
  ["host", fullName], ["environment", (place) => textOf("environment", place)], ["verdict", (place) => VERDICTS[data.verdict[place]]],
  ["days_left", (place) => data.left[place]], ["available_kib", (place) => data.available[place]],
  ["nearest_limit", (place) => words.nearKeys[data.near[place]]], ["percent_of_limit", (place) => data.used[place]],
  ["held_by", (place) => data.held[place]], ["finding", (place) => findingsOf.get(place)?.[2]], ["kernel", (place) => textOf("kernel", place)],
  ["ram_kib", (place) => data.ram[place]], ["kernel_memory_kib", (place) => data.total[place]], ["unreclaimable_kib", (place) => data.fixed[place]],
  ...words.kinds.map(([key]) => [`${key}_kib`, (place) => data[key][place]]),
];

function csvOf(places) {
  const lines = [CSV.map(([title]) => title).join(",")];
  for (const place of places) lines.push(CSV.map(([, cell]) => csvCell(cell(place))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function wakeCsv() {
  byId("csv").addEventListener("click", () => {
    const link = node("a", { href: URL.createObjectURL(new Blob([csvOf(found)], { type: "text/csv" })), download: "hosts-shown.csv" });
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

// On paper: all hosts that need attention or gave no data, a line each, and not the page of the table that happens to be shown.
const MOST_ON_PAPER = 500;

function wakePaper() {
  let folded = [];
  addEventListener("beforeprint", () => {
    const shown = [...found].filter((place) => VERDICTS[data.verdict[place]] !== "ok").slice(0, MOST_ON_PAPER);
    folded = [...document.querySelectorAll("#limits details:not([open])")];
    for (const one of folded) one.open = true;
    if (!shown.length || hosts <= state.per) return;
    byId("rows").replaceChildren(...shown.map(row));
    byId("info").textContent = `${whole(shown.length)} of ${whole(found.length)} hosts: those that need attention or gave no data`;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    drawRows();
  });
}
