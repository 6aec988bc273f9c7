/** What a person may not do with names and labels of nodes, and with `main`; each throws NavisError. */
import { type Labels, labelsSchema, mainNodeId, NavisError } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';

export const nameTaken = (name: string): NavisError =>
  new NavisError('CONFLICT', `There is a node called ${name} already.`, { field: 'name' });

/** A name must not look like the id of a node: both are accepted wherever a node is named. */
export const requireFreeForm = (name: string): void => {
  if (name === mainNodeId || name.startsWith('n_'))
    throw new NavisError('INVALID_REQUEST', 'name: is kept for the hub: choose another.', { field: 'name' });
};

export const requireRemote = (record: NodeRecord): void => {
  if (record.id === mainNodeId)
    throw new NavisError('CONFLICT', 'That cannot be done with main, the machine of the hub itself.');
};

export const mergeLabels = (before: Labels, change: Record<string, string | null>): Labels => {
  const merged = Object.fromEntries(
    Object.entries({ ...before, ...change }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const parsed = labelsSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new NavisError('INVALID_REQUEST', `labels: ${parsed.error.issues[0]?.message ?? 'are not valid'}.`, {
    field: 'labels',
  });
};
