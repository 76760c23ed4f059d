// The keyboard: one table of what each key does, which is also what `?` lists.

/**
 * @typedef {object} Key
 * @property {string} key As in `KeyboardEvent.key`; letters in lower case.
 * @property {string} text What it does, for people.
 * @property {() => void} does
 * @property {string} [shown] How the list writes it; the key itself when left out.
 * @property {() => boolean} [when] Whether it does anything now; always when left out.
 */

/** Where letters are written and not commands. */
const WRITING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

/** Keys with which somebody walks about in a widget, which then are the widget's own. */
const WIDGET = "[role=tablist], [role=menu], [role=radiogroup], input, select, [data-keys=own]";

/** The page's keys. */
export class Keys {
  /** @type {Key[]} */
  #keys = [];

  /** @param {AbortSignal} [signal] Ends the listening. */
  constructor(signal) {
    document.addEventListener("keydown", (event) => this.#pressed(event), signal ? { signal } : {});
  }

  /** All keys, in the order in which they were added. @returns {readonly Key[]} */
  get all() {
    return this.#keys;
  }

  /** @param {...Key} keys The first that is ready for a press gets it. */
  add(...keys) {
    this.#keys.push(...keys);
  }

  /** Takes keys away again; unknown ones are none. @param {...Key} keys */
  remove(...keys) {
    this.#keys = this.#keys.filter((key) => !keys.includes(key));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("dialog[open]") || target?.matches(WRITING)) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isWalking = name.startsWith("Arrow") || name === "Home" || name === "End";
    if (isWalking && target?.closest(WIDGET)) return;
    const wanted = event.shiftKey && event.key.length > 1 ? `Shift+${name}` : name;
    const key = this.#keys.find((one) => one.key === wanted && (one.when?.() ?? true));
    if (!key) return;
    event.preventDefault();
    key.does();
  }
}
