// The quiet line that says why the pictures are smaller or later than they could be.

import { say } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./player.js").Transport} Transport */
/** @typedef {import("./words.js").Quality} Quality */

/** Shows whether this page gets less than it asked for; mirrored in `data-quality` and `data-transport`. */
export class QualityHint {
  #element;
  /** @type {Quality | null} */
  #quality = null;
  /** @type {Transport | null} */
  #transport = null;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.update(null);
  }

  /** @param {Quality | null} quality null while the server says nothing. */
  update(quality) {
    this.#quality = quality;
    this.#show();
  }

  /** By what the pictures come; null: by nothing. @param {Transport | null} transport */
  set transport(transport) {
    this.#transport = transport;
    this.#show();
  }

  #show() {
    const isReduced = this.#quality?.is_reduced ?? false;
    const isOverHttp = this.#transport === "mp4";
    this.#element.dataset["quality"] = isReduced ? "reduced" : "full";
    this.#element.dataset["transport"] = this.#transport ?? "none";
    // Kept while it fades out.
    if (isReduced) say(this.#element, texts.reduced(this.#quality?.reason ?? null));
    else if (isOverHttp) say(this.#element, texts.OVER_HTTP);
  }
}
