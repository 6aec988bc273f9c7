/** The manual of the tool `code_exec`, made from its schema and the numbers of the product (T28, P5). */
import { codeExecToolDescription, codeExecToolSchema } from './code-exec-tool.ts';
import { maxCodeBytes, maxInlineOutputBytes, maxStdinBytes, timeoutSeconds } from './limits.ts';
import { bytes, describeFields, list, section, showExamples } from './manual-text.ts';
import type { Example } from './manual-text.ts';

/** Plain text with Markdown headings. */
export const codeExecManual = (): string =>
  [
    '# code_exec',
    codeExecToolDescription,
    section('Parameters', describeFields(codeExecToolSchema.shape)),
    section('Results', list(results)),
    section('Limits', list(limits)),
    section('Examples', showExamples(exampleCalls)),
    section('When to use what', list(choices)),
    section('Safety', list(safety)),
    '',
  ].join('\n\n');

const results = [
  'As those of `run` in the tool `terminal`: standard output, then standard error under `[stderr]`; a non-zero exit code is a failure that still carries the output.',
  'SPAWN_FAILED: the interpreter is not installed on this node.',
] as const;

const limits = [
  `code: at most ${bytes(maxCodeBytes)}; stdin: ${bytes(maxStdinBytes)}; what is longer belongs into a file (tool \`filesystem\`).`,
  `output: ${bytes(maxInlineOutputBytes)} in the answer, the rest at \`navis://output/<call_id>\`.`,
  `timeout: ${timeoutSeconds.min} to ${timeoutSeconds.max} seconds, default ${timeoutSeconds.default}; then everything the program started is ended.`,
] as const;

const exampleCalls: readonly Example[] = [
  ['Compute', { language: 'python', code: 'import statistics\nprint(statistics.median([3, 1, 2]))\n' }],
  [
    'Work on data',
    {
      language: 'javascript',
      code: "import { readFileSync } from 'node:fs';\nconsole.log(JSON.parse(readFileSync(0, 'utf8')).length);\n",
      stdin: '[1,2,3]',
    },
  ],
  [
    'A script with arguments',
    {
      language: 'shell',
      code: 'for name in "$@"; do echo "$name"; done',
      args: ['a b', 'c'],
      working_dir: '~/project',
    },
  ],
];

const choices = [
  'A calculation, a transformation, a script of several lines: `code_exec`, without quoting it for a shell.',
  'A command that exists already: `run` of the tool `terminal`. What keeps running: `open` of the tool `terminal`.',
] as const;

const safety = [
  'The program runs as the user of this machine, inside the sandbox when this node has a ceiling, with the environment of a login and none of the secrets of Navis.',
  'Its file is private and is removed afterwards. A call that is repeated with the same `call_id` is not run again.',
] as const;
