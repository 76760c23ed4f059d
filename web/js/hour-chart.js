// The last hour of a camera as a curve: people by the minute, and the figures of one minute on demand.

import { el, say, svg } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./words.js").History} History */
/** @typedef {History["minutes"][number]} Minute */

/** Whole minutes and the one that runs. */
const SLOTS = 61;
const MINUTE_S = 60;
/** Height of the drawing in its own units; it is stretched to whatever height it has on the page. */
const HIGH = 100;
/** The least that the curve's full height stands for: one person is not a crowd. */
const LEAST_TOP = 4;

/** Minutes that hang together: the first one's slot, and a value for each. @typedef {{from: number, values: number[]}} Run */

/** The curve; the same element for one camera after another. */
export class HourChart {
  /** By slot; null: before the history began. @type {(Minute | null)[]} */
  #slots = Array.from({ length: SLOTS }, () => null);
  #hasAny = false;
  /** The minute that somebody looks at. @type {number | null} */
  #looked = null;
  #area = svg("path", { class: "hour-area" });
  #mean = svg("path", { class: "hour-mean" });
  #most = svg("path", { class: "hour-most" });
  #rule = svg("path", { class: "hour-rule" });
  #top = el("span");
  #begin = el("span");
  #end = el("span");
  #when = el("span");
  #meanText = el("span", { class: "hour-key mean" });
  #mostText = el("span", { class: "hour-key most" });
  #crossed = el("span");
  #range = el("input", { type: "range", class: "hour-range", min: 0, max: SLOTS - 1, step: 1, value: SLOTS - 1 });
  #empty = el("p", { class: "hour-empty quiet small" });

  constructor() {
    const drawing = svg(
      "svg",
      { viewBox: `0 0 ${SLOTS} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      this.#area,
      this.#most,
      this.#mean,
      this.#rule,
    );
    const plot = el("div", { class: "hour-plot" }, drawing, this.#empty, this.#range);
    const point = (/** @type {PointerEvent} */ event) => {
      const { left, width } = plot.getBoundingClientRect();
      this.#look(Math.floor(((event.clientX - left) / width) * SLOTS));
    };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", () => this.#look(null));
    this.#range.addEventListener("input", () => this.#look(this.#range.valueAsNumber));
    this.#range.addEventListener("focus", () => this.#range.matches(":focus-visible") && this.#look(this.#range.valueAsNumber));
    this.#range.addEventListener("blur", () => this.#look(null));
    /** For the panel. */
    this.element = el(
      "section",
      { class: "section hour" },
      el("div", { class: "hour-head" }, this.#when, el("span", { class: "hour-keys" }, this.#meanText, this.#mostText)),
      el("div", { class: "hour-counts", "aria-hidden": "true" }, this.#top, el("span", {}, "0")),
      plot,
      el("div", { class: "hour-axis", "aria-hidden": "true" }, this.#begin, this.#crossed, this.#end),
    );
    this.show(null, new Date());
  }

  /**
   * @param {History | null} history null: not known yet.
   * @param {Date} now
   * @param {string} [trouble] Why there is none.
   */
  show(history, now, trouble = "") {
    const minutes = history?.minutes ?? [];
    const lastAt = minutes.at(-1)?.at ?? Math.floor(now.getTime() / 1000 / MINUTE_S) * MINUTE_S;
    this.#slots = Array.from({ length: SLOTS }, () => null);
    for (const minute of minutes) {
      const slot = SLOTS - 1 - Math.round((lastAt - minute.at) / MINUTE_S);
      if (slot >= 0 && slot < SLOTS) this.#slots[slot] = minute;
    }
    this.#hasAny = this.#slots.some((minute) => minute !== null && minute.people !== null);
    const most = Math.max(LEAST_TOP, ...this.#slots.map((minute) => minute?.most ?? 0));
    const means = runs(this.#slots.map((minute) => minute?.people ?? null));
    this.#area.setAttribute("d", means.map((run) => `${curve(run, most)}V${HIGH}H${run.from}Z`).join(""));
    this.#mean.setAttribute("d", means.map((run) => curve(run, most)).join(""));
    const mosts = runs(this.#slots.map((minute) => minute?.most ?? null));
    this.#most.setAttribute("d", mosts.map((run) => curve(run, most)).join(""));
    say(this.#top, this.#hasAny ? String(most) : "");
    say(this.#begin, texts.clock(new Date((lastAt - (SLOTS - 1) * MINUTE_S) * 1000)));
    say(this.#end, texts.clock(new Date((lastAt + MINUTE_S) * 1000)));
    say(this.#empty, this.#hasAny ? "" : trouble || (history ? texts.NOBODY_LOOKED : ""));
    this.element.dataset["history"] = history ? String(minutes.length) : "";
    this.#range.setAttribute("aria-label", texts.hourSummary(minutes));
    this.#range.disabled = !this.#hasAny;
    this.element.toggleAttribute("data-empty", !this.#hasAny);
    if (!this.#hasAny) this.#looked = null;
    this.#read();
  }

  /** @param {number | null} slot */
  #look(slot) {
    const bounded = slot === null ? null : Math.max(0, Math.min(SLOTS - 1, slot));
    const looked = this.#hasAny ? bounded : null;
    if (looked !== null) this.#range.value = String(looked);
    if (looked === this.#looked) return;
    this.#looked = looked;
    this.#read();
  }

  /** Writes the figures of the minute that is looked at, else those of the hour. */
  #read() {
    const slot = this.#looked;
    const minute = slot === null ? null : (this.#slots[slot] ?? null);
    this.#rule.setAttribute("d", slot === null ? "" : `M${slot + 0.5} 0V${HIGH}`);
    this.element.toggleAttribute("data-looked", slot !== null);
    if (slot !== null) {
      const isKnown = minute !== null && minute.people !== null;
      const at = minute?.at ?? (this.#slots.at(-1)?.at ?? 0) - (SLOTS - 1 - slot) * MINUTE_S;
      say(this.#when, texts.clock(new Date(at * 1000)));
      say(this.#meanText, texts.meanPeople(minute?.people ?? null));
      say(this.#mostText, isKnown ? texts.mostPeople(minute.most ?? 0) : "");
      say(this.#crossed, isKnown && minute.in + minute.out > 0 ? texts.inAndOut(minute.in, minute.out) : "");
      this.#range.setAttribute("aria-valuetext", texts.minuteSentence(at, minute));
      return;
    }
    const known = this.#slots.filter((one) => one !== null && one.people !== null);
    const mean = known.reduce((sum, one) => sum + (one?.people ?? 0), 0) / known.length;
    const most = Math.max(...known.map((one) => one?.most ?? 0));
    say(this.#when, texts.LAST_HOUR);
    say(this.#crossed, "");
    say(this.#meanText, known.length ? texts.meanPeople(mean) : "");
    say(this.#mostText, known.length ? texts.mostPeople(most) : "");
    this.#range.removeAttribute("aria-valuetext");
  }
}

/**
 * Cuts values into those that hang together.
 *
 * @param {(number | null)[]} values
 * @returns {Run[]}
 */
export function runs(values) {
  /** @type {Run[]} */
  const found = [];
  let isOpen = false;
  values.forEach((value, slot) => {
    if (value !== null && isOpen) found.at(-1)?.values.push(value);
    else if (value !== null) found.push({ from: slot, values: [value] });
    isOpen = value !== null;
  });
  return found;
}

/**
 * Draws from middle to middle of the minutes, level to the outer edges of the first and the last: a
 * minute that stands alone is still a minute wide.
 *
 * @param {Run} run
 * @param {number} top What the full height stands for.
 * @returns {string} The path, from left to right.
 */
function curve({ from, values }, top) {
  const y = (/** @type {number} */ value) => (HIGH * (1 - Math.min(1, value / top))).toFixed(2);
  const middles = values.map((value, index) => `L${from + index + 0.5} ${y(value)}`).join("");
  return `M${from} ${y(values[0] ?? 0)}${middles}H${from + values.length}`;
}
