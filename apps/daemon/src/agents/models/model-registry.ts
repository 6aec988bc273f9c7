/** The model providers of this hub: kept, tried, and made into the models of runs; their keys go in and never come out (A4, A8). */
import { type AgentModel, listOfferedModels, type OfferedModel } from '@navisai/agent';
import { type ModelProvider, NavisError, type RouteResponse } from '@navisai/protocol';
import type { ModelProviderRecord, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Models } from '../agents.types.ts';
import type { KeyVault } from './key-vault.ts';
import { chooseOffered, composeProvider, placeOf, type ProviderOrder, refuse } from './provider-rules.ts';
import { type KnownProvider, resolveModel, splitReference } from './resolve-model.ts';
import { testModel } from './test-provider.ts';

const maxProviders = 32;
const maxModels = 100;
/** Asked for where a provider tells no models, to learn whether it answers at all. */
const anyModel = 'any';
/** A keyring opens when its person logs in. */
const lockedAgainMs = 15_000;

export interface ModelRegistryParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  vault: KeyVault;
  log: FastifyBaseLogger;
  now: () => number;
  fetch?: typeof fetch | undefined;
}

export class ModelRegistry implements Models {
  readonly #parts: ModelRegistryParts;
  #providers: ReadonlyMap<string, KnownProvider> = new Map();
  #defaults: readonly string[] = [];
  /** Changes one after the other, so that memory and store agree. */
  #last: Promise<unknown> = Promise.resolve();
  /** Providers whose key is in a keyring that does not answer now. */
  #locked: readonly string[] = [];
  #again: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: ModelRegistryParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#again);
  }

  /** Reads the providers of the store; to be called when it was opened. */
  async load(): Promise<void> {
    const { models } = this.#parts.keeper.store.read;
    const [records, defaults] = await Promise.all([models.providers(), models.defaults()]);
    const known = await Promise.all(records.map((record) => this.#know(record)));
    this.#providers = new Map(known.map(({ provider }) => [provider.info.id, provider]));
    this.#defaults = defaults;
    this.#wait(known.filter(({ isLocked }) => isLocked).map(({ provider }) => provider.info.id));
  }

  async keyPlace(): Promise<RouteResponse<'modelKeyPlace'>> {
    const { kept, where } = await this.#parts.vault.place();
    return { kept, where, locked: [...this.#locked] };
  }

  list(): RouteResponse<'models'> {
    return { providers: [...this.#providers.values()].map(({ info }) => info), defaults: [...this.#defaults] };
  }

  hasAny(): boolean {
    return this.#preferred().length > 0;
  }

  resolve(references: readonly string[] | null): AgentModel {
    const { fetch } = this.#parts;
    const chosen = references === null || references.length === 0 ? this.#preferred() : references;
    return resolveModel({ references: chosen, find: (id) => this.#providers.get(id), fetch });
  }

  put(order: ProviderOrder): Promise<ModelProvider> {
    return this.#change(async () => {
      const before = await this.#record(order.id);
      if (before === undefined && this.#providers.size >= maxProviders)
        throw new NavisError('CONFLICT', `There are ${maxProviders} model providers; remove one first.`);
      const facts = composeProvider(order, before);
      const createdAt = before?.createdAt ?? new Date(this.#parts.now()).toISOString();
      const record = {
        ...facts,
        createdAt,
        sealedKey: await this.#sealedKey({ order, before, place: placeOf(facts) }),
      };
      await this.#parts.feed.transaction(({ models }) => models.put(record));
      this.#parts.log.info({ provider: order.id, kind: order.kind }, 'model provider set');
      return () => this.#require(order.id).info;
    });
  }

  remove(id: string): Promise<void> {
    return this.#change(async () => {
      if (!(await this.#parts.feed.transaction(({ models }) => models.remove(id)))) throw unknown(id);
      this.#parts.log.info({ provider: id }, 'model provider removed');
      return () => undefined;
    });
  }

  /** Models that were not listed yet are, with how much they read where the provider tells. */
  async setDefaults(references: readonly string[]): Promise<RouteResponse<'setDefaultModels'>> {
    const wanted = [...new Set(references)];
    const learned = await this.#learn(wanted.map(splitReference));
    return this.#change(async () => {
      for (const { id } of wanted.map(splitReference)) this.#requireGiven(id);
      await this.#parts.feed.transaction(async ({ models }) => {
        for (const record of await models.providers()) {
          const named = learned.get(record.id) ?? [];
          const kept = record.models.filter((model) => named.every(({ id }) => id !== model.id));
          if (named.length > 0) await models.put({ ...record, models: [...kept, ...named].slice(-maxModels) });
        }
        await models.setDefaults(wanted);
      });
      return () => ({ defaults: [...this.#defaults] });
    });
  }

  async test(id: string, given?: string): Promise<RouteResponse<'testModelProvider'>> {
    const { info, settings } = this.#require(id);
    const preferred = this.#defaults.map(splitReference).find((one) => one.id === id)?.model;
    const named = given ?? preferred ?? info.models[0]?.id;
    const list = () => listOfferedModels(settings, this.#parts);
    const model = named ?? chooseOffered(await list()) ?? null;
    const tested = await testModel({ provider: settings, model: model ?? anyModel, fetch: this.#parts.fetch });
    // Afterwards: how much a local model reads is known when it is loaded.
    const offered = await list();
    if (model === null && (tested.ok || tested.error?.code === 'NO_MODEL' || tested.error?.code === 'REFUSED')) {
      const message = `Provider ${id} answers, but lists no models. Name one: navisai models test ${id} --model <model>`;
      return { ok: false, model, latencyMs: null, error: { code: 'NO_MODEL', message }, offered };
    }
    return { ...tested, model, offered };
  }

  /** What is not known yet of these models, by provider; each provider is asked once, all at once. */
  async #learn(wanted: readonly { id: string; model: string }[]): Promise<Map<string, OfferedModel[]>> {
    const missing = wanted.filter(({ id, model }) => {
      const listed = this.#requireGiven(id).info.models.find((one) => one.id === model);
      return typeof listed?.contextTokens !== 'number';
    });
    const ids = [...new Set(missing.map(({ id }) => id))];
    const learned = ids.map(async (id): Promise<[string, OfferedModel[]]> => {
      const offered = await listOfferedModels(this.#requireGiven(id).settings, this.#parts);
      const named = missing.filter((one) => one.id === id).map(({ model }) => model);
      const contextOf = (model: string) => offered.find((one) => one.id === model)?.contextTokens ?? null;
      return [id, named.map((model) => ({ id: model, contextTokens: contextOf(model) }))];
    });
    return new Map(await Promise.all(learned));
  }

  /** Without a default list, the first model that was named. */
  #preferred(): readonly string[] {
    if (this.#defaults.length > 0) return this.#defaults;
    const named = this.#providers.values().flatMap(({ info }) => info.models.map((model) => `${info.id}/${model.id}`));
    return [...named.take(1)];
  }

  async #change<T>(work: () => Promise<() => T>): Promise<T> {
    const done = this.#last.then(async () => {
      const answer = await work();
      await this.load();
      return answer();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #record(id: string): Promise<ModelProviderRecord | undefined> {
    return (await this.#parts.keeper.store.read.models.providers()).find((record) => record.id === id);
  }

  async #know(record: ModelProviderRecord): Promise<{ provider: KnownProvider; isLocked: boolean }> {
    const { sealedKey, ...facts } = record;
    const opened = sealedKey === null ? undefined : await this.#parts.vault.open(sealedKey, placeOf(record));
    const key = opened?.state === 'open' ? opened.key : null;
    if (opened?.state === 'lost')
      this.#parts.log.warn({ provider: record.id }, 'the key of a model provider cannot be opened; set it again');
    const provider = { info: { ...facts, hasKey: key !== null }, settings: { ...facts, key }, opened: new Map() };
    return { provider, isLocked: opened?.state === 'locked' };
  }

  #wait(locked: readonly string[]): void {
    const { log } = this.#parts;
    if (locked.length > 0 && this.#locked.length === 0)
      log.warn(
        { providers: locked },
        'the keyring with keys of model providers is locked; they are read when it opens',
      );
    if (locked.length === 0 && this.#locked.length > 0) log.info('the keyring with keys of model providers is open');
    this.#locked = locked;
    clearTimeout(this.#again);
    if (locked.length === 0 || this.#isOver) return;
    const read = (): void => void this.#change(async () => () => undefined).catch(() => this.#wait(locked));
    this.#again = setTimeout(read, lockedAgainMs).unref();
  }

  /** What stays is sealed for the same place; a key never goes where it was not given for. */
  async #sealedKey({ order, before, place }: SealRequest): Promise<string | null> {
    if (order.key !== undefined) return this.#parts.vault.seal(order.key, place);
    if (before === undefined || before.sealedKey === null || placeOf(before) === place)
      return before?.sealedKey ?? null;
    throw refuse(
      'The provider is on another host now, and its key was given for the one before. Give the key again.',
      'key',
    );
  }

  #require(id: string): KnownProvider {
    const found = this.#providers.get(id);
    if (found === undefined) throw unknown(id);
    return found;
  }

  #requireGiven(id: string): KnownProvider {
    const found = this.#providers.get(id);
    if (found === undefined) throw refuse(`There is no model provider ${id}. See: navisai models`, 'models');
    return found;
  }
}

interface SealRequest {
  order: ProviderOrder;
  before: ModelProviderRecord | undefined;
  place: string;
}

const unknown = (id: string): NavisError =>
  new NavisError('NOT_FOUND', `There is no model provider ${id}. See: navisai models`);
