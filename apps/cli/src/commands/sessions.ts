/** `navisai sessions`: the sessions that terminals live in. */
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { sessionIdFormat } from '../hub/session.ts';
import { nodesOf } from '../nodes/find-node.ts';
import type { Output } from '../output/output.ts';
import { printable, printableLines } from '../output/printable.ts';
import type { Session } from '@navisai/protocol';
import { terminalTable, type TerminalTableOptions } from '../output/terminal-table.ts';

const sessionPositional = {
  name: 'id',
  summary: 'The session.',
  completes: 'sessions',
  maxLength: 64,
  format: sessionIdFormat,
} as const;
const titleMaxLength = 200;

const describe = ({ id, title }: Session): string => `${id}  ${printable(title)}`;

const list = defineCommand({
  summary: 'List sessions, newest first.',
  examples: [{ command: 'navisai sessions list', note: 'every session with its number of terminals' }],
  flags: {
    limit: { type: 'number', placeholder: '<number>', min: 1, max: 500, summary: 'At most so many; default 100.' },
    after: {
      type: 'text',
      placeholder: '<id>',
      maxLength: 64,
      format: sessionIdFormat,
      summary: 'The last id of the page before.',
    },
  },
  run({ flags, output }) {
    return withHub(async ({ api }) => {
      const page = await api.sessions({ query: { limit: flags.limit, after: flags.after } });
      output.result(page, () => {
        if (page.sessions.length === 0) return 'There are no sessions. Make one: navisai sessions new';
        const rows = page.sessions.map(({ id, kind, terminals, updatedAt, title }) => {
          const busy = terminals.filter(({ status }) => status === 'busy').length;
          return [id, kind, `${busy} of ${terminals.length}`, updatedAt, title];
        });
        const more = page.next === null ? [] : [`More: navisai sessions list --after ${page.next}`];
        return [...output.table(['ID', 'KIND', 'RUNNING', 'CHANGED', 'TITLE'], rows), ...more];
      });
    });
  },
});

const create = defineCommand({
  summary: 'Make a session and print its id.',
  examples: [
    { command: 'id=$(navisai sessions new)', note: 'in a script' },
    { command: 'navisai sessions new --title "release 2.1" --json', note: '{"id":"s_…"}' },
  ],
  flags: {
    title: { type: 'text', placeholder: '<text>', maxLength: titleMaxLength, summary: 'What it is for.' },
  },
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const { id } = await api.createSession({ body: flags.title === undefined ? {} : { title: flags.title } });
      output.result({ id }, () => id);
    }),
});

const show = defineCommand({
  summary: 'Show one session with its terminals.',
  examples: [{ command: 'navisai sessions show s_4k2m…', note: 'its terminals and their state' }],
  flags: {},
  positionals: [sessionPositional],
  run({ positionals, output }) {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const session = await api.session({ params: { id } });
      const { terminals } = session;
      const nodes = await nodesOf(api, terminals);
      output.result(session, () => [describe(session), ...terminalLines({ terminals, nodes }, output)]);
    });
  },
});

const terminalLines = (options: TerminalTableOptions, output: Output): string[] =>
  options.terminals.length === 0 ? ['It has no terminals.'] : terminalTable(options, output);

const rename = defineCommand({
  summary: 'Give a session another title.',
  examples: [{ command: 'navisai sessions rename s_4k2m… "nightly build"', note: 'the id stays' }],
  flags: {},
  positionals: [sessionPositional, { name: 'title', summary: 'The new title.', maxLength: titleMaxLength }],
  run({ positionals, output }) {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const session = await api.changeSession({ params: { id }, body: { title: positionals.title ?? '' } });
      output.result(session, () => describe(session));
    });
  },
});

const close = defineCommand({
  summary: 'Close a session and end every terminal of it.',
  details:
    'It leaves the lists and the search, and cannot be opened again. What was said in a conversation, with its files, stays in the store of the hub.',
  examples: [{ command: 'navisai sessions close s_4k2m…', note: 'its terminals end with it' }],
  flags: {},
  positionals: [sessionPositional],
  run({ positionals, output }) {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      await api.closeSession({ params: { id } });
      output.result({ id, closed: true }, () => `Closed ${id}.`);
    });
  },
});

const prompt = defineCommand({
  summary: 'Show the prompt that an agent was really sent.',
  details: 'Before its first run: what it would be sent. With --json: tools with their schemas and every message too.',
  examples: [{ command: 'navisai sessions prompt s_4k2m…', note: 'system prompt, tools and how many messages' }],
  flags: {},
  positionals: [sessionPositional],
  run({ positionals, output }) {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const sent = await api.prompt({ params: { id } });
      output.result(sent, () => [
        `profile   ${printable(sent.profile)}`,
        `model     ${printable(sent.model ?? 'none')}`,
        `tools     ${sent.tools.map(({ name }) => printable(name)).join(', ')}`,
        `messages  ${sent.messages.length}`,
        '',
        printableLines(sent.system),
      ]);
    });
  },
});

const exportConversation = defineCommand({
  summary: 'Print a conversation as Markdown.',
  examples: [{ command: 'navisai sessions export s_4k2m… > talk.md', note: 'to keep or to send' }],
  flags: {},
  positionals: [sessionPositional],
  run({ positionals, output }) {
    const id = positionals.id ?? '';
    return withHub(async ({ api }) => {
      const markdown = await api.exportSession({ params: { id } });
      output.result({ markdown }, () => printableLines(markdown));
    });
  },
});

export const sessions: CommandGroup = {
  summary: 'List, make, rename and close sessions. A session holds up to 10 terminals.',
  examples: [{ command: 'navisai sessions', note: 'the same as navisai sessions list' }],
  commands: { list, new: create, show, rename, prompt, export: exportConversation, close },
  defaultCommand: 'list',
};
