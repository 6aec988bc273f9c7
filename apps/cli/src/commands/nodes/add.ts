/** `navisai nodes add` and `nodes rekey`: a one-time key for a machine (N2). */
import { nodeKeyHours } from '@navisai/protocol';
import { defineCommand, type Flags } from '../../command-line/command.types.ts';
import { withHub } from '../../hub/connect.ts';
import { findNode, nodePositional } from '../../nodes/find-node.ts';
import { printInvitation, waitForNode } from '../../nodes/invitation.ts';
import { parseLabels } from '../../nodes/labels.ts';
import { usageError } from '../../output/command-error.ts';
import { printable } from '../../output/printable.ts';

const waitFlags = {
  wait: { type: 'boolean', short: 'w', summary: 'Wait until the node is connected.' },
  timeout: {
    type: 'number',
    placeholder: '<seconds>',
    min: 1,
    max: nodeKeyHours * 3600,
    summary: 'Bounds --wait; default: as long as the key works.',
  },
} as const satisfies Flags;

const checkWait = (flags: { wait: boolean; timeout: number | undefined }): void => {
  if (flags.timeout !== undefined && !flags.wait) throw usageError('--timeout bounds --wait, which was not given.');
};

export const add = defineCommand({
  summary: 'Invite another machine; prints the line to paste there.',
  details: `The line holds a one-time key that works for ${nodeKeyHours} hours and enrols one machine. With --json: {"id","key","command"}; with --wait as well, the exit code then tells whether the node came.`,
  examples: [
    { command: 'navisai nodes add web-1', note: 'then paste the line on that machine' },
    { command: 'navisai nodes add web-1 --label role=web --label env=prod', note: 'labels to choose nodes by' },
    { command: 'navisai nodes add nas --wait', note: 'stay until it is connected' },
  ],
  flags: {
    label: {
      type: 'texts',
      short: 'l',
      placeholder: '<key=value>',
      completes: 'labels',
      maxLength: 1000,
      maxCount: 32,
      summary: 'A label of the node; may be given several times.',
    },
    ...waitFlags,
  },
  positionals: [
    {
      name: 'name',
      summary: 'Name of the new node.',
      maxLength: 1000,
      format: {
        pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        meaning: '1 to 63 characters of A-Z a-z 0-9 . _ - that begin with a letter or digit',
      },
    },
  ],
  run({ flags, positionals, output }) {
    checkWait(flags);
    const labels = parseLabels(flags.label, '--label');
    return withHub(async ({ api }) => {
      const after = (await api.status()).serverTime;
      const invitation = await api.addNode({ body: { name: positionals.name ?? '', labels } });
      const { name, id } = invitation.node;
      printInvitation(invitation, output, `The node ${printable(name)} is invited.`);
      return flags.wait ? waitForNode({ api, id, after, output, timeoutSeconds: flags.timeout }) : 0;
    });
  },
});

export const rekey = defineCommand({
  summary: 'A new one-time key, for a machine that was made anew.',
  details: 'The machine that has the name now goes on working until the new key is used.',
  examples: [{ command: 'navisai nodes rekey web-1', note: 'after reinstalling it' }],
  flags: waitFlags,
  positionals: [nodePositional],
  run({ flags, positionals, output }) {
    checkWait(flags);
    return withHub(async ({ api }) => {
      const after = (await api.status()).serverTime;
      const { id, name } = await findNode(api, positionals.node ?? '');
      const invitation = await api.rekeyNode({ params: { id } });
      printInvitation(invitation, output, `A new key for the node ${printable(name)}.`);
      return flags.wait ? waitForNode({ api, id, after, output, timeoutSeconds: flags.timeout }) : 0;
    });
  },
});
