// Asks once more before something is lost.

import { button, el } from "./dom.js";
import * as texts from "./texts.js";

/**
 * Asks, and waits for the answer; who closes the question says no.
 *
 * @param {{title: string, text: string, action: string}} question `action` is what the button says that
 *   does it.
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, action }) {
  const dialog = el("dialog", {
    class: "dialog confirm",
    role: "alertdialog",
    "aria-labelledby": "confirm-title",
    "aria-describedby": "confirm-text",
  });
  const cancel = button({ text: texts.CANCEL }, () => dialog.close());
  const act = button({ text: action, class: "button danger" }, () => dialog.close("yes"));
  // What is safe has the keyboard: whoever presses Enter twice loses nothing.
  cancel.autofocus = true;
  dialog.append(
    el("h2", { class: "panel-title", id: "confirm-title" }, title),
    el("p", { class: "quiet", id: "confirm-text" }, text),
    el("div", { class: "buttons" }, cancel, act),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
