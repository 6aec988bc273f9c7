/** Follows the part of the page that a virtual keyboard leaves, as `--visible-height`. */

export const followVisibleHeight = (browser: Window): (() => void) => {
  const viewport = browser.visualViewport;
  if (viewport === null) return () => {};
  const update = (): void => {
    // A pinch shrinks the visual viewport too, but hides nothing.
    if (viewport.scale > 1.01) return;
    const { style } = browser.document.documentElement;
    style.setProperty('--visible-height', `${Math.round(viewport.height)}px`);
    // Some phones scroll the page below the keyboard instead of shrinking it.
    if (viewport.offsetTop > 0) browser.scrollTo(0, 0);
  };
  const listening = new AbortController();
  viewport.addEventListener('resize', update, { signal: listening.signal });
  viewport.addEventListener('scroll', update, { signal: listening.signal });
  update();
  return () => listening.abort();
};
