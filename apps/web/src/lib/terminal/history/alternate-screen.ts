/** Finds out from bytes alone whether a stretch of output began inside a full-screen program. */

const escape = 0x1b;
const prefix = [escape, '['.charCodeAt(0), '?'.charCodeAt(0)];
const longestMode = 4;
const alternateScreenModes = ['47', '1047', '1049'];

/** True when the first switch is one back to the normal screen. */
export const beginsInAlternateScreen = (bytes: Uint8Array): boolean => {
  for (let at = bytes.indexOf(escape); at !== -1; at = bytes.indexOf(escape, at + 1)) {
    const direction = switchAt(bytes, at);
    if (direction !== undefined) return direction === 'l';
  }
  return false;
};

const switchAt = (bytes: Uint8Array, at: number): 'h' | 'l' | undefined => {
  if (!prefix.every((byte, index) => bytes[at + index] === byte)) return undefined;
  const start = at + prefix.length;
  const text = String.fromCharCode(...bytes.subarray(start, start + longestMode + 1));
  const [, mode = '', final] = /^(\d+)([hl])/.exec(text) ?? [];
  return alternateScreenModes.includes(mode) && (final === 'h' || final === 'l') ? final : undefined;
};
