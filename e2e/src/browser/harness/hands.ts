import { expect } from "vitest";
import type { Locator, Page } from "playwright-core";

/** Somebody who uses a page: with the mouse, or with the keyboard alone. A task is written once and done by both. */
export interface Hand {
  readonly page: Page;
  /** Follows a link, presses a button, ticks a box. */
  press(target: Locator): Promise<void>;
  /** Replaces what a field holds. */
  type(field: Locator, text: string): Promise<void>;
  /** Takes an option of a native list by its words. */
  choose(list: Locator, option: string): Promise<void>;
}

/** Counts what it clicks. Typing costs no click: fields are reached with Tab. */
export class Mouse implements Hand {
  clicks = 0;

  constructor(readonly page: Page) {}

  async press(target: Locator): Promise<void> {
    await target.click();
    this.clicks++;
  }

  async type(field: Locator, text: string): Promise<void> {
    await field.fill(text);
  }

  /** One click opens the list, one takes the option. */
  async choose(list: Locator, option: string): Promise<void> {
    await list.selectOption({ label: option });
    this.clicks += 2;
  }
}

const FARTHEST_STOP = 200;

/** Presses keys only, and expects at every stop that one sees where the focus is. */
export class Keyboard implements Hand {
  constructor(readonly page: Page) {}

  async press(target: Locator): Promise<void> {
    await this.#reach(target);
    await this.page.keyboard.press((await isTicked(target)) ? "Space" : "Enter");
  }

  async type(field: Locator, text: string): Promise<void> {
    await this.#reach(field);
    await this.page.keyboard.press("ControlOrMeta+A");
    await this.page.keyboard.press("Delete");
    await this.page.keyboard.type(text);
  }

  async choose(list: Locator, option: string): Promise<void> {
    await this.#reach(list);
    await this.page.keyboard.type(option);
    expect(await list.locator("option:checked").textContent()).toContain(option);
  }

  /** Goes on to `target` with Tab, and inside of a group that is one stop (a menu, tabs, radio buttons) with arrows. */
  async #reach(target: Locator): Promise<void> {
    await target.waitFor();
    for (let stop = 0; stop < FARTHEST_STOP; stop++) {
      const place = await target.evaluate(placeOfFocus);
      if (place.isThere) return;
      await this.page.keyboard.press(place.isInGroup ? (place.isSideways ? "ArrowRight" : "ArrowDown") : "Tab");
      expect(await this.page.evaluate(hiddenFocus)).toBeUndefined();
    }
    throw new Error(`${target.toString()} was not reached within ${FARTHEST_STOP} stops`);
  }
}

const isTicked = (target: Locator): Promise<boolean> =>
  target.evaluate(
    (element) =>
      (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) ||
      ["checkbox", "radio", "switch"].includes(element.getAttribute("role") ?? ""),
  );

/** Runs in the page: whether the focus is on the element, or in the same group of arrow keys. */
function placeOfFocus(element: Element): { isThere: boolean; isInGroup: boolean; isSideways: boolean } {
  const groups =
    '[role="tablist"],[role="radiogroup"],[role="menu"],[role="menubar"],[role="listbox"],[role="toolbar"]';
  const focused = document.activeElement;
  const group = element.closest(groups);
  const isOtherRadio =
    element instanceof HTMLInputElement &&
    element.type === "radio" &&
    focused instanceof HTMLInputElement &&
    focused.type === "radio" &&
    focused.name === element.name;
  const isInside = group !== null && focused !== null && focused !== group && group.contains(focused);
  return {
    isThere: focused === element,
    isInGroup: isOtherRadio || isInside,
    isSideways: group?.matches('[role="tablist"],[role="menubar"],[role="toolbar"]') ?? false,
  };
}

/** Runs in the page: what is wrong with how the focus shows; undefined if one sees it. */
function hiddenFocus(): string | undefined {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return undefined; // between the last and the first stop
  const name = focused.outerHTML.slice(0, 160);
  const { top, left, bottom, right, width, height } = focused.getBoundingClientRect();
  const isInWindow = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth && width > 0 && height > 0;
  if (!isInWindow) return `the focus is outside of the window: ${name}`;
  const isMarked = [focused, focused.parentElement, focused.parentElement?.parentElement].some((element) => {
    if (!element) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  });
  return isMarked ? undefined : `nothing shows that the focus is on ${name}`;
}
