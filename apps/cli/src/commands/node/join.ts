/** `navisai node join`: this machine becomes a node of a hub (N2). */
import { defineCommand } from '../../command-line/command.types.ts';
import { becomeNode, runNodeProgram } from '../../nodes/node-program.ts';
import { usageError } from '../../output/command-error.ts';
import { homeFlag, nodeHome } from './home.ts';

export const join = defineCommand({
  isLocal: true,
  summary: 'Make this machine a node of a hub, and stay connected.',
  details:
    'Needs the one-time key that navisai nodes add printed, the first time only: as NODE_API_KEY in the environment, or in a file .env (here, or in the folder node of --home; a template is .env.example). It is no argument, because others on this machine can read the arguments of programs. The key is bound to its hub: it is sent to no other. Stays in the foreground until Ctrl-C, which names its terminals and ends them; a service (--service) keeps them over its restarts.',
  examples: [
    {
      command: 'NODE_API_KEY=navis1.… navisai node join https://hub.example.com',
      note: 'the line that navisai nodes add printed',
    },
    { command: 'navisai node join', note: 'again, to the hub that is known' },
    { command: 'navisai node join https://hub.example.com --service', note: 'come back after every restart' },
  ],
  flags: {
    service: { type: 'boolean', summary: 'Install it as a service of this user, and start it.' },
    system: { type: 'boolean', summary: 'With --service: of this machine instead; needs root.' },
    ...homeFlag,
    key: { type: 'text', placeholder: '<key>', hidden: true, summary: 'Refused: a key is no argument.' },
  },
  positionals: [
    {
      name: 'hub-url',
      summary: 'Where the hub is; may be left out when it is known already.',
      optional: true,
      maxLength: 300,
      format: {
        pattern: /^(?:(?:https|wss):\/\/)?[A-Za-z0-9._[\]:-]+\/?$/,
        meaning: 'the address of a hub such as https://hub.example.com',
      },
    },
  ],
  async run({ flags, positionals }) {
    const hub = positionals['hub-url'];
    if (flags.key !== undefined || hub?.startsWith('navis1.') === true) throw keyIsNoArgument();
    if (flags.system && !flags.service) throw usageError('--system is about --service, which was not given.');
    const home = nodeHome(flags.home);
    const words = hub === undefined ? [] : ['--hub', hub];
    if (!flags.service) return becomeNode(home, words);
    return runNodeProgram(home, ['service', 'install', ...words, ...(flags.system ? ['--system'] : [])]);
  },
});

/** N2. The key is not repeated. */
const keyIsNoArgument = () =>
  usageError(
    'A node key is no argument: others on this machine can read the arguments of programs, and the shell remembers them.',
    'NODE_API_KEY=… navisai node join <hub-url>, or put NODE_API_KEY into a file .env\nThis key is no secret any more; make another at the hub: navisai nodes rekey <node>',
  );
