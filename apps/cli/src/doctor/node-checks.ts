/** Whether every node is connected, and whether what limits it can be enforced (N3, N12). */
import { openLocalHub } from '../hub/connect.ts';
import { sinceText } from '../nodes/node-lines.ts';
import type { Check, Finding } from './check.types.ts';

const deadlineMs = 5_000;

export const checkNodes: Check = async ({ condition, environment: { home } }) => {
  if (condition?.kind !== 'running') return [];
  const check = 'nodes';
  try {
    const hub = await openLocalHub(home);
    const { nodes } = await hub.api.nodes({}, { timeoutMs: deadlineMs });
    hub.close();
    const others = nodes.filter(({ state }) => state === 'online' || state === 'offline');
    const offline = others.filter(({ state }) => state === 'offline');
    const message = `${others.length - offline.length} online, ${offline.length} offline`;
    const unenforced = others.filter(({ restricted, platform }) => restricted && platform?.sandbox === 'none');
    return [
      { check, state: 'ok', message },
      ...offline.map((node): Finding => {
        const since = sinceText(node);
        return {
          check,
          state: 'warning',
          message: `${node.name} is offline${since === '-' ? '' : `, last seen ${since} ago`}`,
          remedy: 'On that machine: navisai node status, navisai node logs',
        };
      }),
      ...unenforced.map(({ name }): Finding => ({
        check,
        state: 'problem',
        message: `${name} has a policy that nothing there can enforce, so it refuses to run anything`,
        remedy: 'On that machine install bubblewrap',
      })),
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check, state: 'problem', message, remedy: 'navisai logs' }];
  }
};
