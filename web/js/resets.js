// Begins heat or counts anew, after asking.

import { ApiError } from "./api.js";
import { confirmed } from "./confirm.js";
import { button, el } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {"heat" | "counts"} What */

/** The server has other visitors too. */
const MOST_AT_ONCE = 3;

/**
 * @param {import("./panel.js").Context} context
 * @param {() => CameraStatus[]} cameras Those that are meant, asked at each press.
 * @returns {HTMLElement}
 */
export function resetSection({ api, toast }, cameras) {
  /** @param {What} what */
  const reset = async (what) => {
    const meant = cameras();
    const question = texts.resetQuestion(what, meant.map(({ name }) => name));
    if (meant.length === 0 || !(await confirmed(question))) return;
    const does = (/** @type {CameraStatus} */ { id }) => (what === "heat" ? api.resetHeat(id) : api.resetCounts(id));
    const failed = await ofEach(meant, does);
    const done = meant.filter((camera) => !failed.has(camera));
    const [error] = failed.values();
    const notDone = [...failed.keys()].map(({ name }) => name);
    if (error) toast.say(texts.notReset(what, notDone, texts.whyNot(error)));
    else toast.say(texts.wasReset(what, done.map(({ name }) => name)));
  };
  return el(
    "section",
    { class: "section" },
    el("h3", { class: "section-title" }, texts.BEGIN_ANEW),
    el(
      "div",
      { class: "buttons" },
      button({ icon: "reset", text: texts.RESET_HEAT }, () => void reset("heat")),
      button({ icon: "reset", text: texts.RESET_COUNTS }, () => void reset("counts")),
    ),
  );
}

/**
 * Does the same for many, a few at a time.
 *
 * @template T
 * @param {T[]} items
 * @param {(item: T) => Promise<void>} does
 * @returns {Promise<Map<T, ApiError>>} Those for which it failed.
 */
async function ofEach(items, does) {
  /** @type {Map<T, ApiError>} */
  const failed = new Map();
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await does(item);
      } catch (reason) {
        failed.set(item, reason instanceof ApiError ? reason : new ApiError(599, "unreachable", ""));
      }
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, worker));
  return failed;
}
