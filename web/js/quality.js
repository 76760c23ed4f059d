// The quiet line that says why the pictures are smaller than they could be.

import * as texts from "./texts.js";

/** @typedef {import("./words.js").Quality} Quality */

/** Shows whether this page gets less than it asked for; mirrored in `data-quality`. */
export class QualityHint {
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.update(null);
  }

  /** @param {Quality | null} quality null while the server says nothing. */
  update(quality) {
    const isReduced = quality?.is_reduced ?? false;
    this.#element.dataset["quality"] = isReduced ? "reduced" : "full";
    // Set only when it differs, since every change is read aloud; kept while it fades out.
    const text = isReduced ? texts.reduced(quality?.reason ?? null) : this.#element.textContent;
    if (text !== this.#element.textContent) this.#element.textContent = text;
  }
}
