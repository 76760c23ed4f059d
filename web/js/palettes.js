// OpenCV's colour maps as gradients, so that a palette can be chosen by its looks.

/**
 * Sixteen stops of each map from cold to hot, every 17th of its 256 colours, six hexadecimal digits
 * each; written by `tests/support/palettes.py`. Those first whose brightness rises evenly with the heat.
 *
 * @type {Record<string, string>}
 */
export const PALETTES = {
  inferno: "0000040c0826240c4f420a685d126e781c6d932667ae305cc73e4cdd513aed6925f8850ffca50afac62df2e661fcffa4",
  magma: "0000040b092420114b3b0f7057157e721f818c2981a8327dc43c75de4968f1605dfa7f5efe9f6dfebf84fddea0fcfdbf",
  plasma: "0d08873305975002a26a00a88405a79c179eb12a90c33d80d35171e16462ed7953f68f44fca636fec029f9dc24f0f921",
  viridis: "440154481a6c472f7d41448739568c31688e2a788e23888e1f988b22a88435b77954c5687ad151a5db36d2e21bfde725",
  cividis: "00224e002e6c1e3a6f35456c47516c575d6d666970757575848279948e77a59c74b7a96ec8b866dbc75aeed649fee838",
  parula: "352a871a48b70465e00d77d9128ad20b9ccb10abbe2bb4a950bb9380be7caabd69d0bb5ae7c246facd31fbe31ff9fb0e",
  turbo: "30123b4143a74771e93e9bfe22c5e21ae4b646f88488ff4eb9f635e1dd37faba39fd8d27f05b12d63506af18017a0403",
  jet: "0000800000c40008ff004cff0090ff00d4ff1affe65effa2a2ff5ee6ff1affd400ff9000ff4c00ff0800c40000800000",
  rainbow: "ff0000ff2a00ff5500ff8000ffaa00ffd400fcfd00aaff0055ff0003fc0300aa550055aa0305fa3900ff7100ffaa00ff",
  hsv: "ff0000ff6600ffcc00ccff0066ff0000ff0000ff6600ffcc00ccff0066ff0000ff6600ffcc00ffff00ccff0066ff0000",
  hot: "0000002a0000550000800000aa0000d40000fd0200ff2a00ff5500ff8000ffaa00ffd400fffd05ffff55ffffaaffffff",
  autumn: "ff0000ff1100ff2200ff3300ff4400ff5500ff6600ff7700ff8800ff9900ffaa00ffbb00ffcc00ffdd00ffee00ffff00",
  summer: "00806611886622906633996644a26655aa6666b26677bb6688c46699cc66aad466bbdd66cce666ddee66eef666ffff66",
  spring: "ff00ffff11eeff22ddff33ccff44bbff55aaff6699ff7788ff8877ff9966ffaa55ffbb44ffcc33ffdd22ffee11ffff00",
  winter: "0000ff0011f60022ee0033e60044dd0055d50066cc0077c40088bb0099b200aaaa00bba200cc9900dd9000ee8800ff80",
  cool: "00ffff11eeff22ddff33ccff44bbff55aaff6699ff7788ff8877ff9966ffaa55ffbb44ffcc33ffdd22ffee11ffff00ff",
  ocean: "000000000011000022000033000044000055001a66003377004c880066990080aa3399bb66b2cc99ccddcce6eeffffff",
  deepgreen: "00000000110000220000330000440000550000661a00773300884c00996600aa8033bb9966ccb299ddcccceee6ffffff",
  bone: "0000000f0f151e1e292d2d3e3c3c524a4a67595b796870887784978699a695aeb5a4c2c4b9d2d2d0e1e1e8f0f0ffffff",
  pink: "000000523636744c4c8e5d5da46c6cb87878c68984cda08ed4b498dac6a1e1d6aae7e5b2ededc6f3f3daf9f9edffffff",
  twilight: "e2d9e2bfccd38eb1c66d90c0606cb85e44a5541e7d3911473b113b63194b8d2b50ac4d50c0745dcb9e82d7c4b9e2d9e2",
  twilight_shifted: "3014374714615b30955f59b1657fbd7ca1c2a7c0cbd6d7dcded3d4d0b29dc6896db760559e3b507a20504e14432f1436",
};

/** A colour's length in the table. */
const DIGITS = 6;

/**
 * Returns a CSS gradient of a palette, from cold on the left to hot.
 *
 * @param {string} name
 * @returns {string} `none` for a palette that this page does not know.
 */
export function paletteGradient(name) {
  const stops = PALETTES[name] ?? "";
  const colours = Array.from({ length: stops.length / DIGITS }, (_, index) => {
    return `#${stops.slice(index * DIGITS, (index + 1) * DIGITS)}`;
  });
  return colours.length === 0 ? "none" : `linear-gradient(to right, ${colours.join(", ")})`;
}
