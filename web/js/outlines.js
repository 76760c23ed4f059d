// Lines and polygons in a picture: which of them mean something, by the server's own rules.

/** x to the right and y down, shares of the picture. @typedef {[number, number]} Point */
/** @typedef {import("./words.js").Line["inside"]} Side */

/**
 * What is wrong with a line or a polygon.
 *
 * @typedef {{code: "outside" | "no-length" | "upright" | "level" | "few-corners" | "many-corners"
 *   | "twice" | "turns-back" | "crosses" | "no-area", corners: number[]}} Flaw
 * `corners` are those that it lies at, or that the edges begin at.
 */

export const LEAST_CORNERS = 3;
/** As many as the server compares with each other. */
export const MOST_CORNERS = 100;
/** Lines, and zones, that the server counts at in one picture. */
export const MOST_SHAPES = 64;
/** Length of a line, as a share of the picture: about a pixel. */
const SHORTEST = 1e-3;
/** Share of the picture: about a pixel. */
const SMALLEST_AREA = 1e-6;
/** Twice the area of a triangle below which its points are in one line. */
const ROUNDING = 1e-12;
/** Digits that the server keeps of a place. */
const DIGITS = 4;

/** A name that the config takes as a key. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** @param {string} name */
export function isName(name) {
  return NAME.test(name);
}

/** @param {number} share @returns {number} In the picture, with the digits that are kept. */
export function kept(share) {
  return Number(Math.min(1, Math.max(0, share)).toFixed(DIGITS));
}

/** @param {Point[]} points @param {number} x @param {number} y @returns {Point[]} All as far as all can go. */
export function shifted(points, x, y) {
  const by = (/** @type {number} */ way, /** @type {number[]} */ places) =>
    Math.min(1 - Math.max(...places), Math.max(-Math.min(...places), way));
  const right = by(x, points.map(([left]) => left));
  const down = by(y, points.map(([, top]) => top));
  return points.map(([left, top]) => [kept(left + right), kept(top + down)]);
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {Side} inside
 * @returns {Flaw | null}
 */
export function flawOfLine(from, to, inside) {
  if (![from, to].every(isInPicture)) return { code: "outside", corners: [0, 1] };
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < SHORTEST) return { code: "no-length", corners: [0, 1] };
  const isVertical = inside === "above" || inside === "below";
  if (isVertical && from[0] === to[0]) return { code: "upright", corners: [] };
  if (!isVertical && from[1] === to[1]) return { code: "level", corners: [] };
  return null;
}

/**
 * @param {Point[]} corners In order, either way round; the first is not repeated.
 * @returns {Flaw | null} The first of a polygon that crosses itself, has no area or too few corners.
 */
export function flawOfPolygon(corners) {
  const count = corners.length;
  if (count < LEAST_CORNERS) return { code: "few-corners", corners: [] };
  if (count > MOST_CORNERS) return { code: "many-corners", corners: [] };
  const outside = corners.findIndex((corner) => !isInPicture(corner));
  if (outside >= 0) return { code: "outside", corners: [outside] };
  const at = (/** @type {number} */ index) => /** @type {Point} */ (corners[index % count]);
  for (let one = 0; one < count; one++) {
    const [a, b] = [at(one), at(one + 1)];
    if (a[0] === b[0] && a[1] === b[1]) return { code: "twice", corners: [one, (one + 1) % count] };
  }
  for (let one = 0; one < count; one++) {
    const [a, b, c] = [at(one), at(one + 1), at(one + 2)];
    if (way(a, b, c) === 0 && isBack(a, b, c)) return { code: "turns-back", corners: [(one + 1) % count] };
  }
  for (let one = 0; one < count; one++) {
    for (let other = one + 2; other < count; other++) {
      if (other - one === count - 1) continue; // neighbours as well: the last edge ends where the first begins
      if (doMeet(at(one), at(one + 1), at(other), at(other + 1))) return { code: "crosses", corners: [one, other] };
    }
  }
  return area(corners) < SMALLEST_AREA ? { code: "no-area", corners: [] } : null;
}

/** @param {Point[]} corners @returns {number} Of a simple polygon, as a share of the picture. */
export function area(corners) {
  let twice = 0;
  corners.forEach(([x, y], index) => {
    const [nextX, nextY] = /** @type {Point} */ (corners[(index + 1) % corners.length]);
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}

/**
 * Returns on which hand of somebody who walks from one end to the other the inside lies.
 *
 * @param {Point} from
 * @param {Point} to
 * @param {Side} inside
 * @returns {1 | -1} 1: the right hand, as seen in the picture.
 */
export function handOf(from, to, inside) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  // At right angles to the right of (x, y), where y is down, is (-y, x).
  const isRight = { above: x < 0, below: x > 0, left: y > 0, right: y < 0 }[inside];
  return isRight ? 1 : -1;
}

/**
 * Returns the word for a side of a line: above and below for one that lies, left and right for one that stands.
 *
 * @param {Point} from
 * @param {Point} to
 * @param {1 | -1} hand As `handOf` tells it.
 * @param {number} aspect The picture's width by its height.
 * @returns {Side}
 */
export function sideOf(from, to, hand, aspect) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  if (Math.abs(x) * aspect >= Math.abs(y)) return x * hand >= 0 ? "below" : "above";
  return y * hand > 0 ? "left" : "right";
}

/** @param {Side} inside @returns {[Side, Side]} Itself and the other side, in the order of the picture. */
export function sidesWith(inside) {
  return inside === "above" || inside === "below" ? ["above", "below"] : ["left", "right"];
}

/** @param {Point} point */
function isInPicture([x, y]) {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1;
}

/** Which way the path a, b, c turns; 0: straight on or back. @param {Point} a @param {Point} b @param {Point} c */
function way(a, b, c) {
  const turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  return Math.abs(turn) < ROUNDING ? 0 : Math.sign(turn);
}

/** Whether b to c goes against a to b. @param {Point} a @param {Point} b @param {Point} c */
function isBack(a, b, c) {
  return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;
}

/**
 * Whether two edges have a point in common; two that lie in one line count as apart, since a neighbour
 * of the one then meets the other.
 *
 * @param {Point} a @param {Point} b @param {Point} c @param {Point} d
 */
function doMeet(a, b, c, d) {
  return way(a, b, c) !== way(a, b, d) && way(c, d, a) !== way(c, d, b);
}
