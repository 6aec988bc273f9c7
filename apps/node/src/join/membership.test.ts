/** Whose approvals count on a node is pinned when it joins (N12). */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@navisai/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMembership, rememberMembership } from './membership.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'navis-membership-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newOwner = () => ({ deviceId: newId('device'), publicKey: 'k'.repeat(43) });
const candidacy = (secret?: string) => ({
  nodeId: 'nas',
  hubId: 'h'.repeat(43),
  hubUrl: 'https://navis.local',
  membership: undefined,
  secret,
});

test('N12: the first owner that the proven hub tells is kept for this account alone, and only another join brings another', () => {
  const path = join(folder, 'node.json');
  const [first, second] = [newOwner(), newOwner()];
  // A hub of before tells none.
  rememberMembership(path, candidacy('one'), { name: 'nas', owner: undefined });
  expect(readMembership(path)?.owner).toBeUndefined();
  rememberMembership(path, candidacy(), { name: 'nas', owner: first });
  expect(readMembership(path)?.owner).toEqual(first);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  rememberMembership(path, candidacy(), { name: 'renamed', owner: second });
  expect(readMembership(path)).toMatchObject({ name: 'renamed', owner: first });
  rememberMembership(path, candidacy('one'), { name: 'nas', owner: second });
  expect(readMembership(path)?.owner).toEqual(first);
  rememberMembership(path, candidacy('two'), { name: 'nas', owner: second });
  expect(readMembership(path)?.owner).toEqual(second);
  expect(readFileSync(path, 'utf8')).not.toContain('two');
});
