/** The home screen of a real hub: what two clients do shows on a third, also after the hub was gone. */
import { createSession, openTerminal, startHub, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { connectHub } from './connect-hub.ts';
import { createHome } from './home.ts';

test('T20, I8: sessions, terminals, approvals and devices are followed live, and true again after a kill of the hub', async () => {
  await using hub = await startHub();
  const { api } = hub.host;
  const client = await hub.connect();
  const home = createHome({ api: client.api, live: client.live() });
  await until('the lists come', () => home.state.isLoaded);
  expect(home.state).toMatchObject({ sessions: [], error: null, status: { status: 'ok' } });
  const sessionId = await createSession(api);
  const terminal = await openTerminal(api, { sessionId, name: 'web', command: 'cat' });
  await until('the terminal shows', () => home.state.sessions[0]?.terminals[0]?.name === 'web');
  const phone = await hub.pair({ scope: 'operator', name: 'phone' });
  await until('the phone shows', () => home.state.devices.some(({ name }) => name === 'phone'));
  expect(home.state.approvals[0]).toMatchObject({ kind: 'pairing', state: 'approved' });
  await hub.kill();
  await until('the loss shows', () => home.state.link.kind === 'reconnecting');
  await hub.start();
  await api.callTool({ params: { id: sessionId, tool: 'terminal' }, body: { action: 'close', terminal_name: 'web' } });
  await api.changeSession({ params: { id: sessionId }, body: { title: 'renamed' } });
  await until('the change shows', () => home.state.sessions[0]?.title === 'renamed');
  await until('the terminal is gone', () => home.state.sessions[0]?.terminals.length === 0);
  expect(home.state.sessions[0]?.terminals.map(({ id }) => id)).not.toContain(terminal.id);
  await api.closeSession({ params: { id: sessionId } });
  await until('the session is gone', () => home.state.sessions.length === 0);
  phone.connection.close();
  home.close();
});

test('W1: sessions are shown while the live connection is still being made', async () => {
  await using hub = await startHub();
  const sessionId = await createSession(hub.host.api);
  await openTerminal(hub.host.api, { sessionId, name: 'web', command: 'cat' });
  const { api, origin, signer } = await hub.connect();
  const unanswered = connectHub({ origin, signer, sockets: () => new Promise(() => {}) });
  const home = createHome({ api, live: unanswered.live() });
  await until('the terminal shows', () => home.state.sessions[0]?.terminals[0]?.name === 'web');
  expect(home.state).toMatchObject({ isLoaded: false, link: { kind: 'connecting' } });
  home.close();
  unanswered.close();
});
