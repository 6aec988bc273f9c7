/** What the hub's own parent left open without close-on-exec must not reach the programs that a host starts. */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const closeOnExec = 0o2000000;

/** For the first moment of a host; descriptors up to `lastOwn` are its own. */
export const closeInheritedDescriptors = (lastOwn: number): void => {
  for (const descriptor of openDescriptors()) {
    if (descriptor <= lastOwn) continue;
    try {
      const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0) closeSync(descriptor);
    } catch {
      // The descriptor of the listing itself, closed by now.
    }
  }
};

const openDescriptors = (): number[] => {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number);
  } catch {
    return [];
  }
};
