// The heat's legend as a gradient: the colours that are blended into the picture.

/** @typedef {import("./words.js").LegendStop} LegendStop */

/**
 * Returns a CSS gradient of the legend, from no heat on the left to full colour on the right.
 *
 * @param {LegendStop[]} stops
 * @returns {string} `none` when the stops make no gradient.
 */
export function legendGradient(stops) {
  const colours = [...stops].sort((a, b) => a.at - b.at).map(cssStop);
  return colours.length < 2 ? "none" : `linear-gradient(to right, ${colours.join(", ")})`;
}

/**
 * @param {LegendStop} stop
 * @returns {string}
 */
function cssStop(stop) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(stop.color.slice(at, at + 2), 16));
  return `rgb(${red} ${green} ${blue} / ${stop.alpha}) ${(stop.at * 100).toFixed(1)}%`;
}
