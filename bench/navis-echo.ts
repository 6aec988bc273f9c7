/** Navis as an echo path: `cat` in a terminal, viewed and typed into over the live connection. */
import type { BenchHub } from './bench-hub.ts';
import type { EchoPath } from './peers/echo.ts';
import { within } from './measure.ts';

export const navisEcho = async (hub: BenchHub): Promise<EchoPath> => {
  const terminal = await hub.openTerminal('cat');
  let listener: (data: Buffer) => void = () => undefined;
  const inControl = Promise.withResolvers<void>();
  // What is typed before the first screen may come back as a part of it.
  const screen = Promise.withResolvers<void>();
  const connection = await hub.connect();
  const view = connection.live().viewTerminal(
    { terminalId: terminal.terminalId, control: 'always' },
    {
      onReset: () => screen.resolve(),
      onBytes: ({ bytes }) => listener(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      onControl: ({ isMine }) => (isMine ? inControl.resolve() : undefined),
    },
  );
  await within(10_000, 'taking control', inControl.promise);
  await within(10_000, 'the screen', screen.promise);
  return {
    write: (text) => {
      const outcome = view.input(text);
      if (outcome !== 'sent') throw new Error(`the key was not sent: ${outcome}`);
    },
    onData: (next) => (listener = next),
    async [Symbol.asyncDispose]() {
      view.close();
      connection.close();
    },
  };
};
