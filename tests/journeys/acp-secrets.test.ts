/** The variables of an ACP agent are in its environment and nowhere else, here and on a node, also when it is started anew (I19, T29). */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HubEvent } from '@navisai/protocol';
import { startNode, type TestHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { startAgentHub } from './agent-hub.fixture.ts';

const secret = `sk-secret-${randomUUID()}`;
const value = `\n it's "${secret}" $HOME \`id\` \\\n\n`;
const hash = createHash('sha256').update(value).digest('hex');
const file = fileURLToPath(new URL('acp-plain-agent.fixture.ts', import.meta.url));
const acpAgents = { secret: { command: process.execPath, args: [file, 'secret'], env: { ODD_KEY: value } } };
const deadlineMs = 60_000;

const holdsSecret = (path: string): boolean => {
  try {
    return readFileSync(path).includes(secret);
  } catch {
    return false;
  }
};

/** Command lines of processes, and all that the hub and its nodes keep but the file in which the person wrote it. */
const placesOfSecret = (homes: readonly string[]): string[] => {
  const lines = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [join('/proc', pid, 'cmdline')] : []));
  const kept = homes.flatMap((home) =>
    readdirSync(home, { recursive: true, encoding: 'utf8' })
      .map((name) => join(home, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true),
  );
  return [...lines, ...kept].filter((path) => !path.endsWith('/config.json') && holdsSecret(path));
};

const follow = (hub: TestHub, sessionId: string): HubEvent[] => {
  const events: HubEvent[] = [];
  hub.host.live().followSession(sessionId, { onEvent: (event) => events.push(event) }, { after: 0 });
  return events;
};

const saidIn = (events: readonly HubEvent[]): string =>
  events
    .flatMap((event) => (event.type === 'stream_delta' && event.data.seq !== undefined ? [event.data.text] : []))
    .join('');

test('I19, T29: a variable of an agent is in no command, event, answer or file, and the agent has it', async () => {
  await using agents = await startAgentHub({ config: { acpAgents } });
  const { hub } = agents;
  await using nas = await startNode(hub, { name: 'nas' });
  const places = [null, nas.id];
  const begun = await Promise.all(
    places.map(async (nodeId) => {
      const agent = { acpAgent: 'secret', nodeId };
      const { id } = await hub.host.api.createSession({ body: { kind: 'acp', agent } });
      return { id, events: follow(hub, id) };
    }),
  );
  const saidByAll = async (count: number): Promise<void> => {
    for (const { id, events } of begun) {
      await hub.host.api.sendMessage({ params: { id }, body: { text: 'go' } });
      const isOver = () => events.filter(({ type }) => type === 'stream_end').length === count;
      await until('the run ends', isOver, deadlineMs);
      expect(saidIn(events)).toBe(`${hash} done`.repeat(count));
      expect(JSON.stringify(events)).not.toContain(secret);
      expect(JSON.stringify(await hub.host.api.session({ params: { id } }))).not.toContain(secret);
    }
    expect(placesOfSecret([hub.home, hub.userHome, nas.home, nas.userHome])).toEqual([]);
  };
  await saidByAll(1);
  await hub.stopKeeping();
  await hub.start();
  await until('the node is back', async () => {
    const { nodes } = await hub.host.api.nodes();
    return nodes.some(({ id, state }) => id === nas.id && state === 'online');
  });
  await saidByAll(2);
});
