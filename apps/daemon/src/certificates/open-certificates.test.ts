/** The local CA and the hub's certificate: private, constrained, renewed, replaced by the operator's own (I3). */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { newTestHome } from '../hub-bench.fixture.ts';
import { type CertifiedNames, localNames, namesOf } from './certified-names.ts';
import { makeAuthority, makeLeaf } from './make-certificates.ts';
import { openCertificates } from './open-certificates.ts';

const now = new Date();
const dayMs = 24 * 60 * 60 * 1000;
const open = (folder: string, at = now, names: CertifiedNames = localNames) =>
  openCertificates({ folder, names, operator: undefined, now: at });

/** What a client that trusts `ca` says when it is shown this certificate under `servername`. */
const connectTo = async (
  pair: { certificate: string; key: string },
  { ca, servername }: { ca: string; servername: string },
) => {
  const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect({ host: '127.0.0.1', port, ca, servername });
  const outcome = await once(socket, 'secureConnect').then(
    () => 'trusted',
    (error: Error) => error.message,
  );
  socket.destroy();
  server.close();
  return outcome;
};

test('I3: a client that trusts the CA trusts the hub under its local names, and keys are private', async () => {
  using home = newTestHome();
  const made = await open(home.path);
  for (const servername of ['localhost', 'navis.local'])
    expect(await connectTo(made, { ca: made.authority, servername })).toBe('trusted');
  const leaf = new X509Certificate(made.certificate);
  expect(leaf.subjectAltName).toBe('DNS:navis.local, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(leaf.validToDate.getTime() - leaf.validFromDate.getTime()).toBeLessThanOrEqual(398 * dayMs);
  for (const name of readdirSync(home.path)) {
    expect(statSync(join(home.path, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home.path, name), 'utf8').endsWith('-----\n')).toBe(true);
  }
});

test('I3: the CA can vouch for no other name: a certificate for one is not trusted', async () => {
  const authority = await makeAuthority(now);
  const evil = await makeLeaf(authority, now, { dns: ['bank.example'], ip: [] });
  expect(await connectTo(evil, { ca: authority.certificate, servername: 'bank.example' })).toBe(
    'permitted subtree violation',
  );
  const address = await makeLeaf(authority, now, { dns: ['localhost'], ip: ['10.0.0.1'] });
  expect(await connectTo(address, { ca: authority.certificate, servername: 'localhost' })).toBe(
    'permitted subtree violation',
  );
});

test('I3: strict verification by OpenSSL accepts both certificates', async () => {
  using home = newTestHome();
  await open(home.path);
  const files = ['-CAfile', join(home.path, 'navis.local-ca.crt'), join(home.path, 'navis.local.crt')];
  expect(execFileSync('openssl', ['verify', '-x509_strict', ...files], { encoding: 'utf8' })).toContain('OK');
  const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', join(home.path, 'navis.local-ca.crt')], {
    encoding: 'utf8',
  });
  expect(text).toContain('X509v3 Name Constraints: critical');
});

test('I3: both are kept; the certificate is renewed in time by the same CA', async () => {
  using home = newTestHome();
  const first = await open(home.path);
  expect(await open(home.path)).toMatchObject({ certificate: first.certificate, authority: first.authority });
  const later = await open(home.path, new Date(now.getTime() + 340 * dayMs));
  expect(later.authority).toBe(first.authority);
  expect(later.certificate).not.toBe(first.certificate);
  expect(later.remarks).toEqual([]);
});

test('I3: damaged files are made anew, and the person is told when it was the CA', async () => {
  using home = newTestHome();
  const first = await open(home.path);
  writeFileSync(join(home.path, 'navis.local.key'), 'damaged');
  const second = await open(home.path);
  expect(second.authority).toBe(first.authority);
  expect(second.remarks).toEqual([]);
  writeFileSync(join(home.path, 'navis.local-ca.key'), second.key);
  const third = await open(home.path);
  expect(third.authority).not.toBe(first.authority);
  expect(third.remarks).toHaveLength(1);
  expect(await connectTo(third, { ca: third.authority, servername: 'localhost' })).toBe('trusted');
});

test('I3: the operator’s own certificate is served; one that cannot be used is a clear error', async () => {
  using home = newTestHome();
  const authority = await makeAuthority(now);
  const own = await makeLeaf(authority, now);
  const operator = { certificateFile: join(home.path, 'own.crt'), keyFile: join(home.path, 'own.key') };
  const openOwn = () => openCertificates({ folder: home.path, names: localNames, operator, now });
  await expect(openOwn()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'certificate' });
  writeFileSync(operator.certificateFile, own.certificate);
  writeFileSync(operator.keyFile, own.key);
  expect(await openOwn()).toMatchObject({ operator: own });
  writeFileSync(operator.keyFile, (await makeLeaf(authority, now)).key);
  await expect(openOwn()).rejects.toMatchObject({ field: 'certificate' });
});

test('I3: the certificate holds the names and addresses that the configuration names, and only those', async () => {
  using home = newTestHome();
  const first = await open(home.path);
  const more = namesOf({
    listen: ['192.168.7.2', '0.0.0.0', '127.0.0.5', '2001:db8:0:0::5'],
    origins: ['https://hub.example.com', 'https://192.168.7.2:8443', 'https://[2001:db8::6]'],
  });
  expect(more).toEqual({
    dns: ['navis.local', 'localhost', 'hub.example.com'],
    ip: ['127.0.0.1', '::1', '192.168.7.2', '2001:db8::5', '2001:db8::6'],
  });
  const second = await open(home.path, now, more);
  expect(second.authority).not.toBe(first.authority);
  expect(second.remarks).toEqual([expect.stringContaining('Trust it anew')]);
  const leaf = new X509Certificate(second.certificate);
  expect(leaf.checkIP('192.168.7.2')).toBe('192.168.7.2');
  expect(leaf.checkIP('2001:db8::6')).toBe('2001:db8::6');
  expect(await connectTo(second, { ca: second.authority, servername: 'hub.example.com' })).toBe('trusted');
  const files = ['-CAfile', join(home.path, 'navis.local-ca.crt'), join(home.path, 'navis.local.crt')];
  expect(execFileSync('openssl', ['verify', '-x509_strict', ...files], { encoding: 'utf8' })).toContain('OK');
  // The same names again, in another order: nothing new. Fewer: a new certificate by the same CA.
  const again = await open(home.path, now, { dns: more.dns.toReversed(), ip: more.ip.toReversed() });
  expect(again.certificate).toBe(second.certificate);
  const fewer = await open(home.path);
  expect(fewer).toMatchObject({ authority: second.authority, remarks: [] });
  expect(new X509Certificate(fewer.certificate).checkHost('hub.example.com')).toBeUndefined();
});

test('I3: as many long names as the configuration takes fit into the constraints', async () => {
  using home = newTestHome();
  const label = 'a'.repeat(63);
  const origins = Array.from({ length: 50 }, (_, index) => `https://n${index}.${label}.${label}.${label}`);
  const names = namesOf({ listen: [], origins });
  const made = await open(home.path, now, names);
  const servername = new URL(origins[49] ?? '').hostname;
  expect(await connectTo(made, { ca: made.authority, servername })).toBe('trusted');
  expect(await open(home.path, now, names)).toMatchObject({ certificate: made.certificate, remarks: [] });
});
