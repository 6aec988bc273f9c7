/** A full disk: files are as they were, nothing half is left, and calls that give space back are never refused (N7, P5). */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { CallJournal } from './call-journal.ts';
import { canMountDisk, mountSmallDisk } from './small-disk.fixture.ts';
import type { SmallDisk } from './small-disk.fixture.ts';
import { makeLocalTarget } from './terminal-target.fixture.ts';

const makeDisk = (kibibytes: number): SmallDisk => {
  const disk = mountSmallDisk(kibibytes);
  if (disk === null) throw new Error('There is no disk.');
  onTestFinished(() => disk[Symbol.dispose]());
  return disk;
};

test.skipIf(!canMountDisk)('P5: a full disk leaves files as they were, without half ones beside them', async () => {
  const disk = makeDisk(8192);
  await using target = await makeLocalTarget();
  const files = (input: Record<string, unknown>) => target.session().call(input, { tool: 'filesystem' });
  const path = join(disk.path, 'file');
  writeFileSync(path, 'old content\n'.repeat(20_000));
  const before = readFileSync(path, 'utf8');
  writeFileSync(join(target.home, 'large'), Buffer.alloc(3_000_000));
  disk.fill();
  const names = readdirSync(disk.path);
  const refused = {
    success: false,
    error: { code: 'FILE_REFUSED', message: expect.stringContaining('full') as string },
  };
  expect(await files({ action: 'write', path, content: 'n'.repeat(1_000_000) })).toMatchObject(refused);
  const edits = [{ find: 'old', replace: 'new', count: 20_000 }];
  expect(await files({ action: 'edit', path, edits })).toMatchObject(refused);
  const copy = { action: 'copy', path: '~/large', to: path, overwrite: true };
  expect(await files(copy)).toMatchObject(refused);
  const bytes = Buffer.alloc(500_000, 'x');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const finish = { sizeBytes: bytes.length, sha256, mode: 0o600, overwrite: true };
  const piece = {
    sessionId: newId('session'),
    userId: 'u',
    origin: 'person',
    transferId: newId('call'),
    path,
  } as const;
  const arriving = target.machine.writeFile({ ...piece, offset: 0, bytes, finish });
  await expect(arriving).rejects.toMatchObject({ code: 'FILE_REFUSED' });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(readdirSync(disk.path)).toEqual(names);
  disk.free();
  expect(await files({ action: 'edit', path, edits })).toMatchObject({ success: true });
});

test.skipIf(!canMountDisk)(
  'N7: on a full disk hundreds of calls are still recorded, and then refused before they act',
  () => {
    const disk = makeDisk(512);
    const path = join(disk.path, 'state/calls.journal');
    using journal = new CallJournal({ path });
    journal.open();
    disk.fill();
    const keyOf = (index: number) => ({ sessionId: 's_test', callId: `call${index}` });
    let recorded = 0;
    const refused = (): unknown => {
      for (; recorded < 5000; recorded += 1) {
        try {
          journal.begin(keyOf(recorded));
        } catch (error) {
          return error;
        }
        journal.end(keyOf(recorded), { success: true, output: 'x'.repeat(200), metadata: {} });
      }
      return null;
    };
    expect(refused()).toMatchObject({ code: 'SPAWN_FAILED', message: expect.stringContaining('full') as string });
    expect(recorded).toBeGreaterThan(300);
    using next = new CallJournal({ path });
    for (let index = 0; index < recorded; index += 1) expect(next.find(keyOf(index))).not.toBeNull();
    disk.free();
    next.begin(keyOf(recorded));
  },
);

test.skipIf(!canMountDisk)(
  'N7: what gives space back is done on a full disk when it cannot even be recorded',
  async () => {
    const disk = makeDisk(32 * 1024);
    await using target = await makeLocalTarget({ stateDirectory: join(disk.path, 'state') });
    const session = target.session();
    const files = (input: Record<string, unknown>) => session.call(input, { tool: 'filesystem' });
    const victim = join(target.home, 'victim');
    writeFileSync(victim, 'x');
    // Its hosts have started.
    expect(await session.run('true')).toMatchObject({ success: true });
    disk.fill();
    const unrecorded = async (): Promise<boolean> => {
      const { error } = await files({ action: 'move', path: 'missing', to: 'nowhere' });
      return error?.code === 'SPAWN_FAILED';
    };
    for (let call = 0; !(await unrecorded()); call += 1) expect(call).toBeLessThan(5000);
    const result = await files({ action: 'delete', path: victim });
    expect(result).toMatchObject({ success: true });
    expect(result.metadata.warnings?.[0]).toContain('could not be recorded');
    expect(existsSync(victim)).toBe(false);
    disk.free();
  },
);
