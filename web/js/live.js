// The WebSocket that tells what the cameras do, opened again whenever it is lost.

import { readCamerasMessage } from "./words.js";

/** @typedef {import("./words.js").CamerasMessage} CamerasMessage */
/** @typedef {import("./words.js").Connection} Connection */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** Close code of a link whose log-in has ended. */
const LOGGED_OUT = 4401;
/** The server speaks every second: after five missed ones the link is dead, whatever TCP says. */
const SILENCE_MS = 5000;

/**
 * @typedef {object} LiveHandlers
 * @property {(message: CamerasMessage) => void} onCameras
 * @property {(connection: Connection) => void} onConnection
 * @property {() => void} onStranger The log-in has ended.
 */

/** A link to `/api/live` that keeps itself open between `start` and `stop`. */
export class Live {
  /** @type {"stopped" | "connecting" | "up" | "waiting"} */
  #state = "stopped";
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {AbortController} */
  #listeners = new AbortController();
  #waitMs = FIRST_WAIT_MS;
  #url;
  #handlers;

  /**
   * @param {URL} url `ws:` or `wss:`.
   * @param {LiveHandlers} handlers
   */
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  /** Connects, and connects again after every loss. */
  start() {
    if (this.#state !== "stopped") return;
    this.#waitMs = FIRST_WAIT_MS;
    this.#handlers.onConnection("connecting");
    this.#connect();
  }

  /** Closes the link; nothing is called afterwards. */
  stop() {
    this.#state = "stopped";
    this.#drop();
  }

  /**
   * Says something to the server; nothing while the link is down, since it is said again then.
   *
   * @param {object} message
   */
  send(message) {
    if (this.#state === "up") this.#socket?.send(JSON.stringify(message));
  }

  #connect() {
    this.#drop();
    this.#state = "connecting";
    this.#listeners = new AbortController();
    const { signal } = this.#listeners;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectWords();
    socket.addEventListener("open", () => this.#opened(), { signal });
    socket.addEventListener("message", (event) => this.#heard(event.data), { signal });
    socket.addEventListener("close", ({ code }) => (code === LOGGED_OUT ? this.#handlers.onStranger() : this.#lost()), { signal });
  }

  #opened() {
    this.#state = "up";
    this.#handlers.onConnection("up");
  }

  /** @param {unknown} text */
  #heard(text) {
    this.#waitMs = FIRST_WAIT_MS;
    this.#expectWords();
    const message = readCamerasMessage(text);
    if (message) this.#handlers.onCameras(message);
  }

  #expectWords() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #lost() {
    this.#drop();
    this.#state = "waiting";
    this.#handlers.onConnection("lost");
    // Half of the wait is left to chance, so that many walls do not come back in the same moment.
    const waitMs = this.#waitMs * (0.5 + Math.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#listeners.abort();
    this.#socket?.close();
    this.#socket = null;
  }
}
