/** What a call of a tool does, in a few words: for the one line of its card. */
import type { CallItem } from '@navisai/client';
import { readPartialJson } from './partial-json.ts';

export type CallIcon =
  | 'terminal'
  | 'keyboard'
  | 'file'
  | 'edit'
  | 'search'
  | 'code'
  | 'network'
  | 'agent'
  | 'clock'
  | 'plan'
  | 'book'
  | 'share'
  | 'tool';

export interface CallWords {
  icon: CallIcon;
  /** What is done, such as `Run`. */
  title: string;
  /** To what; empty when the title says all. */
  subject: string;
  /** The subject is code: a command, a path, a name. */
  isCode: boolean;
}

type Arguments = Record<string, unknown>;

/** Arguments as far as they came; what a machine told stands in while nothing came. */
export const argumentsOf = (call: CallItem): Arguments => readPartialJson(call.arguments.text);

export const describeCall = (call: CallItem, given: Arguments = argumentsOf(call)): CallWords => {
  if (isOfOthers(call, given)) return describeOthers(call.tool, text(given)('title'));
  const describe = Object.hasOwn(byTool, call.tool) ? byTool[call.tool] : undefined;
  const words = describe?.(withAction(call, given), text(given));
  if (words !== undefined && (words.subject !== '' || words.title !== '')) return withSummary(words, call);
  return withSummary(
    { icon: 'tool', title: spoken(call.tool) || 'A tool', subject: firstText(given), isCode: true },
    call,
  );
};

/** Of a tool that nobody here knows: the first text that it was given. */
const firstText = (given: Arguments): string => {
  const value = Object.values(given).find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof value === 'string' ? firstLine(value) : '';
};

/** Kinds of calls that agents of others make; each says by its title what it does (I19). */
const kindsOfOthers: Readonly<Record<string, { icon: CallIcon; title: string }>> = {
  read: { icon: 'file', title: 'Read' },
  edit: { icon: 'edit', title: 'Edit' },
  delete: { icon: 'file', title: 'Delete' },
  move: { icon: 'file', title: 'Move' },
  search: { icon: 'search', title: 'Search' },
  execute: { icon: 'terminal', title: 'Run' },
  think: { icon: 'plan', title: 'Think' },
  fetch: { icon: 'network', title: 'Fetch' },
  switch_mode: { icon: 'tool', title: 'Switch mode' },
  other: { icon: 'tool', title: '' },
};

export const isOfOthers = (call: CallItem, given: Arguments): boolean =>
  Object.hasOwn(kindsOfOthers, call.tool) && typeof given['title'] === 'string';

/** What such a call was given, without the title that stands in its line. */
export const inputOfOthers = ({ input }: Arguments): Arguments =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Arguments) : {};

/** The terminal that such a call runs in, as its answer names it. */
export const terminalOfOthers = (call: CallItem, given: Arguments): string | undefined =>
  isOfOthers(call, given) ? /^\[terminal ([\w.-]+)\]$/m.exec(call.result?.text ?? '')?.[1] : undefined;

const describeOthers = (kind: string, told: string): CallWords => {
  const { icon, title } = kindsOfOthers[kind] ?? { icon: 'tool', title: '' };
  const plain = firstLine(told.replaceAll('`', ''));
  if (title === '') return words(icon, plain || 'A tool', '', false);
  const repeats = plain.toLowerCase().startsWith(`${title.toLowerCase()} `);
  const subject = repeats ? plain.slice(title.length).trim() : plain;
  return words(icon, title, subject.toLowerCase() === title.toLowerCase() ? '' : subject);
};

const withAction = (call: CallItem, given: Arguments): Arguments => {
  const action = call.started?.action ?? null;
  return given['action'] === undefined && action !== null ? { ...given, action } : given;
};

const withSummary = (words: CallWords, call: CallItem): CallWords =>
  words.subject === '' && call.started !== null && call.arguments.text === ''
    ? { ...words, subject: call.started.summary }
    : words;

type Text = (name: string) => string;
const text =
  (given: Arguments): Text =>
  (name) => {
    const value = given[name];
    return typeof value === 'string' ? value : '';
  };
const words = (icon: CallIcon, title: string, subject = '', isCode = true): CallWords => ({
  icon,
  title,
  subject,
  isCode,
});

const terminal = (given: Arguments, of: Text): CallWords => {
  const name = of('terminal_name');
  switch (given['action']) {
    case 'open':
      return words('terminal', name === '' ? 'Open terminal' : `Open ${name}`, of('command'));
    case 'send_input':
      return words('keyboard', `Type into ${name}`, of('input').trim());
    case 'close':
      return words('terminal', 'Close terminal', name);
    case 'status':
      return words('terminal', 'Look at terminal', name);
    case 'list':
      return words('terminal', 'List terminals');
    default:
      return words('terminal', name === '' ? 'Run' : `Run in ${name}`, of('command'));
  }
};

const fileTitles: Record<string, { icon: CallIcon; title: string }> = {
  read: { icon: 'file', title: 'Read' },
  write: { icon: 'edit', title: 'Write' },
  edit: { icon: 'edit', title: 'Edit' },
  list: { icon: 'file', title: 'List' },
  find: { icon: 'search', title: 'Find' },
  grep: { icon: 'search', title: 'Search' },
  copy: { icon: 'file', title: 'Copy' },
  move: { icon: 'file', title: 'Move' },
  delete: { icon: 'file', title: 'Delete' },
  diff: { icon: 'file', title: 'Compare' },
};

const filesystem = (given: Arguments, of: Text): CallWords => {
  const action = of('action');
  const { icon, title } = fileTitles[action] ?? { icon: 'file', title: 'Files' };
  const path = of('path') || of('working_dir');
  const pattern = of('pattern');
  const target = of('to') === '' ? '' : ` → ${of('to')}`;
  const subject = pattern === '' ? path + target : path === '' ? pattern : `${pattern} in ${path}`;
  return words(icon, title, subject);
};

const firstLine = (value: string): string => value.trim().split('\n', 1)[0] ?? '';

const byTool: Record<string, (given: Arguments, of: Text) => CallWords> = {
  terminal,
  remote_terminal: terminal,
  filesystem,
  remote_filesystem: filesystem,
  code_exec: (_given, of) => words('code', `Run ${of('language') || 'code'}`, firstLine(of('code'))),
  ssh_exec: (_given, of) => words('network', `On ${of('host') || 'a host'}`, of('command') || of('path')),
  spawn_agent: (_given, of) => words('agent', 'Sub-agent', of('description') || firstLine(of('task')), false),
  schedule_recall: (_given, of) => words('clock', 'Schedule', of('title') || firstLine(of('task')), false),
  manage_recall: (_given, of) => words('clock', 'Recalls', of('action'), false),
  plan: () => words('plan', 'Update the plan'),
  tool_manual: (_given, of) => words('book', 'Read the manual', of('tool')),
  content_publish: (_given, of) => words('share', 'Publish', of('path') || of('name')),
};

/** `my_server_lookup` as a person would say it. */
const spoken = (tool: string): string => {
  const plain = tool.replaceAll(/[_-]+/g, ' ').trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
