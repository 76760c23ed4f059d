// What the page asks of the server beside pictures: one method for each route.

/** @typedef {import("./words.js").Regions} Regions */
/** @typedef {import("./words.js").History} History */
/** @typedef {import("./words.js").OverlaySettings} OverlaySettings */

/** As long as a person waits before pressing again. */
const HTTP_MS = 10000;

/** One value that the server refused. @typedef {{key: string, message: string, found: string | null, allowed: string}} Fault */

/** The server's own words for what it did not do. */
export class ApiError extends Error {
  /** @param {number} status 599 when the server was not reached. @param {string} code @param {string} message @param {Fault[]} faults */
  constructor(status, code, message, faults = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
  }
}

/** The server's routes below `api/cameras`; every failure is an `ApiError`. */
export class Api {
  #base;
  #onStranger;

  /** @param {string} base The page's address. @param {() => void} onStranger The server does not know who asks. */
  constructor(base, onStranger) {
    this.#base = base;
    this.#onStranger = onStranger;
  }

  /** @param {string} camera @param {string} path @returns {URL} Of something that belongs to a camera. */
  url(camera, path) {
    return new URL(`api/cameras/${encodeURIComponent(camera)}/${path}`, this.#base);
  }

  /** @param {string} camera @returns {Promise<OverlaySettings>} */
  async overlay(camera) {
    return this.#json(this.url(camera, "overlay"), "GET");
  }

  /** @param {string} camera @param {Partial<OverlaySettings>} change @returns {Promise<OverlaySettings>} */
  async changeOverlay(camera, change) {
    return this.#json(this.url(camera, "overlay"), "PATCH", change);
  }

  /** Empties the heat. @param {string} camera */
  async resetHeat(camera) {
    await this.#send(this.url(camera, "heat/reset"), "POST");
  }

  /** Lets lines and zones count from zero. @param {string} camera */
  async resetCounts(camera) {
    await this.#send(this.url(camera, "counts/reset"), "POST");
  }

  /** @param {string} camera @returns {Promise<Regions>} */
  async regions(camera) {
    return this.#json(this.url(camera, "regions"), "GET");
  }

  /**
   * @param {string} camera
   * @param {Regions} regions
   * @param {"run" | "file"} keep Until the server ends, or in the config file too.
   * @returns {Promise<Regions>}
   */
  async changeRegions(camera, regions, keep) {
    return this.#json(this.url(camera, "regions"), "PUT", { ...regions, keep });
  }

  /** @param {string} camera @returns {Promise<History>} */
  async history(camera) {
    return this.#json(this.url(camera, "history.json"), "GET");
  }

  /** @param {URL} url @param {string} method @param {object} [body] */
  async #json(url, method, body) {
    const response = await this.#send(url, method, body);
    return response.json();
  }

  /**
   * @param {URL} url
   * @param {string} method
   * @param {object} [body]
   * @returns {Promise<Response>} One that is fine.
   */
  async #send(url, method, body) {
    /** @type {RequestInit} */
    const request = { method, signal: AbortSignal.timeout(HTTP_MS) };
    if (body) {
      request.body = JSON.stringify(body);
      request.headers = { "Content-Type": "application/json" };
    }
    let response;
    try {
      response = await fetch(url, request);
    } catch {
      throw new ApiError(599, "unreachable", "");
    }
    if (response.status === 401) this.#onStranger();
    if (!response.ok) throw await apiError(response);
    return response;
  }
}

/** @param {Response} response @returns {Promise<ApiError>} */
async function apiError(response) {
  try {
    const { error, faults } = await response.json();
    if (typeof error?.message === "string") {
      return new ApiError(response.status, String(error.code), error.message, faults ?? []);
    }
  } catch {
    // Not JSON: something between the page and the server answered.
  }
  return new ApiError(response.status, "error", `the server answered ${response.status}`);
}
