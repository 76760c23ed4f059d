// The one line that says why there is nothing new to see.

import * as texts from "./texts.js";

/** @typedef {import("./words.js").Connection} Connection */

/** Most breaks are over before anybody could read about them. */
const PROBLEM_MS = 3000;

/** Shows the most important of what is wrong, and nothing when nothing is. */
export class Banner {
  /** @type {Connection} */
  #connection = "connecting";
  /** @type {string | null} */
  #problem = null;
  /** @type {string | null} */
  #config = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {Connection} connection */
  set connection(connection) {
    this.#connection = connection;
    this.#show();
  }

  /** Why there are no pictures; null when there are. @param {string | null} reason */
  set problem(reason) {
    clearTimeout(this.#timer);
    if (reason === null) this.#setProblem(null);
    else if (this.#problem !== null) this.#setProblem(reason);
    else this.#timer = setTimeout(() => this.#setProblem(reason), PROBLEM_MS);
  }

  /** Why the config file is not used; null when it is. @param {string | null} reason */
  set config(reason) {
    if (reason === this.#config) return;
    this.#config = reason;
    this.#show();
  }

  /** @param {string | null} reason */
  #setProblem(reason) {
    this.#problem = reason;
    this.#show();
  }

  #show() {
    const config = this.#config === null ? "" : texts.configRefused(this.#config);
    const problem = this.#problem === null ? config : texts.noPictures(this.#problem);
    const text = this.#connection === "lost" ? texts.SERVER_LOST : problem;
    // Kept while it fades out.
    if (text) this.#element.textContent = text;
    this.#element.toggleAttribute("data-shown", text !== "");
  }
}
