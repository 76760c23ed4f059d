// The panel beside the wall: one content at a time; a sheet from below on a small screen.

import { button, el, say } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").Group} Group */
/** @typedef {import("./words.js").Rights} Rights */

/**
 * What a panel needs to know; given at its opening, then with every message of the server and every
 * change of the large camera.
 *
 * @typedef {object} Situation
 * @property {CameraStatus[]} cameras All of them, in the order of the wall.
 * @property {Group[]} groups
 * @property {Rights} rights
 * @property {string | null} focus The large camera's id.
 * @property {Date} now
 */

/**
 * What is in the panel while it is open.
 *
 * @typedef {object} Content
 * @property {string} title Read again after each update.
 * @property {HTMLElement} element
 * @property {(situation: Situation) => void} update
 * @property {() => Promise<boolean>} [mayLeave] Asks where something would be lost; false keeps it open.
 * @property {() => void} [close] Gives back what it holds.
 */

/** What the panel can show. @typedef {"heat" | "camera" | "regions"} PanelName */

/**
 * What a panel works with.
 *
 * @typedef {object} Context
 * @property {import("./api.js").Api} api
 * @property {import("./wall.js").HeatWall} wall
 * @property {import("./toast.js").Toast} toast
 * @property {import("./player.js").Player} player
 * @property {import("./keys.js").Keys} keys
 * @property {(name: PanelName) => void} open Shows another panel in place of this one.
 * @property {() => void} close
 */

/** The panel; dispatches `panel-change` when it opens, closes or shows something else. */
export class Panel extends EventTarget {
  /** @type {string | null} */
  #name = null;
  /** @type {Content | null} */
  #content = null;
  /** @type {Situation | null} */
  #situation = null;
  /** @type {Element | null} */
  #cameFrom = null;
  #element;
  #title;
  #body;

  /** @param {HTMLElement} element The `aside`, empty and hidden. */
  constructor(element) {
    super();
    this.#element = element;
    this.#title = el("h2", { class: "panel-title", id: "panel-title" });
    this.#body = el("div", { class: "panel-body", tabindex: -1 });
    const close = button({ icon: "close", label: texts.CLOSE, class: "icon-button" }, () => void this.leave());
    element.setAttribute("aria-labelledby", "panel-title");
    element.append(el("header", { class: "panel-head" }, this.#title, close), this.#body);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      void this.leave();
    });
  }

  /** What it shows; null while it is closed. */
  get shown() {
    return this.#name;
  }

  /**
   * Shows a content in place of another.
   *
   * @param {string} name
   * @param {Content} content
   * @param {{takesFocus?: boolean}} [how] Whether the keyboard goes there, as after a press of a button.
   */
  open(name, content, { takesFocus = true } = {}) {
    const wasOpen = this.#content !== null;
    this.#content?.close?.();
    if (!wasOpen) this.#cameFrom = document.activeElement;
    this.#name = name;
    this.#content = content;
    this.#title.textContent = content.title;
    this.#body.replaceChildren(content.element);
    this.#body.scrollTop = 0;
    this.#element.dataset["panel"] = name;
    this.#element.hidden = false;
    if (this.#situation) this.update(this.#situation);
    if (takesFocus) this.#body.focus({ preventScroll: true });
    this.dispatchEvent(new Event("panel-change"));
  }

  /** Closes it, unless somebody then wants to keep what would be lost. @returns {Promise<boolean>} Whether it is closed. */
  async leave() {
    const content = this.#content;
    if (!(await this.mayLeave())) return false;
    // Meanwhile it may have been closed, or show something else.
    if (this.#content === content) this.close();
    return true;
  }

  /** Asks where something would be lost. @returns {Promise<boolean>} */
  async mayLeave() {
    return (await this.#content?.mayLeave?.()) ?? true;
  }

  /** At once; may be called again. */
  close() {
    if (!this.#content) return;
    const hadFocus = this.#element.contains(document.activeElement);
    this.#content.close?.();
    this.#content = null;
    this.#name = null;
    this.#body.replaceChildren();
    this.#element.hidden = true;
    delete this.#element.dataset["panel"];
    if (hadFocus && this.#cameFrom instanceof HTMLElement) this.#cameFrom.focus({ preventScroll: true });
    this.dispatchEvent(new Event("panel-change"));
  }

  /** @param {Situation} situation */
  update(situation) {
    this.#situation = situation;
    this.#content?.update(situation);
    if (this.#content) say(this.#title, this.#content.title);
  }
}
