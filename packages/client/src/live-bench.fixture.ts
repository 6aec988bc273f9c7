/** A client on the model hub, and what it saw: for tests of the live connection with fake time. */
import type { HubEvent } from '@navisai/protocol';
import { vi } from 'vitest';
import { createLive } from './live.ts';
import type { EventCursor, Live } from './live.types.ts';
import { modelSession, modelTerminal } from './model-hub.fixture.ts';
import type { ModelHub } from './model-hub.fixture.ts';
import type { Signer } from './signer.ts';
import type { TerminalView, TerminalViewOptions } from './terminal-view.types.ts';

export const signer: Signer = { deviceId: 'd_0000', hubId: 'hub', sign: async () => `${'A'.repeat(86)}==` };
export const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
export const connect = (hub: ModelHub): Live =>
  createLive({ origin: 'https://hub', signer, sockets: hub.network.transport, link: { random: () => 1 } });

export const rename = (title: string) => ({
  type: 'session.update' as const,
  data: { change: 'renamed', reason: title },
});
const titleOf = (event: HubEvent): string => (event.type === 'session.update' ? (event.data.reason ?? '') : '');

export interface Followed {
  titles: string[];
  resets: EventCursor[];
}

export const follow = (live: Live, cursor?: EventCursor): Followed => {
  const followed: Followed = { titles: [], resets: [] };
  live.followSession(
    modelSession,
    {
      onEvent: (event) => followed.titles.push(titleOf(event)),
      onReset: (reset) => {
        followed.titles = [];
        followed.resets.push(reset);
      },
    },
    cursor,
  );
  return followed;
};

export interface Seen {
  view: TerminalView;
  /** The screen's text, then every byte after it. */
  text: string;
  breaks: string[];
}

export const look = (live: Live, options: Partial<TerminalViewOptions> = {}, consume?: () => Promise<void>): Seen => {
  let next: number | undefined;
  const seen = { text: '', breaks: [] as string[] };
  const view = live.viewTerminal(
    { terminalId: modelTerminal, ...options },
    {
      onReset: (snapshot) => {
        seen.text = snapshot.data;
        next = snapshot.offset;
      },
      onBytes: ({ offset, bytes }) => {
        if (next !== undefined && offset !== next) seen.breaks.push(`${offset} after ${next}`);
        next = offset + bytes.length;
        seen.text += new TextDecoder().decode(bytes);
        return consume?.();
      },
    },
  );
  return Object.assign(seen, { view });
};
