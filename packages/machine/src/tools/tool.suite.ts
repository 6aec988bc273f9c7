/** Makes a target for a suite of a tool; the same suites run against this machine and a node elsewhere (N4). */
import { afterAll, beforeAll, describe } from 'vitest';
import type { MakeTarget, TerminalTarget } from './terminal-target.fixture.ts';

export type SuitePart = (target: () => TerminalTarget) => void;

export const toolSuite = (name: string, makeTarget: MakeTarget, parts: readonly SuitePart[]): void => {
  describe(name, () => {
    let made: TerminalTarget | undefined;
    const target = (): TerminalTarget => {
      if (made === undefined) throw new Error('The target is not made yet.');
      return made;
    };
    beforeAll(async () => {
      made = await makeTarget();
    });
    afterAll(async () => made?.[Symbol.asyncDispose]());
    for (const part of parts) part(target);
  });
};
