// Dragging a tile to another place: with the mouse at once, with a finger after a long press.

/** A shorter way is a click. */
const START_PX = 8;
/** As long as phones wait for it. */
const LONG_PRESS_MS = 450;

/**
 * @typedef {object} ReorderHandlers
 * @property {() => boolean} isAllowed
 * @property {(target: EventTarget | null) => HTMLElement | null} itemOf The tile under a pointer.
 * @property {(moved: HTMLElement, at: HTMLElement) => void} onOver The dragged tile is to take this place.
 * @property {(moved: HTMLElement) => void} onDrop
 */

/**
 * Lets the children of `area` be dragged until `signal` is aborted.
 *
 * The click at the end of a drag is swallowed, so that it opens nothing.
 *
 * @param {HTMLElement} area
 * @param {ReorderHandlers} handlers
 * @param {AbortSignal} signal
 */
export function letReorder(area, handlers, signal) {
  /** @type {{item: HTMLElement, id: number, x: number, y: number, grip: {x: number, y: number}, isMoving: boolean} | null} */
  let drag = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let press;
  const begin = () => {
    if (!drag || drag.isMoving) return;
    drag.isMoving = true;
    drag.item.toggleAttribute("data-dragged", true);
    area.setPointerCapture(drag.id);
  };
  // The hand keeps hold of the same point of the tile, wherever the tile's place is meanwhile.
  const follow = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    if (!drag) return;
    const { item, grip } = drag;
    const box = item.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const scrolled = item.offsetParent ?? { scrollLeft: 0, scrollTop: 0 };
    const left = box.left - scrolled.scrollLeft + item.offsetLeft + grip.x * item.offsetWidth;
    const top = box.top - scrolled.scrollTop + item.offsetTop + grip.y * item.offsetHeight;
    item.style.translate = `${clientX - left}px ${clientY - top}px`;
  };
  const end = () => {
    clearTimeout(press);
    if (drag?.isMoving) {
      drag.item.toggleAttribute("data-dragged", false);
      drag.item.style.removeProperty("translate");
      handlers.onDrop(drag.item);
      const swallow = (/** @type {Event} */ event) => event.stopPropagation();
      area.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => area.removeEventListener("click", swallow, { capture: true }));
    }
    drag = null;
  };
  area.addEventListener(
    "pointerdown",
    (event) => {
      const item = handlers.itemOf(event.target);
      if (!item || !event.isPrimary || event.button !== 0 || !handlers.isAllowed()) return;
      const { left, top, width, height } = item.getBoundingClientRect();
      const { clientX: x, clientY: y, pointerId: id } = event;
      drag = { item, id, x, y, grip: { x: (x - left) / width, y: (y - top) / height }, isMoving: false };
      if (event.pointerType !== "mouse") press = setTimeout(begin, LONG_PRESS_MS);
    },
    { signal },
  );
  area.addEventListener(
    "pointermove",
    (event) => {
      if (!drag || event.pointerId !== drag.id) return;
      const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.isMoving) {
        if (Math.hypot(x, y) < START_PX) return;
        // A finger that moves before the long press is over scrolls or swipes.
        if (event.pointerType !== "mouse") return end();
        begin();
      }
      follow(event);
      const under = document
        .elementsFromPoint(event.clientX, event.clientY)
        .map((element) => handlers.itemOf(element))
        .find((item) => item !== null && item !== drag?.item);
      if (!under) return;
      handlers.onOver(drag.item, under);
      follow(event);
    },
    { signal },
  );
  area.addEventListener("pointerup", end, { signal });
  area.addEventListener("pointercancel", end, { signal });
  // A long press must not open the browser's own menu, nor a finger that drags scroll.
  area.addEventListener("contextmenu", (event) => drag && event.preventDefault(), { signal });
  area.addEventListener("touchmove", (event) => drag?.isMoving && event.preventDefault(), { signal, passive: false });
}
