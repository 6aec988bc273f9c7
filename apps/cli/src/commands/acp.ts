/** `navisai acp`: the hub's agents in an editor. */
import { defineCommand } from '../command-line/command.types.ts';
import { withHub } from '../hub/connect.ts';
import { nodeFlag, resolveNode } from '../nodes/find-node.ts';

export const acp = defineCommand({
  summary: 'Be an agent of the Agent Client Protocol on stdin and stdout, for an editor.',
  details: `Each session of the editor is a conversation of the hub: it shows in the browser too, its terminals live on, and what waits for your approval can be answered in the editor or on any of your devices.`,
  examples: [
    { command: 'navisai acp', note: 'as the command of an agent in an editor' },
    { command: 'navisai acp --profile server_admin --node nas', note: 'an agent for another machine' },
  ],
  flags: {
    profile: { type: 'text', short: 'p', placeholder: '<id>', maxLength: 64, summary: 'Profile of the agent.' },
    ...nodeFlag,
  },
  run: ({ flags }) =>
    withHub(async (hub) => {
      const nodeId = await resolveNode(hub.api, flags.node);
      const { version } = await hub.api.status();
      const { serveAcp } = await import('../acp/serve-acp.ts');
      await serveAcp({ hub, profile: flags.profile, nodeId, version, input: process.stdin, output: process.stdout });
    }),
});
