/** Which nodes a command means, by their labels: `role=web,env!=prod`, `gpu`, `all`. */
import type { Labels } from '@navisai/protocol';
import { usageError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

export type Term =
  | { kind: 'equals'; key: string; value: string }
  /** Also true of a node without this label. */
  | { kind: 'differs'; key: string; value: string }
  | { kind: 'exists'; key: string };

/** Every term must hold; without terms every node is meant. */
export type Selector = readonly Term[];

const everyNode = 'all';
const maxTerms = 100;
const keyPattern = /^[A-Za-z0-9._/-]{1,64}$/;
const maxValueLength = 64;

/** Throws a usage error that names the part at fault. */
export const parseSelector = (text: string, shown: string): Selector => {
  if (text.trim() === everyNode) return [];
  const parts = text.split(',');
  if (parts.length > maxTerms) throw usageError(`${shown} has more than ${maxTerms} parts.`);
  return parts.map((part) => parseTerm(part.trim(), shown));
};

const parseTerm = (part: string, shown: string): Term => {
  if (part === '') throw selectorError(shown, 'has an empty part');
  const equals = part.indexOf('=');
  if (equals === -1) return { kind: 'exists', key: checkKey(part, part, shown) };
  const isDifferent = part[equals - 1] === '!';
  const key = checkKey(part.slice(0, isDifferent ? equals - 1 : equals), part, shown);
  const value = part.slice(equals + 1);
  if (value.length > maxValueLength)
    throw selectorError(shown, `has a value of more than ${maxValueLength} characters`);
  if (/\p{Cc}/u.test(value)) throw selectorError(shown, 'has a control character');
  return { kind: isDifferent ? 'differs' : 'equals', key, value };
};

const checkKey = (key: string, part: string, shown: string): string => {
  if (keyPattern.test(key)) return key;
  throw selectorError(shown, `has a part without the key of a label: "${printable(part, 60)}"`);
};

const selectorError = (shown: string, problem: string) =>
  usageError(`${shown} ${problem}.`, 'Write role=web, env!=prod, gpu (has this label), several with commas, or all.');

export const matches = (selector: Selector, labels: Labels): boolean =>
  selector.every((term) => {
    const value = Object.hasOwn(labels, term.key) ? labels[term.key] : undefined;
    switch (term.kind) {
      case 'equals':
        return value === term.value;
      case 'differs':
        return value !== term.value;
      case 'exists':
        return value !== undefined;
    }
  });

/** As it may be typed again. */
export const formatSelector = (selector: Selector): string =>
  selector.length === 0
    ? everyNode
    : selector
        .map((term) =>
          term.kind === 'exists' ? term.key : `${term.key}${term.kind === 'equals' ? '=' : '!='}${term.value}`,
        )
        .join(',');
