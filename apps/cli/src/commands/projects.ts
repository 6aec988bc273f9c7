/** `navisai projects`: what is worked on, on every node. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from '@navisai/client';
import type { DiscoveryProgress, NodeInfo, Project } from '@navisai/protocol';
import type { CommandGroup } from '../command-line/command.types.ts';
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { findNode, nodeFlag } from '../nodes/find-node.ts';
import { CommandError } from '../output/command-error.ts';
import { findProject, projectPositional } from '../projects/find-project.ts';
import { projectLines, projectTable, searchLines } from '../projects/project-lines.ts';

const anyNode = {
  node: { ...nodeFlag.node, summary: 'Only this node, by id or name; default: all of them.' },
} as const;

const list = defineCommand({
  summary: 'List projects, by node and path.',
  details: 'What was found before is shown at once; nodes that were not looked at for ten minutes are, meanwhile.',
  examples: [
    { command: 'navisai projects', note: 'with branch and changes' },
    { command: 'navisai projects list --node web-1', note: 'those of one node' },
  ],
  flags: anyNode,
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const nodeId = await nodeIdOf(api, flags.node);
      const [answer, { nodes }] = await Promise.all([api.projects({ query: { nodeId } }), api.nodes()]);
      output.result(answer, () =>
        answer.projects.length === 0
          ? 'No projects are known yet. Look for some: navisai projects discover'
          : projectTable(answer.projects, namesOf(nodes), output),
      );
    }),
});

const show = defineCommand({
  summary: 'Show one project with its changed files, as they are now.',
  examples: [
    { command: 'navisai projects show shop', note: 'by its name, path or id' },
    { command: 'navisai projects show shop --diff', note: 'and what was changed in them' },
  ],
  flags: { diff: { type: 'boolean', summary: 'Show the diff against the last commit as well.' } },
  positionals: [projectPositional],
  run: ({ flags, positionals, output }) =>
    withHub(async ({ api }) => {
      const { id } = await findProject(api, positionals.project ?? '');
      const answer = await api.project({ params: { id } });
      const { nodes } = await api.nodes();
      output.result(answer, () => projectLines(answer, { names: namesOf(nodes), hasDiff: flags.diff === true }));
    }),
});

/** Its bounds on the node end a search long before. */
const discoverDeadlineMs = 10 * 60_000;
const pollMs = 300;

const discover = defineCommand({
  summary: 'Look for projects now, and wait until that is done.',
  details:
    'Looked through are the directories that are set as roots (default: the home directory, four levels deep) and those of open terminals.',
  examples: [{ command: 'navisai projects discover', note: 'on every node that is online' }],
  flags: anyNode,
  run: ({ flags, output }) =>
    withHub(async ({ api }) => {
      const nodeId = await nodeIdOf(api, flags.node);
      await api.discoverProjects({ body: { nodeId } });
      const { projects, discovery } = await discovered(api, nodeId);
      const { nodes } = await api.nodes();
      output.result({ projects, discovery }, () => [
        ...(projects.length === 0 ? ['No projects were found.'] : projectTable(projects, namesOf(nodes), output)),
        ...searchLines(discovery, namesOf(nodes)),
      ]);
    }),
});

const discovered = async (
  api: Api,
  nodeId: string | undefined,
): Promise<{ projects: Project[]; discovery: DiscoveryProgress[] }> => {
  const giveUpAt = performance.now() + discoverDeadlineMs;
  for (;;) {
    const { projects, discovery } = await api.projects({ query: { nodeId } });
    const wanted = discovery.filter((one) => nodeId === undefined || one.nodeId === nodeId);
    if (!wanted.some(({ state }) => state === 'scanning')) return { projects, discovery: wanted };
    if (performance.now() > giveUpAt)
      throw new CommandError('The search is still under way.', {
        code: 'timeout',
        exitCode: 124,
        remedy: 'It goes on. See: navisai projects',
      });
    await delay(pollMs);
  }
};

const nodeIdOf = async (api: Api, wanted: string | undefined): Promise<string | undefined> =>
  wanted === undefined ? undefined : (await findNode(api, wanted)).id;

const namesOf = (nodes: readonly NodeInfo[]): Map<string, string> => new Map(nodes.map(({ id, name }) => [id, name]));

export const projects: CommandGroup = {
  summary: 'See what is worked on, on every node.',
  examples: [
    { command: 'navisai projects', note: 'the same as navisai projects list' },
    { command: 'navisai projects show shop --diff', note: 'what was changed in one' },
  ],
  commands: { list, show, discover },
  defaultCommand: 'list',
};
