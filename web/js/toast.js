// A short message at the lower edge that goes away by itself.

/** Long enough to read two lines. */
const SHOWN_MS = 5000;

/** Shows one message at a time, the newest; read aloud as it is a status. */
export class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    this.#element.textContent = text;
    this.#element.toggleAttribute("data-shown", true);
    this.#timer = setTimeout(() => this.#element.toggleAttribute("data-shown", false), SHOWN_MS);
  }
}
