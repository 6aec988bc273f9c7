/** The steps of the check command, in order. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from '../builds/build-web.ts';
import { checkArchitecture } from '../architecture/check-architecture.ts';
import { describeFailure } from './failures.ts';
import { checkExactVersions, checkLockfile } from './lockfile.ts';
import { findPrerequisites, providePrerequisites } from './prerequisites.ts';
import { runProgram } from './run-program.ts';
import type { Counts, Step, StepContext } from './step.types.ts';
import { listTests, runVitest } from './vitest-step.ts';

const minuteMs = 60_000;
const toolDeadlineMs = 3 * minuteMs;
/** Of a tool's output, at the end of the log; all of it stands where the step ran. */
const maxShownLines = 5;
const ok: Counts = { passed: 0, failed: 0, skipped: 0 };

export const steps: Step[] = [
  {
    name: 'format',
    isApart: true,
    run: (context) => tool(context, 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  },
  { name: 'lint', isApart: true, run: (context) => tool(context, 'oxlint/bin/oxlint', ['--quiet', '.']) },
  { name: 'types', isApart: true, run: checkTypes },
  { name: 'architecture', isApart: true, run: reportArchitecture },
  { name: 'lockfile', isApart: true, run: reportLockfile },
  { name: 'prerequisites', run: reportPrerequisites },
  { name: 'unit', needs: ['prerequisites'], run: runUnitTests },
  { name: 'web', run: reportWebBuild },
  {
    name: 'journeys',
    needs: ['web', 'prerequisites'],
    run: (context) => runVitest(context, { project: 'journeys', deadlineMs: 18 * minuteMs }),
  },
  { name: 'browser', needs: ['web', 'prerequisites'], run: runBrowserTests },
];

async function tool({ root }: StepContext, program: string, words: string[], directory = root): Promise<Counts> {
  const file = join(root, 'node_modules', program);
  const end = await runProgram({
    file: process.execPath,
    arguments: [file, ...words],
    directory,
    deadlineMs: toolDeadlineMs,
  });
  if (end.isSuccess) return ok;
  return failure(`${end.output.trim()}\n${program}: ${end.reason}`);
}

function failure(text: string): Counts {
  return { ...ok, failed: 1, failures: text.split('\n', maxShownLines), output: text };
}

async function checkTypes(context: StepContext): Promise<Counts> {
  const rooms = await tool(context, '@typescript/native/bin/tsc', ['-b']);
  const words = ['--tsconfig', './tsconfig.json', '--output', 'human', '--fail-on-warnings'];
  const sync = await syncWeb(context);
  const web = webFolder(context);
  const components = sync.failed > 0 ? sync : await tool(context, 'svelte-check/bin/svelte-check', words, web);
  const failures = [...(rooms.failures ?? []), ...(components.failures ?? [])];
  const output = [rooms, components].flatMap((part) => part.output ?? []).join('\n');
  return { ...ok, failed: rooms.failed + components.failed, failures, output };
}

const webFolder = ({ root }: StepContext): string => join(root, 'apps/web');

/** Writes the types and the configuration that the web app's sources build on. */
const syncWeb = (context: StepContext): Promise<Counts> =>
  tool(context, '@sveltejs/kit/svelte-kit.js', ['sync'], webFolder(context));

async function runUnitTests(context: StepContext): Promise<Counts> {
  const sync = await syncWeb(context);
  return sync.failed > 0 ? sync : runVitest(context, { project: 'unit', deadlineMs: 18 * minuteMs });
}

async function reportArchitecture({ root }: StepContext): Promise<Counts> {
  const findings = checkArchitecture(root);
  const output = findings.map(({ kind, path, message }) => `${kind}: ${path}: ${message}`).join('\n');
  const failures = findings
    .filter(({ kind }) => kind === 'failure')
    .map(({ path, message }) => describeFailure(path, message));
  return { ...ok, failed: failures.length > 0 ? 1 : 0, failures, output };
}

async function reportLockfile({ root }: StepContext): Promise<Counts> {
  const packages = globSync(['package.json', 'packages/*/package.json', 'apps/*/package.json'], { cwd: root });
  const problems = [
    ...checkLockfile(join(root, 'package-lock.json')),
    ...checkExactVersions(packages.map((path) => join(root, path))),
  ];
  return problems.length === 0 ? ok : failure(problems.join('\n'));
}

async function reportWebBuild({ root }: StepContext): Promise<Counts> {
  const built = await buildWeb(root);
  return built.isSuccess ? ok : failure(built.output);
}

async function reportPrerequisites(): Promise<Counts> {
  const { missing } = await providePrerequisites();
  if (missing.length > 0) console.log(`not installed, their tests are left out: ${missing.join(', ')}`);
  return ok;
}

async function runBrowserTests(context: StepContext): Promise<Counts> {
  const { chromium, certutil } = findPrerequisites();
  if (context.failedSteps.has('web')) return failure('browser tests need the web app, which could not be built');
  if (chromium !== undefined && certutil !== undefined) {
    const environment = { ...context.environment, NAVIS_TEST_CHROMIUM: chromium };
    // A browser keeps a processor busy, unlike other programs.
    return runVitest({ ...context, environment }, { project: 'browser', deadlineMs: 18 * minuteMs, workers: 2 });
  }
  const names = await listTests(context, 'browser');
  console.log(
    'These browser tests are left out; they need Chromium and certutil (apt install chromium libnss3-tools):',
  );
  for (const name of names) console.log(`  skipped: ${name}`);
  return { ...ok, skipped: names.length };
}
