// What stands on the large picture beside its name: the ways out, to its neighbours and to its panel.

import { button, el, icon, say } from "./dom.js";
import { toggleFullScreen } from "./header.js";
import * as texts from "./texts.js";
import { Zoom } from "./zoom.js";

/** @typedef {import("./panel.js").Rights} Rights */

/**
 * @typedef {object} FocusBarHandlers
 * @property {() => void} onPanel
 * @property {() => void} onDraw
 */

/** The buttons at the edges go when the mouse has rested so long. */
const REST_MS = 2500;

/** The buttons of whatever camera is large; they move along with it. */
export class FocusBar {
  /** @type {import("./tile.js").HeatTile | null} */
  #tile = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;
  #wall;
  #api;
  #zoom;
  #element;
  #neighbours;
  #snapshot;
  #panel;
  #draw;
  #tools;
  #badge;
  #factor;

  /** @param {import("./panel.js").Context} context @param {FocusBarHandlers} handlers */
  constructor({ wall, api }, { onPanel, onDraw }) {
    this.#wall = wall;
    this.#api = api;
    this.#zoom = new Zoom(wall);
    const tool = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ does) =>
      button({ icon: name, label, class: "icon-button" }, does);
    const back = tool("back", texts.KEY.back, () => wall.show(null));
    back.classList.add("focus-back");
    this.#snapshot = el("a", { class: "icon-button", "aria-label": texts.SNAPSHOT, title: texts.SNAPSHOT }, icon("camera"));
    this.#draw = tool("pen", texts.EDIT_REGIONS, onDraw);
    this.#panel = tool("facts", texts.CAMERA_PANEL, onPanel);
    this.#panel.setAttribute("aria-controls", "panel");
    const fullScreen = tool("full-screen", texts.FULL_SCREEN, () => {
      void toggleFullScreen(document.querySelector("main") ?? undefined).catch(() => {});
    });
    fullScreen.hidden = !document.fullscreenEnabled;
    this.#tools = el("div", { class: "focus-tools" }, this.#snapshot, this.#draw, this.#panel, fullScreen);
    this.#neighbours = [this.#neighbour("back", texts.KEY.previous, -1), this.#neighbour("next", texts.KEY.next, 1)];
    this.#factor = el("span");
    this.#badge = button({ class: "zoom-badge" }, () => this.#whole());
    this.#badge.append(this.#factor, icon("close"));
    this.#element = el("div", { class: "focus-bar" }, back, this.#tools, ...this.#neighbours, this.#badge);
    wall.addEventListener("wall-focus", () => this.#follow());
    wall.addEventListener("pointermove", () => this.#stir(), { passive: true });
    this.#zoom.addEventListener("zoom-change", () => this.#showZoom());
    this.#showZoom();
    this.#follow();
  }

  /** Of the large picture. */
  get zoom() {
    return this.#zoom;
  }

  /**
   * @param {Rights} rights
   * @param {string | null} panel What the panel shows.
   */
  update(rights, panel) {
    this.#draw.hidden = !rights.can_operate;
    this.#draw.setAttribute("aria-pressed", String(panel === "regions"));
    this.#panel.setAttribute("aria-expanded", String(panel === "camera"));
    // A camera that is away has no picture of now.
    this.#snapshot.hidden = this.#tile?.status?.state !== "live";
    for (const one of this.#neighbours) one.hidden = this.#wall.order.length < 2 || panel === "regions";
    const shown = [...this.#tools.children].filter((tool) => tool instanceof HTMLElement && !tool.hidden);
    this.#tile?.style.setProperty("--tools", String(shown.length));
  }

  #follow() {
    const tile = this.#wall.focused === null ? null : this.#wall.tile(this.#wall.focused);
    if (tile === this.#tile) return;
    const held = this.#element.contains(document.activeElement) ? document.activeElement : null;
    const left = this.#tile;
    left?.style.removeProperty("--tools");
    left?.toggleAttribute("data-stirred", false);
    this.#tile = tile;
    if (tile === null) {
      this.#element.remove();
      if (held) left?.focus();
      return;
    }
    this.#snapshot.href = this.#api.url(tile.camera, "snapshot.jpg?tier=focus").href;
    this.#snapshot.download = `${tile.camera}-picture.jpg`;
    tile.append(this.#element);
    if (held instanceof HTMLElement) held.focus({ preventScroll: true });
    this.#stir();
  }

  /** @param {string} sign @param {string} label @param {1 | -1} by */
  #neighbour(sign, label, by) {
    const side = by > 0 ? "next" : "previous";
    const one = button({ icon: sign, label, class: `focus-step ${side}` }, () => {
      this.#wall.step(by);
      // The wall gives the keyboard to the tile; whoever pressed here may want the one after.
      one.focus({ preventScroll: true });
    });
    return one;
  }

  /** Somebody is there: the buttons at the edges are shown for a while. */
  #stir() {
    const tile = this.#tile;
    if (!tile) return;
    tile.toggleAttribute("data-stirred", true);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => tile.toggleAttribute("data-stirred", false), REST_MS);
  }

  #whole() {
    this.#zoom.reset();
    this.#tile?.focus();
  }

  #showZoom() {
    const { scale } = this.#zoom;
    this.#badge.hidden = scale === 1;
    const label = texts.wholePicture(scale);
    this.#badge.setAttribute("aria-label", label);
    this.#badge.title = label;
    say(this.#factor, texts.zoomFactor(scale));
  }
}
