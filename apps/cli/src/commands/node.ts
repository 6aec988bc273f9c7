/** `navisai node`: this machine as a node of a hub. */
import { join as joinPath } from 'node:path';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { logFlags, showLog } from '../logs/show-log.ts';
import { removeNodeServices, runNodeProgram } from '../nodes/node-program.ts';
import { CommandError } from '../output/command-error.ts';
import { confirm } from '../output/confirm.ts';
import { homeFlag, nodeHome } from './node/home.ts';
import { join } from './node/join.ts';

const status = defineCommand({
  isLocal: true,
  summary: 'Say which hub this machine is a node of, and whether it is connected.',
  details: 'Exit codes: 0 connected, 3 not running or not connected, 5 not a node of any hub.',
  examples: [{ command: 'navisai node status', note: 'hub, name, connection, terminals' }],
  flags: homeFlag,
  run: ({ flags, output }) => runNodeProgram(nodeHome(flags.home), ['status', ...(output.isJson ? ['--json'] : [])]),
});

const leave = defineCommand({
  isLocal: true,
  summary: 'Stop being a node: ends its terminals, removes its service, key and state.',
  details:
    'Its ceiling (policy.json) and .env stay. The hub is told and shows that it left; one that cannot be reached shows it as offline until navisai nodes remove.',
  examples: [
    { command: 'navisai node leave', note: 'asks first' },
    { command: 'navisai node leave --yes', note: 'in scripts' },
  ],
  flags: { yes: { type: 'boolean', short: 'y', summary: 'Do not ask.' }, ...homeFlag },
  async run({ flags, output }) {
    const home = nodeHome(flags.home);
    const warning = `This machine stops being a node; its terminals are ended and its key in ${home} is removed.`;
    const question = { warning, question: 'Leave the hub?', remedy: 'navisai node leave --yes' };
    if (!flags.yes && !(await confirm(question, output))) {
      output.remark('Nothing was changed.');
      return 1;
    }
    if (!(await removeNodeServices(home)))
      throw new CommandError('The service of the node could not be removed.', {
        code: 'FORBIDDEN',
        exitCode: 4,
        affects: 'This machine is a node still.',
        remedy: 'Once more, as the user that installed it',
      });
    const exitCode = await runNodeProgram(home, ['leave'], output.isJson ? 'remark' : 'result');
    if (exitCode === 0 && output.isJson) output.result({ home, left: true }, () => []);
    return exitCode;
  },
});

const logs = defineCommand({
  isLocal: true,
  summary: 'Show the log of the node on this machine.',
  details: 'Read from its file, so it works whether the node runs or not. With --json each line is one JSON object.',
  examples: [
    { command: 'navisai node logs', note: 'the last lines' },
    { command: 'navisai node logs --follow', note: 'until Ctrl-C' },
  ],
  flags: { ...logFlags, ...homeFlag },
  async run({ flags, output }) {
    const home = nodeHome(flags.home);
    const path = joinPath(home, 'node', 'logs', 'node.log');
    const missing = { message: `There is no log of a node in ${home} yet.`, remedy: 'navisai node join <hub-url>' };
    await showLog({ path, flags, output, missing });
  },
});

export const node: CommandGroup = {
  summary: 'Make this machine a node of a hub; see how it is; leave.',
  details: 'At the hub, navisai nodes lists all of them and invites new ones.',
  examples: [{ command: 'navisai node', note: 'the same as navisai node status' }],
  commands: { join, status, leave, logs },
  defaultCommand: 'status',
};
