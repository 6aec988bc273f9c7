/** Which session a command means: the one that `--session` names, else the person's default session. */
import type { Api } from '@navisai/client';
import type { Flags, TextFormat } from '../command-line/command.types.ts';

export const sessionIdFormat = {
  pattern: /^s_[0-9a-z]{4,40}$/,
  meaning: 'a session id such as s_4k2m…',
  remedy: 'See: navisai sessions list',
} as const satisfies TextFormat;

export const sessionFlag = {
  session: {
    type: 'text',
    short: 's',
    placeholder: '<id>',
    maxLength: 64,
    format: sessionIdFormat,
    completes: 'sessions',
    summary: 'Session to work in; default: your own default session.',
  },
} as const satisfies Flags;

/** The id that was given, or the default session's (made on first use). */
export const resolveSession = async (api: Api, given: string | undefined): Promise<string> =>
  given === undefined ? (await api.defaultSession()).id : given;
