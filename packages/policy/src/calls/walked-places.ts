/** Where the commands of a line may find themselves: `cd` before them changes what their relative paths mean (A1, A8). */
import type { SimpleCommand } from '../analyse-command.ts';
import { normalPath } from '../directories.ts';
import type { Place } from './places.ts';
import { textOf } from './words.ts';

/** A line that goes to more is not followed. */
const maxDirectories = 8;

/** The first is where the line begins. Whether and when a `cd` is reached is not known; null: too many to tell. */
export const walkedPlaces = (commands: readonly SimpleCommand[], place: Place): Place[] | null => {
  const places = new Map([[place.directory, place]]);
  for (const { words } of commands) {
    const target = targetOf(words.map(textOf), place.home);
    if (target === null) continue;
    for (const from of Array.from(places.keys())) {
      const isAbsolute = target.startsWith('/') || target === '~' || target.startsWith('~/');
      const directory = normalPath(isAbsolute ? target : `${from ?? place.home}/${target}`, place.home);
      places.set(directory, { ...place, directory });
    }
    if (places.size > maxDirectories) return null;
  }
  return [...places.values()];
};

/** Null: it goes nowhere, or is asked for by itself. */
const targetOf = ([program, ...texts]: readonly (string | null)[], home: string): string | null => {
  if (program !== 'cd' && program !== 'pushd') return null;
  const [target] = texts.filter((text) => text === null || !/^-./.test(text));
  if (target === undefined) return program === 'cd' ? home : null;
  return target === '-' ? null : target;
};
