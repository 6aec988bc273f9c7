/** An owner, and devices that chain to it, who sign what a test wants (N12). */
import { generateKeyPairSync, sign } from 'node:crypto';
import { newId, statementText } from '@navisai/protocol';
import type { BoundCall, CallAuthority, EnrolmentStatement, Rule, SignedText, Statement } from '@navisai/protocol';

export const testHubId = 'h'.repeat(43);

export interface TestDevice {
  deviceId: string;
  publicKey: string;
  sign(statement: Statement): SignedText;
  enrol(other: TestDevice, facts?: Partial<EnrolmentStatement>): SignedText;
}

export const newTestDevice = (): TestDevice => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const device: TestDevice = {
    deviceId: newId('device'),
    publicKey: String(publicKey.export({ format: 'jwk' }).x),
    sign(statement) {
      const text = statementText(statement);
      const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
      return { text, signature, deviceId: device.deviceId };
    },
    enrol: (other, facts = {}) =>
      device.sign({
        statement: 'navis.enrolment.v1',
        hubId: testHubId,
        deviceId: other.deviceId,
        publicKey: other.publicKey,
        scope: 'operator',
        userId: 'u_test0',
        at: new Date().toISOString(),
        ...facts,
      }),
  };
  return device;
};

export const approvalOf = (
  call: BoundCall,
  facts: { isUnmasked?: boolean; expiresAt?: string; at?: string; hubId?: string } = {},
): Statement => ({
  statement: 'navis.approval.v1',
  hubId: testHubId,
  approvalId: newId('approval'),
  call,
  isUnmasked: false,
  at: new Date().toISOString(),
  expiresAt: new Date(Date.now() + 60_000).toISOString(),
  ...facts,
});

export const ruleOf = (by: TestDevice, facts: Partial<Rule> = {}): Statement => ({
  statement: 'navis.rule.v1',
  hubId: testHubId,
  at: new Date().toISOString(),
  rule: {
    id: newId('rule'),
    effect: 'allow',
    matcher: { tools: ['terminal', 'filesystem'] },
    nodes: null,
    sessionId: null,
    userId: 'u_test0',
    description: '',
    createdAt: new Date().toISOString(),
    expiresAt: null,
    createdBy: by.deviceId,
    ...facts,
  },
});

export const revocationsOf = (devices: readonly TestDevice[], facts: { hubId?: string } = {}): Statement => ({
  statement: 'navis.revocations.v1',
  hubId: testHubId,
  devices: devices.map(({ deviceId }) => deviceId),
  at: new Date().toISOString(),
  ...facts,
});

const owner = newTestDevice();
export const testOwner = {
  ...owner,
  owner: { deviceId: owner.deviceId, publicKey: owner.publicKey, hubId: testHubId },
  approve: (call: BoundCall, facts: Parameters<typeof approvalOf>[1] = {}): CallAuthority => ({
    signed: owner.sign(approvalOf(call, facts)),
    enrolments: [],
  }),
};
