// Puts the page together: what the server says goes to the wall, what the wall wants to the player.

import { Banner } from "./banner.js";
import { Header } from "./header.js";
import { Live } from "./live.js";
import { Player } from "./player.js";
import { QualityHint } from "./quality.js";
import { keepFocusInAddress } from "./route.js";
import * as texts from "./texts.js";
import { runWhileVisible } from "./visibility.js";
import { HeatWall } from "./wall.js";
import { readCameras } from "./words.js";

/** @typedef {import("./words.js").CameraState} CameraState */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").Connection} Connection */

/** How often the ages of the pictures are looked at. */
const TICK_MS = 1000;

const wall = /** @type {HeatWall} */ (document.querySelector("heat-wall"));
const empty = /** @type {HTMLElement} */ (document.getElementById("empty"));
const news = /** @type {HTMLElement} */ (document.getElementById("news"));
const header = new Header(/** @type {HTMLElement} */ (document.getElementById("header")));
const banner = new Banner(/** @type {HTMLElement} */ (document.getElementById("banner")));
const quality = new QualityHint(/** @type {HTMLElement} */ (document.getElementById("quality")));
const showFromAddress = keepFocusInAddress(wall);

const player = new Player(new URL("whep", document.baseURI), {
  onStream: (camera, stream) => wall.attach(camera, stream),
  onSession: (sid) => live.send({ type: "session", sid }),
  onProblem: (reason) => (banner.problem = reason),
});

const liveUrl = new URL("api/live", document.baseURI);
liveUrl.protocol = liveUrl.protocol.replace("http", "ws");
const live = new Live(liveUrl, {
  onCameras: (message) => {
    showCameras(message.cameras);
    quality.update(message.quality ?? null);
  },
  onConnection: (connection) => showConnection(connection),
});

/** @type {Map<string, CameraState> | null} */
let states = null;

/** Shows the cameras that the page asked for while its scripts were loading; see `index.html`. */
async function showFirst() {
  try {
    const response = await fetch(new URL("api/cameras", document.baseURI));
    const message = response.ok ? readCameras(await response.json()) : null;
    if (message && states === null) showCameras(message.cameras);
  } catch {
    // The WebSocket tells them as well.
  }
}

/** @param {CameraStatus[]} cameras */
function showCameras(cameras) {
  const isFirst = states === null;
  const changed = cameras.filter(({ id, state }) => (states?.get(id) ?? state) !== state);
  states = new Map(cameras.map(({ id, state }) => [id, state]));
  if (changed.length > 0) news.textContent = changed.map(texts.stateNews).join(". ");
  wall.update(cameras, new Date());
  header.update(cameras);
  showEmpty(cameras.length > 0 ? "" : texts.NO_CAMERAS, texts.NO_CAMERAS_HINT);
  if (isFirst) showFromAddress();
}

/** @param {Connection} connection */
function showConnection(connection) {
  wall.connection = connection;
  banner.connection = connection;
  if (connection === "lost") quality.update(null);
  if (connection !== "up") return;
  // The server ties a session to its page's WebSocket, and a restarted one knows neither.
  if (player.sid) live.send({ type: "session", sid: player.sid });
  player.confirm();
}

/** @param {string} title @param {string} hint */
function showEmpty(title, hint) {
  empty.hidden = title === "";
  const [titleElement, hintElement] = empty.children;
  if (titleElement) titleElement.textContent = title;
  if (hintElement) hintElement.textContent = hint;
}

function tick() {
  const now = new Date();
  header.tick(now);
  wall.tick(now);
  if (document.visibilityState !== "visible") return;
  const { health } = wall;
  if (health === "stalled") player.renew();
  else if (health === "playing") player.settled();
}

wall.addEventListener("wall-tiers", () => player.show(wall.tiers));
document.title = texts.PRODUCT;
showEmpty(texts.LOADING, "");
tick();
setInterval(tick, TICK_MS);
void showFirst();
runWhileVisible(
  () => {
    live.start();
    player.start();
  },
  () => {
    player.stop();
    live.stop();
  },
);
