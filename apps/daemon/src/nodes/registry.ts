/** The nodes of this hub: invited, enrolled, named, revoked, forgotten; every change is an event of the hub (N2, N3). */
import {
  type Ceiling,
  formatNodeKey,
  type Labels,
  mainNodeId,
  NavisError,
  newId,
  nodeKeyHours,
  type NodeInfo,
  type nodeChanges,
} from '@navisai/protocol';
import {
  hubStream,
  type NewEvent,
  type NodeChange,
  type NodeEnrolment,
  type NodeRecord,
  type StoreFeed,
  type StoreKeeper,
  type StoreWriter,
} from '@navisai/store';
import { createListeners } from '../services/listeners.ts';
import { describeNode, type NodePresence } from './describe-node.ts';
import { newMainRecord } from './main-node.ts';
import { hashSecret, newSecret } from './node-key.ts';
import { mergeLabels, nameTaken, requireFreeForm, requireRemote } from './registry-rules.ts';
import { WriteBatch } from './write-batch.ts';

type Change = (typeof nodeChanges)[number];

export interface NodeInvitation {
  node: NodeInfo;
  key: string;
  command: string;
}

export interface NodeEdit {
  name?: string | undefined;
  /** Null removes a label. */
  labels?: Record<string, string | null> | undefined;
  draining?: boolean | undefined;
}

/** The node is refused from now on. */
export interface NodeGone {
  nodeId: string;
  why: 'revoked' | 'removed' | 'left';
}

export interface RegistryParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  hubId: string;
  now: () => number;
  /** Where nodes dial to. */
  origin: () => string;
  presenceOf(nodeId: string): NodePresence | undefined;
}

export class NodeRegistry {
  readonly #parts: RegistryParts;
  readonly #byId = new Map<string, NodeRecord>();
  readonly #idByName = new Map<string, string>();
  readonly #gone = createListeners<NodeGone>();
  /** What nodes cause by connecting. */
  readonly #batch: WriteBatch;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#batch = new WriteBatch(parts.feed);
  }

  /** Told after the change is on disk. */
  get onGone(): (listener: (gone: NodeGone) => void) => () => void {
    return this.#gone.add;
  }

  /** Reads the nodes of the store; to be called when it was opened. */
  async load(): Promise<void> {
    const { keeper, feed } = this.#parts;
    const records = await keeper.store.read.nodes.list();
    this.#byId.clear();
    this.#idByName.clear();
    const known = records.find(({ id }) => id === mainNodeId);
    const main = known ?? newMainRecord(this.#at());
    // First, whatever the clock said when it was made: the map's order is the order of lists.
    this.#learn(main);
    for (const record of records) this.#learn(record);
    if (known !== undefined) return;
    // A store that cannot be written has it in memory only.
    if (keeper.problem() === undefined) await feed.transaction((writer) => writer.nodes.create(main));
  }

  /** By id or by name. */
  find(idOrName: string): NodeRecord | undefined {
    return this.#byId.get(idOrName) ?? this.#byId.get(this.#idByName.get(idOrName) ?? '');
  }

  /** Throws NavisError NOT_FOUND. */
  require(idOrName: string): NodeRecord {
    const record = this.find(idOrName);
    if (record === undefined) throw new NavisError('NOT_FOUND', 'There is no such node.');
    return record;
  }

  describe(record: NodeRecord): NodeInfo {
    return describeNode(record, this.#parts.presenceOf(record.id));
  }

  /** `main` first, then by age; `after` and `next` are last ids of pages. Throws NavisError NOT_FOUND for a strange one. */
  page({ after, limit = Number.POSITIVE_INFINITY }: { after?: string | undefined; limit?: number | undefined }) {
    const records: NodeRecord[] = [];
    let isAfter = after === undefined;
    for (const record of this.#byId.values()) {
      if (isAfter && records.length === limit) return { records, next: records.at(-1)?.id ?? null };
      if (isAfter) records.push(record);
      else isAfter = record.id === after;
    }
    if (!isAfter) throw new NavisError('NOT_FOUND', 'There is no such node.');
    return { records, next: null };
  }

  async add({ name, labels = {} }: { name: string; labels?: Labels | undefined }): Promise<NodeInvitation> {
    requireFreeForm(name);
    const secret = newSecret();
    const record: NodeRecord = {
      ...newMainRecord(this.#at()),
      id: newId('node'),
      name,
      labels,
      key: this.#keyOf(secret),
      enrolledAt: null,
    };
    await this.#parts.feed.transaction(async (writer) => {
      if (!(await writer.nodes.create(record))) throw nameTaken(name);
      await this.#tell(writer, record, ['added']);
    });
    this.#learn(record);
    return this.#invite(record, secret);
  }

  async change(record: NodeRecord, { name, labels, draining }: NodeEdit): Promise<NodeRecord> {
    if (name !== undefined && name !== record.name) {
      if (record.id === mainNodeId) throw new NavisError('CONFLICT', 'The hub’s own machine is always called main.');
      requireFreeForm(name);
    }
    const change: NodeChange = {
      ...(name === undefined ? {} : { name }),
      ...(labels === undefined ? {} : { labels: mergeLabels(record.labels, labels) }),
      ...(draining === undefined ? {} : { draining }),
    };
    const told: Change[] = [];
    if (name !== undefined) told.push('renamed');
    if (labels !== undefined) told.push('labelled');
    if (draining !== undefined) told.push('draining');
    return this.#change(record, change, told);
  }

  setOverlay(record: NodeRecord, overlay: Ceiling | null): Promise<NodeRecord> {
    return this.#change(record, { overlay }, ['policy']);
  }

  async rekey(record: NodeRecord): Promise<NodeInvitation> {
    requireRemote(record);
    if (record.revokedAt !== null)
      throw new NavisError('CONFLICT', 'This node was revoked. Remove it and add it again.');
    const secret = newSecret();
    return this.#invite(await this.#change(record, { key: this.#keyOf(secret) }, ['rekeyed']), secret);
  }

  async revoke(record: NodeRecord): Promise<NodeRecord> {
    requireRemote(record);
    const revoked = await this.#parts.feed.transaction(async (writer) => {
      const changed = await writer.nodes.revoke(record.id, this.#at());
      if (changed !== undefined) await this.#tell(writer, changed, ['revoked']);
      return changed ?? (await writer.nodes.get(record.id));
    });
    if (revoked === undefined) throw new NavisError('NOT_FOUND', 'There is no such node.');
    this.#learn(revoked);
    this.#gone.tell({ nodeId: record.id, why: 'revoked' });
    return revoked;
  }

  /** Its own key counts no longer; a new one-time key lets it join again. */
  async leave(record: NodeRecord): Promise<void> {
    requireRemote(record);
    const left = await this.#parts.feed.transaction(async (writer) => {
      const changed = await writer.nodes.leave(record.id);
      if (changed !== undefined) await this.#tell(writer, changed, ['left']);
      return changed;
    });
    if (left === undefined) return;
    this.#learn(left);
    this.#gone.tell({ nodeId: record.id, why: 'left' });
  }

  async remove(record: NodeRecord): Promise<void> {
    requireRemote(record);
    await this.#parts.feed.transaction(async (writer) => {
      if (await writer.nodes.remove(record.id)) await this.#tell(writer, record, ['removed']);
    });
    this.#byId.delete(record.id);
    this.#idByName.delete(record.name);
    this.#gone.tell({ nodeId: record.id, why: 'removed' });
  }

  /** Uses a one-time key; `undefined` when it is not good (any more). */
  async enrol(enrolment: Omit<NodeEnrolment, 'at'>): Promise<NodeRecord | undefined> {
    const enrolled = await this.#batch.run(async (writer) => {
      const record = await writer.nodes.enrol({ ...enrolment, at: this.#at() });
      if (record !== undefined) await this.#tell(writer, record, ['enrolled']);
      return record;
    });
    if (enrolled !== undefined) this.#learn(enrolled);
    return enrolled;
  }

  /** For a process that is new; `undefined` when the node was revoked or removed meanwhile. */
  async nextEpoch(nodeId: string): Promise<number | undefined> {
    const epoch = await this.#batch.run((writer) => writer.nodes.nextEpoch(nodeId));
    const record = this.#byId.get(nodeId);
    if (epoch !== undefined && record !== undefined) this.#learn({ ...record, epoch });
    return epoch;
  }

  /** What the node told of itself in a handshake; written only when it is news. */
  async learnFacts(nodeId: string, facts: Required<Pick<NodeRecord, 'platform' | 'version'>>): Promise<void> {
    const record = this.#byId.get(nodeId);
    if (record === undefined) return;
    const isNews =
      facts.version !== record.version || JSON.stringify(facts.platform) !== JSON.stringify(record.platform);
    if (!isNews) return;
    this.#learn({ ...record, ...facts });
    await this.#batch.run((writer) => writer.nodes.describe(nodeId, facts));
  }

  /** Writes down, in one transaction, when nodes were last seen. */
  async seen(nodes: readonly { nodeId: string; at: string }[]): Promise<void> {
    await this.#parts.feed.transaction(async (writer) => {
      for (const { nodeId, at } of nodes) await writer.nodes.seen(nodeId, at);
    });
    for (const { nodeId, at } of nodes) {
      const record = this.#byId.get(nodeId);
      if (record !== undefined) this.#learn({ ...record, lastSeenAt: at });
    }
  }

  async #change(record: NodeRecord, change: NodeChange, told: readonly Change[]): Promise<NodeRecord> {
    const changed = await this.#parts.feed.transaction(async (writer) => {
      const after = await writer.nodes.change(record.id, change);
      if (after === 'taken') throw nameTaken(change.name ?? '');
      if (after !== undefined) await this.#tell(writer, after, told);
      return after;
    });
    if (changed === undefined) throw new NavisError('NOT_FOUND', 'There is no such node.');
    this.#learn(changed);
    return changed;
  }

  async #tell(writer: StoreWriter, record: NodeRecord, changes: readonly Change[]): Promise<void> {
    const node = this.describe(record);
    const events = changes.map((change): NewEvent => ({
      stream: hubStream,
      type: 'node.updated',
      data: { change, node },
    }));
    await writer.appendEvents(events);
  }

  #learn(record: NodeRecord): void {
    const before = this.#byId.get(record.id);
    if (before !== undefined && before.name !== record.name) this.#idByName.delete(before.name);
    this.#byId.set(record.id, record);
    this.#idByName.set(record.name, record.id);
  }

  #invite(record: NodeRecord, secret: string): NodeInvitation {
    const { hubId, origin } = this.#parts;
    const key = formatNodeKey({ nodeId: record.id, hubId, secret });
    // In the environment: arguments of a program can be read by everybody on its machine (N2).
    const command = `NODE_API_KEY=${key} npx navisai node join ${origin()}`;
    return { node: this.describe(record), key, command };
  }

  #keyOf(secret: string): NonNullable<NodeRecord['key']> {
    const expiresAt = new Date(this.#parts.now() + nodeKeyHours * 3_600_000).toISOString();
    return { secretHash: hashSecret(secret), expiresAt };
  }

  #at(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}
