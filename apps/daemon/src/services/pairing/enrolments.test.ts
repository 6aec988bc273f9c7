/** Whose key a device has is said by who approved it, or by the host (N12, I14). */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifySignature } from '@navisai/machine';
import { signerOf, statementOf } from '@navisai/policy';
import { type Device, type EnrolmentStatement, newId, type SignedText, statementText } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, StoreKeeper } from '@navisai/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Enrolments } from './enrolments.ts';

const hubId = 'h'.repeat(43);
const at = '2026-01-01T00:00:00.000Z';
let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'navis-enrolments-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newDevice = (facts: Partial<Device> = {}) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const device: Device = {
    id: newId('device'),
    name: 'd',
    kind: 'browser',
    userId: 'u_owner',
    scope: 'admin',
    createdAt: at,
    lastSeenAt: null,
    revokedAt: null,
    ...facts,
  };
  const signText = (text: string): string => sign(null, Buffer.from(text), privateKey).toString('base64');
  return { device, publicKey: String(publicKey.export({ format: 'jwk' }).x), signText };
};
type TestDevice = ReturnType<typeof newDevice>;

const statement = ({ device, publicKey }: TestDevice, facts: Partial<EnrolmentStatement> = {}): EnrolmentStatement => {
  const { id: deviceId, scope, userId } = device;
  return { statement: 'navis.enrolment.v1', hubId, deviceId, publicKey, scope, userId, at, ...facts };
};
const signedBy = ({ device, signText }: TestDevice, given: EnrolmentStatement): SignedText => {
  const text = statementText(given);
  return { text, signature: signText(text), deviceId: device.id };
};

const host = newDevice({ kind: 'host' });
const owner = { deviceId: host.device.id, publicKey: host.publicKey, hubId };

const open = async () => {
  const keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'store.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  const enrolments = new Enrolments({ owner, sign: host.signText, verify: verifySignature, now: Date.now });
  const add = ({ device, publicKey }: TestDevice) =>
    feed.transaction(({ devices }) => devices.create({ device, publicKey }));
  const chains = async (device: TestDevice): Promise<boolean> => {
    const kept = await keeper.store.read.enrolments.list();
    const text = 'anything';
    const signed = { text, signature: device.signText(text), deviceId: device.device.id };
    return signerOf(signed, { owner, enrolments: kept.map((one) => one.signed), verify: verifySignature }).ok;
  };
  return { keeper, feed, enrolments, add, chains, [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose]() };
};

test('N12: a device is enrolled by who approved it, and what it signs chains to the owner', async () => {
  await using place = await open();
  const [phone, tablet, laptop] = [newDevice(), newDevice(), newDevice({ scope: 'operator' })];
  const keep = (one: TestDevice, by: TestDevice, signed?: SignedText) =>
    place.feed.transaction((writer) =>
      place.enrolments.keep(writer, { device: one.device, publicKey: one.publicKey, by: by.device, signed }),
    );
  for (const device of [phone, tablet, laptop]) await place.add(device);
  await keep(phone, host);
  await keep(tablet, phone, signedBy(phone, statement(tablet)));
  expect([await place.chains(phone), await place.chains(tablet), await place.chains(laptop)]).toEqual([
    true,
    true,
    false,
  ]);
  const wrong: SignedText[] = [
    signedBy(tablet, statement(laptop)),
    { ...signedBy(tablet, statement(laptop)), deviceId: phone.device.id },
    signedBy(phone, statement(laptop, { scope: 'admin' })),
    signedBy(phone, statement(laptop, { publicKey: tablet.publicKey })),
    signedBy(phone, statement(laptop, { deviceId: tablet.device.id })),
    signedBy(phone, statement(laptop, { userId: 'u_x' })),
    signedBy(phone, statement(laptop, { hubId: 'x' })),
  ];
  for (const signed of wrong) await expect(keep(laptop, phone, signed)).rejects.toThrow(/enrolment/);
  expect(await place.chains(laptop)).toBe(false);
});

test('N12: devices of before are enrolled by the host, those that were revoked are not', async () => {
  await using place = await open();
  const [old, revoked] = [newDevice(), newDevice()];
  await place.add(old);
  await place.add(revoked);
  await place.feed.transaction(({ devices }) => devices.revoke(revoked.device.id, at));
  await place.enrolments.addMissing(place.keeper.store, place.feed);
  expect([await place.chains(old), await place.chains(revoked)]).toEqual([true, false]);
  const kept = await place.keeper.store.read.enrolments.get(old.device.id);
  if (kept === undefined) throw new Error('it is not enrolled');
  expect(statementOf(kept, hubId)).toMatchObject({ ok: true, value: { deviceId: old.device.id, scope: 'admin' } });
  await place.enrolments.addMissing(place.keeper.store, place.feed);
  expect(await place.keeper.store.read.enrolments.get(old.device.id)).toEqual(kept);
});

test('N12: what a device enrolled that is revoked now is vouched for by the host, and by nobody else', async () => {
  await using place = await open();
  const [phone, tablet] = [newDevice(), newDevice()];
  for (const device of [phone, tablet]) await place.add(device);
  await place.feed.transaction(async (writer) => {
    const { device, publicKey } = phone;
    await place.enrolments.keep(writer, { device, publicKey, by: host.device, signed: undefined });
    const signed = signedBy(phone, statement(tablet));
    const enrolled = { device: tablet.device, publicKey: tablet.publicKey, by: phone.device, signed };
    await place.enrolments.keep(writer, enrolled);
  });
  await place.feed.transaction(({ devices }) => devices.revoke(phone.device.id, at));
  await place.enrolments.addMissing(place.keeper.store, place.feed);
  expect((await place.keeper.store.read.enrolments.get(tablet.device.id))?.deviceId).toBe(host.device.id);
  const kept = (await place.keeper.store.read.enrolments.list()).map(({ signed }) => signed);
  const text = 'anything';
  const said = { text, signature: tablet.signText(text), deviceId: tablet.device.id };
  const isRevoked = (id: string): boolean => id === phone.device.id;
  expect(signerOf(said, { owner, enrolments: kept, verify: verifySignature, isRevoked }).ok).toBe(true);
});
