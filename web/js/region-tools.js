// What somebody draws with: a line, a zone, the way back; and while drawing, what the next click does.

import { button, el, say } from "./dom.js";
import * as texts from "./texts.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./draft.js").Kind} Kind */
/** @typedef {import("./drawing.js").Drawing} Drawing */

/** The tools at the head of the panel. */
export class RegionTools {
  element = el("div", { class: "region-tools" });
  #hint = el("p", { class: "small quiet region-hint", role: "status" });
  #undo;
  #redo;
  #done;
  #idle;
  #busy;
  #drawing;
  #draft;

  /** @param {Draft} draft @param {Drawing} drawing */
  constructor(draft, drawing) {
    this.#draft = draft;
    this.#drawing = drawing;
    this.#undo = button({ icon: "undo", label: texts.UNDO, class: "icon-button" }, () => draft.undo());
    this.#redo = button({ icon: "redo", label: texts.REDO, class: "icon-button" }, () => draft.redo());
    this.#done = button({ text: texts.DONE, class: "button primary" }, () => drawing.finish());
    this.#idle = el(
      "div",
      { class: "buttons" },
      this.#beginning("lines", texts.DRAW_LINE),
      this.#beginning("zones", texts.DRAW_ZONE),
      el("span", { class: "region-gap" }),
      this.#undo,
      this.#redo,
    );
    const back = button({ icon: "undo", label: texts.CORNER_BACK, class: "icon-button" }, () => drawing.back());
    const cancel = button({ text: texts.CANCEL }, () => drawing.cancel());
    this.#busy = el("div", { class: "buttons" }, this.#done, cancel, el("span", { class: "region-gap" }), back);
    this.element.append(this.#idle, this.#busy, this.#hint);
  }

  /** @param {boolean} isEditable */
  show(isEditable) {
    const { sketch } = this.#drawing;
    const isDrawing = sketch !== null;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = !isEditable;
    this.#idle.hidden = isDrawing;
    this.#busy.hidden = !isDrawing;
    this.#undo.disabled = !this.#draft.canUndo;
    this.#redo.disabled = !this.#draft.canRedo;
    this.#done.hidden = sketch?.kind !== "zones";
    this.#done.disabled = !sketch?.isEnough;
    say(this.#hint, sketch ? texts.sketchHint(sketch.kind, sketch.points.length) : texts.drawHint(this.#draft.shapes.length));
    // What had the keyboard may be gone now.
    if (hadFocus && document.activeElement === document.body) this.#drawing.element.focus({ preventScroll: true });
  }

  /** @param {Kind} kind @param {string} text */
  #beginning(kind, text) {
    return button({ icon: kind === "lines" ? "line" : "zone", text }, ({ detail }) => {
      // Without a pointer there is nowhere to click.
      if (detail === 0) this.#drawing.put(kind);
      else this.#drawing.begin(kind);
    });
  }
}
