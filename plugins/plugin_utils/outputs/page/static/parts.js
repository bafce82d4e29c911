// Copyright (c) 2026, The fleetaudit.kernel_memory authors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Small parts: elements, and numbers as text. Whatever a host says becomes a text node or an attribute's value, never HTML.

const DASH = "–";
const NB = "\u00a0";
const SVG = "http://www.w3.org/2000/svg";
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

const byId = (id) => document.getElementById(id);

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  for (const child of children) if (child !== null && child !== "") element.append(child);
  return element;
}

const node = (tag, attributes, ...children) => filled(document.createElement(tag), attributes, children);
const shape = (tag, attributes, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

// A name of any writing, on its own: its direction can't change that of its neighbours.
const isolated = (text) => node("bdi", {}, text);

const whole = (number) => (number === null ? DASH : String(number).replace(/\B(?=(\d{3})+$)/g, ","));

// As Python rounds: a tie goes to the even digit, so that the page has the same numbers with scripts and without.
function fixed(number, digits) {
  const scaled = number * 10 ** digits;
  const down = Math.floor(scaled);
  const tie = scaled - down === 0.5 && down % 2 === 0 && Number.isInteger(number * 8);
  return (tie ? down / 10 ** digits : number).toFixed(digits);
}

function size(bytes) {
  if (bytes === null) return DASH;
  if (bytes < 0) return "-" + size(-bytes);
  let power = 0;
  const rounded = (at) => Math.round((bytes / 1024 ** at) * (at ? 10 : 1)) / (at ? 10 : 1);
  while (power < UNITS.length - 1 && rounded(power) >= 1024) power += 1;
  const amount = bytes / 1024 ** power;
  return `${Number.isInteger(amount) ? amount : fixed(amount, 1)}${NB}${UNITS[power]}`;
}

const sizeOfKib = (kib) => size(kib === null ? null : kib * 1024);

function percent(part, all) {
  if (part === null || !all) return DASH;
  if (part === 0) return `0${NB}%`;
  const share = (100 * part) / all;
  return `${fixed(share, Math.abs(share) < 1 ? 2 : 1)}${NB}%`;
}

// Days as people say them; a host is not given more than it has.
function leftWords(days) {
  if (days === undefined || days === null) return DASH;
  const number = days < 1 ? Math.floor(days * 24) : Math.floor(days);
  if (days < 1 && number < 1) return "now";
  return `${number}${NB}${days < 1 ? "hour" : "day"}${number === 1 ? "" : "s"}`;
}

// A name cut in its middle: names of machines differ at both ends.
function cutMiddle(name, most) {
  if (name.length <= most) return name;
  const tail = Math.floor((most * 2) / 5);
  return `${name.slice(0, most - tail - 1)}…${name.slice(name.length - tail)}`;
}

// A share of a whole in a column of them, below 10 with a decimal.
const partWords = (part) => `${fixed(100 * part, part < 0.0995 ? 1 : 0)}${NB}%`;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// Of a span of less than two days, in minutes, moments are hours.
const inHours = (span) => span < 2880;
const todayWord = (span) => (inHours(span) ? "now" : "today");

// A moment so many minutes before *now*.
function dateWords(now, minutes, span) {
  const moment = new Date(Date.parse(now) - minutes * 60000);
  if (inHours(span)) return moment.toISOString().slice(11, 16);
  return `${moment.getUTCDate()}${NB}${MONTHS[moment.getUTCMonth()]}`;
}

function copyButton(text, label) {
  return node("button", { type: "button", class: "copy", "data-copy": text }, label);
}

const FORMS = { size, number: whole, percent: (value) => percent(value, 100) };

function icon(word) {
  const drawn = shape("svg", { width: 14, height: 14, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" });
  drawn.append(shape("use", { href: `#i-${word}` }));
  return drawn;
}

const status = ([word, label]) => node("span", { class: `st ${word}` }, icon(word), ` ${label}`);
