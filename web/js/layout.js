// Where the tiles lie so that the pictures are as large as this screen allows.

/** The shape of a camera that has not said its own yet. */
const USUAL_ASPECT = 16 / 9;

/** A short row comes first only where that makes its pictures clearly larger than the others. */
const CLEARLY_LARGER = 1.15;

/** On a narrower picture nobody recognises anything: rather more tiles than fit, and a scroll. */
const LEAST_WIDTH_PX = 116;

/** The same for the strip beside a large picture. */
const LEAST_STRIP_PX = 150;

/** Share of the screen that a strip may take. */
const MOST_OF_STRIP = 0.4;

/**
 * Rows of `columns` tiles, one of which may be shorter.
 *
 * @typedef {object} Grid
 * @property {number} columns
 * @property {number} rows
 */

/**
 * The area to be filled.
 *
 * @typedef {object} Screen
 * @property {number} width CSS pixels.
 * @property {number} height CSS pixels.
 * @property {number} pixelRatio Device pixels per CSS pixel.
 */

/**
 * A tile's place in CSS pixels from the upper left corner of the screen.
 *
 * @typedef {object} Place
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * Where everything lies.
 *
 * @typedef {object} Arrangement
 * @property {Place[]} places In the order of the cameras.
 * @property {number} columns For the arrow keys.
 * @property {string} name "3x2" or "side"; what tests and styles go by.
 * @property {number} height Of all tiles, CSS pixels: more than the screen's where they scroll.
 * @property {boolean} hasLarge Whether the first camera is shown large.
 */

/**
 * Lays the tiles out.
 *
 * @param {number} count Cameras, at least 1.
 * @param {import("./view.js").Layout} layout
 * @param {Screen} screen
 * @param {number} aspect Width by height of a picture.
 * @returns {Arrangement}
 */
export function arrange(count, layout, screen, aspect) {
  if (layout === "side" && count > 1) return besideALarge(count, screen, aspect);
  const side = Number(layout);
  if (layout !== "auto" && side > 0) {
    const grid = { columns: side, rows: Math.ceil(count / side) };
    return ofGrid(count, grid, screen, aspect, screen.height / side);
  }
  const grid = bestGrid(count, screen, aspect);
  if (pictureWidth(grid, screen, aspect) >= LEAST_WIDTH_PX || count === 1) {
    const places = placeTiles(count, grid, screen, aspect);
    const name = `${grid.columns}x${grid.rows}`;
    const height = screen.height;
    return { places, columns: grid.columns, name, height, hasLarge: count === 1 };
  }
  const columns = Math.max(1, Math.floor(screen.width / LEAST_WIDTH_PX));
  const scrolled = { columns, rows: Math.ceil(count / columns) };
  return ofGrid(count, scrolled, screen, aspect, screen.width / columns / aspect);
}

/**
 * Lays out rows of one height, more of them than the screen shows where need be.
 *
 * @param {number} count
 * @param {Grid} grid
 * @param {Screen} screen
 * @param {number} aspect
 * @param {number} rowHeight
 * @returns {Arrangement}
 */
function ofGrid(count, grid, screen, aspect, rowHeight) {
  const { columns } = grid;
  const width = Math.min(screen.width / columns, rowHeight * aspect);
  const all = { ...screen, height: Math.max(screen.height, grid.rows * (width / aspect)) };
  // What is not full begins at the top left, as on a page of a book.
  const room = columns === 1 || grid.rows * (width / aspect) > screen.height;
  const top = room ? 0 : (screen.height - grid.rows * (width / aspect)) / 2;
  const places = Array.from({ length: grid.rows }, (_, row) => {
    const tiles = Math.min(columns, count - row * columns);
    const left = (screen.width - columns * width) / 2;
    const at = top + row * (width / aspect);
    return placeRow({ tiles, width }, at, at + width / aspect, all, left);
  }).flat();
  const height = all.height;
  return { places, columns, name: `${columns}x${grid.rows}`, height, hasLarge: columns === 1 };
}

/**
 * A large picture with the others in lanes beside it or below it.
 *
 * @typedef {object} Strip
 * @property {boolean} isBeside
 * @property {number} each Tiles of a lane.
 * @property {number} size Width of each, CSS pixels.
 * @property {number} large Width of the large one.
 */

/**
 * Lays out one large picture and the others in a strip, on whichever side leaves more.
 *
 * @param {number} count At least 2.
 * @param {Screen} screen
 * @param {number} aspect
 * @returns {Arrangement}
 */
function besideALarge(count, screen, aspect) {
  const { width, height, pixelRatio } = screen;
  const others = count - 1;
  const { isBeside, each, size, large } = bestStrip(others, screen, aspect);
  const lanes = Math.ceil(others / each);
  const [long, across] = [each * size, lanes * size];
  const usedWidth = isBeside ? large + across : Math.max(large, long);
  const usedHeight = (isBeside ? Math.max(large, long) : large + across) / aspect;
  const left = (width - usedWidth) / 2;
  const top = Math.max(0, (height - usedHeight) / 2);
  const all = { width, height: Math.max(height, usedHeight), pixelRatio };
  /** @param {number} x @param {number} y @param {number} wide Of a tile. @returns {Place[]} */
  const tile = (x, y, wide) => placeRow({ tiles: 1, width: wide }, y, y + wide / aspect, all, x);
  const places = isBeside
    ? tile(left, top + (usedHeight - large / aspect) / 2, large)
    : tile((width - large) / 2, top, large);
  for (let index = 0; index < others; index += 1) {
    const [lane, at] = [Math.floor(index / each), index % each];
    // Beside, a lane runs down; below, it runs across, the last one from the left too.
    const x = isBeside ? left + large + lane * size : (width - long) / 2 + at * size;
    const down = isBeside ? (usedHeight - long / aspect) / 2 + (at * size) / aspect : (large + lane * size) / aspect;
    places.push(...tile(x, top + down, size));
  }
  return { places, columns: 1, name: "side", height: all.height, hasLarge: true };
}

/**
 * @param {number} others
 * @param {Screen} screen
 * @param {number} aspect
 * @returns {Strip}
 */
function bestStrip(others, { width, height }, aspect) {
  const least = Math.min(LEAST_STRIP_PX, width * 0.24);
  const fits = Array.from({ length: Math.min(others, 8) }, (_, index) => {
    const lanes = index + 1;
    const each = Math.ceil(others / lanes);
    const side = Math.min((height / each) * aspect, (MOST_OF_STRIP * width) / lanes);
    const low = Math.min(width / each, (MOST_OF_STRIP * height * aspect) / lanes);
    return [
      { isBeside: true, each, size: side, large: Math.min(width - lanes * side, height * aspect) },
      { isBeside: false, each, size: low, large: Math.min(width, height * aspect - lanes * low) },
    ];
  })
    .flat()
    .filter(({ size }) => size >= least);
  // The large one counts for most, and what is beside it is still to be recognised.
  const worth = (/** @type {Strip} */ { large, size }) => large * size ** 0.35;
  const [first, ...rest] = fits;
  if (first) return rest.reduce((a, b) => (worth(b) > worth(a) ? b : a), first);
  // Too many for this screen: below, where they can be scrolled to.
  const each = Math.max(2, Math.floor(width / least));
  return { isBeside: false, each, size: width / each, large: Math.min(width, height * aspect * 0.7) };
}

/**
 * Returns the grid whose pictures, shown whole, are largest.
 *
 * @param {number} count Cameras, at least 1.
 * @param {Screen} screen
 * @param {number} aspect Width by height of a picture.
 * @returns {Grid}
 */
export function bestGrid(count, screen, aspect) {
  const grids = Array.from({ length: count }, (_, index) => {
    const rows = Math.ceil(count / (index + 1));
    // The fewest columns that these rows need: 4 cameras in 2 rows are 2 × 2, never 3 + 1.
    return { columns: Math.ceil(count / rows), rows };
  });
  return grids.reduce((a, b) =>
    pictureWidth(b, screen, aspect) > pictureWidth(a, screen, aspect) ? b : a,
  );
}

/**
 * Places the tiles side by side with hairlines between them, the whole in the middle of the screen.
 *
 * The tiles of a short row are larger where there is room for that, and then come first: the first
 * cameras are the ones that somebody put first.
 *
 * @param {number} count
 * @param {Grid} grid
 * @param {Screen} screen
 * @param {number} aspect Width by height of a picture.
 * @returns {Place[]} In the order of the cameras.
 */
export function placeTiles(count, grid, screen, aspect) {
  const { columns, rows } = grid;
  const width = pictureWidth(grid, screen, aspect);
  const short = count - columns * (rows - 1);
  const room = (screen.height - ((rows - 1) * width) / aspect) * aspect;
  const shortWidth = Math.min((columns * width) / short, room);
  const fullRows = Array.from({ length: rows - 1 }, () => ({ tiles: columns, width }));
  const shortRow = { tiles: short, width: shortWidth };
  const isShortFirst = shortWidth > width * CLEARLY_LARGER;
  const order = isShortFirst ? [shortRow, ...fullRows] : [...fullRows, shortRow];
  const heights = order.map((row) => row.width / aspect);
  const total = heights.reduce((sum, height) => sum + height, 0);
  let top = (screen.height - total) / 2;
  return order.flatMap((row, index) => {
    const rowTop = top;
    top += heights[index] ?? 0;
    return placeRow(row, rowTop, top, screen);
  });
}

/**
 * Places one row on whole device pixels, so that every hairline is equally fine.
 *
 * @param {{tiles: number, width: number}} row
 * @param {number} top
 * @param {number} bottom
 * @param {Screen} screen
 * @param {number} [left] Where the row begins; in the middle when not said.
 * @returns {Place[]}
 */
function placeRow(row, top, bottom, { width, height, pixelRatio }, left) {
  const snap = (/** @type {number} */ at) => Math.round(at * pixelRatio) / pixelRatio;
  const hairline = Math.max(1, Math.round(pixelRatio)) / pixelRatio;
  const start = left ?? (width - row.tiles * row.width) / 2;
  // The screen's edge needs no line.
  const end = (/** @type {number} */ at, /** @type {number} */ edge) =>
    at > edge - 1 ? snap(at) : snap(at) - hairline;
  return Array.from({ length: row.tiles }, (_, index) => {
    const from = snap(start + index * row.width);
    const right = end(start + (index + 1) * row.width, width);
    return { left: from, top: snap(top), width: right - from, height: end(bottom, height) - snap(top) };
  });
}

/**
 * @param {Grid} grid
 * @param {Screen} screen
 * @param {number} aspect
 * @returns {number} Width of each picture when all are equally large.
 */
function pictureWidth(grid, screen, aspect) {
  return Math.min(screen.width / grid.columns, (screen.height / grid.rows) * aspect);
}

/**
 * Returns the shape that most cameras are near to: the median, so that one odd camera does not
 * shrink all the others.
 *
 * @param {{width: number | null, height: number | null}[]} cameras
 * @returns {number} Width by height.
 */
export function typicalAspect(cameras) {
  const aspects = cameras
    .flatMap(({ width, height }) => (width && height ? [width / height] : []))
    .sort((a, b) => a - b);
  return aspects[Math.floor(aspects.length / 2)] ?? USUAL_ASPECT;
}
