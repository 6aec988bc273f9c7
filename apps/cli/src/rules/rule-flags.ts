/** How a rule, or the scope of a grant, is told on the command line (A2). */
import { callMatcherSchema, type CallMatcher, maxPathLength } from '@navisai/protocol';
import type { ChoiceFlag, TextFlag, TextsFlag } from '../command-line/command.types.ts';
import { usageError } from '../output/command-error.ts';

const risks = ['reading', 'changing', 'network', 'unknown', 'privilege', 'destruction'] as const;

export const matcherFlags = {
  prefix: {
    type: 'texts',
    placeholder: '<words>',
    maxCount: 50,
    maxLength: 500,
    summary: 'Every command of the line begins with these words, such as "npm test".',
  },
  directory: {
    type: 'texts',
    placeholder: '<directory>',
    maxCount: 50,
    maxLength: maxPathLength,
    completes: 'directories',
    summary: 'Directory and every path of the call lie in one of these.',
  },
  'max-risk': { type: 'choice', choices: risks, summary: 'The gravest risk that is still covered.' },
} as const satisfies Record<string, TextsFlag | ChoiceFlag>;

export const durationFlag = {
  for: {
    type: 'text',
    placeholder: '<time>',
    maxLength: 20,
    format: { pattern: /^[1-9]\d{0,4}(min|h|d)$/, meaning: 'a time such as 30min, 8h or 7d' },
    summary: 'Ends after this time; without it, a rule holds until it is removed.',
  },
} as const satisfies Record<string, TextFlag>;

const unitMs = { min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** When it ends; null: it does not. */
export const endOf = (text: string | undefined, nowMs: number): string | null => {
  if (text === undefined) return null;
  const [, count = '', unit = 'h'] = /^(\d+)(min|h|d)$/.exec(text) ?? [];
  return new Date(nowMs + Number(count) * unitMs[unit as keyof typeof unitMs]).toISOString();
};

export interface GivenMatcher {
  prefix?: readonly string[] | undefined;
  directory?: readonly string[] | undefined;
  'max-risk'?: string | undefined;
}

/** What was given, over what is there already. Throws a usage error. */
export const matcherOf = (base: Partial<CallMatcher>, given: GivenMatcher): CallMatcher => {
  const { prefix, directory } = given;
  const narrows = prefix !== undefined && prefix.length > 0;
  const parsed = callMatcherSchema.safeParse({
    ...base,
    // A prefix takes the place of the one command that was asked about.
    ...(narrows ? { command: undefined, commandPrefixes: [...prefix] } : {}),
    ...(directory !== undefined && directory.length > 0 ? { directories: [...directory] } : {}),
    ...(given['max-risk'] === undefined ? {} : { maxRisk: given['max-risk'] }),
  });
  if (!parsed.success) throw usageError(`This is no rule: ${parsed.error.issues[0]?.message ?? ''}.`);
  return parsed.data;
};
