// The list of lines and zones in the panel; the selected one can be named, turned and deleted there.

import { button, el, say } from "./dom.js";
import { LEAST_CORNERS, sidesWith } from "./outlines.js";
import * as texts from "./texts.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./draft.js").Shape} Shape */
/** @typedef {import("./outlines.js").Side} Side */

/**
 * What the list says of the shapes, by their ids.
 *
 * @typedef {object} ListFacts
 * @property {boolean} isEditable
 * @property {Map<number, string>} faults Sentences.
 * @property {Set<number>} changed
 */

/** The list; all changes go to the draft. */
export class RegionList {
  element = el("ul", { class: "regions" });
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #draft;
  #toPicture;

  /** @param {Draft} draft @param {(id: number) => void} toPicture Gives the keyboard to a shape in the picture. */
  constructor(draft, toPicture) {
    this.#draft = draft;
    this.#toPicture = toPicture;
  }

  /** @param {ListFacts} facts */
  show(facts) {
    const { shapes, selected, corner } = this.#draft;
    const there = new Set(shapes.map(({ id }) => id));
    for (const [id, entry] of this.#entries) {
      if (there.has(id)) continue;
      entry.element.remove();
      this.#entries.delete(id);
    }
    const before = selected && this.#entries.get(selected.id)?.element.hasAttribute("data-selected");
    shapes.forEach((shape, index) => {
      const entry = this.#entries.get(shape.id) ?? this.#added(shape);
      if (this.element.children[index] !== entry.element) this.element.insertBefore(entry.element, this.element.children[index] ?? null);
      entry.show(shape, { ...facts, isSelected: shape === selected, corner });
    });
    if (selected && !before) this.#entries.get(selected.id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {Shape} shape */
  #added(shape) {
    const entry = new Entry(shape, this.#draft, this.#toPicture);
    this.#entries.set(shape.id, entry);
    return entry;
  }
}

/** One line or zone of the list. */
class Entry {
  element = el("li", { class: "region" });
  #row;
  #name = el("span", { class: "row-text" });
  #note = el("span", { class: "small quiet" });
  #body = el("div", { class: "region-body", hidden: true });
  #input = el("input", { type: "text", maxlength: 63, spellcheck: "false", autocapitalize: "none", autocomplete: "off" });
  #fault = el("p", { class: "fault small" });
  #sides = el("div", { class: "choices" });
  #inside = el("div", { role: "radiogroup", "aria-label": texts.INSIDE }, el("span", { class: "small quiet" }, texts.INSIDE), this.#sides);
  #corner;
  #shape;
  #draft;

  /** @param {Shape} shape @param {Draft} draft @param {(id: number) => void} toPicture */
  constructor(shape, draft, toPicture) {
    const { id, kind } = shape;
    this.#shape = shape;
    this.#draft = draft;
    this.#row = button({ icon: kind === "lines" ? "line" : "zone", class: "region-row" }, (event) => {
      draft.select(id);
      // Whoever came by the keyboard goes on with it where the shape is.
      if (event.detail === 0) toPicture(id);
    });
    this.#row.append(this.#name, this.#note);
    this.#corner = button({ text: texts.REMOVE_CORNER }, () => {
      if (draft.corner !== null) draft.removeCorner(id, draft.corner);
    });
    this.#corner.hidden = kind === "lines";
    const remove = button({ icon: "bin", text: texts.DELETE }, () => draft.remove(id));
    const label = el("label", { class: "region-name" }, el("span", { class: "small quiet" }, texts.NAME), this.#input);
    const fault = `region-fault-${id}`;
    this.#fault.id = fault;
    this.#input.setAttribute("aria-describedby", fault);
    this.#input.addEventListener("input", () => draft.rename(id, this.#input.value.trim()));
    this.#body.append(label);
    if (kind === "lines") this.#body.append(this.#inside);
    this.#body.append(el("div", { class: "buttons" }, this.#corner, remove));
    this.element.append(this.#row, this.#fault, this.#body);
  }

  /** @param {Shape} shape @param {ListFacts & {isSelected: boolean, corner: number | null}} facts */
  show(shape, { isSelected, isEditable, faults, changed, corner }) {
    this.#shape = shape;
    const fault = faults.get(shape.id) ?? "";
    this.element.toggleAttribute("data-selected", isSelected);
    this.element.toggleAttribute("data-fault", fault !== "");
    this.#row.setAttribute("aria-expanded", String(isSelected));
    this.#row.setAttribute("aria-label", texts.shapeLabel(shape));
    say(this.#name, shape.name || texts.NO_NAME);
    say(this.#note, changed.has(shape.id) ? texts.CHANGED : "");
    say(this.#fault, fault);
    this.#fault.hidden = fault === "";
    this.#body.hidden = !isSelected || !isEditable;
    if (this.#input.value.trim() !== shape.name) this.#input.value = shape.name;
    this.#corner.disabled = corner === null || shape.points.length <= LEAST_CORNERS;
    if (shape.kind === "lines") this.#showSides(shape);
  }

  /** @param {Shape} shape */
  #showSides({ inside }) {
    const sides = sidesWith(inside);
    if (this.#sides.dataset["sides"] !== sides.join()) {
      const hadFocus = this.#sides.contains(document.activeElement);
      this.#sides.dataset["sides"] = sides.join();
      this.#sides.replaceChildren(...sides.map((side) => this.#choice(side)));
      if (hadFocus) this.#sides.querySelector("input")?.focus();
    }
    for (const input of this.#sides.querySelectorAll("input")) input.checked = input.value === inside;
  }

  /** @param {Side} side */
  #choice(side) {
    const { id } = this.#shape;
    const input = el("input", { type: "radio", name: `inside-${id}`, value: side });
    input.addEventListener("change", () => this.#draft.turn(id, side));
    return el("label", { class: "choice" }, input, texts.SIDES[side]);
  }
}
