/** Which session a command means: the one that `--session` names, else the person's default session. */
import type { Api } from '@navisai/client';
import type { Flags } from '../command-line/command.types.ts';
import { usageError } from '../output/command-error.ts';

export const sessionFlag = {
  session: {
    type: 'text',
    short: 's',
    placeholder: '<id>',
    maxLength: 64,
    completes: 'sessions',
    summary: 'Session to work in; default: your own default session.',
  },
} as const satisfies Flags;

const sessionIdPattern = /^s_[0-9a-z]{4,40}$/;

/** Throws a usage error for what can be no session id. */
export const checkSessionId = (given: string, shown = '--session'): string => {
  if (!sessionIdPattern.test(given))
    throw usageError(`${shown} must be a session id such as s_4k2m…`, 'See: navisai sessions list');
  return given;
};

/** The id that was given, or the default session's (made on first use). */
export const resolveSession = async (api: Api, given: string | undefined): Promise<string> =>
  given === undefined ? (await api.defaultSession()).id : checkSessionId(given);
