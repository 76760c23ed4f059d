// The bar: groups as tabs, what can be opened and changed, how many cameras are live, and the time.

import { el } from "./dom.js";
import { dropMenu } from "./menu.js";
import * as texts from "./texts.js";

/** @typedef {import("./menu.js").Item} Item */
/** @typedef {import("./menu.js").Heading} Heading */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").Group} Group */

/**
 * @typedef {object} HeaderHandlers
 * @property {(group: string | null) => void} onGroup
 * @property {() => void} onHeat
 * @property {() => (Item | Heading)[]} layouts
 * @property {() => (Item | Heading)[]} more
 */

/** The page's header. */
export class Header {
  /** @type {Group[]} */
  #groups = [];
  /** @type {string | null} */
  #group = null;
  #handlers;
  #live;
  #clock;
  #tabs;
  #heat;

  /** @param {HTMLElement} element @param {HeaderHandlers} handlers */
  constructor(element, handlers) {
    const part = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (element.querySelector(`[data-part="${name}"]`));
    const opener = (/** @type {string} */ name, /** @type {string} */ label) => {
      const found = /** @type {HTMLButtonElement} */ (part(name));
      found.setAttribute("aria-label", label);
      found.title = label;
      return found;
    };
    this.#handlers = handlers;
    this.#live = part("live");
    this.#clock = part("clock");
    this.#tabs = part("tabs");
    this.#tabs.setAttribute("aria-label", texts.GROUPS);
    this.#tabs.addEventListener("keydown", (event) => this.#walk(event));
    this.#heat = opener("heat", texts.HEAT_CONTROLS);
    this.#heat.setAttribute("aria-controls", "panel");
    this.#heat.addEventListener("click", handlers.onHeat);
    dropMenu(opener("layout", texts.LAYOUT), handlers.layouts);
    dropMenu(opener("more", texts.MORE), handlers.more);
    const fullScreen = opener("full-screen", texts.FULL_SCREEN);
    fullScreen.hidden = !document.fullscreenEnabled;
    fullScreen.addEventListener("click", () => void toggleFullScreen());
    this.isHeatOpen = false;
  }

  /** Whether the heat's panel is open. @param {boolean} isOpen */
  set isHeatOpen(isOpen) {
    this.#heat.setAttribute("aria-expanded", String(isOpen));
  }

  /**
   * @param {CameraStatus[]} cameras
   * @param {Group[]} groups
   * @param {string | null} group The one that is shown.
   */
  update(cameras, groups, group) {
    const live = cameras.filter(({ state }) => state === "live").length;
    this.#live.textContent = texts.camerasLive(live, cameras.length);
    if (JSON.stringify([groups, group]) === JSON.stringify([this.#groups, this.#group])) return;
    this.#groups = groups;
    this.#group = group;
    this.#showTabs();
  }

  /** @param {Date} now */
  tick(now) {
    this.#clock.textContent = texts.clock(now);
  }

  #showTabs() {
    const hadFocus = this.#tabs.contains(document.activeElement);
    const all = [{ id: null, name: texts.ALL_CAMERAS }, ...this.#groups];
    this.#tabs.hidden = this.#groups.length === 0;
    this.#tabs.replaceChildren(
      ...all.map(({ id, name }) => {
        const isShown = id === this.#group;
        const tab = el("button", { type: "button", class: "tab", role: "tab", "aria-selected": String(isShown) }, name);
        tab.setAttribute("aria-controls", "wall");
        tab.tabIndex = isShown ? 0 : -1;
        tab.addEventListener("click", () => this.#handlers.onGroup(id));
        return tab;
      }),
    );
    const shown = /** @type {HTMLElement | null} */ (this.#tabs.querySelector('[aria-selected="true"]'));
    shown?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (hadFocus) shown?.focus();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const ids = [null, ...this.#groups.map(({ id }) => id)];
    const at = ids.indexOf(this.#group);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 };
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (next === undefined) return;
    event.preventDefault();
    this.#handlers.onGroup(ids.at(next % ids.length) ?? null);
  }
}

/**
 * Refused by the browser only where it would be of no use.
 *
 * @param {Element} [element] What fills the screen; the whole page when left out.
 */
export async function toggleFullScreen(element = document.documentElement) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await element.requestFullscreen();
}
