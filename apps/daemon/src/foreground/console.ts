/** The terminal in which a foreground hub talks to the person. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { createColors } from 'picocolors';

type Colors = ReturnType<typeof createColors>;

export interface Console extends Disposable {
  /** A person may answer here. */
  readonly isInteractive: boolean;
  readonly colors: Colors;
  print(text?: string): void;
  /** Lines that the person types; `undefined` never comes when nobody can. */
  onLine(listener: (line: string) => void): void;
}

export interface ConsoleStreams {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean };
  isPlain: boolean;
}

export const openConsole = ({ input, output, isPlain }: ConsoleStreams): Console => {
  const isInteractive = input.isTTY === true && output.isTTY === true;
  const colors = createColors(output.isTTY === true && !isPlain);
  // Whoever started the hub may close its output and go on without it.
  output.on('error', () => undefined);
  // Line by line, so that Ctrl-C stays the terminal's own.
  const lines = isInteractive ? createInterface({ input, terminal: false }) : undefined;
  return {
    isInteractive,
    colors,
    print: (text = '') => void output.write(text === '' ? '\n' : `  ${text.replaceAll('\n', '\n  ')}\n`),
    onLine: (listener) => void lines?.on('line', listener),
    [Symbol.dispose]() {
      lines?.close();
    },
  };
};
