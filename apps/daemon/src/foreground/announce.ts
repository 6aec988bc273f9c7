/** What a foreground hub prints when it is up: where it is, how to pair, what goes on from before (I14). */
import { pairingTokenMinutes, type TerminalInfo } from '@navisai/protocol';
import { renderUnicodeCompact } from 'uqr';
import type { RunningHub } from '../start-hub.ts';
import type { Console } from './console.ts';
import { printable } from './printable.ts';

export interface Announcement {
  hub: RunningHub;
  console: Console;
  /** How this person calls the CLI. */
  commandName: string;
}

const maxNamesShown = 8;

export const announce = async ({ hub, console, commandName }: Announcement): Promise<void> => {
  const { colors, print } = console;
  const { services, origin } = hub;
  const { problems } = services.hub.status();
  print();
  print(colors.bold('Navis is running'));
  print();
  print(`${colors.dim('Open  ')}  ${colors.cyan(origin)}`);
  print(
    `${colors.dim('Trust ')}  ${commandName} trust   ${colors.dim('once, so that browsers accept its certificate')}`,
  );
  print(
    `${colors.dim('Stop  ')}  Ctrl-C         ${colors.dim('ends its terminals too;')} ${commandName} restart ${colors.dim('keeps them')}`,
  );
  print();
  for (const remark of hub.remarks) print(colors.yellow(remark));
  for (const { what, remedy } of problems) print(colors.yellow(`${what} ${remedy}`));
  const terminals = services.hub.machine.terminals().filter(({ status }) => status === 'busy');
  if (terminals.length > 0) print(`Still running from before: ${nameTerminals(terminals)}`);
  if (problems.length > 0) return;
  if (services.devices.hasPaired()) print(colors.dim(`Pair another browser or phone: ${commandName} pair`));
  else await showPairingLink({ hub, console, commandName });
  print();
};

export const showPairingLink = async ({ hub, console }: Announcement): Promise<void> => {
  const { colors, print } = console;
  const { url } = await hub.services.pairing.open({ scope: 'admin' });
  print(`Pair a browser: open this link, or scan it ${colors.dim(`(valid for ${pairingTokenMinutes} minutes)`)}`);
  print();
  print(colors.cyan(url));
  print();
  print(renderUnicodeCompact(url, { border: 1 }));
  if (console.isInteractive) print(colors.dim('Another link: press Enter.'));
};

/** `web, build and 3 more`. */
export const nameTerminals = (terminals: readonly TerminalInfo[]): string => {
  const names = terminals.slice(0, maxNamesShown).map(({ name }) => printable(name));
  const more = terminals.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
};
