/** Tells what becomes of the link: once to the person, in the log, and in `run/node.json`. */
import type { Logger } from 'pino';
import type { Candidacy } from '../join/membership.ts';
import type { HubLinkState } from '../link/hub-link.ts';
import type { Settings } from '../settings/settings.ts';
import { type RunningFile, tellThatItRuns } from './running-file.ts';

export interface TellParts {
  settings: Settings;
  candidacy: Candidacy;
  version: string;
  log: Logger;
  logFile: string;
  say(text: string): void;
}

export interface StateTeller extends Disposable {
  state(state: HubLinkState): void;
}

/** Until it is disposed, `run/node.json` says that the node runs. */
export const tellState = (parts: TellParts): StateTeller => {
  const { candidacy, version, log, logFile, say } = parts;
  const { nodeId, hubId, hubUrl } = candidacy;
  const at = new Date().toISOString();
  const name = candidacy.membership?.name ?? null;
  const facts = { version, startedAt: at, nodeId, name, hubUrl, hubId, since: at, reason: null, epoch: null, logFile };
  const onProblem = (error: unknown): void => log.error({ err: error }, 'run/node.json could not be written');
  const file = tellThatItRuns(parts.settings.folder.runningFile, { ...facts, state: 'connecting' }, onProblem);
  log.info({ nodeId, hubUrl, pid: process.pid, version }, 'the node is up');
  let lastReason = '';
  return {
    state(state) {
      if (state.kind === 'connected') lastReason = '';
      else if (state.kind === 'reconnecting') {
        // One attempt after the other fails for the same reason.
        if (state.reason === lastReason) return;
        lastReason = state.reason;
      }
      tellOnce(state, { file, hubUrl, log, say });
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
};

const tellOnce = (
  state: HubLinkState,
  { file, hubUrl, log, say }: Pick<TellParts, 'log' | 'say'> & { file: RunningFile; hubUrl: string },
): void => {
  const since = new Date().toISOString();
  switch (state.kind) {
    case 'connecting':
      return;
    case 'connected': {
      const { name, epoch } = state;
      file.update({ state: 'connected', since, reason: null, name, epoch });
      log.info({ name, epoch, hubUrl }, 'connected');
      say(`Node ${name} is connected to ${hubUrl}.`);
      return;
    }
    case 'reconnecting':
      file.update({ state: 'reconnecting', since, reason: state.reason });
      log.warn({ reason: state.reason, hubUrl }, 'not connected');
      say(`Not connected to ${hubUrl}: ${state.reason}. Trying again.`);
  }
};
