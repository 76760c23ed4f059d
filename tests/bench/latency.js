// Reads the capture time out of every picture that a tile presents; see heatwall.simulator.barcode.

const CELLS = 48;
const COLUMNS = 80;
const ROWS = 45;
const MIN_CONTRAST = 64;
const HEAD = "1010";
const TAIL = "0101";

/** Seen pictures: [capture time modulo 2^32 ms, page time once its pixels were read]. */
globalThis.seen = [];
globalThis.unread = 0;

/** @param {number} value */
function crc8(value) {
  let crc = 0xff;
  for (const shift of [24, 16, 8, 0]) {
    crc ^= (value >>> shift) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x80 ? 0x07 : 0) ^ (crc << 1)) & 0xff;
  }
  return crc;
}

/** @param {ImageData} image @param {number} width @param {number} height @returns {number | null} */
function readBarcode(image, width, height) {
  const [cellWidth, cellHeight] = [width / COLUMNS, height / ROWS];
  const means = [];
  for (let cell = 0; cell < CELLS; cell += 1) {
    const [left, right] = [Math.floor((cell + 0.25) * cellWidth), Math.floor((cell + 0.75) * cellWidth)];
    const [top, bottom] = [Math.floor(cellHeight / 4), Math.floor((cellHeight * 3) / 4)];
    let sum = 0;
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) sum += image.data[(y * image.width + x) * 4 + 1] ?? 0;
    }
    means.push(sum / ((right - left) * (bottom - top)));
  }
  const [low, high] = [Math.min(...means), Math.max(...means)];
  if (high - low < MIN_CONTRAST) return null;
  const bits = means.map((mean) => (mean > (low + high) / 2 ? "1" : "0")).join("");
  if (!bits.startsWith(HEAD) || !bits.endsWith(TAIL)) return null;
  const value = parseInt(bits.slice(4, 36), 2);
  return crc8(value) === parseInt(bits.slice(36, 44), 2) ? value : null;
}

globalThis.watchBarcodes = () => {
  const video = document.querySelector("heat-tile video");
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const presented = () => {
    video.requestVideoFrameCallback(presented);
    const { videoWidth: width, videoHeight: height } = video;
    const [across, down] = [Math.ceil((width * CELLS) / COLUMNS), Math.ceil(height / ROWS)];
    if (context.canvas.width !== across) Object.assign(context.canvas, { width: across, height: down });
    context.drawImage(video, 0, 0, across, down, 0, 0, across, down);
    const capturedMs = readBarcode(context.getImageData(0, 0, across, down), width, height);
    if (capturedMs === null) globalThis.unread += 1;
    else globalThis.seen.push([capturedMs, performance.now()]);
  };
  video.requestVideoFrameCallback(presented);
};
