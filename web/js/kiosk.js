// The rotation of a screen that nobody sits at: every n seconds the next camera, or the next group.

/**
 * @typedef {object} KioskHandlers
 * @property {() => string[]} stops Ids of what it goes through, as of now.
 * @property {(stop: string) => void} show
 * @property {(isOn: boolean) => void} onChange
 */

/** Goes round while it is on; a hidden page stands still. */
export class Kiosk {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {string | null} */
  #at = null;
  #handlers;

  /** @param {KioskHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Whether it goes round. */
  get isOn() {
    return this.#timer !== undefined;
  }

  /** Begins at once with the first stop. @param {number} seconds For each. */
  start(seconds) {
    clearInterval(this.#timer);
    this.#at = null;
    this.#timer = setInterval(() => this.#next(), seconds * 1000);
    this.#handlers.onChange(true);
    this.#next();
  }

  /** May be called again. */
  stop() {
    if (!this.isOn) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#handlers.onChange(false);
  }

  #next() {
    if (document.visibilityState !== "visible") return;
    const stops = this.#handlers.stops();
    if (stops.length === 0) return;
    // One that was removed meanwhile is at -1: the round begins anew.
    const at = this.#at === null ? -1 : stops.indexOf(this.#at);
    const next = stops[(at + 1) % stops.length];
    if (next === undefined) return;
    this.#at = next;
    this.#handlers.show(next);
  }
}
