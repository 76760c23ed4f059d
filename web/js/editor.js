// Drawing lines and zones over the large camera: the panel, and what goes to the server.

import { confirmed } from "./confirm.js";
import { button, el, say } from "./dom.js";
import { Draft, areSame, regionsOf } from "./draft.js";
import { Drawing } from "./drawing.js";
import { RegionExchange } from "./region-exchange.js";
import { RegionList } from "./region-list.js";
import { RegionTools } from "./region-tools.js";
import { yamlOf } from "./regions-yaml.js";
import * as texts from "./texts.js";

/** @typedef {import("./api.js").ApiError} ApiError */
/** @typedef {import("./draft.js").Shape} Shape */
/** @typedef {import("./panel.js").Context} Context */
/** @typedef {import("./panel.js").Rights} Rights */
/** @typedef {import("./words.js").Regions} Regions */

/** Where a page of the browser writes a text itself, it takes its own steps back. */
const WRITING = "input[type=text], textarea";
const NOTHING = /** @type {Regions} */ ({ lines: {}, zones: {} });

/** @param {Context} context @returns {import("./panel.js").Content} */
export function regionEditor(context) {
  const editor = new RegionEditor(context, context.wall.focused ?? "");
  return {
    title: texts.EDIT_REGIONS,
    element: editor.element,
    update: ({ rights }) => editor.update(rights),
    mayLeave: () => editor.mayLeave(),
    close: () => editor.close(),
  };
}

class RegionEditor {
  element = el("div", { class: "region-editor" });
  /** @type {Rights} */
  #rights = { role: "viewer", can_operate: false, can_save: false };
  /** What the server found, with the shape as it was then. @type {Map<Shape, string>} */
  #found = new Map();
  /** What it said of no shape in particular. */
  #problem = "";
  /** @type {Regions | null} */
  #theirs = null;
  #isUnread = false;
  #isDiscarded = false;
  /** @type {Promise<boolean> | null} */
  #question = null;
  #life = new AbortController();
  #context;
  #camera;
  #exchange;
  #draft;
  #drawing;
  #tools;
  #list;
  /** @type {import("./keys.js").Key[]} */
  #keys;
  #reason = el("p", { class: "small quiet", hidden: true });
  #notice = el("div", { class: "region-notice", role: "alert", hidden: true });
  #nothing = el("p", { class: "small quiet", hidden: true }, texts.NOTHING_DRAWN);
  #aloud = el("p", { class: "aloud", role: "status" });
  #fault = el("p", { class: "fault small", role: "alert", hidden: true });
  #state = el("p", { class: "small quiet" });
  #apply = button({ text: texts.APPLY }, () => void this.#send("run"));
  #save = button({ text: texts.SAVE, class: "button primary" }, () => void this.#send("file"));
  #actions = el("section", { class: "section region-actions" });
  #yaml = el("textarea", { readonly: true, wrap: "off", spellcheck: "false", rows: 5, "aria-label": texts.YAML });

  /** @param {Context} context @param {string} camera */
  constructor(context, camera) {
    const tile = context.wall.tile(camera);
    if (!tile) throw new Error(`there is no tile of ${camera}`);
    this.#context = context;
    this.#camera = camera;
    this.#exchange = new RegionExchange(context.api, camera);
    this.#draft = new Draft(() => aspectOf(tile.frame));
    this.#drawing = new Drawing(tile, this.#draft);
    this.#tools = new RegionTools(this.#draft, this.#drawing);
    this.#list = new RegionList(this.#draft, (id) => this.#drawing.focusShape(id));
    this.#keys = this.#keyTable();
    this.#build();
    this.#listen();
    context.wall.isEditing = true;
    context.keys.add(...this.#keys);
    void this.#read();
  }

  /** @param {Rights} rights */
  update(rights) {
    if (JSON.stringify(rights) === JSON.stringify(this.#rights)) return;
    this.#rights = rights;
    this.#show();
  }

  /** Asks where something would be lost. @returns {Promise<boolean>} */
  async mayLeave() {
    if (!this.#isUnsaved) return true;
    this.#question ??= confirmed(texts.DISCARD_QUESTION).finally(() => (this.#question = null));
    const isDiscarded = await this.#question;
    this.#isDiscarded ||= isDiscarded;
    return isDiscarded;
  }

  close() {
    const { wall, keys, toast } = this.#context;
    if (!wall.tile(this.#camera)) toast.say(texts.CAMERA_GONE);
    this.#life.abort();
    this.#drawing.close();
    keys.remove(...this.#keys);
    wall.isEditing = false;
  }

  get #isEditable() {
    return this.#rights.can_operate && this.#exchange.base !== null;
  }

  /** Whether there is something that the server does not have. */
  get #isChanged() {
    const { base } = this.#exchange;
    if (!base) return false;
    const count = Object.keys(base.lines).length + Object.keys(base.zones).length;
    return this.#draft.shapes.length !== count || !areSame(this.#draft.regions, base);
  }

  get #isUnsaved() {
    return this.#isChanged && !this.#isDiscarded && !this.#life.signal.aborted;
  }

  #build() {
    const copy = button({ icon: "copy", text: texts.COPY }, () => this.#copy());
    const head = el("div", { class: "row" }, el("h3", { class: "section-title" }, texts.YAML), copy);
    this.#actions.append(this.#fault, this.#state, el("div", { class: "buttons" }, this.#save, this.#apply));
    this.element.append(
      this.#notice,
      this.#reason,
      this.#tools.element,
      this.#nothing,
      this.#list.element,
      this.#aloud,
      el("section", { class: "section region-yaml" }, head, this.#yaml),
      this.#actions,
    );
  }

  #listen() {
    const { signal } = this.#life;
    const { wall } = this.#context;
    this.#draft.addEventListener("draft-change", () => this.#show(), { signal });
    this.#drawing.addEventListener("sketch-change", () => this.#tools.show(this.#isEditable), { signal });
    this.#drawing.addEventListener("drawing-full", () => this.#context.toast.say(texts.NO_MORE_REGIONS), { signal });
    this.#drawing.addEventListener("key-move", () => this.#sayPlace(), { signal });
    this.element.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("keydown", (event) => this.#steppedBack(event), { signal });
    wall.addEventListener("wall-leave", (event) => this.#leaving(event), { signal });
    addEventListener("beforeunload", (event) => this.#isUnsaved && event.preventDefault(), { signal });
    // Somebody else may have drawn meanwhile.
    addEventListener("focus", () => void this.#reread(), { signal });
  }

  /** @returns {import("./keys.js").Key[]} */
  #keyTable() {
    const isDrawing = () => this.#drawing.sketch !== null;
    const never = () => false;
    return [
      { key: "Escape", text: texts.EDITOR_KEY.escape, shown: "Esc", does: () => this.#escape() },
      { key: "Enter", text: texts.EDITOR_KEY.finish, does: () => this.#finish(), when: () => isDrawing() && !isOnButton() },
      { key: "Backspace", text: texts.EDITOR_KEY.back, does: () => this.#drawing.back(), when: isDrawing },
      { key: "Delete", text: texts.EDITOR_KEY.remove, does: () => {}, when: never },
      { key: "Ctrl+z", text: texts.UNDO, shown: "Ctrl + Z", does: () => {}, when: never },
      { key: "Ctrl+Shift+z", text: texts.REDO, shown: "Ctrl + Shift + Z", does: () => {}, when: never },
    ];
  }

  /** In the panel, Escape takes back one thing after the other before it closes. @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.key !== "Escape" || !this.#drawing.sketch) return;
    event.preventDefault();
    this.#drawing.cancel();
  }

  #escape() {
    if (this.#drawing.drop()) return;
    if (this.#drawing.sketch) this.#drawing.cancel();
    else if (this.#draft.selected) this.#draft.select(null);
    else this.#context.close();
  }

  #finish() {
    if (!this.#drawing.finish()) this.#context.toast.say(texts.sketchHint(this.#drawing.sketch?.kind ?? "zones", 0));
  }

  /** @param {KeyboardEvent} event */
  #steppedBack(event) {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    const target = event.target instanceof Element ? event.target : null;
    if (!isCommand || !this.#isEditable || target?.closest("dialog") || target?.matches(WRITING)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && event.shiftKey) this.#draft.redo();
    else if (key === "z") this.#draft.undo();
    else if (key === "y") this.#draft.redo();
    else return;
    event.preventDefault();
  }

  /** @param {Event} event */
  async #leaving(event) {
    if (!this.#isUnsaved) return;
    event.preventDefault();
    if (await this.mayLeave()) this.#context.wall.show(null);
  }

  async #read() {
    const error = await this.#exchange.read();
    if (this.#life.signal.aborted) return;
    this.#isUnread = error !== null;
    this.#problem = error ? texts.whyNot(error) : "";
    if (error) this.#show();
    else this.#adopt(this.#exchange.base ?? NOTHING);
  }

  /** Follows what others drew, as long as nobody draws here. */
  async #reread() {
    const { base } = this.#exchange;
    if (!base || this.#isChanged || this.#drawing.sketch || this.#exchange.isSending) return;
    const before = this.#draft.shapes;
    await this.#exchange.read();
    const now = this.#exchange.base ?? base;
    if (this.#draft.shapes === before && !areSame(now, base)) this.#adopt(now);
  }

  /** @param {Regions} regions What the server has now. */
  #adopt(regions) {
    this.#theirs = null;
    this.#problem = "";
    this.#found.clear();
    this.#draft.load(regions);
  }

  /** @param {"run" | "file"} keep */
  async #send(keep) {
    if (this.#exchange.isSending) return;
    const { shapes } = this.#draft;
    this.#found.clear();
    this.#problem = "";
    const sending = this.#exchange.send(regionsOf(shapes), keep);
    this.#show();
    const outcome = await sending;
    if (this.#life.signal.aborted) return;
    if (outcome.is === "conflict") this.#theirs = outcome.theirs;
    else if (outcome.is === "refused") this.#refused(outcome.error, shapes);
    else {
      this.#context.toast.say(keep === "file" ? texts.SAVED : texts.APPLIED);
      // Whoever drew on meanwhile keeps that.
      if (this.#draft.shapes === shapes) return this.#adopt(outcome.regions);
    }
    this.#show();
  }

  /** @param {ApiError} error @param {readonly Shape[]} shapes As they were sent. */
  #refused(error, shapes) {
    const general = [];
    for (const fault of error.faults) {
      const [kind, name] = fault.key.split(".");
      const shape = shapes.find((one) => one.kind === kind && one.name === name);
      const sentence = texts.faultSentence(fault);
      if (shape) this.#found.set(shape, sentence);
      else general.push(`${fault.key}: ${sentence}`);
    }
    const what = error.code === "not_editable" ? `${texts.NOT_SAVED} ` : "";
    this.#problem = error.faults.length ? general.join("\n") : what + texts.whyNot(error);
    const [first] = this.#found.keys();
    if (first) this.#draft.select(first.id);
  }

  #show() {
    const { shapes } = this.#draft;
    const { base } = this.#exchange;
    const isEditable = this.#isEditable;
    const faults = this.#draft.faults();
    const changed = new Set(shapes.filter((shape) => base && !isIn(base, shape)).map(({ id }) => id));
    const sentences = new Map(shapes.flatMap((shape) => {
      const fault = faults.get(shape.id);
      const said = fault ? texts.regionFault(fault) : this.#found.get(shape);
      return said ? [[shape.id, said]] : [];
    }));
    this.#drawing.show({ isEditable, faults, changed });
    this.#tools.show(isEditable);
    this.#list.show({ isEditable, faults: sentences, changed });
    this.#nothing.hidden = shapes.length > 0 || isEditable || base === null;
    this.#showReason();
    this.#showNotice();
    this.#showActions(faults.size);
    const yaml = base ? yamlOf(this.#draft.regions) : "";
    if (this.#yaml.value !== yaml) this.#yaml.value = yaml;
  }

  #showReason() {
    const { can_operate, can_save, role } = this.#rights;
    const reason = !can_operate ? texts.LOOK_ONLY : can_save ? "" : role === "admin" ? texts.NO_FILE : texts.NO_SAVING;
    this.#reason.hidden = reason === "";
    say(this.#reason, reason);
  }

  /** What must be settled before anything else. */
  #showNotice() {
    const kind = this.#isUnread ? "unread" : this.#theirs ? "conflict" : "";
    this.#notice.hidden = kind === "";
    if (this.#notice.dataset["kind"] === kind) return;
    this.#notice.dataset["kind"] = kind;
    this.#notice.replaceChildren();
    if (kind === "unread") {
      const again = button({ icon: "reset", text: texts.TRY_AGAIN }, () => void this.#readAgain());
      this.#notice.append(el("p", {}, texts.regionsUnread(this.#problem)), again);
    } else if (kind === "conflict") {
      const load = button({ text: texts.LOAD_THEIRS }, () => this.#takeTheirs());
      const insist = button({ text: texts.KEEP_MINE }, () => this.#insist());
      this.#notice.append(el("p", {}, texts.CONFLICT), el("div", { class: "buttons" }, load, insist));
      this.#notice.scrollIntoView({ block: "nearest" });
    }
  }

  async #readAgain() {
    this.#isUnread = false;
    this.#problem = "";
    this.#show();
    await this.#read();
  }

  #takeTheirs() {
    const theirs = this.#theirs ?? NOTHING;
    this.#exchange.base = theirs;
    this.#adopt(theirs);
  }

  /** What is drawn here is to replace what others drew. */
  #insist() {
    this.#exchange.base = this.#theirs;
    this.#theirs = null;
    this.#show();
  }

  /** @param {number} faults */
  #showActions(faults) {
    const { can_operate, can_save } = this.#rights;
    const { isSending } = this.#exchange;
    const isChanged = this.#isChanged;
    const isReady = this.#isEditable && faults === 0 && this.#theirs === null && !isSending;
    this.#actions.hidden = !can_operate;
    this.#save.hidden = !can_save;
    this.#save.disabled = !isReady;
    this.#apply.disabled = !isReady || !isChanged;
    this.#apply.classList.toggle("primary", !can_save);
    const problem = this.#isUnread ? "" : this.#problem;
    this.#fault.hidden = problem === "";
    say(this.#fault, problem);
    const state = isSending ? texts.SENDING : texts.regionsState({ isChanged, faults, canSave: can_save });
    say(this.#state, this.#exchange.base ? state : "");
  }

  #sayPlace() {
    const { selected, corner } = this.#draft;
    const point = selected?.points[corner ?? 0];
    if (point) say(this.#aloud, texts.placeOf(point));
  }

  #copy() {
    const { toast } = this.#context;
    const area = this.#yaml;
    const byHand = () => {
      // Over plain HTTP a page may copy only what is selected.
      area.select();
      toast.say(document.execCommand("copy") ? texts.YAML_COPIED : texts.COPY_BY_HAND);
    };
    if (!navigator.clipboard) return byHand();
    navigator.clipboard.writeText(area.value).then(() => toast.say(texts.YAML_COPIED), byHand);
  }
}

/** @param {Regions} regions @param {Shape} shape @returns {boolean} Whether it is there like that. */
function isIn({ lines, zones }, shape) {
  const { name, kind } = shape;
  /** @type {Regions} */
  const there = { lines: {}, zones: {} };
  const [line, zone] = [lines[name], zones[name]];
  if (kind === "lines" && line) there.lines[name] = line;
  if (kind === "zones" && zone) there.zones[name] = zone;
  return areSame(there, regionsOf([shape]));
}

/** @param {Element} frame Of the picture. @returns {number} Its width by its height. */
function aspectOf(frame) {
  const { width, height } = frame.getBoundingClientRect();
  return width > 0 && height > 0 ? width / height : 16 / 9;
}

/** A button that has the keyboard is what Enter means. */
function isOnButton() {
  return document.activeElement instanceof HTMLButtonElement;
}
