/** What acts in a conversation without a model: `!command`, `/open` and the like (A4). */
import { NavisError } from '@navisai/protocol';

export type Command =
  | { name: 'run'; command: string }
  | { name: 'open'; terminal: string; command: string }
  | { name: 'close' | 'status'; terminal: string }
  | { name: 'list' | 'help' | 'stop' }
  | { name: 'node' | 'profile' | 'model'; value: string };

interface CommandRow {
  usage: string;
  does: string;
  parse(rest: string): Command | undefined;
}

const named =
  (name: 'close' | 'status') =>
  (rest: string): Command | undefined =>
    rest === '' || /\s/.test(rest) ? undefined : { name, terminal: rest };
const alone =
  (name: 'list' | 'help' | 'stop') =>
  (rest: string): Command | undefined =>
    rest === '' ? { name } : undefined;
const setting =
  (name: 'node' | 'profile' | 'model') =>
  (rest: string): Command | undefined =>
    rest === '' || /\s/.test(rest) ? undefined : { name, value: rest };

const rows: Readonly<Record<string, CommandRow>> = {
  open: {
    usage: '/open <name> <command>',
    does: 'opens a terminal that goes on in the background',
    parse(rest) {
      const [, terminal, command] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
      return terminal === undefined || command === undefined ? undefined : { name: 'open', terminal, command };
    },
  },
  close: { usage: '/close <name>', does: 'ends a terminal', parse: named('close') },
  list: { usage: '/list', does: 'lists the terminals of this conversation', parse: alone('list') },
  status: { usage: '/status <name>', does: 'shows the last lines of a terminal', parse: named('status') },
  stop: { usage: '/stop', does: 'stops what the agent does', parse: alone('stop') },
  node: { usage: '/node <name>', does: 'binds this conversation to a node', parse: setting('node') },
  profile: { usage: '/profile <id>', does: 'gives the agent another profile', parse: setting('profile') },
  model: { usage: '/model <provider/model>', does: 'gives the agent another model', parse: setting('model') },
  help: { usage: '/help', does: 'shows this', parse: alone('help') },
};

/** A path such as `/etc/hosts` is none. */
const pattern = /^\/([a-z]+)(?:\s+([\s\S]*))?$/;

export const isCommand = (text: string): boolean => {
  const trimmed = text.trim();
  if (trimmed.startsWith('!')) return true;
  const name = pattern.exec(trimmed)?.[1];
  return name !== undefined && Object.hasOwn(rows, name);
};

/** Throws NavisError INVALID_ARGUMENT that tells how it is written. */
export const parseCommand = (text: string): Command => {
  const trimmed = text.trim();
  if (trimmed.startsWith('!')) {
    const command = trimmed.slice(1).trim();
    if (command === '') throw new NavisError('INVALID_ARGUMENT', 'Write a command behind the !, such as: !ls -l');
    return { name: 'run', command };
  }
  const [, name = '', rest = ''] = pattern.exec(trimmed) ?? [];
  const row = rows[name];
  const command = row?.parse(rest.trim());
  if (command === undefined) throw new NavisError('INVALID_ARGUMENT', `It is written so: ${row?.usage ?? '/help'}`);
  return command;
};

export const commandHelp = (): string =>
  [
    '!<command>: runs a command',
    ...Object.values(rows).map(({ usage, does }) => `${usage}: ${does}`),
    'Everything else is said to the agent.',
  ].join('\n');
