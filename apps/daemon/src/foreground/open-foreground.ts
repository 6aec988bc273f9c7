/** A hub that runs in the person's own terminal: says what to do, asks who may come in, says good-bye. */
import type { StopHow } from '../run/stop.ts';
import type { Config } from '../settings/config.ts';
import type { RunningHub } from '../start-hub.ts';
import { announce, nameTerminals } from './announce.ts';
import { askToPair } from './ask-to-pair.ts';
import { openConsole } from './console.ts';

export interface Foreground extends Disposable {
  onStopping(how: StopHow): void;
  onStopped(): void;
}

export const openForeground = async (hub: RunningHub, config: Config): Promise<Foreground> => {
  using opened = new DisposableStack();
  const console = opened.use(openConsole({ input: process.stdin, output: process.stdout, isPlain: config.isPlain }));
  const announcement = { hub, console, commandName: config.commandName };
  await announce(announcement);
  opened.use(askToPair(announcement));
  const kept = opened.move();
  return {
    onStopping({ keep }) {
      const terminals = hub.services.hub.machine.terminals().filter(({ status }) => status === 'busy');
      console.print();
      if (terminals.length === 0) console.print('Stopping.');
      else if (keep) console.print(`Stopping; these terminals go on: ${nameTerminals(terminals)}`);
      else console.print(`Ending the hub with its terminals: ${nameTerminals(terminals)}`);
    },
    onStopped: () => console.print('Navis has stopped.'),
    [Symbol.dispose]: () => kept.dispose(),
  };
};
