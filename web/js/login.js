// The form in which somebody logs in.

import { el, say } from "./dom.js";
import * as texts from "./texts.js";

const SECOND_MS = 1000;
/** What is waited for where the server says only that it has too much to do. */
const BUSY_S = 3;

/** Asks the server. @typedef {(user: string, password: string) => Promise<Response>} Send */

/**
 * Shows the form until somebody has logged in.
 *
 * @param {Send} send
 * @returns {Promise<string | null>} Who; null where nobody has to log in any more.
 */
export function askWho(send) {
  return new Promise((resolve) => {
    const form = new LogInForm(send, (user) => {
      form.element.close();
      form.element.remove();
      resolve(user);
    });
    document.body.append(form.element);
    form.element.showModal();
  });
}

class LogInForm {
  #user = el("input", { id: "log-in-user", name: "user", type: "text", autocomplete: "username", required: true, maxlength: 64, spellcheck: "false", autocapitalize: "none" });
  #password = el("input", { id: "log-in-password", name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 1024 });
  #error = el("p", { class: "log-in-error", role: "alert", id: "log-in-error" });
  #submit = el("button", { type: "submit", class: "button primary" }, texts.LOG_IN);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #send;
  #done;

  /** @param {Send} send @param {(user: string | null) => void} done */
  constructor(send, done) {
    this.#send = send;
    this.#done = done;
    this.#user.autofocus = true;
    const form = el(
      "form",
      { class: "log-in-form", novalidate: true },
      el("img", { src: "icon.svg", alt: "", width: 44, height: 44 }),
      el("h2", { class: "log-in-title", id: "log-in-title" }, texts.LOG_IN_TO),
      el("label", { for: "log-in-user" }, texts.USER),
      this.#user,
      el("label", { for: "log-in-password" }, texts.PASSWORD),
      el("div", { class: "log-in-secret" }, this.#password, this.#eye()),
      this.#error,
      this.#submit,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#try();
    });
    this.element = el("dialog", { class: "dialog log-in", "aria-labelledby": "log-in-title" }, form);
    // There is nothing behind it that could be gone back to.
    this.element.addEventListener("cancel", (event) => event.preventDefault());
    // Chromium closes at the second Escape, whatever is said at the first.
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  }

  /** @returns {HTMLButtonElement} */
  #eye() {
    const eye = el("button", { type: "button", class: "log-in-eye", "aria-pressed": "false" }, texts.SHOW);
    eye.setAttribute("aria-label", texts.SHOW_PASSWORD);
    eye.addEventListener("click", () => {
      const isShown = this.#password.type === "text";
      this.#password.type = isShown ? "password" : "text";
      eye.setAttribute("aria-pressed", String(!isShown));
      say(eye, isShown ? texts.SHOW : texts.HIDE);
    });
    return eye;
  }

  async #try() {
    const user = this.#user.value.trim();
    if (this.#submit.disabled) return;
    if (user === "") return this.#refuse(texts.USER_MISSING, this.#user);
    if (this.#password.value === "") return this.#refuse(texts.PASSWORD_MISSING, this.#password);
    this.#submit.disabled = true;
    say(this.#error, "");
    try {
      await this.#hear(await this.#send(user, this.#password.value));
    } catch {
      this.#refuse(texts.UNREACHABLE, this.#submit);
    }
  }

  /** @param {Response} response */
  async #hear(response) {
    if (response.ok) return this.#done(/** @type {{user: string}} */ (await response.json()).user);
    if (response.status === 409) return this.#done(null); // nobody has to log in any more
    if (response.status === 429) return this.#wait(Number(response.headers.get("Retry-After")) || BUSY_S, texts.tooManyTries);
    if (response.status === 503) return this.#wait(Number(response.headers.get("Retry-After")) || BUSY_S, texts.logInBusy);
    if (response.status !== 401) return this.#refuse(texts.logInFailed(response.status), this.#submit);
    this.#password.value = "";
    this.#refuse(texts.BAD_LOG_IN, this.#password);
  }

  /** @param {string} text @param {HTMLElement} next What has the keyboard now. */
  #refuse(text, next) {
    this.#submit.disabled = false;
    say(this.#error, text);
    const isWrong = next instanceof HTMLInputElement;
    for (const input of [this.#user, this.#password]) {
      input.toggleAttribute("aria-invalid", isWrong && input === next);
      if (isWrong && input === next) input.setAttribute("aria-describedby", this.#error.id);
      else input.removeAttribute("aria-describedby");
    }
    next.focus();
  }

  /** @param {number} seconds @param {(seconds: number) => string} text */
  #wait(seconds, text) {
    const until = performance.now() + seconds * SECOND_MS;
    const tell = () => {
      const left = Math.ceil((until - performance.now()) / SECOND_MS);
      if (left > 0) return say(this.#error, text(left));
      clearInterval(this.#timer);
      this.#submit.disabled = false;
      say(this.#error, "");
    };
    clearInterval(this.#timer);
    this.#timer = setInterval(tell, SECOND_MS);
    tell();
  }
}
