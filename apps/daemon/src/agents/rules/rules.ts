/** Standing decisions of people: who may make one, which are in force, and what shows a machine that they were made (A2, N12). */
import { statementOf, verifyAuthority } from '@navisai/policy';
import type { Owner, Place, VerifySignature } from '@navisai/policy';
import {
  NavisError,
  scopeIncludes,
  type BoundCall,
  type Device,
  type Risk,
  type Rule,
  type SignedText,
} from '@navisai/protocol';
import type { SignedRule, StoreKeeper, StoreFeed, StoreWriter } from '@navisai/store';
import type { KnownDevice } from '../../authentication/authenticate.ts';
import type { Devices } from '../../services/devices.ts';
import { authorityOf } from './authorities.ts';

export interface RulesParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  devices: Pick<Devices, 'find'>;
  owner: Owner;
  verify: VerifySignature;
  now: () => number;
}

export interface Rules {
  /** Of this user, as far as the device that made them still is one. */
  inForce(userId: string): Promise<SignedRule[]>;
  /** What the device may see. */
  list(device: Device): Promise<Rule[]>;
  /** Rejects NavisError FORBIDDEN or INVALID_REQUEST. */
  add(device: Device, signed: SignedText): Promise<Rule>;
  remove(device: Device, id: string): Promise<void>;
  /** The rule in a statement, if this device may make it. Throws NavisError. */
  judge(device: Device, signed: SignedText): Rule;
  /** Within a transaction. Rejects CONFLICT for an id that was used. */
  keep(writer: StoreWriter, rule: SignedRule): Promise<void>;
  onAdded(listener: (rule: Rule) => void): void;
  /** After a transaction with `keep`. */
  added(rule: Rule): void;
}

/** Of what a device says about the time. */
const clockToleranceMs = 10 * 60_000;

export const createRules = (parts: RulesParts): Rules => {
  const { keeper, feed, devices, now } = parts;
  const listeners = new Set<(rule: Rule) => void>();
  const time = (): string => new Date(now()).toISOString();
  const added = (rule: Rule): void => {
    for (const listener of listeners) listener(rule);
  };

  const keep = async (writer: StoreWriter, rule: SignedRule): Promise<void> => {
    if (!(await writer.rules.add(rule))) throw new NavisError('CONFLICT', 'There is or was a rule of this id.');
  };

  return {
    async inForce(userId) {
      const all = await keeper.store.read.rules.inForce(time());
      // What a device said that is none any more counts no longer.
      return all.filter(({ rule }) => rule.userId === userId && devices.find(rule.createdBy) !== undefined);
    },
    async list(device) {
      const all = await keeper.store.read.rules.inForce(time());
      const rules = all.map(({ rule }) => rule).filter(({ createdBy }) => devices.find(createdBy) !== undefined);
      return scopeIncludes(device.scope, 'admin') ? rules : rules.filter(({ userId }) => userId === device.userId);
    },
    judge: (device, signed) => judgeRule(parts, device, signed),
    keep,
    async add(device, signed) {
      const rule = judgeRule(parts, device, signed);
      await feed.transaction((writer) => keep(writer, { rule, signed }));
      added(rule);
      return rule;
    },
    async remove(device, id) {
      const found = await keeper.store.read.rules.get(id);
      const mayRemove = scopeIncludes(device.scope, 'admin') || found?.rule.userId === device.userId;
      const removed =
        found !== undefined && mayRemove && (await feed.transaction(({ rules }) => rules.remove(id, time())));
      if (!removed) throw new NavisError('NOT_FOUND', 'There is no such rule.');
    },
    onAdded: (listener) => void listeners.add(listener),
    added,
  };
};

const judgeRule = ({ owner, verify, devices, now }: RulesParts, device: Device, signed: SignedText): Rule => {
  const stated = signedStatement({ owner, verify, devices }, device, signed);
  if (stated.statement !== 'navis.rule.v1') throw invalid('is not the statement of a rule');
  const { rule, at } = stated;
  if (Math.abs(Date.parse(at) - now()) > clockToleranceMs) throw invalid('was not signed now');
  if (rule.createdBy !== device.id) throw invalid('was made by another device');
  if (rule.userId !== device.userId && !scopeIncludes(device.scope, 'admin'))
    throw new NavisError('FORBIDDEN', 'Only an admin makes rules for others.');
  if (rule.expiresAt !== null && Date.parse(rule.expiresAt) <= now()) throw invalid('has expired already');
  return rule;
};

export const invalid = (what: string): NavisError =>
  new NavisError('INVALID_REQUEST', `signed: the statement ${what}.`, { field: 'signed' });

/** The statement, if this very device signed it. Throws NavisError INVALID_REQUEST or FORBIDDEN. */
export const signedStatement = (
  { owner, verify, devices }: Pick<RulesParts, 'owner' | 'verify' | 'devices'>,
  device: Device,
  signed: SignedText,
) => {
  if (signed.deviceId !== device.id) throw new NavisError('FORBIDDEN', 'The statement was signed by another device.');
  const key = device.id === owner.deviceId ? owner.publicKey : publicKeyOf(devices.find(device.id));
  const { text, signature } = signed;
  if (key === undefined || !verify({ publicKey: key, text, signature }))
    throw new NavisError('FORBIDDEN', 'The signature of the statement is not that of this device.');
  const stated = statementOf(signed, owner.hubId);
  if (!stated.ok) throw invalid(`is not right: ${stated.reason}`);
  return stated.value;
};

const publicKeyOf = (known: KnownDevice | undefined): string | undefined => known?.key.export({ format: 'jwk' }).x;

/** What shows the rule to a machine; null where no machine would accept it for this call. */
export const authorityByRule = async (
  { keeper, owner, verify, now }: Pick<RulesParts, 'keeper' | 'owner' | 'verify' | 'now'>,
  { rule, call, risk, place }: { rule: SignedRule; call: BoundCall; risk?: Risk | undefined; place: Place },
) => {
  const authority = await authorityOf(keeper.store.read, { signed: rule.signed, ownerId: owner.deviceId });
  const answer = verifyAuthority({ authority, owner, call, risk, isUnmasked: false, place, verify, nowMs: now() });
  return answer.kind === 'refused' ? null : authority;
};
