/** `navisai mcp`: the hub's MCP server for a program on this machine, and what lets others use it. */
import { mcpPath, mcpToolNames, mcpToolNameSchema } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { sessionFlag } from '../hub/session.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';
import { usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

const serve = defineCommand({
  summary: 'Speak MCP on stdin and stdout.',
  details: `For programs that start MCP servers themselves, such as editors and agents. Tools: ${mcpToolNames.join(', ')}. What changes something waits for your approval: in the browser, on your phone, or with navisai approvals. Terminals go on when the program ends. A program elsewhere uses the hub's address with ${mcpPath} and a token: navisai mcp token add.`,
  examples: [
    { command: 'navisai mcp', note: 'as the command of an MCP server in a client' },
    { command: 'navisai mcp serve --session s_4k2m…', note: 'its terminals in this session' },
  ],
  flags: { ...sessionFlag },
  run: ({ flags }) =>
    withHub(async ({ api }) => {
      const { relayMcp } = await import('../mcp/relay-mcp.ts');
      await relayMcp({ api, session: flags.session, input: process.stdin, output: process.stdout });
    }),
});

const servers = defineCommand({
  summary: 'List the MCP servers of config.json with the tools that agents may use.',
  details: `Write them into "mcpServers" of the hub's config.json, as other clients do: {"files": {"command": "…", "args": [], "env": {}}} or {"docs": {"url": "https://…", "headers": {}}}. Their tools ask for approval, but those named in "readOnlyTools".`,
  examples: [{ command: 'navisai mcp servers', note: 'which are connected' }],
  flags: {},
  run: ({ output }) =>
    withHub(async ({ api }) => {
      const answer = await api.mcpServers();
      output.result(answer, () =>
        answer.servers.length === 0
          ? 'No MCP servers are configured ("mcpServers" in config.json).'
          : output.table(
              ['NAME', 'TRANSPORT', 'STATE', 'TOOLS', 'PROBLEM'],
              answer.servers.map(({ name, transport, state, tools, problem }) => {
                return [name, transport, state, String(tools.length), problem ?? ''];
              }),
            ),
      );
    }),
});

const token = defineCommand({
  summary: 'List, make or revoke tokens of MCP clients on other machines.',
  details: 'A new token is shown once; the hub keeps its hash only.',
  examples: [
    { command: 'navisai mcp token', note: 'when each was used last' },
    { command: 'navisai mcp token add editor', note: 'all tools, 90 days' },
    { command: 'navisai mcp token add ci --tools terminal --node nas --days 7', note: 'only terminals, only there' },
    { command: 'navisai mcp token revoke x_9d2k…', note: 'nothing more is done for it' },
  ],
  flags: {
    tools: {
      type: 'text',
      placeholder: '<names>',
      completes: mcpToolNames,
      maxLength: 200,
      summary: `Of a new one: which of ${mcpToolNames.join(', ')}, with commas between; default: all.`,
    },
    approvals: {
      type: 'choice',
      choices: ['never', 'risky', 'always'],
      summary: 'Of a new one: when its calls ask; default: risky.',
    },
    days: { type: 'number', placeholder: '<number>', min: 1, max: 366, summary: 'Good for so many days; default 90.' },
    ...nodeFlag,
  },
  positionals: [
    { name: 'what', summary: 'Default: list.', optional: true, choices: ['list', 'add', 'revoke'] },
    { name: 'token', summary: 'What a new one is for; the id of one to revoke.', optional: true, maxLength: 100 },
  ],
  run: ({ flags, positionals, output }) => {
    const { what = 'list', token: named } = positionals;
    if (what === 'list') return listTokens(output);
    if (named === undefined)
      throw usageError(
        what === 'add' ? 'Say what the token is for: navisai mcp token add <name>.' : 'Name the token to revoke.',
        'See: navisai mcp token',
      );
    return what === 'add' ? addToken(named, flags, output) : revokeToken(named, output);
  },
});

const listTokens = (output: Output): Promise<number | void> =>
  withHub(async ({ api }) => {
    const answer = await api.mcpTokens();
    output.result(answer, () =>
      answer.tokens.length === 0
        ? 'There are no tokens. Make one: navisai mcp token add <name>'
        : output.table(
            ['ID', 'NAME', 'TOOLS', 'GOOD UNTIL', 'LAST USED'],
            answer.tokens.map(({ id, name, tools, expiresAt, revokedAt, lastUsedAt }) => {
              return [id, name, tools.join(','), revokedAt === null ? expiresAt : 'revoked', lastUsedAt ?? 'never'];
            }),
          ),
    );
  });

interface NewToken {
  tools?: string | undefined;
  approvals?: 'never' | 'risky' | 'always' | undefined;
  days?: number | undefined;
  node?: string | undefined;
}

const addToken = (name: string, given: NewToken, output: Output): Promise<number | void> =>
  withHub(async ({ api, origin }) => {
    const tools = given.tools?.split(',').map((tool) => {
      const parsed = mcpToolNameSchema.safeParse(tool.trim());
      if (!parsed.success) throw usageError(`--tools: there is no tool ${printable(tool)} for MCP.`);
      return parsed.data;
    });
    const nodeId = await resolveNode(api, given.node);
    const { approvals, days } = given;
    const made = await api.addMcpToken({ body: { name, tools, approvals, nodeId, days } });
    output.result({ ...made, url: `${origin}${mcpPath}` }, () => [
      `url    ${origin}${mcpPath}`,
      `token  ${made.secret}`,
      `Good until ${made.token.expiresAt}; it is not shown again. Header: Authorization: Bearer <token>`,
    ]);
  });

const revokeToken = (id: string, output: Output): Promise<number | void> => {
  if (!/^x_[0-9a-z]{4,40}$/.test(id))
    throw usageError('<token> must be a token id such as x_9d2k….', 'See: navisai mcp token');
  return withHub(async ({ api }) => {
    const revoked = await api.revokeMcpToken({ params: { id } });
    output.result(revoked, () => `Revoked: ${printable(revoked.name)}`);
  });
};

export const mcp: CommandGroup = {
  summary: 'Let programs use the hub over MCP, and see the MCP servers that agents use.',
  examples: [{ command: 'navisai mcp', note: 'the same as navisai mcp serve' }],
  commands: { serve, servers, token },
  defaultCommand: 'serve',
};
