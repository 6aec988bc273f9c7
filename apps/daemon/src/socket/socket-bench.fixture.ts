/** A hub in this process with a scripted machine: for tests of the wire that must say exactly which bytes come when. */
import { newId } from '@navisai/protocol';
import type { Scope, TerminalInfo } from '@navisai/protocol';
import { createTestHome, openHostClient, pairDevice } from '@navisai/testkit';
import type { HostClient, PairedDevice } from '@navisai/testkit';
import { composeConfig } from '../settings/config.ts';
import { parseFlags } from '../settings/flags.ts';
import { startHub } from '../start-hub.ts';
import type { RunningHub } from '../start-hub.ts';
import { openRawSocket } from './raw-socket.fixture.ts';
import type { RawSocket, RawSocketOptions } from './raw-socket.fixture.ts';
import { ScriptedMachine } from './scripted-machine.fixture.ts';
import type { ScriptedTerminal } from './scripted-machine.fixture.ts';

export interface SocketBench extends AsyncDisposable {
  readonly hub: RunningHub;
  readonly origin: string;
  readonly machine: ScriptedMachine;
  readonly host: HostClient['connection'];
  readonly hostSigner: HostClient['signer'];
  readonly sessionId: string;
  open(options?: Partial<RawSocketOptions>): Promise<RawSocket>;
  pair(scope: Scope): Promise<PairedDevice>;
  addTerminal(): ScriptedTerminal;
}

export const startSocketBench = async (): Promise<SocketBench> => {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await createTestHome());
  const machine = new ScriptedMachine();
  const hub = await startHub({
    config: composeConfig({ flags: parseFlags([`--home=${place.home}`, '--port=0']), variables: {} }),
    version: '0.0.0',
    createMachine: async () => machine.asMachine(),
  });
  opened.defer(() => hub.stop({ keep: false }));
  const origin = hub.origin.replace('localhost', '127.0.0.1');
  const { connection: host, signer: hostSigner, ca } = await openHostClient({ home: place.home, origin });
  opened.defer(() => host.close());
  const { id: sessionId } = await host.api.createSession({ body: {} });
  const kept = opened.move();
  return {
    hub,
    origin,
    machine,
    host,
    hostSigner,
    sessionId,
    open: (options = {}) => openRawSocket({ origin, ca, signer: hostSigner, ...options }),
    pair: (scope) => pairDevice(host, { home: place.home, origin, scope }),
    addTerminal: () => machine.add(describeTerminal(sessionId)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

const describeTerminal = (sessionId: string): TerminalInfo => {
  const at = new Date().toISOString();
  const id = newId('terminal');
  const facts = { id, sessionId, name: id.slice(2), description: 'scripted', command: 'cat', nodeId: 'main' };
  const life = { status: 'busy' as const, background: true, keepAlive: true, pid: 1, startedAt: at, uptime: 0 };
  const end = { lastActivityAt: at, exitCode: null, signal: null, exitedAt: null, reason: null };
  const view = { columns: 120, rows: 40, title: '', controller: null, viewers: 0 };
  return { ...facts, ...life, ...end, ...view, firstOffset: 0, endOffset: 0 };
};
