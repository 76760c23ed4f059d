// One line or zone as it is drawn over the picture: its edges, its name and what it is held by.

import { button, el, svg } from "./dom.js";
import { MOST_CORNERS } from "./outlines.js";
import * as texts from "./texts.js";

/** @typedef {import("./draft.js").Fault} Fault */
/** @typedef {import("./draft.js").Shape} Shape */
/** @typedef {import("./outlines.js").Point} Point */

/**
 * How a shape stands now.
 *
 * @typedef {object} Look
 * @property {boolean} isSelected
 * @property {boolean} isEditable
 * @property {boolean} isChanged The picture does not show it like that yet.
 * @property {number | null} corner The one that is meant.
 * @property {Fault | null} fault
 * @property {{width: number, height: number}} size Of the picture on the screen, pixels.
 */

/** Between the middles of an edge and its ends there must be room for a finger. */
const MIDDLE_PX = 70;

/** The elements of one shape; whoever draws puts `edges` into an SVG and `things` beside it. */
export class ShapeView {
  edges = svg("g", { class: "edges" });
  /** Its name, its arrow and its handles. */
  things = el("div", { class: "shape" });
  /** @type {HTMLButtonElement[]} */
  #corners = [];
  /** @type {HTMLButtonElement[]} */
  #middles = [];
  #tag = el("button", { type: "button", class: "shape-tag", "data-tag": true });
  #flip = button({ icon: "inside", class: "shape-flip" }, () => {});
  #paths = ["grasp", "casing", "edge", "bad"].map((name) => svg("path", { class: name }));

  /** @param {Shape} shape */
  constructor({ id, kind }) {
    this.edges.dataset["shape"] = this.things.dataset["shape"] = String(id);
    this.edges.dataset["kind"] = this.things.dataset["kind"] = kind;
    this.edges.append(...this.#paths);
    this.things.append(this.#tag);
    if (kind === "lines") this.things.append(this.#flip);
  }

  /** The button with its name. */
  get tag() {
    return this.#tag;
  }

  /** The button of a corner. @param {number} index */
  corner(index) {
    return this.#corners[index] ?? null;
  }

  /** @param {Shape} shape @param {Look} look */
  show(shape, look) {
    const { isSelected, isChanged, isEditable, fault } = look;
    for (const element of [this.edges, this.things]) {
      element.toggleAttribute("data-selected", isSelected);
      element.toggleAttribute("data-changed", isChanged);
      element.toggleAttribute("data-editable", isEditable);
      element.toggleAttribute("data-fault", fault !== null);
    }
    const outline = pathOf(shape.points, shape.kind === "zones");
    const bad = fault?.code === "crosses" ? edgesAt(shape.points, fault.corners) : "";
    this.#paths.forEach((path, index) => path.setAttribute("d", index < 3 ? outline : bad));
    this.#showTag(shape, look);
    if (shape.kind === "lines") this.#showFlip(shape, look);
    this.#showCorners(shape, look);
    this.#showMiddles(shape, look);
  }

  /** @param {Shape} shape @param {Look} look */
  #showTag(shape, { isSelected, fault, size }) {
    const tag = this.#tag;
    const text = fault ? `${shape.name} – ${texts.faultWord(fault)}` : shape.name;
    if (tag.textContent !== text) tag.textContent = text;
    tag.setAttribute("aria-label", texts.shapeLabel(shape));
    tag.setAttribute("aria-pressed", String(isSelected));
    place(this.things, middleOf(shape));
    // The server writes its counts at the middle of a line.
    if (shape.kind === "lines") place(tag, /** @type {Point} */ (shape.points[0]));
    const [right, down] = shape.kind === "lines" ? inward(shape, size) : [0, 0];
    this.things.style.setProperty("--right", right.toFixed(4));
    this.things.style.setProperty("--down", down.toFixed(4));
  }

  /** @param {Shape} shape @param {Look} look */
  #showFlip(shape, { isSelected, isEditable, size }) {
    const [right, down] = inward(shape, size);
    this.#flip.style.setProperty("--angle", `${Math.atan2(down, right).toFixed(4)}rad`);
    this.#flip.disabled = !(isSelected && isEditable);
    this.#flip.setAttribute("aria-label", texts.flipLabel(shape));
    this.#flip.title = texts.flipLabel(shape);
  }

  /** @param {Shape} shape @param {Look} look */
  #showCorners(shape, { isSelected, isEditable, corner }) {
    const count = isSelected && isEditable ? shape.points.length : 0;
    fit(this.#corners, count, this.things, (index) => el("button", { type: "button", class: "corner", "data-corner": index }));
    this.#corners.forEach((handle, index) => {
      const point = /** @type {Point} */ (shape.points[index]);
      place(handle, point);
      handle.setAttribute("aria-label", texts.cornerLabel(shape, index, point));
      handle.toggleAttribute("data-meant", index === corner);
    });
  }

  /** @param {Shape} shape @param {Look} look */
  #showMiddles(shape, { isSelected, isEditable, size }) {
    const { points, kind } = shape;
    const isSplit = kind === "zones" && isSelected && isEditable && points.length < MOST_CORNERS;
    const make = (/** @type {number} */ index) => el("button", { type: "button", class: "middle", "data-middle": index });
    fit(this.#middles, isSplit ? points.length : 0, this.things, make);
    this.#middles.forEach((handle, index) => {
      const [a, b] = /** @type {[Point, Point]} */ ([points[index], points[(index + 1) % points.length]]);
      place(handle, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      handle.hidden = Math.hypot((a[0] - b[0]) * size.width, (a[1] - b[1]) * size.height) < MIDDLE_PX;
      handle.setAttribute("aria-label", texts.middleLabel(shape, index));
    });
  }
}

/** @param {Point[]} points @param {boolean} isClosed @returns {string} */
export function pathOf(points, isClosed) {
  return points.length === 0 ? "" : `M${points.map(([x, y]) => `${x} ${y}`).join("L")}${isClosed ? "Z" : ""}`;
}

/** @param {HTMLElement} element @param {Point} point */
export function place(element, [x, y]) {
  element.style.setProperty("--x", String(x));
  element.style.setProperty("--y", String(y));
}

/**
 * Makes as many as needed, and takes away those that are too many.
 *
 * @param {HTMLButtonElement[]} handles
 * @param {number} count
 * @param {HTMLElement} parent
 * @param {(index: number) => HTMLButtonElement} make
 */
function fit(handles, count, parent, make) {
  for (const handle of handles.splice(count)) handle.remove();
  while (handles.length < count) {
    const handle = make(handles.length);
    handles.push(handle);
    parent.append(handle);
  }
}

/** @param {Point[]} points @param {number[]} starts @returns {string} The edges that begin there. */
function edgesAt(points, starts) {
  return starts
    .map((start) => pathOf(/** @type {Point[]} */ ([points[start], points[(start + 1) % points.length]]), false))
    .join("");
}

/** @param {Shape} shape @returns {Point} Where its name stands: of a zone its centre of area. */
function middleOf({ kind, points }) {
  const mean = /** @type {Point} */ ([0, 1].map((axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length));
  if (kind === "lines") return mean;
  let [twice, x, y] = [0, 0, 0];
  points.forEach(([ax, ay], index) => {
    const [bx, by] = /** @type {Point} */ (points[(index + 1) % points.length]);
    const part = (ax - mean[0]) * (by - mean[1]) - (bx - mean[0]) * (ay - mean[1]);
    twice += part;
    x += part * (ax + bx + mean[0]);
    y += part * (ay + by + mean[1]);
  });
  if (Math.abs(twice) < 1e-9) return mean;
  const centre = /** @type {Point} */ ([x / (3 * twice), y / (3 * twice)]);
  // A zone that crosses itself may have its centre anywhere.
  const isAmong = [0, 1].every((axis) => {
    const places = points.map((point) => point[axis] ?? 0);
    const at = centre[axis] ?? 0;
    return at >= Math.min(...places) && at <= Math.max(...places);
  });
  return isAmong ? centre : mean;
}

/** @param {Shape} shape @param {{width: number, height: number}} size @returns {Point} To the inside, on the screen, of length 1. */
function inward({ points, inside }, { width, height }) {
  const [[x1, y1], [x2, y2]] = /** @type {[Point, Point]} */ (points);
  const across = /** @type {Point} */ ([-(y2 - y1) * height, (x2 - x1) * width]);
  const length = Math.hypot(...across);
  if (length === 0) return [0, 0];
  const [right, down] = { above: [0, -1], below: [0, 1], left: [-1, 0], right: [1, 0] }[inside];
  const turn = across[0] * (right ?? 0) + across[1] * (down ?? 0) < 0 ? -1 : 1;
  return [(turn * across[0]) / length, (turn * across[1]) / length];
}
