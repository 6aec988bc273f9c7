/** What is shown as the node of an agent is the one that the hub uses (N5, P4). */
import { expect, test } from 'vitest';
import { agentNode } from './agent-node.ts';

const known = {
  profiles: [{ id: 'developer' }, { id: 'there', node_id: 'nas' }, { id: 'lost', node_id: 'gone' }],
  nodes: [
    { id: 'main', name: 'main' },
    { id: 'n_1', name: 'nas' },
    { id: 'n_2', name: 'lab' },
  ],
};

test.each([
  ['developer', null, 'main', 'main'],
  ['developer', 'n_2', 'n_2', 'lab'],
  ['there', null, 'n_1', 'nas'],
  ['there', 'main', 'main', 'main'],
  ['lost', null, 'gone', 'gone'],
  ['not loaded yet', null, 'main', 'main'],
])('P4: of the profile %s and the own node %s it is %s, called %s', (profile, nodeId, id, name) => {
  expect(agentNode({ profile, nodeId }, known)).toEqual({ id, name });
});
