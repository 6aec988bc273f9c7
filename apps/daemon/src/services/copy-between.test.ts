/** Files go from one node to another through the hub: as a whole, or not at all (N4, N6). */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFaultProxy, startHub, startNode, until } from '@navisai/testkit';
import { expect, test } from 'vitest';

test('a file goes to a node and back, and what must not be overwritten stays', { timeout: 180_000 }, async () => {
  await using hub = await startHub();
  await using nas = await startNode(hub, { name: 'nas' });
  const { id } = await hub.host.api.createSession({ body: {} });
  const copy = (facts: Record<string, unknown>) =>
    hub.host.api.callTool({ params: { id, tool: 'filesystem' }, body: { action: 'copy', ...facts } });
  const content = randomBytes(3 * 1024 * 1024 + 17);
  await writeFile(join(hub.userHome, 'big.bin'), content);
  const request = { path: '~/big.bin', to: '~/copy.bin', to_node_id: 'nas', call_id: 'copy-once-1' };
  const there = await copy(request);
  expect(there).toMatchObject({ success: true, metadata: { bytes: content.length, to_node_id: nas.id } });
  expect((await readFile(join(nas.userHome, 'copy.bin'))).equals(content)).toBe(true);
  expect(await copy(request)).toEqual(there);
  expect(await copy({ ...request, call_id: undefined })).toMatchObject({ success: false });
  expect(await copy({ ...request, call_id: undefined, overwrite: true })).toMatchObject({ success: true });
  const back = await copy({ path: '~/copy.bin', to: '~/back.bin', node_id: 'nas', to_node_id: 'main' });
  expect(back).toMatchObject({ success: true, metadata: { node_id: nas.id } });
  expect((await readFile(join(hub.userHome, 'back.bin'))).equals(content)).toBe(true);
  const { events } = await hub.host.api.sessionEvents({ params: { id }, query: {} });
  expect(events.filter(({ type }) => type === 'tool_started').length).toBeGreaterThanOrEqual(4);
  const refused = [
    [{ path: '~/none', to: '~/x', to_node_id: 'nas' }, 'FILE_NOT_FOUND'],
    [{ path: '~/big.bin', to: '~/x', to_node_id: 'nobody' }, 'NODE_UNKNOWN'],
    [{ path: '~/big.bin', to: '~/x', to_node_id: 'nas', recursive: true }, 'INVALID_ARGUMENT'],
    [{ path: '~/big.bin', to_node_id: 'nas' }, 'INVALID_ARGUMENT'],
  ] as const;
  for (const [facts, code] of refused) expect(await copy(facts)).toMatchObject({ success: false, error: { code } });
});

test(
  'a copy goes on over a link that is cut, ends when it is told to, and leaves nothing half done',
  { timeout: 180_000 },
  async () => {
    await using hub = await startHub();
    await using proxy = await startFaultProxy(hub.port);
    await using nas = await startNode(hub, { name: 'nas', origin: `https://127.0.0.1:${proxy.port}` });
    const { id } = await hub.host.api.createSession({ body: {} });
    const copy = (facts: Record<string, unknown>) =>
      hub.host.api.callTool({ params: { id, tool: 'filesystem' }, body: { action: 'copy', ...facts } });
    const content = randomBytes(24 * 1024 * 1024 + 3);
    await writeFile(join(hub.userHome, 'big.bin'), content);
    const before = proxy.carriedDown;
    const copying = copy({ path: '~/big.bin', to: '~/copy.bin', to_node_id: 'nas' });
    for (const share of [0.2, 0.5, 0.8]) {
      await until('some of it is there', () => proxy.carriedDown - before > content.length * share);
      proxy.cutAll();
    }
    expect(await copying).toMatchObject({ success: true, metadata: { bytes: content.length } });
    expect((await readFile(join(nas.userHome, 'copy.bin'))).equals(content)).toBe(true);

    const stopped = copy({ path: '~/big.bin', to: '~/stopped.bin', to_node_id: 'nas', call_id: 'stopped-copy' });
    const begun = proxy.carriedDown;
    await until('it has begun', () => proxy.carriedDown > begun + 1024 * 1024);
    await hub.host.api.signalCall({ params: { id, callId: 'stopped-copy' }, body: { signal: 'SIGINT' } });
    expect(await stopped).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
    await expect(readFile(join(nas.userHome, 'stopped.bin'))).rejects.toMatchObject({ code: 'ENOENT' });
    // The same call goes on where it stopped.
    const again = await copy({ path: '~/big.bin', to: '~/stopped.bin', to_node_id: 'nas', call_id: 'stopped-copy' });
    expect(again).toMatchObject({ success: true });
    expect((await readFile(join(nas.userHome, 'stopped.bin'))).equals(content)).toBe(true);
  },
);
