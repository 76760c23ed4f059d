// Puts the page together: what the server says goes to the wall, what the wall wants to the player.

import { Api } from "./api.js";
import { Banner } from "./banner.js";
import { keep, kept } from "./device.js";
import { Door } from "./door.js";
import { Header, toggleFullScreen } from "./header.js";
import { Keys } from "./keys.js";
import { Kiosk } from "./kiosk.js";
import { Live } from "./live.js";
import { Panel } from "./panel.js";
import { Player } from "./player.js";
import { QualityHint } from "./quality.js";
import { keepFocusInAddress, replaceAddress } from "./route.js";
import { styled } from "./styles.js";
import * as texts from "./texts.js";
import { THEMES, ThemeChoice } from "./theme.js";
import { Toast } from "./toast.js";
import { LAYOUTS, keptView, queryOf, readView } from "./view.js";
import { runWhileVisible } from "./visibility.js";
import { HeatWall } from "./wall.js";
import { readCameras } from "./words.js";

/** @typedef {import("./panel.js").Context} Context */
/** @typedef {import("./panel.js").PanelName} PanelName */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./words.js").Cameras} Cameras */
/** @typedef {import("./words.js").CameraState} CameraState */
/** @typedef {import("./words.js").Connection} Connection */
/** @typedef {import("./words.js").Group} Group */
/** @typedef {import("./words.js").Rights} Rights */

/** How often the ages of the pictures are looked at. */
const TICK_MS = 1000;
/** A narrower page has no room for a panel beside a picture. */
const WIDE = matchMedia("(min-width: 1100px)");
/** What each panel has of its own. @type {Record<PanelName, string>} */
const PANEL_STYLES = { heat: "controls", camera: "camera-panel", regions: "editor" };
/** What an older server that says nothing of rights lets everybody do. */
const NO_RIGHTS = /** @type {Rights} */ ({ role: "viewer", can_operate: false, can_save: false });

const query = new URLSearchParams(location.search);
const wall = /** @type {HeatWall} */ (document.querySelector("heat-wall"));
const empty = /** @type {HTMLElement} */ (byId("empty"));
const news = byId("news");
const theme = new ThemeChoice(query.get("theme"));
const banner = new Banner(byId("banner"));
const quality = new QualityHint(byId("quality"));
const toast = new Toast(byId("toast"));
const panel = new Panel(byId("panel"));
const keys = new Keys();
const door = new Door(document.baseURI, { onClosed: showNothing, onOpened: begin });
const api = new Api(document.baseURI, () => door.close());
const { view: firstView, mistakes } = readView(location.search, keptView(kept("view")));
/** @type {View} */
let view = firstView;
/** @type {Group[]} */
let groups = [];
let rights = NO_RIGHTS;
/** @type {Map<string, CameraState> | null} */
let states = null;

const kiosk = new Kiosk({
  stops: () => (view.rotate === "groups" ? groups.map(({ id }) => id) : wall.order),
  show: (stop) => (view.rotate === "groups" ? showGroup(stop) : wall.show(stop)),
  onChange: (isOn) => document.documentElement.toggleAttribute("data-kiosk", isOn),
});

const header = new Header(byId("header"), {
  onGroup: showGroup,
  onHeat: () => togglePanel("heat"),
  layouts: layoutItems,
  more: moreItems,
});

const [whep, ice] = [new URL("whep", document.baseURI), new URL("api/ice", document.baseURI)];
const player = new Player(whep, ice, socketUrl("api/media"), {
  onPictures: (camera, pictures) => wall.attach(camera, pictures),
  onSession: (sid) => live.send({ type: "session", sid }),
  onProblem: (reason) => (banner.problem = reason),
  onTransport: (transport) => (wall.transport = quality.transport = transport),
  onLack: (lacks) => (wall.lack = texts.lacks(lacks)),
  look: () => wall.arrival,
});

const live = new Live(socketUrl("api/live"), {
  onCameras: (message) => {
    showCameras(message);
    quality.update(message.quality ?? null);
  },
  onConnection: (connection) => showConnection(connection),
  onStranger: () => door.close(),
});

const showFromAddress = keepFocusInAddress(wall, (camera) => toast.say(texts.unknownCamera(camera)));

/** @type {Context} */
const context = { api, wall, toast, player, keys, open: (name) => void openPanel(name), close: () => void panel.leave() };

/** @type {import("./focus-bar.js").FocusBar | null} */
let focusBar = null;

/** Shows the cameras that the page asked for while its scripts were loading; see `index.html`. */
async function showFirst() {
  try {
    const response = await fetch(new URL("api/cameras", document.baseURI));
    if (response.status === 401) return door.close();
    const message = response.ok ? readCameras(await response.json()) : null;
    if (message && states === null) showCameras(message);
  } catch {
    // The WebSocket tells them as well.
  }
}

/** Everything goes that only those who are logged in may see; the last pictures too. */
function showNothing() {
  pause();
  kiosk.stop();
  panel.close();
  wall.show(null);
  wall.update([], new Date());
  header.update([], [], null);
  states = null;
  groups = [];
  rights = NO_RIGHTS;
  banner.config = null;
  banner.connection = "connecting";
  showEmpty("", "");
}

async function logOut() {
  if (!(await door.logOut())) toast.say(texts.STILL_LOGGED_IN);
}

/** Once somebody has logged in. */
function begin() {
  showEmpty(texts.LOADING, "");
  void showFirst();
  if (document.visibilityState === "visible") resume();
}

function resume() {
  if (door.isClosed) return;
  live.start();
  player.start();
}

function pause() {
  player.stop();
  live.stop();
}

/** @param {Cameras} message */
function showCameras({ cameras, groups: told = [], rights: allowed = NO_RIGHTS, config }) {
  const isFirst = states === null;
  const changed = cameras.filter(({ id, state }) => (states?.get(id) ?? state) !== state);
  states = new Map(cameras.map(({ id, state }) => [id, state]));
  if (changed.length > 0) news.textContent = changed.map(texts.stateNews).join(". ");
  rights = allowed;
  banner.config = config?.error ?? null;
  document.documentElement.dataset["role"] = rights.role;
  const areGroupsNew = JSON.stringify(told) !== JSON.stringify(groups);
  groups = told;
  if (isFirst || areGroupsNew) {
    if (view.group !== null && !groups.some(({ id }) => id === view.group)) {
      toast.say(texts.unknownGroup(view.group));
      view = { ...view, group: null };
    }
    wall.arrangeAs(view, groupCameras());
  }
  wall.update(cameras, new Date());
  header.update(cameras, groups, view.group);
  showEmptiness(cameras.length);
  showSituation();
  if (!isFirst) return;
  showFromAddress();
  for (const { key, found } of mistakes) toast.say(texts.unknownInLink(key, found));
  if (view.kioskS !== null) kiosk.start(view.kioskS);
}

/** @param {number} count Of all cameras. */
function showEmptiness(count) {
  if (count === 0) showEmpty(texts.NO_CAMERAS, texts.NO_CAMERAS_HINT);
  else if (wall.order.length === 0) showEmpty(texts.EMPTY_GROUP, texts.EMPTY_GROUP_HINT);
  else showEmpty("", "");
}

function showSituation() {
  focusBar?.update(rights, panel.shown);
  panel.update({ cameras: wall.cameras, groups, rights, focus: wall.focused, now: new Date() });
}

/** @returns {string[] | null} Of the group that is shown; null: all. */
function groupCameras() {
  return groups.find(({ id }) => id === view.group)?.cameras ?? null;
}

/** @param {Partial<View>} change */
function changeView(change) {
  view = { ...view, ...change };
  keep("view", { layout: view.layout, order: view.order, group: view.group });
  replaceAddress({ search: queryOf({ ...view, order: [] }) });
  wall.arrangeAs(view, groupCameras());
  header.update(wall.cameras, groups, view.group);
  showEmptiness(wall.cameras.length);
}

/** @param {string | null} group */
function showGroup(group) {
  wall.show(null);
  changeView({ group });
}

/** @param {number} by */
function stepGroup(by) {
  const ids = [null, ...groups.map(({ id }) => id)];
  showGroup(ids.at((ids.indexOf(view.group) + by) % ids.length) ?? null);
}

function stopKiosk() {
  kiosk.stop();
  changeView({ kioskS: null });
}

/** @param {number} seconds @param {"cameras" | "groups"} rotate */
async function startKiosk(seconds, rotate) {
  if (!(await panel.leave())) return;
  changeView({ kioskS: seconds, rotate });
  kiosk.start(seconds);
  if (!document.fullscreenElement && document.fullscreenEnabled) void toggleFullScreen().catch(() => {});
}

/**
 * @param {PanelName} name
 * @param {boolean} [takesFocus]
 */
async function openPanel(name, takesFocus = true) {
  if (!(await panel.mayLeave())) return;
  const content = await contentOf(name);
  if (content) panel.open(name, content, { takesFocus });
}

/** Panels are loaded when they are first wanted. @param {PanelName} name */
async function contentOf(name) {
  const styles = styled("panels", "controls", PANEL_STYLES[name]);
  if (name === "heat") {
    const [{ heatControls }] = await Promise.all([import("./controls.js"), styles]);
    return heatControls(context);
  }
  if (wall.focused === null) return null;
  const isCamera = name === "camera";
  const [make] = await Promise.all([
    isCamera
      ? import("./camera-panel.js").then(({ cameraPanel }) => cameraPanel)
      : import("./editor.js").then(({ regionEditor }) => regionEditor),
    styles,
  ]);
  return wall.focused === null ? null : make(context); // who left meanwhile wants it no more
}

/** @param {PanelName} name */
function togglePanel(name) {
  if (panel.shown !== name) return void openPanel(name);
  if (name === "camera") keep("camera-panel", "closed");
  void panel.leave();
}

/** What stands on a large picture is loaded with the first one. */
async function loadFocusBar() {
  const [{ FocusBar }] = await Promise.all([import("./focus-bar.js"), styled("focus")]);
  focusBar ??= new FocusBar(context, { onPanel: () => togglePanel("camera"), onDraw: () => togglePanel("regions") });
  focusBar.update(rights, panel.shown);
}

function followFocus() {
  const isLarge = wall.focused !== null;
  if (isLarge && !focusBar) void loadFocusBar();
  if (!isLarge && panel.shown !== "heat") panel.close();
  const wantsPanel = isLarge && WIDE.matches && kept("camera-panel") !== "closed";
  if (wantsPanel && panel.shown === null && !kiosk.isOn) void openPanel("camera", false);
  showSituation();
}

function copyLink() {
  const address = new URL(location.pathname + queryOf(view) + location.hash, location.href);
  navigator.clipboard?.writeText(address.href).then(
    () => toast.say(texts.LINK_COPIED),
    () => toast.say(address.href),
  ) ?? toast.say(address.href);
}

function layoutItems() {
  return LAYOUTS.map((layout) => ({
    text: texts.LAYOUTS[layout],
    icon: `layout-${layout}`,
    kind: /** @type {const} */ ("radio"),
    checked: layout === view.layout,
    does: () => changeView({ layout }),
  }));
}

function moreItems() {
  return [
    { text: texts.FIGURES, key: "I", checked: document.documentElement.hasAttribute("data-figures"), does: toggleFigures },
    { text: texts.COPY_LINK, icon: "link", does: copyLink },
    { text: texts.RESET_ORDER, icon: "reset", disabled: view.order.length === 0, does: () => changeView({ order: [] }) },
    { text: texts.ALL_COUNTS_CSV, icon: "download", does: () => location.assign(new URL("api/counts.csv", document.baseURI)) },
    { heading: texts.KIOSK },
    ...[10, 30, 60].map((seconds) => ({
      text: texts.kioskEvery(seconds),
      icon: "play",
      does: () => void startKiosk(seconds, "cameras"),
    })),
    { text: texts.KIOSK_GROUPS, icon: "play", disabled: groups.length < 2, does: () => void startKiosk(30, "groups") },
    { heading: texts.THEME },
    ...THEMES.map((one) => ({
      text: texts.THEMES[one],
      kind: /** @type {const} */ ("radio"),
      checked: theme.theme === one,
      does: () => void (theme.theme = one),
    })),
    { heading: "" },
    { text: texts.KEYS, key: "?", icon: "keyboard", does: () => void showHelp() },
    ...(door.user === null
      ? []
      : [{ heading: texts.loggedInAs(door.user) }, { text: texts.LOG_OUT, icon: "log-out", does: () => void logOut() }]),
  ];
}

async function showHelp() {
  const [{ showKeys }] = await Promise.all([import("./help.js"), styled("panels")]);
  showKeys(keys.all);
}

/** @type {import("./figures.js").Figures | null} */
let figures = null;

function toggleFigures() {
  const isShown = document.documentElement.toggleAttribute("data-figures");
  keep("figures", isShown ? true : null);
  void showFigures();
}

/** They cost a look at the browser's statistics every second, and are loaded only when wanted. */
async function showFigures() {
  const isShown = document.documentElement.hasAttribute("data-figures");
  if (isShown && !figures) {
    const [{ Figures }] = await Promise.all([import("./figures.js"), styled("figures")]);
    figures ??= new Figures(wall, player);
  }
  if (!isShown) figures?.clear();
}

/** @param {Connection} connection */
function showConnection(connection) {
  wall.connection = connection;
  banner.connection = connection;
  if (connection === "lost") {
    quality.update(null);
    void door.look(); // a log-in that has ended looks like a lost connection to a WebSocket
  }
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
  if (document.documentElement.hasAttribute("data-figures")) void figures?.tick();
  const { health } = wall;
  if (health === "stalled") player.renew();
  else if (health === "playing") player.settled();
}

/** @param {string} path @returns {URL} */
function socketUrl(path) {
  const url = new URL(path, document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const isLarge = () => wall.focused !== null;
const isPlain = () => !kiosk.isOn;
const isZoomed = () => (focusBar?.zoom.scale ?? 1) > 1;
keys.add(
  { key: "Escape", text: "", does: stopKiosk, when: () => kiosk.isOn },
  { key: "Escape", text: texts.KEY.back, shown: "Esc", does: () => wall.show(null), when: () => isLarge() && !wall.isEditing },
  { key: "ArrowRight", text: texts.KEY.next, shown: "→", does: () => wall.step(1), when: isPlain },
  { key: "ArrowLeft", text: texts.KEY.previous, shown: "←", does: () => wall.step(-1), when: isPlain },
  { key: "ArrowDown", text: texts.KEY.down, shown: "↓", does: () => wall.stepRow(1), when: isPlain },
  { key: "ArrowUp", text: texts.KEY.up, shown: "↑", does: () => wall.stepRow(-1), when: isPlain },
  { key: "Enter", text: texts.KEY.open, does: () => {}, when: () => false },
  { key: "+", text: texts.KEY.zoomIn, does: () => focusBar?.zoom.step(1), when: isLarge },
  { key: "=", text: "", does: () => focusBar?.zoom.step(1), when: isLarge },
  { key: "-", text: texts.KEY.zoomOut, shown: "−", does: () => focusBar?.zoom.step(-1), when: isLarge },
  { key: "0", text: texts.KEY.zoomReset, does: () => focusBar?.zoom.reset(), when: isLarge },
  { key: "Shift+ArrowRight", text: texts.KEY.look, shown: "Shift + → ← ↓ ↑", does: () => focusBar?.zoom.look(1, 0), when: isZoomed },
  { key: "Shift+ArrowLeft", text: "", does: () => focusBar?.zoom.look(-1, 0), when: isZoomed },
  { key: "Shift+ArrowDown", text: "", does: () => focusBar?.zoom.look(0, 1), when: isZoomed },
  { key: "Shift+ArrowUp", text: "", does: () => focusBar?.zoom.look(0, -1), when: isZoomed },
  { key: "Shift+ArrowRight", text: texts.KEY.move, shown: "Shift + →", does: () => wall.moveCurrent(1), when: isPlain },
  { key: "Shift+ArrowLeft", text: texts.KEY.move, shown: "Shift + ←", does: () => wall.moveCurrent(-1), when: isPlain },
  { key: "h", text: texts.HEAT_CONTROLS, does: () => togglePanel("heat"), when: isPlain },
  { key: "p", text: texts.CAMERA_PANEL, does: () => togglePanel("camera"), when: () => isLarge() && isPlain() },
  { key: "e", text: texts.EDIT_REGIONS, does: () => togglePanel("regions"), when: () => isLarge() && isPlain() },
  { key: "i", text: texts.FIGURES, does: toggleFigures },
  { key: "l", text: texts.KEY.layout, does: () => changeView({ layout: LAYOUTS[(LAYOUTS.indexOf(view.layout) + 1) % LAYOUTS.length] ?? "auto" }) },
  { key: "g", text: texts.KEY.group, does: () => stepGroup(1), when: () => groups.length > 0 && isPlain() },
  { key: "k", text: texts.KIOSK, does: () => (kiosk.isOn ? stopKiosk() : void startKiosk(view.kioskS ?? 30, "cameras")) },
  { key: "f", text: texts.FULL_SCREEN, does: () => void toggleFullScreen().catch(() => {}), when: () => document.fullscreenEnabled },
  { key: "?", text: texts.KEYS, does: () => void showHelp() },
);

wall.addEventListener("wall-tiers", () => player.show(wall.tiers));
wall.addEventListener("wall-focus", followFocus);
wall.addEventListener("wall-order", (event) => changeView({ order: /** @type {CustomEvent<string[]>} */ (event).detail }));
panel.addEventListener("panel-change", () => {
  header.isHeatOpen = panel.shown === "heat";
  focusBar?.update(rights, panel.shown);
  if (panel.shown === "camera") keep("camera-panel", null);
});
document.title = texts.PRODUCT;
document.documentElement.toggleAttribute("data-figures", kept("figures") === true);
void showFigures();
showEmpty(texts.LOADING, "");
tick();
setInterval(tick, TICK_MS);
void showFirst().then(() => door.look());
runWhileVisible(resume, pause);
