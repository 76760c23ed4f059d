// Where the tiles lie so that the pictures are as large as this screen allows.

/** The shape of a camera that has not said its own yet. */
const USUAL_ASPECT = 16 / 9;

/** A short row comes first only where that makes its pictures clearly larger than the others. */
const CLEARLY_LARGER = 1.15;

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
 * @returns {Place[]}
 */
function placeRow(row, top, bottom, { width, height, pixelRatio }) {
  const snap = (/** @type {number} */ at) => Math.round(at * pixelRatio) / pixelRatio;
  const hairline = Math.max(1, Math.round(pixelRatio)) / pixelRatio;
  const start = (width - row.tiles * row.width) / 2;
  // The screen's edge needs no line.
  const end = (/** @type {number} */ at, /** @type {number} */ edge) =>
    at > edge - 1 ? snap(at) : snap(at) - hairline;
  return Array.from({ length: row.tiles }, (_, index) => {
    const left = snap(start + index * row.width);
    const right = end(start + (index + 1) * row.width, width);
    return { left, top: snap(top), width: right - left, height: end(bottom, height) - snap(top) };
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
