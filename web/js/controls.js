// The heat's controls: how it is drawn, live, for one camera, a group or all.

import { el, say } from "./dom.js";
import { exportAllSection, exportSection } from "./exports.js";
import { choiceField, problemLine, sliderField, switchField } from "./fields.js";
import { Overlays, halfLifeS } from "./overlays.js";
import { paletteField } from "./palette-field.js";
import { resetSection } from "./resets.js";
import * as texts from "./texts.js";

/** @typedef {import("./overlays.js").Key} Key */
/** @typedef {import("./panel.js").Context} Context */
/** @typedef {import("./panel.js").Situation} Situation */
/** @typedef {import("./words.js").CameraStatus} CameraStatus */
/** @typedef {import("./words.js").OverlaySettings} OverlaySettings */
/** Switches beside the heat's own. @typedef {keyof typeof texts.DRAWN} DrawnKey */

/** Shares of recent time at full colour: fine where most shops are, coarse above. */
const SCALES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100].map(
  (step) => step / 100,
);
const OPACITIES = Array.from({ length: 101 }, (_, step) => step / 100);
const GAMMAS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5];
const LINE_WIDTHS = Array.from({ length: 16 }, (_, step) => step + 1);

/** @param {Context} context @returns {import("./panel.js").Content} */
export function heatControls(context) {
  const controls = new HeatControls(context);
  return {
    title: texts.HEAT_CONTROLS,
    element: controls.element,
    update: (situation) => controls.update(situation),
    close: () => controls.close(),
  };
}

class HeatControls {
  /** @type {Situation | null} */
  #situation = null;
  /** "all", "group:ID" or "camera:ID"; null before the first situation. @type {string | null} */
  #target = null;
  #offered = "";
  #exported = "";
  #life = new AbortController();
  #context;
  #overlays;
  #select = el("select", { "aria-label": texts.FOR_WHOM });
  #reason = el("p", { class: "small quiet", hidden: true });
  #unread = problemLine();
  #fieldset = el("fieldset", { class: "bare" });
  #exports = el("div");
  #scaleNote = el("p", { class: "small quiet" });
  #halfLifeNote = el("p", { class: "small quiet" });

  #heat = switchField(texts.SHOW_HEAT, (value) => this.#change("show_heat", value));
  #opacity = sliderField({ label: texts.OPACITY, steps: OPACITIES, text: texts.percent }, (value) =>
    this.#change("opacity", value),
  );
  #palette = paletteField((name) => this.#change("colormap", name));
  #scaleKind = choiceField(texts.SCALE, (kind) =>
    this.#change("scale", kind === "auto" ? "auto" : this.#presentScale()),
  );
  #scale = sliderField({ label: texts.FULL_COLOUR, steps: SCALES, text: texts.percent }, (value) =>
    this.#change("scale", value),
  );
  #halfLife = choiceField(texts.HALF_LIFE, (shown) => this.#changeHalfLife(shown));
  #gamma = sliderField(
    { label: texts.GAMMA, hint: texts.GAMMA_HINT, steps: GAMMAS, text: String },
    (value) => this.#change("gamma", value),
  );
  #lineWidth = sliderField({ label: texts.LINE_WIDTH, steps: LINE_WIDTHS, text: texts.pixels }, (value) =>
    this.#change("line_width", value),
  );
  #drawn = Object.entries(texts.DRAWN).map(([name, text]) => {
    const key = /** @type {DrawnKey} */ (name);
    return { key, field: switchField(text, (value) => this.#change(key, value)) };
  });

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
    this.#overlays = new Overlays(context.api);
    this.#scaleKind.offer([
      { value: "auto", text: texts.SCALE_AUTO },
      { value: "fixed", text: texts.SCALE_FIXED },
    ]);
    const more = [this.#gamma.element, this.#lineWidth.element];
    this.#fieldset.append(
      section(
        this.#heat.element,
        this.#opacity.element,
        this.#palette.element,
        this.#scaleKind.element,
        this.#scale.element,
        this.#scaleNote,
        this.#halfLife.element,
        this.#halfLifeNote,
      ),
      section(
        el("h3", { class: "section-title" }, texts.DRAWN_TITLE),
        el("div", { class: "switches" }, ...this.#drawn.map(({ field }) => field.element)),
        el("details", { class: "fold" }, el("summary", {}, texts.MORE), ...more),
      ),
      resetSection(context, () => this.#meant()),
    );
    this.element = el("div", { class: "heat-controls" });
    this.element.append(
      section(this.#select, this.#reason, this.#unread.element),
      this.#fieldset,
      this.#exports,
    );
    this.#listen();
  }

  /** @param {Situation} situation */
  update(situation) {
    const focus = situation.focus !== (this.#situation?.focus ?? null) ? situation.focus : null;
    this.#situation = situation;
    // Another large camera is the one that is looked at, unless all are meant.
    if (focus !== null && !this.#isOfMany) this.#target = `camera:${focus}`;
    this.#target ??= "all";
    this.#offerTargets(situation);
    this.#overlays.want(this.#ids());
    this.#overlays.heard(situation.cameras);
    this.#show();
  }

  close() {
    this.#life.abort();
    this.#overlays.close();
  }

  #listen() {
    const { signal } = this.#life;
    this.#select.addEventListener("change", () => this.#aim(this.#select.value), { signal });
    this.#overlays.addEventListener("overlays-change", () => this.#show(), { signal });
    // What the status does not tell may have been changed elsewhere while nobody looked here.
    const isComing = (/** @type {FocusEvent} */ { relatedTarget }) =>
      !(relatedTarget instanceof Node && this.element.contains(relatedTarget));
    this.element.addEventListener("focusin", (event) => isComing(event) && this.#overlays.reread(), { signal });
    addEventListener("focus", () => this.#overlays.reread(), { signal });
  }

  get #isOfMany() {
    return this.#target !== null && !this.#target.startsWith("camera:");
  }

  /** @param {string} target */
  #aim(target) {
    this.#target = target;
    this.#overlays.forgive();
    this.#overlays.want(this.#ids());
    this.#show();
  }

  /** @param {Situation} situation */
  #offerTargets({ cameras, groups }) {
    const offered = JSON.stringify([cameras.map(({ id, name }) => [id, name]), groups]);
    const isChosen = this.#select.value === this.#target;
    if (offered === this.#offered && isChosen) return;
    if (offered !== this.#offered) {
      const option = (/** @type {string} */ value, /** @type {string} */ text) => el("option", { value }, text);
      const ofGroups = groups.map(({ id, name, cameras: ids }) =>
        option(`group:${id}`, texts.groupOption(name, ids.length)),
      );
      const ofCameras = cameras.map(({ id, name }) => option(`camera:${id}`, name));
      this.#select.replaceChildren(option("all", texts.allOption(cameras.length)));
      if (ofGroups.length) this.#select.append(el("optgroup", { label: texts.GROUPS_TITLE }, ...ofGroups));
      this.#select.append(el("optgroup", { label: texts.CAMERAS_TITLE }, ...ofCameras));
      this.#offered = offered;
    }
    this.#select.value = this.#target ?? "all";
    // A camera or group that is gone leaves nothing chosen.
    if (this.#select.selectedIndex < 0) this.#select.value = this.#target = "all";
  }

  /** @returns {CameraStatus[]} The cameras that are meant. */
  #meant() {
    const { cameras, groups } = this.#situation ?? { cameras: [], groups: [] };
    const [kind, id] = split(this.#target ?? "all");
    if (kind === "all") return cameras;
    const ids = kind === "camera" ? [id] : (groups.find((group) => group.id === id)?.cameras ?? []);
    return cameras.filter((camera) => ids.includes(camera.id));
  }

  #ids() {
    return this.#meant().map(({ id }) => id);
  }

  /**
   * @template {Key} K
   * @param {K} key
   * @param {OverlaySettings[K]} value
   */
  #change(key, value) {
    this.#overlays.change(this.#ids(), key, value);
  }

  /** @param {string} shown A half-life as the server takes it. */
  #changeHalfLife(shown) {
    const keeping = this.#meant().filter(({ heat }) => !heat || heat.half_lives_s.some((one) => word(one) === shown));
    this.#overlays.change(keeping.map(({ id }) => id), "shown", shown);
  }

  /** @returns {number} The step that changes the pictures least when the scale stops following the heat. */
  #presentScale() {
    const now = this.#meant().flatMap(({ heat }) => heat?.scale ?? []).sort((a, b) => a - b);
    const middle = now[Math.floor(now.length / 2)] ?? 0.25;
    return SCALES.reduce((best, step) => (Math.abs(step - middle) < Math.abs(best - middle) ? step : best));
  }

  #show() {
    if (!this.#situation) return;
    const { rights } = this.#situation;
    const meant = this.#meant();
    const known = meant.flatMap(({ id }) => this.#overlays.of(id) ?? []);
    this.#reason.hidden = rights.can_operate;
    say(this.#reason, rights.can_operate ? "" : texts.LOOK_ONLY);
    this.#unread.say(this.#whyUnread(meant));
    this.#fieldset.disabled = !rights.can_operate || known.length === 0;
    this.#fieldset.setAttribute("aria-busy", String(known.length < meant.length));
    this.#heat.show(distinct(known, "show_heat"), this.#why("show_heat"));
    this.#opacity.show(distinct(known, "opacity"), this.#why("opacity"));
    this.#palette.show(distinct(known, "colormap"), this.#why("colormap"));
    this.#showScale(known, meant);
    this.#showHalfLife(known, meant);
    this.#gamma.show(distinct(known, "gamma"), this.#why("gamma"));
    this.#lineWidth.show(distinct(known, "line_width"), this.#why("line_width"));
    for (const { key, field } of this.#drawn) field.show(distinct(known, key), this.#why(key));
    this.#showExports();
  }

  /** @param {OverlaySettings[]} known @param {CameraStatus[]} meant */
  #showScale(known, meant) {
    const scales = distinct(known, "scale");
    const kinds = new Set(scales.map((scale) => (scale === "auto" ? "auto" : "fixed")));
    const isAuto = kinds.size === 1 && kinds.has("auto");
    const fixed = scales.filter((scale) => scale !== "auto");
    const present = [...new Set(meant.flatMap(({ heat }) => heat?.scale ?? []))];
    this.#scaleKind.show([...kinds]);
    this.#scale.show(isAuto ? present : fixed, this.#why("scale"));
    this.#scale.input.disabled = isAuto;
    const fixedNote = kinds.size === 1 ? texts.SCALE_FIXED_NOTE : "";
    say(this.#scaleNote, isAuto ? texts.SCALE_AUTO_NOTE : fixedNote);
  }

  /** @param {OverlaySettings[]} known @param {CameraStatus[]} meant */
  #showHalfLife(known, meant) {
    const shown = new Set(known.map((settings) => word(halfLifeS(settings.shown))));
    const all = new Set([...shown, ...meant.flatMap(({ heat }) => heat?.half_lives_s.map(word) ?? [])]);
    const sorted = [...all].sort((a, b) => (halfLifeS(a) ?? Infinity) - (halfLifeS(b) ?? Infinity));
    const told = meant.filter(({ heat }) => heat !== null);
    const options = sorted.map((value) => {
      const keeping = told.filter(({ heat }) => heat?.half_lives_s.some((one) => word(one) === value)).length;
      const isOfSome = keeping > 0 && keeping < told.length;
      const text = texts.halfLife(halfLifeS(value));
      return { value, text, ...(isOfSome ? { hint: texts.keptBySome(text, keeping, told.length) } : {}) };
    });
    const [only] = shown;
    const hints = options.flatMap(({ hint }) => hint ?? []);
    this.#halfLife.offer(options);
    this.#halfLife.show([...shown], this.#why("shown"));
    const note = shown.size === 1 && only !== undefined ? [texts.halfLifeSentence(halfLifeS(only))] : [];
    say(this.#halfLifeNote, [...note, ...hints].join(" "));
  }

  #showExports() {
    const [kind, id] = split(this.#target ?? "all");
    const exported = kind === "camera" ? id : "";
    if (this.#exports.firstChild && exported === this.#exported) return;
    this.#exported = exported;
    this.#exports.replaceChildren(exported === "" ? exportAllSection() : exportSection(this.#context, exported));
  }

  /** @param {CameraStatus[]} meant @returns {string} Why what they show is not known. */
  #whyUnread(meant) {
    const unread = meant.filter(({ id }) => !this.#overlays.of(id) && this.#overlays.unread(id));
    const [first] = unread;
    const error = first && this.#overlays.unread(first.id);
    return error ? texts.unread(unread.map(({ name }) => name), texts.whyNot(error)) : "";
  }

  /** @param {Key} key @returns {string} Why its last change was not taken: each reason once. */
  #why(key) {
    /** @type {Map<string, string[]>} */
    const names = new Map();
    const meant = this.#meant();
    for (const { id, name } of meant) {
      const problem = this.#overlays.problem(id, key);
      if (!problem) continue;
      const reason = "found" in problem ? texts.faultSentence(problem) : texts.whyNot(problem);
      names.set(reason, [...(names.get(reason) ?? []), name]);
    }
    const isOne = meant.length === 1;
    return [...names].map(([reason, whose]) => (isOne ? reason : texts.ofCameras(whose, reason))).join(" ");
  }
}

/** @param {...HTMLElement} lines */
function section(...lines) {
  return el("section", { class: "section" }, ...lines);
}

/** @param {string} target @returns {[string, string]} Its kind and an id, which may hold anything. */
function split(target) {
  const at = target.indexOf(":");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

/**
 * @template {Key} K
 * @param {OverlaySettings[]} settings
 * @param {K} key
 * @returns {OverlaySettings[K][]}
 */
function distinct(settings, key) {
  return [...new Set(settings.map((one) => one[key]))];
}

/** @param {number | null} halfLife Seconds; null for a lifetime sum. @returns {string} As the server takes it. */
function word(halfLife) {
  return halfLife === null ? "none" : `${halfLife}s`;
}
