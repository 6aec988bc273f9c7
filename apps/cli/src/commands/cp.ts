/** `navisai cp`: files from machine to machine, through the hub and never held in its memory. */
import { maxPathLength } from '@navisai/protocol';
import { defineCommand } from '../command-line/command.types.ts';
import { copyFiles } from '../copy/copy-files.ts';
import { parseLocation } from '../copy/location.ts';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { withHub } from '../hub/connect.ts';
import { resolveSession, sessionFlag } from '../hub/session.ts';
import { printable } from '../output/printable.ts';

export const cp = defineCommand({
  summary: 'Copy files between machines.',
  details:
    "A path with the name of a node before it (node:path) is on that node, relative ones begin in the home of its account there; main: is the hub's own machine. A path alone is on this machine. Into a directory that is there the file keeps its name. The target is put in place as a whole or not at all. Between two nodes single files go, of any size, through the hub, which holds only pieces of them. A machine that is no node (after navisai login) can fetch files of any size, and send files up to 1 MiB.",
  examples: [
    { command: 'navisai cp report.pdf nas:documents/', note: 'to a node' },
    { command: 'navisai cp nas:/var/log/syslog .', note: 'from a node' },
    { command: 'navisai cp web-1:/etc/hosts web-2:/tmp/hosts', note: 'between two nodes' },
    { command: 'navisai cp -r nas:photos nas:/backup/photos', note: 'a directory, on one node' },
  ],
  flags: {
    recursive: { type: 'boolean', short: 'r', summary: 'A directory with all that is in it.' },
    'no-clobber': { type: 'boolean', short: 'n', summary: 'Refuse to replace a file that is there.' },
    parents: { type: 'boolean', short: 'p', summary: 'Make missing directories of the target.' },
    ...sessionFlag,
  },
  positionals: [
    { name: 'from', summary: 'What to copy: [node:]path.', completes: 'places', maxLength: maxPathLength },
    { name: 'to', summary: 'Where to: [node:]path.', completes: 'places', maxLength: maxPathLength },
  ],
  async run({ flags, positionals, output }) {
    const from = parseLocation(positionals.from ?? '', '<from>');
    const to = parseLocation(positionals.to ?? '', '<to>');
    const isHubHere = (await chooseHub(readEnvironment())) === undefined;
    return withHub(async ({ api }) => {
      const copied = await copyFiles({
        api,
        sessionId: await resolveSession(api, flags.session),
        from,
        to,
        recursive: flags.recursive,
        overwrite: !flags['no-clobber'],
        createParents: flags.parents,
        isHubHere,
      });
      for (const warning of copied.warnings) output.remark(`navisai: ${printable(warning)}`);
      output.result(copied, () => {
        const size = copied.bytes === undefined ? '' : `  (${copied.bytes} bytes)`;
        return `${printable(copied.from)} → ${printable(copied.to)}${size}`;
      });
    });
  },
});
