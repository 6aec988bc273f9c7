/** Keys pressed while a panel loads: they are meant for the panel, not for a shell or a page that still has the focus. */

/** Further ones are dropped; nobody types more within a load. */
const maxHeldKeys = 200;
const heldNames = new Set(['Backspace', 'Enter', 'Escape', 'ArrowUp', 'ArrowDown']);

export interface HeldKeys {
  /** Stops holding, and types what was held into what has the focus now. */
  release: () => void;
  /** Stops holding, and forgets what was held. */
  drop: () => void;
}

/** Takes what is typed from whatever has the focus, shortcuts excepted, until released or dropped. */
export const holdKeys = (): HeldKeys => {
  const held: string[] = [];
  const holding = new AbortController();
  const hold = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !([...key].length === 1 || heldNames.has(key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (held.length < maxHeldKeys) held.push(key);
  };
  window.addEventListener('keydown', hold, { capture: true, signal: holding.signal });
  const drop = () => holding.abort();
  const release = () => {
    if (holding.signal.aborted) return;
    drop();
    for (const key of held) typeInto(document.activeElement ?? document.body, key);
  };
  return { release, drop };
};

const typeInto = (target: Element, key: string): void => {
  const isEditable = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  if (!target.dispatchEvent(event)) return;
  if (key === 'Escape') target.closest('dialog')?.dispatchEvent(new Event('cancel', { cancelable: true }));
  if (!isEditable || (key !== 'Backspace' && heldNames.has(key))) return;
  const { length } = target.value;
  const end = target.selectionEnd ?? length;
  const start = target.selectionStart ?? length;
  if (key === 'Backspace') target.setRangeText('', start === end ? Math.max(0, start - 1) : start, end, 'end');
  else target.setRangeText(key, start, end, 'end');
  target.dispatchEvent(new InputEvent('input', { bubbles: true }));
};
