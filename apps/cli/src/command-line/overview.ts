/** The help of `navisai` itself: every command with its purpose. */
import { commands } from '../commands/index.ts';
import type { Output } from '../output/output.ts';
import { block } from './help.ts';

export const overview = (colors: Output['colors']): string => {
  const sections = [...new Set(Object.values(commands).map(({ section }) => section))];
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'Navis: terminals on your machines that survive everything, in the CLI and in the browser.',
    `${colors.bold('Usage')}\n  navisai <command> [flags]`,
    ...sections.map((section) =>
      block(
        section,
        Object.entries(commands)
          .filter(([, entry]) => entry.section === section)
          .map(([name, { summary }]) => [name.padEnd(width), summary] as const),
        colors,
      ),
    ),
    [
      colors.bold('Examples'),
      `  ${colors.dim('# start the hub, pair a browser, open a terminal that survives')}`,
      '  navisai up',
      '  navisai pair',
      '  navisai terminal open web --description "dev server" -- npm run dev',
      '  navisai attach web',
    ].join('\n'),
    'Every command takes --json and --help. State lives in ~/.navis or $NAVIS_HOME.',
  ].join('\n\n');
};
