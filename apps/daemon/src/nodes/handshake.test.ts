/** What the documents say about the signatures of nodes is what is checked (I13). */
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { nodeLinkSigningText } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { importPublicKey } from '../authentication/authenticate.ts';

test('I13: the published vector of a node verifies, and its text is made of its parts', () => {
  const page = readFileSync(new URL('../../../../docs/authentication.md', import.meta.url), 'utf8');
  const { publicKey, nodeLink } = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '') as {
    publicKey: string;
    nodeLink: Parameters<typeof nodeLinkSigningText>[0] & { text: string; signature: string };
  };
  const { text, signature, ...facts } = nodeLink;
  expect(nodeLinkSigningText(facts)).toBe(text);
  const isGenuine = (signed: string): boolean =>
    verify(null, Buffer.from(signed), importPublicKey(publicKey), Buffer.from(signature, 'base64'));
  expect(isGenuine(text)).toBe(true);
  expect(isGenuine(nodeLinkSigningText({ ...facts, role: 'hub' }))).toBe(false);
});
