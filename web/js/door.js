// Who sits before the page: known to the server, or to be asked for a name and a password.

import { styled } from "./styles.js";

/** As long as a person waits before pressing again. */
const HTTP_MS = 10000;

/**
 * @typedef {object} DoorHandlers
 * @property {() => void} onClosed Somebody has to log in: nothing more is to be shown.
 * @property {() => void} onOpened Somebody has logged in.
 */

/** What the server says of who asks. @typedef {{user: string | null, is_open: boolean}} Who */

/** Is open until the server says that it does not know who asks. */
export class Door {
  /** Whose log-in it is; null where nobody has to log in. @type {string | null} */
  user = null;
  #isClosed = false;
  #base;
  #handlers;

  /** @param {string} base The page's address. @param {DoorHandlers} handlers */
  constructor(base, handlers) {
    this.#base = base;
    this.#handlers = handlers;
  }

  /** Whether somebody has to log in first. */
  get isClosed() {
    return this.#isClosed;
  }

  /**
   * Asks the server who one is, and shows the form if it does not know.
   *
   * Whatever else fails is not a matter of the door: who can't reach the server is told so elsewhere.
   */
  async look() {
    try {
      const response = await this.#fetch("api/me", "GET");
      if (response.status === 401) this.close();
      else if (response.ok) this.user = /** @type {Who} */ (await response.json()).user;
    } catch {
      // Asked again when the next connection is lost.
    }
  }

  /** Shows the form, because the server has said that it does not know who asks. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.user = null;
    this.#handlers.onClosed();
    void this.#ask();
  }

  /**
   * Ends the log-in, here and at the server.
   *
   * @returns {Promise<boolean>} Whether it has ended: on a screen of many, one has to know.
   */
  async logOut() {
    try {
      const { ok } = await this.#fetch("api/logout", "POST");
      if (!ok) return false;
    } catch {
      return false;
    }
    await this.look();
    return true;
  }

  /** The form and its style are loaded when somebody has to log in. */
  async #ask() {
    const [{ askWho }] = await Promise.all([import("./login.js"), styled("panels", "login")]);
    this.user = await askWho((user, password) => this.#fetch("api/login", "POST", { user, password }));
    this.#isClosed = false;
    this.#handlers.onOpened();
  }

  /** @param {string} path @param {string} method @param {object} [body] @returns {Promise<Response>} */
  #fetch(path, method, body) {
    /** @type {RequestInit} */
    const request = { method, signal: AbortSignal.timeout(HTTP_MS) };
    if (body) {
      request.body = JSON.stringify(body);
      request.headers = { "Content-Type": "application/json" };
    }
    return fetch(new URL(path, this.#base), request);
  }
}
