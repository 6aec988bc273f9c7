/** The command line of the hub's own program (I5, I12). */
import { parseArgs } from 'node:util';
import { NavisError } from '@navisai/protocol';

export interface Flags {
  /** Talks to the person in this terminal: prints the pairing link, asks about who knocks. */
  foreground: boolean;
  port?: number;
  home?: string;
  /** Ends the terminal hosts that a dead hub left behind, then leaves. */
  endHosts: boolean;
  help: boolean;
}

export const usage = `Usage: navis-hub [--foreground] [--port=N] [--home=FOLDER] [--end-hosts]

  --foreground   talk to the person in this terminal
  --port=N       listen on this port (0: any free one); beats the configuration
  --home=FOLDER  where everything is kept; beats NAVIS_HOME
  --end-hosts    end the terminals that a dead hub left behind, and leave
`;

/** Throws NavisError INVALID_ARGUMENT naming the flag. */
export const parseFlags = (given: readonly string[]): Flags => {
  const { values } = parseStrictly(given);
  const port = values.port === undefined ? undefined : parsePort(values.port);
  if (values.home === '') throw new NavisError('INVALID_ARGUMENT', '--home must name a folder.', { field: 'home' });
  return {
    foreground: values.foreground ?? false,
    endHosts: values['end-hosts'] ?? false,
    help: values.help ?? false,
    ...(port === undefined ? {} : { port }),
    ...(values.home === undefined ? {} : { home: values.home }),
  };
};

const parseStrictly = (given: readonly string[]) => {
  try {
    return parseArgs({
      args: [...given],
      strict: true,
      allowPositionals: false,
      options: {
        foreground: { type: 'boolean' },
        port: { type: 'string' },
        home: { type: 'string' },
        'end-hosts': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The flags are not valid.';
    throw new NavisError('INVALID_ARGUMENT', message, { cause: error });
  }
};

const parsePort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new NavisError(
      'INVALID_ARGUMENT',
      `--port must be a whole number from 0 to 65535, not ${JSON.stringify(text.slice(0, 40))}.`,
      {
        field: 'port',
      },
    );
  return port;
};
