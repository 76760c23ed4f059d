// The layer over the large picture in which lines and zones are drawn, by mouse, finger and keyboard.

import { el, svg } from "./dom.js";
import { area, kept } from "./outlines.js";
import { ShapeView, pathOf, place } from "./shape-view.js";
import { Sketch } from "./sketch.js";
import * as texts from "./texts.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./draft.js").Fault} Fault */
/** @typedef {import("./draft.js").Kind} Kind */
/** @typedef {import("./draft.js").Shape} Shape */
/** @typedef {import("./outlines.js").Point} Point */

/** What the pointer holds. @typedef {{shape: Shape, corner: number | null, middle: number | null, from: Point, isMoving: boolean}} Grip */

/** A shorter way of the pointer is a click. */
const DRAG_PX = 4;
/** Whoever comes as near to the picture's edge means it. */
const SNAP_PX = 10;
/** Shares of the picture that an arrow key moves, without and with Shift. */
const [STEP, FAR_STEP] = [0.005, 0.05];
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<Kind, Point[]>} What the keyboard begins with. */
const IN_THE_MIDDLE = {
  lines: [[0.3, 0.5], [0.7, 0.5]],
  zones: [[0.35, 0.35], [0.65, 0.35], [0.65, 0.65], [0.35, 0.65]],
};

/**
 * Draws on one tile until it is closed; dispatches `sketch-change`, and `drawing-full` where no more is taken.
 */
export class Drawing extends EventTarget {
  /** @type {Map<number, ShapeView>} */
  #views = new Map();
  /** @type {Sketch | null} */
  #sketch = null;
  /** @type {Grip | null} */
  #grip = null;
  /** @type {{isEditable: boolean, faults: Map<number, Fault>, changed: Set<number>}} */
  #facts = { isEditable: false, faults: new Map(), changed: new Set() };
  /** Two fingers are for the zoom, and the first of them does not draw any more. */
  #isPinching = false;
  #life = new AbortController();
  #zoom = new MutationObserver(() => this.#followZoom());
  #size = new ResizeObserver(() => this.#draw());
  #edges = svg("g");
  #line = svg("path", { class: "edge" });
  #casing = svg("path", { class: "casing" });
  #dots = el("div", { class: "sketch" });
  #things = el("div");
  #tile;
  #draft;

  /** @param {import("./tile.js").HeatTile} tile @param {Draft} draft */
  constructor(tile, draft) {
    super();
    const { signal } = this.#life;
    this.#tile = tile;
    this.#draft = draft;
    const sketch = svg("g", { class: "sketch-edges" }, this.#casing, this.#line);
    const picture = svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, this.#edges, sketch);
    const label = texts.drawingLabel(tile.status?.name ?? "");
    this.element = el("div", { class: "drawing", role: "group", "aria-label": label, tabindex: -1 });
    this.element.append(picture, this.#things, this.#dots);
    tile.over.append(this.element);
    /** @type {[keyof HTMLElementEventMap, (event: any) => void][]} */
    const heard = [
      ["pointerdown", (event) => this.#pressed(event)],
      ["pointermove", (event) => this.#moved(event)],
      ["pointerup", (event) => this.#lifted(event)],
      ["pointercancel", () => this.#dropped()],
      ["pointerleave", () => this.#left()],
      ["click", (event) => this.#clicked(event)],
      ["keydown", (event) => this.#keyed(event)],
      ["focusin", (event) => this.#focused(event)],
      ["contextmenu", (event) => event.preventDefault()],
    ];
    for (const [name, does] of heard) this.element.addEventListener(name, does, { signal });
    draft.addEventListener("draft-change", () => this.#draw(), { signal });
    tile.scene.addEventListener("transitionend", () => this.#followZoom(), { signal });
    this.#zoom.observe(tile.scene, { attributes: true, attributeFilter: ["style"] });
    this.#size.observe(tile.frame);
    this.#followZoom();
  }

  /** Gives the picture back. */
  close() {
    this.#life.abort();
    this.#zoom.disconnect();
    this.#size.disconnect();
    this.element.remove();
  }

  /** What is being set, if anything. */
  get sketch() {
    return this.#sketch;
  }

  /** @param {{isEditable: boolean, faults: Map<number, Fault>, changed: Set<number>}} facts */
  show(facts) {
    this.#facts = facts;
    if (!facts.isEditable) this.cancel();
    this.#draw();
  }

  /** Lets somebody set the corners of a new one. @param {Kind} kind */
  begin(kind) {
    this.#draft.select(null);
    this.#sketch = new Sketch(kind, (one, other) => this.#apart(one, other));
    this.element.focus({ preventScroll: true });
    this.#sketched();
  }

  /** Puts a new one into the middle of the picture, for whoever has no pointer. @param {Kind} kind */
  put(kind) {
    this.cancel();
    if (!this.#draft.add(kind, IN_THE_MIDDLE[kind])) return void this.dispatchEvent(new Event("drawing-full"));
    this.focusCorner(0);
  }

  /** Nothing is being set any more. */
  cancel() {
    if (!this.#sketch) return;
    this.#sketch = null;
    this.#sketched();
  }

  /** Takes a zone as it is. @returns {boolean} Whether it has enough corners. */
  finish() {
    if (!this.#sketch?.isEnough) return false;
    this.#sketch.isReady = true;
    this.#settleSketch();
    return true;
  }

  /** Takes the last corner back; without any there is nothing to set any more. */
  back() {
    if (this.#sketch && !this.#sketch.back()) this.cancel();
    else this.#sketched();
  }

  /** Lets go of what the pointer holds. @returns {boolean} Whether it held something. */
  drop() {
    const isHeld = this.#grip?.isMoving ?? false;
    this.#dropped();
    return isHeld;
  }

  /** @param {number} corner Of the selected shape. */
  focusCorner(corner) {
    const { selected } = this.#draft;
    if (selected) this.#views.get(selected.id)?.corner(corner)?.focus({ preventScroll: true });
  }

  /** @param {number} id */
  focusShape(id) {
    this.#views.get(id)?.tag.focus({ preventScroll: true });
  }

  #draw() {
    const { shapes, selected, corner } = this.#draft;
    const { isEditable, faults, changed } = this.#facts;
    const size = this.element.getBoundingClientRect();
    const there = new Set(shapes.map(({ id }) => id));
    for (const [id, view] of this.#views) {
      if (there.has(id)) continue;
      view.edges.remove();
      view.things.remove();
      this.#views.delete(id);
    }
    for (const shape of shapes) {
      const view = this.#views.get(shape.id) ?? this.#added(shape);
      const isSelected = shape.id === selected?.id;
      const fault = faults.get(shape.id) ?? null;
      view.show(shape, { isSelected, isEditable, isChanged: changed.has(shape.id), corner, fault, size });
    }
    if (!this.#grip?.isMoving) this.#stack(shapes, selected);
  }

  /** @param {Shape} shape */
  #added(shape) {
    const view = new ShapeView(shape);
    this.#views.set(shape.id, view);
    this.#things.append(view.things);
    return view;
  }

  /** What is small lies above what is large, and what is selected above all. @param {readonly Shape[]} shapes @param {Shape | null} selected */
  #stack(shapes, selected) {
    const height = (/** @type {Shape} */ shape) =>
      shape === selected ? -1 : shape.kind === "lines" ? 0 : area(shape.points);
    const sorted = [...shapes].sort((one, other) => height(other) - height(one));
    const edges = sorted.flatMap(({ id }) => this.#views.get(id)?.edges ?? []);
    if (edges.some((one, index) => this.#edges.children[index] !== one)) this.#edges.replaceChildren(...edges);
  }

  #sketched() {
    const sketch = this.#sketch;
    const points = sketch?.points ?? [];
    const way = sketch?.next && points.length ? [...points, sketch.isClosing ? /** @type {Point} */ (points[0]) : sketch.next] : points;
    for (const path of [this.#casing, this.#line]) path.setAttribute("d", pathOf(way, false));
    while (this.#dots.children.length > points.length) this.#dots.lastElementChild?.remove();
    points.forEach((point, index) => {
      const dot = /** @type {HTMLElement} */ (this.#dots.children[index] ?? this.#dots.appendChild(el("span", { class: "dot-set" })));
      place(dot, point);
      dot.toggleAttribute("data-closes", index === 0 && (sketch?.isEnough ?? false));
      dot.toggleAttribute("data-meant", index === 0 && (sketch?.isClosing ?? false));
    });
    if (sketch) this.element.dataset["sketch"] = sketch.kind;
    else delete this.element.dataset["sketch"];
    this.dispatchEvent(new Event("sketch-change"));
  }

  #settleSketch() {
    const sketch = this.#sketch;
    if (!sketch?.isReady) return this.#sketched();
    this.#sketch = null;
    if (!this.#draft.add(sketch.kind, sketch.points)) this.dispatchEvent(new Event("drawing-full"));
    this.#sketched();
    if (this.#draft.selected) this.focusShape(this.#draft.selected.id);
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    this.#isPinching = !event.isPrimary;
    if (this.#isPinching) return this.#pinched();
    const at = this.#placeOf(event);
    if (this.#sketch) {
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
      this.#sketch.press(this.#snapped(at));
      return this.#sketched();
    }
    if (event.target.closest(".shape-flip")) return;
    const id = idOf(event.target);
    const shape = this.#draft.shapes.find((one) => one.id === id);
    if (!shape) {
      this.element.focus({ preventScroll: true });
      return this.#draft.select(null);
    }
    // The focus is given by hand: a browser would take it away from what a press selects.
    event.preventDefault();
    const { corner, middle } = handleOf(event.target);
    this.#draft.select(shape.id, corner);
    if (corner !== null) this.focusCorner(corner);
    else this.focusShape(shape.id);
    if (this.#facts.isEditable) this.#grip = { shape, corner, middle, from: at, isMoving: false };
  }

  #pinched() {
    this.#dropped();
    this.#sketch?.unpress();
    this.#sketched();
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    if (!event.isPrimary || this.#isPinching) return;
    const at = this.#placeOf(event);
    if (this.#sketch) {
      this.#sketch.move(this.#snapped(at));
      return this.#sketched();
    }
    const grip = this.#grip;
    if (!grip) return;
    if (!grip.isMoving) {
      // Let go of where nobody heard it.
      if (event.buttons === 0) return void (this.#grip = null);
      if (this.#apart(grip.from, at) < DRAG_PX) return;
      this.#take(grip, event.pointerId);
    }
    const { shape, from } = grip;
    const [x, y] = [at[0] - from[0], at[1] - from[1]];
    if (grip.corner === null) return this.#draft.move(shape.id, shape.points, x, y);
    const [left, top] = shape.points[grip.corner] ?? from;
    this.#draft.moveCorner(shape.id, grip.corner, this.#snapped([left + x, top + y]));
  }

  /** @param {Grip} grip @param {number} pointer */
  #take(grip, pointer) {
    grip.isMoving = true;
    // A pointer that leaves the picture, or the window, still moves it.
    this.element.setPointerCapture(pointer);
    this.element.toggleAttribute("data-moving", true);
    this.#draft.hold();
    if (grip.middle === null) return;
    const corner = this.#split(grip.shape, grip.middle);
    grip.shape = this.#draft.selected ?? grip.shape;
    grip.corner = corner;
    grip.middle = null;
  }

  /** @param {Shape} shape @param {number} edge @returns {number | null} The new corner in its middle. */
  #split({ id, points }, edge) {
    const [a, b] = /** @type {[Point, Point]} */ ([points[edge], points[(edge + 1) % points.length]]);
    if (!this.#draft.insert(id, edge, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])) return null;
    this.focusCorner(edge + 1);
    return edge + 1;
  }

  /** @param {PointerEvent} event */
  #lifted(event) {
    if (!event.isPrimary || this.#isPinching) return;
    if (this.#sketch) {
      this.#sketch.lift(this.#snapped(this.#placeOf(event)));
      return this.#settleSketch();
    }
    const grip = this.#grip;
    this.#grip = null;
    if (grip?.isMoving) this.#settleGrip();
    else if (grip && grip.middle !== null) this.#split(grip.shape, grip.middle);
  }

  #settleGrip() {
    this.element.toggleAttribute("data-moving", false);
    this.#draft.settle();
    this.#draw();
  }

  #dropped() {
    const isMoving = this.#grip?.isMoving ?? false;
    this.#grip = null;
    if (!isMoving) return;
    this.#draft.release();
    this.#settleGrip();
  }

  #left() {
    if (!this.#sketch) return;
    this.#sketch.next = null;
    this.#sketched();
  }

  /** What a press of a key does on a handle, and the arrow by any means. @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const { selected } = this.#draft;
    if (target?.closest(".shape-flip")) {
      if (selected) this.#draft.flip(selected.id);
    } else if (event.detail === 0 && target) {
      const id = idOf(target);
      const { corner, middle } = handleOf(target);
      if (selected && middle !== null) this.#split(selected, middle);
      else if (id !== null) this.#draft.select(id, corner);
    }
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    const id = idOf(event.target);
    const shape = this.#draft.shapes.find((one) => one.id === id);
    const arrow = ARROWS[event.key];
    // An arrow alone never leads to another camera from here; with Shift it moves a zoomed picture.
    if (arrow && !event.shiftKey) event.preventDefault();
    if (!shape || !this.#facts.isEditable || this.#sketch) return;
    const { corner } = handleOf(event.target);
    if (arrow) {
      event.preventDefault();
      const step = event.shiftKey ? FAR_STEP : STEP;
      const [x, y] = [arrow[0] * step, arrow[1] * step];
      const [left, top] = shape.points[corner ?? 0] ?? [0, 0];
      this.#draft.select(shape.id, corner);
      if (corner === null) this.#draft.move(shape.id, shape.points, x, y);
      else this.#draft.moveCorner(shape.id, corner, [left + x, top + y]);
      this.dispatchEvent(new Event("key-move"));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      if (corner === null || shape.kind === "lines") {
        this.#draft.remove(shape.id);
        this.element.focus({ preventScroll: true });
      } else if (this.#draft.removeCorner(shape.id, corner)) this.focusCorner(this.#draft.corner ?? 0);
    }
  }

  /** Who walks by Tab means what has the keyboard. @param {FocusEvent} event */
  #focused({ target }) {
    const { selected } = this.#draft;
    if (!(target instanceof Element) || !selected || idOf(target) !== selected.id) return;
    this.#draft.select(selected.id, handleOf(target).corner);
  }

  #followZoom() {
    const { offsetWidth } = this.#tile.over;
    const scale = this.#tile.over.getBoundingClientRect().width / (offsetWidth || 1);
    this.element.style.setProperty("--zoom", (scale || 1).toFixed(4));
    this.#draw();
  }

  /** @param {PointerEvent} event @returns {Point} */
  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [kept((clientX - left) / (width || 1)), kept((clientY - top) / (height || 1))];
  }

  /** @param {Point} point @returns {Point} On the picture's edge when that is near. */
  #snapped(point) {
    const { width, height } = this.element.getBoundingClientRect();
    const snap = (/** @type {number} */ share, /** @type {number} */ length) =>
      share * length < SNAP_PX ? 0 : (1 - share) * length < SNAP_PX ? 1 : share;
    return [snap(point[0], width), snap(point[1], height)];
  }

  /** @param {Point} one @param {Point} other @returns {number} Pixels on the screen. */
  #apart(one, other) {
    const { width, height } = this.element.getBoundingClientRect();
    return Math.hypot((one[0] - other[0]) * width, (one[1] - other[1]) * height);
  }
}

/** @param {Element} target @returns {number | null} Of the shape that it belongs to. */
function idOf(target) {
  const id = target.closest("[data-shape]")?.getAttribute("data-shape");
  return id ? Number(id) : null;
}

/** @param {Element} target @returns {{corner: number | null, middle: number | null}} */
function handleOf(target) {
  const number = (/** @type {string} */ name) => {
    const text = target.closest(`[data-${name}]`)?.getAttribute(`data-${name}`);
    return text ? Number(text) : null;
  };
  return { corner: number("corner"), middle: number("middle") };
}
