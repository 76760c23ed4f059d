// Lines and zones as they stand in the config file, below a camera's key.

/** @typedef {import("./words.js").Regions} Regions */

/** Of the keys of a camera. */
const INDENT = "    ";

/**
 * @param {Regions} regions
 * @returns {string} YAML that can be pasted below a camera's key, without a line end.
 */
export function yamlOf(regions) {
  const rows = [];
  for (const [section, shapes] of Object.entries(regions)) {
    const names = Object.entries(shapes);
    rows.push(names.length ? `${INDENT}${section}:` : `${INDENT}${section}: {}`);
    for (const [name, shape] of names) rows.push(`${INDENT}  ${name}: ${flow(shape)}`);
  }
  return rows.join("\n");
}

/** @param {unknown} value @returns {string} A map, a list, a number or a plain word in YAML's flow style. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "number") return number(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value).map(([key, one]) => `${key}: ${flow(one)}`).join(", ")}}`;
}

/** @param {number} value @returns {string} Never 1e-7, which is text in YAML 1.1. */
function number(value) {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}
