/** Turns a pairing link into a device: key, request, waiting for a person, identity (I14). */
import { createDeviceKey } from '@navisai/client';
import type { Api, DeviceKey } from '@navisai/client';
import { NavisError, pairingShortCode } from '@navisai/protocol';
import type { RouteResponse } from '@navisai/protocol';
import type { DeviceStorage, PairedDevice, PendingPairing } from '../device/device-storage.ts';
import type { PairingEnd, PairingState } from './pairing.types.ts';

export interface PairingOptions {
  api: Pick<Api, 'status' | 'pairingRequest' | 'pairingStatus'>;
  storage: Pick<DeviceStorage, 'readPending' | 'writePending' | 'forgetPending'>;
  /** From the link's fragment. */
  token: string | undefined;
  onState: (state: PairingState) => void;
  /** Resolves after a pause; rejects when the page is left. */
  wait: (milliseconds: number) => Promise<void>;
  now?: () => number;
  createKey?: () => Promise<DeviceKey>;
}

const pollMs = 1_000;
const pollSlowlyMs = 4_000;
/** So many polls without an answer are worth telling the person. */
const maxSilentPolls = 3;
/** The hub decides when a request has expired; without an answer of it, this much later is surely too late. */
const silenceMs = 60_000;

export class Pairing {
  readonly #options: PairingOptions;
  #token: string | undefined;

  constructor(options: PairingOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  /** Continues a request that a reload interrupted, unless there is a new link. */
  async start(): Promise<void> {
    const pending = await this.#options.storage.readPending();
    if (this.#token !== undefined) this.#tell({ kind: 'naming', problem: undefined });
    else if (pending === undefined) this.#tell({ kind: 'noToken' });
    else await this.#follow(pending);
  }

  /** Asks to become a device of this name; settles when a person has decided. */
  async request(name: string): Promise<void> {
    if (this.#token === undefined) return;
    this.#tell({ kind: 'requesting' });
    try {
      const pending = await this.#ask(this.#token, name);
      if (pending === undefined) return;
      await this.#options.storage.writePending(pending);
      this.#token = undefined;
      await this.#follow(pending);
    } catch (error) {
      if (isVoidLink(error)) this.#end('linkVoid');
      else this.#tell({ kind: 'naming', problem: describeProblem(error) });
    }
  }

  async #ask(token: string, name: string): Promise<PendingPairing | undefined> {
    const { api } = this.#options;
    const key = await this.#createKey();
    if (key === undefined) return undefined;
    const { hubId } = await api.status();
    const answer = await api.pairingRequest({ body: { token, name, kind: 'browser', publicKey: key.publicKey } });
    const shortCode = await pairingShortCode({ hubId, token, publicKey: key.publicKey });
    if (shortCode !== answer.shortCode) {
      this.#end('foreignCode');
      return undefined;
    }
    return { ...answer, name, hubId, keyPair: key.keyPair };
  }

  async #createKey(): Promise<DeviceKey | undefined> {
    try {
      return await (this.#options.createKey ?? createDeviceKey)();
    } catch {
      this.#end('noEd25519');
      return undefined;
    }
  }

  async #follow(pending: PendingPairing): Promise<void> {
    const { name, shortCode, expiresAt } = pending;
    for (let silentPolls = 0; ;) {
      this.#tell({ kind: 'waiting', name, shortCode, expiresAt, isHubSilent: silentPolls >= maxSilentPolls });
      const answer = await this.#poll(pending);
      if (answer !== undefined && answer.state !== 'pending') return this.#decided(pending, answer);
      silentPolls = answer === undefined ? silentPolls + 1 : 0;
      if (answer === undefined && this.#now() > Date.parse(expiresAt) + silenceMs) return this.#end('expired');
      await this.#options.wait(answer === undefined ? pollSlowlyMs : pollMs);
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** `undefined` when the hub gave no answer that decides anything. */
  async #poll({ pairingId }: PendingPairing): Promise<RouteResponse<'pairingStatus'> | undefined> {
    try {
      return await this.#options.api.pairingStatus({ body: { pairingId } });
    } catch (error) {
      return error instanceof NavisError && error.code === 'NOT_FOUND' ? { state: 'expired' } : undefined;
    }
  }

  async #decided(pending: PendingPairing, answer: RouteResponse<'pairingStatus'>): Promise<void> {
    if (answer.state !== 'approved' || answer.device === undefined) {
      await this.#options.storage.forgetPending();
      this.#end(answer.state === 'rejected' ? 'rejected' : 'expired');
      return;
    }
    const { id, name, scope } = answer.device;
    const device: PairedDevice = { deviceId: id, hubId: pending.hubId, name, scope, keyPair: pending.keyPair };
    this.#tell({ kind: 'paired', device });
  }

  #end(reason: PairingEnd): void {
    this.#token = undefined;
    this.#tell({ kind: 'ended', reason });
  }

  #tell(state: PairingState): void {
    this.#options.onState(state);
  }
}

/** Wrong, used, expired and replaced tokens are all answered alike. */
const isVoidLink = (error: unknown): boolean =>
  error instanceof NavisError && ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'].includes(error.code);

const describeProblem = (error: unknown): string => {
  if (!(error instanceof NavisError)) return 'Something went wrong in this browser. Try again.';
  switch (error.code) {
    case 'CONFLICT':
      return 'Another device is being paired at this moment. Decide about that one first, then try again.';
    case 'RATE_LIMITED':
      return 'Too many attempts. Wait a minute, then try again.';
    case 'HUB_UNREACHABLE':
      return 'The hub does not answer. Check that it runs, then try again.';
    default:
      return error.message;
  }
};
