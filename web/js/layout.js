// Where the tiles lie so that the pictures are as large as this screen allows.

/** The shape of a camera that has not said its own yet. */
const USUAL_ASPECT = 16 / 9;

/**
 * Rows of `columns` tiles; a short last row shares the whole width among its tiles.
 *
 * @typedef {object} Grid
 * @property {number} columns
 * @property {number} rows
 */

/**
 * A tile's place in CSS pixels from the upper left corner of the wall.
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
 * @param {number} width Of the wall, in CSS pixels.
 * @param {number} height Of the wall, in CSS pixels.
 * @param {number} aspect Width by height of a picture.
 * @returns {Grid}
 */
export function bestGrid(count, width, height, aspect) {
  const grids = Array.from({ length: count }, (_, index) => {
    const rows = Math.ceil(count / (index + 1));
    // The fewest columns that these rows need: 4 cameras in 2 rows are 2 × 2, never 3 + 1.
    const columns = Math.ceil(count / rows);
    return { columns, rows, size: Math.min(width / columns, (height / rows) * aspect) };
  });
  const best = grids.reduce((a, b) => (b.size > a.size ? b : a));
  return { columns: best.columns, rows: best.rows };
}

/**
 * Places the tiles on whole device pixels, so that every hairline is equally fine.
 *
 * @param {number} count
 * @param {Grid} grid
 * @param {number} width Of the wall, in CSS pixels.
 * @param {number} height Of the wall, in CSS pixels.
 * @param {number} pixelRatio Device pixels per CSS pixel.
 * @returns {Place[]}
 */
export function placeTiles(count, grid, width, height, pixelRatio) {
  const snap = (/** @type {number} */ at) => Math.round(at * pixelRatio) / pixelRatio;
  const hairline = Math.max(1, Math.round(pixelRatio)) / pixelRatio;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / grid.columns);
    const column = index % grid.columns;
    const isLastRow = row === grid.rows - 1;
    const inRow = isLastRow ? count - row * grid.columns : grid.columns;
    const left = snap((column * width) / inRow);
    const top = snap((row * height) / grid.rows);
    const right = snap(((column + 1) * width) / inRow) - (column === inRow - 1 ? 0 : hairline);
    const bottom = snap(((row + 1) * height) / grid.rows) - (isLastRow ? 0 : hairline);
    return { left, top, width: right - left, height: bottom - top };
  });
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
