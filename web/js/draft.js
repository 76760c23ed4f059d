// The lines and zones that somebody is drawing, with what is selected and the way back.

import {
  LEAST_CORNERS,
  MOST_CORNERS,
  MOST_SHAPES,
  flawOfLine,
  flawOfPolygon,
  handOf,
  isName,
  kept,
  shifted,
  sideOf,
} from "./outlines.js";

/** @typedef {import("./outlines.js").Flaw} Flaw */
/** @typedef {import("./outlines.js").Point} Point */
/** @typedef {import("./outlines.js").Side} Side */
/** @typedef {import("./words.js").Regions} Regions */

/** @typedef {"lines" | "zones"} Kind */

/**
 * One line or zone; never changed, but replaced by another of the same id.
 *
 * @typedef {object} Shape
 * @property {number} id For as long as the editor is open, whatever it is called.
 * @property {Kind} kind
 * @property {string} name
 * @property {Point[]} points Of a line two.
 * @property {Side} inside Of a zone nothing.
 */

/**
 * What keeps a shape from being taken.
 *
 * @typedef {Flaw | {code: "name" | "same-name", corners: number[]}} Fault
 */

/** Steps that can be taken back; each is a list of shapes, which share what did not change. */
const MOST_STEPS = 200;
/** Presses of one key in a row are one step. */
const SAME_STEP_MS = 1000;

/** Lines and zones being drawn; dispatches `draft-change`. */
export class Draft extends EventTarget {
  /** @type {readonly Shape[]} */
  #shapes = [];
  /** @type {(readonly Shape[])[]} */
  #past = [];
  /** @type {(readonly Shape[])[]} */
  #future = [];
  /** What was there before the hand took hold. @type {readonly Shape[] | null} */
  #held = null;
  /** @type {{what: string, at: number}} */
  #lastStep = { what: "", at: -Infinity };
  /** @type {number | null} */
  #selected = null;
  /** @type {number | null} */
  #corner = null;
  #ids = 0;
  #aspect;

  /** @param {() => number} aspect Of the picture: width by height. */
  constructor(aspect) {
    super();
    this.#aspect = aspect;
  }

  get shapes() {
    return this.#shapes;
  }

  /** @returns {Shape | null} */
  get selected() {
    return this.#shapes.find(({ id }) => id === this.#selected) ?? null;
  }

  /** The corner that is meant, of the selected shape. */
  get corner() {
    return this.#corner;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @returns {Regions} In the words of the config. */
  get regions() {
    return regionsOf(this.#shapes);
  }

  /** Begins with these; what is selected stays so by its name. @param {Regions} regions */
  load(regions) {
    const { selected } = this;
    const lines = Object.entries(regions.lines).map(([name, { from, to, inside }]) =>
      this.#made("lines", name, [from, to], inside),
    );
    const zones = Object.entries(regions.zones).map(([name, { polygon }]) => this.#made("zones", name, polygon, "below"));
    this.#shapes = [...lines, ...zones];
    this.#past = [];
    this.#future = [];
    this.#held = null;
    this.#selected = this.#shapes.find(({ kind, name }) => kind === selected?.kind && name === selected.name)?.id ?? null;
    if (this.#selected === null) this.#corner = null;
    this.#tell();
  }

  /** @param {number | null} id @param {number | null} [corner] */
  select(id, corner = null) {
    if (id === this.#selected && corner === this.#corner) return;
    this.#selected = id;
    this.#corner = corner;
    this.#tell();
  }

  /**
   * Adds a shape and selects it.
   *
   * @param {Kind} kind
   * @param {Point[]} points
   * @returns {boolean} Whether there was room for it.
   */
  add(kind, points) {
    const there = this.#shapes.filter((shape) => shape.kind === kind);
    if (there.length >= MOST_SHAPES) return false;
    const [from, to] = /** @type {[Point, Point]} */ (points);
    const inside = kind === "lines" ? downOf(from, to, this.#aspect()) : "below";
    const shape = this.#made(kind, freeName(kind, there), points, inside);
    this.#step([...this.#shapes, shape]);
    this.select(shape.id);
    return true;
  }

  /** @param {number} id */
  remove(id) {
    this.#step(this.#shapes.filter((shape) => shape.id !== id));
  }

  /** @param {number} id @param {string} name */
  rename(id, name) {
    const shape = this.#of(id);
    if (shape && shape.name !== name) this.#put({ ...shape, name }, `name ${id}`);
  }

  /** @param {number} id @param {Side} inside */
  turn(id, inside) {
    const shape = this.#of(id);
    if (shape && shape.inside !== inside) this.#put({ ...shape, inside });
  }

  /** Changes the side of a line that is inside. @param {number} id */
  flip(id) {
    const shape = this.#of(id);
    const other = /** @type {const} */ ({ above: "below", below: "above", left: "right", right: "left" });
    if (shape) this.turn(id, other[shape.inside]);
  }

  /** @param {number} id @param {number} corner @param {Point} point */
  moveCorner(id, corner, point) {
    const shape = this.#of(id);
    const points = shape?.points.map((one, index) => (index === corner ? placed(point) : one));
    if (shape && points) this.#put({ ...shape, points, inside: this.#insideOf(shape, points) }, `corner ${id} ${corner}`);
  }

  /** @param {number} id @param {Point[]} points As they were when the hand took hold. @param {number} x @param {number} y */
  move(id, points, x, y) {
    const shape = this.#of(id);
    if (shape) this.#put({ ...shape, points: shifted(points, x, y) }, `move ${id}`);
  }

  /**
   * Adds a corner to a zone, and means it.
   *
   * @param {number} id
   * @param {number} after The corner that it follows.
   * @param {Point} point
   * @returns {boolean} Whether there was room for it.
   */
  insert(id, after, point) {
    const shape = this.#of(id);
    if (!shape || shape.kind !== "zones" || shape.points.length >= MOST_CORNERS) return false;
    this.#corner = after + 1;
    this.#put({ ...shape, points: shape.points.toSpliced(after + 1, 0, placed(point)) });
    return true;
  }

  /**
   * Takes a corner out of a zone that has enough of them.
   *
   * @param {number} id
   * @param {number} corner
   * @returns {boolean}
   */
  removeCorner(id, corner) {
    const shape = this.#of(id);
    if (!shape || shape.kind !== "zones" || shape.points.length <= LEAST_CORNERS) return false;
    this.#corner = Math.max(0, corner - 1);
    this.#put({ ...shape, points: shape.points.toSpliced(corner, 1) });
    return true;
  }

  /** All changes until `settle` are one step: of a hand that holds on to something. */
  hold() {
    this.#held ??= this.#shapes;
  }

  settle() {
    const held = this.#held;
    this.#held = null;
    if (held === null || held === this.#shapes) return;
    this.#remember(held);
    this.#tell();
  }

  /** Lets go of it as it was before. */
  release() {
    const held = this.#held;
    this.#held = null;
    if (held === null || held === this.#shapes) return;
    this.#shapes = held;
    this.#corner = null;
    this.#tell();
  }

  undo() {
    this.release();
    this.#walk(this.#past, this.#future);
  }

  redo() {
    this.release();
    this.#walk(this.#future, this.#past);
  }

  /** @returns {Map<number, Fault>} By the id of the shape; the first of each. */
  faults() {
    const faults = new Map();
    const names = new Set();
    for (const shape of this.#shapes) {
      const key = `${shape.kind} ${shape.name}`;
      const fault = !isName(shape.name)
        ? { code: "name", corners: [] }
        : names.has(key)
          ? { code: "same-name", corners: [] }
          : flawOf(shape);
      names.add(key);
      if (fault) faults.set(shape.id, fault);
    }
    return faults;
  }

  /** @param {number} id */
  #of(id) {
    return this.#shapes.find((shape) => shape.id === id);
  }

  /** @param {Kind} kind @param {string} name @param {Point[]} points @param {Side} inside @returns {Shape} */
  #made(kind, name, points, inside) {
    this.#ids += 1;
    return { id: this.#ids, kind, name, points, inside };
  }

  /** The side stays the same one, which may have another word now. @param {Shape} shape @param {Point[]} points */
  #insideOf({ kind, points: before, inside }, points) {
    if (kind === "zones") return inside;
    const [from, to] = /** @type {[Point, Point]} */ (before);
    const [newFrom, newTo] = /** @type {[Point, Point]} */ (points);
    // Of a line without length there is no side.
    if (flawOfLine(newFrom, newTo, "above")?.code === "no-length") return inside;
    if (flawOfLine(from, to, inside) !== null) return downOf(newFrom, newTo, this.#aspect());
    return sideOf(newFrom, newTo, handOf(from, to, inside), this.#aspect());
  }

  /**
   * @param {Shape} shape In place of the one with its id.
   * @param {string} [what] Names changes that are one step when they come one soon after the other.
   */
  #put(shape, what = "") {
    this.#step(this.#shapes.map((one) => (one.id === shape.id ? shape : one)), what);
  }

  /** @param {readonly Shape[]} shapes @param {string} [what] */
  #step(shapes, what = "") {
    const now = performance.now();
    const isSame = what !== "" && what === this.#lastStep.what && now - this.#lastStep.at < SAME_STEP_MS;
    this.#lastStep = { what, at: now };
    if (this.#held === null && !isSame) this.#remember(this.#shapes);
    this.#shapes = shapes;
    if (!this.selected) this.#selected = this.#corner = null;
    this.#tell();
  }

  /** @param {readonly Shape[]} shapes */
  #remember(shapes) {
    this.#past.push(shapes);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#future = [];
  }

  /** @param {(readonly Shape[])[]} from @param {(readonly Shape[])[]} to */
  #walk(from, to) {
    const shapes = from.pop();
    if (!shapes) return;
    to.push(this.#shapes);
    // What came or changed is what somebody wants to see.
    const changed = shapes.find((shape) => !this.#shapes.includes(shape));
    this.#shapes = shapes;
    this.#lastStep = { what: "", at: -Infinity };
    this.#selected = changed?.id ?? (this.selected ? this.#selected : null);
    this.#corner = null;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("draft-change"));
  }
}

/** @param {readonly Shape[]} shapes @returns {Regions} */
export function regionsOf(shapes) {
  /** @type {Regions} */
  const regions = { lines: {}, zones: {} };
  for (const { kind, name, points, inside } of shapes) {
    const [from, to] = /** @type {[Point, Point]} */ (points);
    if (kind === "lines") regions.lines[name] = { from, to, inside };
    else regions.zones[name] = { polygon: points };
  }
  return regions;
}

/** @param {Regions} one @param {Regions} other @returns {boolean} In whatever order. */
export function areSame(one, other) {
  const sorted = (/** @type {Regions} */ { lines, zones }) =>
    JSON.stringify([lines, zones].map((shapes) => Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1))), IN_ORDER);
  return sorted(one) === sorted(other);
}

/** Keys of a shape in one order. @param {string} _key @param {unknown} value */
function IN_ORDER(_key, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param {Shape} shape @returns {Flaw | null} */
export function flawOf({ kind, points, inside }) {
  if (kind === "zones") return flawOfPolygon(points);
  const [from, to] = /** @type {[Point, Point]} */ (points);
  return flawOfLine(from, to, inside);
}

/** @param {Point} point @returns {Point} */
function placed([x, y]) {
  return [kept(x), kept(y)];
}

/** Into the shop is mostly towards the camera. @param {Point} from @param {Point} to @param {number} aspect */
function downOf(from, to, aspect) {
  const side = sideOf(from, to, 1, aspect);
  return side === "above" ? "below" : side === "left" ? "right" : side;
}

/** @param {Kind} kind @param {Shape[]} there @returns {string} "line-1", or the next that nobody has. */
function freeName(kind, there) {
  const names = new Set(there.map(({ name }) => name));
  const stem = kind === "lines" ? "line" : "zone";
  let number = 1;
  while (names.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}
