/** What the store keeps of model providers (A4). */
import type { ModelProvider } from '@navisai/protocol';

export interface ModelProviderRecord extends Omit<ModelProvider, 'hasKey'> {
  /** Encrypted by the hub; null without a key. */
  sealedKey: string | null;
}

export interface ModelReader {
  /** Oldest first. */
  providers(): Promise<ModelProviderRecord[]>;
  /** `provider/model`, in the order of preference. */
  defaults(): Promise<string[]>;
}

export interface ModelWriter extends ModelReader {
  /** Adds it, or takes the place of the one with this id; `createdAt` of that one stays. */
  put(provider: ModelProviderRecord): Promise<void>;
  /** With those of the defaults that are its; answers false when there is none. */
  remove(id: string): Promise<boolean>;
  setDefaults(references: readonly string[]): Promise<void>;
}
