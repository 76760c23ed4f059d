// Lines of facts: a name and a value, kept as the same elements while their values change.

import { el, say } from "./dom.js";

/** Names and values, one a line. */
export class Facts {
  /** @type {Map<string, {row: HTMLElement, value: HTMLElement}>} */
  #rows = new Map();
  /** For the panel. */
  element = el("dl", { class: "facts" });

  /** @param {string} name @param {string} value @param {boolean} [isPoor] Less than there should be. */
  set(name, value, isPoor = false) {
    let found = this.#rows.get(name);
    if (!found) {
      const cell = el("dd");
      found = { value: cell, row: el("div", { class: "fact" }, el("dt", {}, name), cell) };
      this.#rows.set(name, found);
      this.element.append(found.row);
    }
    say(found.value, value);
    found.row.toggleAttribute("data-poor", isPoor);
  }
}

/**
 * A list whose lines stay the same elements for as long as they have the same names.
 *
 * @template T
 */
export class Lines {
  #key = "";
  /** @type {Map<string, (value: T) => void>} */
  #fills = new Map();
  #parent;
  #make;

  /**
   * @param {HTMLElement} parent Holds nothing else.
   * @param {(name: string) => {element: HTMLElement, fill: (value: T) => void}} make
   */
  constructor(parent, make) {
    this.#parent = parent;
    this.#make = make;
  }

  /** @param {Record<string, T>} values By name, in their order. */
  show(values) {
    const key = JSON.stringify(Object.keys(values));
    if (key !== this.#key) {
      this.#key = key;
      const made = Object.keys(values).map((name) => ({ name, ...this.#make(name) }));
      this.#fills = new Map(made.map(({ name, fill }) => [name, fill]));
      this.#parent.replaceChildren(...made.map(({ element }) => element));
    }
    for (const [name, value] of Object.entries(values)) this.#fills.get(name)?.(value);
  }
}
