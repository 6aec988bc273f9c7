/** What one ceiling says about a call: the node's own or the hub's overlay, each with where it lives (N12). */
import type { Ceiling, PolicyStep } from '@navisai/protocol';
import type { CommandAnalysis } from './analyse-command.ts';
import { directoriesOf, directoryOf, normalPath } from './directories.ts';
import type { Directory } from './directories.ts';
import { hoursInWords, isWithinHours } from './hours.ts';
import type { Moment } from './hours.ts';

export interface PolicyLayer {
  ceiling: Ceiling;
  /** The path of the node's `policy.json`, or `hub overlay`. */
  source: string;
}

/** A call with everything that was found out about it. */
export interface JudgedCall {
  tool: string;
  action: string | undefined;
  access: 'read' | 'change' | undefined;
  isToolJudged: boolean | undefined;
  command: { text: string; analysis: CommandAnalysis } | undefined;
  workingDirectory: string | undefined;
  path: Directory | undefined;
  at: Moment | undefined;
  home: string;
}

type Finding = Omit<PolicyStep, 'source'>;
type Rule = (ceiling: Ceiling, call: JudgedCall) => Finding[];

const finding = (rule: string, subject: string, isAllowed: boolean, reason: string): Finding => ({
  rule,
  subject,
  effect: isAllowed ? 'allow' : 'deny',
  reason,
});

const nameOf = ({ tool, action }: JudgedCall): string => (action === undefined ? tool : `${tool}.${action}`);

/** Programs run inside of the sandbox, so what they may do is judged, and contained, there. */
const runsPrograms = (tool: string): boolean => tool === 'terminal' || tool === 'code_exec';

const tools: Rule = ({ tools: listed }, call) => {
  if (listed === undefined || call.tool === 'tool_manual' || call.isToolJudged === true) return [];
  const name = nameOf(call);
  const isAllowed = listed.includes(call.tool) || listed.includes(name);
  return [finding('tools', name, isAllowed, `${name} is ${isAllowed ? 'among' : 'not among'} the allowed tools.`)];
};

/** What ends or shows something is never a start. */
const startsNothing = /^(tool_manual|terminal\.(list|status|close|send_input))/;

const hours: Rule = ({ hours: windows }, call) => {
  if (windows === undefined || call.at === undefined || startsNothing.test(nameOf(call))) return [];
  const isAllowed = isWithinHours(windows, call.at);
  const reason = `The hours of this machine are: ${hoursInWords(windows)} (its local time).`;
  return [finding('hours', nameOf(call), isAllowed, reason)];
};

const readOnly: Rule = ({ readOnly: isReadOnly }, call) => {
  if (isReadOnly !== true) return [];
  const findings: Finding[] = [];
  if (call.access === 'change' && !runsPrograms(call.tool))
    findings.push(finding('readOnly', nameOf(call), false, 'Nothing may be changed.'));
  if (call.path?.access === 'write')
    findings.push(finding('readOnly', call.path.path, false, 'Nothing may be written.'));
  if (call.command !== undefined) findings.push(...readingOnly(call.command));
  return findings;
};

const readingOnly = ({ text, analysis }: NonNullable<JudgedCall['command']>): Finding[] => {
  const doubts = [...analysis.unknown, ...analysis.changes];
  if (doubts.length === 0) return [finding('readOnly', text, true, 'It is seen to only read.')];
  return doubts.map((doubt) =>
    finding(
      'readOnly',
      doubt.text,
      false,
      `Nothing may be changed, and this is not seen to only read. ${doubt.reason}`,
    ),
  );
};

const programs: Rule = ({ programs: listed }, { command }) => {
  if (listed === undefined || command === undefined) return [];
  return judgePrograms(command, { rule: 'programs', list: 'the allowed programs', allowed: new Set(listed) });
};

export interface ProgramList {
  rule: string;
  /** How the list is called in sentences. */
  list: string;
  allowed: ReadonlySet<string>;
}

export const judgePrograms = (
  { text, analysis }: { text: string; analysis: CommandAnalysis },
  { rule, list, allowed }: ProgramList,
): Finding[] => {
  if (allowed.size === 0) return [finding(rule, text, false, `Nothing may run: ${list} is empty.`)];
  const findings = [
    ...analysis.unknown.map((unknown) => finding(rule, unknown.text, false, unknown.reason)),
    ...analysis.programs.map((program) => judgeProgram(program, { rule, list, allowed })),
  ];
  return findings.length > 0 ? findings : [finding(rule, text, true, 'It starts no program.')];
};

const judgeProgram = (program: string, { rule, list, allowed }: ProgramList): Finding => {
  if (allowed.has(program)) return finding(rule, program, true, `${program} is in ${list}.`);
  const hint = program.includes('/') ? ' A program named by its path must be listed with exactly this path.' : '';
  return finding(rule, program, false, `${program} is not in ${list}.${hint}`);
};

/** They exist in every sandbox, empty or with the system in them. */
const startPlaces = new Set(['/', '/tmp', '/usr']);

const directories: Rule = (ceiling, { home, workingDirectory, path, command }) => {
  const listed = directoriesOf(ceiling, home);
  if (listed === null) return [];
  const findings: Finding[] = [];
  if (path !== undefined) findings.push(judgePath(listed, { ...path, path: normalPath(path.path, home) }));
  if (workingDirectory !== undefined && command !== undefined) {
    const place = normalPath(workingDirectory, home);
    const exists = startPlaces.has(place) || place === normalPath(home, home);
    findings.push(
      exists
        ? finding('directories', place, true, 'Commands may start there.')
        : judgePath(listed, { path: place, access: 'read' }),
    );
  }
  return findings;
};

const judgePath = (listed: readonly Directory[], { path, access }: Directory): Finding => {
  const found = directoryOf(listed, path);
  const shown = listed.map((directory) => directory.path).join(', ') || 'none';
  if (found === undefined)
    return finding('directories', path, false, `${path} lies in none of the allowed directories: ${shown}.`);
  const isAllowed = access === 'read' || found.access === 'write';
  return finding(
    'directories',
    path,
    isAllowed,
    `${found.path} may be ${found.access === 'write' ? 'read and written' : 'read only'}.`,
  );
};

const network: Rule = ({ network: hasNetwork }, call) => {
  if (hasNetwork !== false) return [];
  if (call.tool === 'ssh_exec') return [finding('network', nameOf(call), false, 'There is no network for it.')];
  return call.command === undefined ? [] : [finding('network', call.command.text, true, 'It runs without a network.')];
};

const rules: readonly Rule[] = [tools, hours, readOnly, programs, directories, network];

export const judgeByLayer = ({ ceiling, source }: PolicyLayer, call: JudgedCall): PolicyStep[] =>
  rules.flatMap((rule) => rule(ceiling, call)).map((step) => ({ ...step, source }));
