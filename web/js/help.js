// The list of keys, in a dialog.

import { button, el } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./keys.js").Key} Key */

/**
 * Shows the keys until somebody closes the list.
 *
 * @param {readonly Key[]} keys
 */
export function showKeys(keys) {
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "keys-title" });
  const close = button({ icon: "close", label: texts.CLOSE, class: "icon-button" }, () => dialog.close());
  const rows = [...byText(keys)].map(([text, names]) =>
    el("div", { class: "keys-row" }, el("dt", {}, ...names.map((name) => el("kbd", {}, name))), el("dd", {}, text)),
  );
  dialog.append(
    el("header", { class: "panel-head" }, el("h2", { id: "keys-title", class: "panel-title" }, texts.KEYS), close),
    el("dl", { class: "keys" }, ...rows),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Keys that do the same stand in one line. @param {readonly Key[]} keys @returns {Map<string, string[]>} */
function byText(keys) {
  /** @type {Map<string, string[]>} */
  const rows = new Map();
  for (const { key, shown, text } of keys) {
    if (text === "") continue;
    const names = rows.get(text) ?? [];
    names.push(shown ?? (key.length === 1 ? key.toUpperCase() : key));
    rows.set(text, names);
  }
  return rows;
}
