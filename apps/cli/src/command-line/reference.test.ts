import { fileURLToPath } from 'node:url';
import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { isGroup } from './command.types.ts';
import { helpOf } from './help.ts';
import { overview } from './overview.ts';

const plain = createColors(false);
const file = fileURLToPath(new URL('../../../../docs/cli/reference.md', import.meta.url));

const section = (title: string, text: string): string => `${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`;

/** After a change of commands: `npm run unit -- -u reference`. */
test('I12: docs/cli/reference.md is the help of every command', async () => {
  const parts = [
    '# The command line\n\nGenerated from the definitions of the commands. `navisai <command> --help` shows the same.\n',
    section('## navisai', overview(plain)),
  ];
  for (const [name, entry] of Object.entries(commands)) {
    const node = await entry.load();
    parts.push(section(`## ${name}`, helpOf(node, name, plain)));
    if (!isGroup(node)) continue;
    for (const [sub, command] of Object.entries(node.commands))
      parts.push(section(`### ${name} ${sub}`, helpOf(command, `${name} ${sub}`, plain)));
  }
  await expect(parts.join('\n')).toMatchFileSnapshot(file);
});
