// A new line or zone while its corners are being set.

import { LEAST_CORNERS, MOST_CORNERS } from "./outlines.js";

/** @typedef {import("./draft.js").Kind} Kind */
/** @typedef {import("./outlines.js").Point} Point */

/** As far from a corner as a click may be that means it, pixels. */
const NEAR_PX = 14;
/** A shorter way of the pointer is a click. */
const DRAG_PX = 8;

/** Pixels between two places on the screen. @typedef {(one: Point, other: Point) => number} Apart */

/** The corners so far; a line is ready with its second. */
export class Sketch {
  /** @type {Point[]} */
  points = [];
  /** Where the pointer is, which the next corner follows. @type {Point | null} */
  next = null;
  isReady = false;
  /** As before the press that is going on. @type {Point[]} */
  #before = [];
  #apart;

  /** @param {Kind} kind @param {Apart} apart */
  constructor(kind, apart) {
    this.kind = kind;
    this.#apart = apart;
  }

  /** Whether it can be closed as it is. */
  get isEnough() {
    return this.kind === "zones" && this.points.length >= LEAST_CORNERS;
  }

  /** Whether the next click closes it. */
  get isClosing() {
    const [first] = this.points;
    return this.isEnough && this.next !== null && first !== undefined && this.#apart(first, this.next) <= NEAR_PX;
  }

  /** @param {Point} at */
  press(at) {
    this.next = at;
    this.#before = [...this.points];
    // A line can be dragged from here.
    if (this.kind === "lines" && this.points.length === 0) this.points.push(at);
  }

  /** The press was meant for something else. */
  unpress() {
    this.next = null;
    this.points = this.#before;
  }

  /** @param {Point} at */
  move(at) {
    this.next = at;
  }

  /** @param {Point} at */
  lift(at) {
    this.next = at;
    const last = this.points.at(-1);
    const isAtLast = last !== undefined && this.#apart(last, at) <= DRAG_PX;
    if (this.kind === "lines") {
      if (isAtLast) return;
      this.points.push(at);
      this.isReady = true;
    } else if (this.isClosing || (isAtLast && this.isEnough)) {
      this.isReady = true;
    } else if (!isAtLast && this.points.length < MOST_CORNERS) {
      this.points.push(at);
    }
  }

  /** Takes the last corner back. @returns {boolean} Whether there was one. */
  back() {
    return this.points.pop() !== undefined;
  }
}
