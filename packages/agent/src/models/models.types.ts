/** How a model of a provider is set up. */
import type { ModelProviderKind } from '@navisai/protocol';

export interface ProviderSettings {
  /** The first half of references. */
  id: string;
  kind: ModelProviderKind;
  /** Null: the provider's own. */
  baseUrl: string | null;
  /** Shown to nobody but the provider; null: none is sent. */
  key: { reveal(): string } | null;
}

export interface ModelDeadlines {
  /** From the request to the first piece: a model may have to be loaded and a long context to be read. */
  firstPieceMs: number;
  /** From one piece to the next. */
  nextPieceMs: number;
}

export const modelDeadlines: ModelDeadlines = { firstPieceMs: 300_000, nextPieceMs: 120_000 };

export interface ProviderModelOptions {
  provider: ProviderSettings;
  /** As the provider names it. */
  model: string;
  contextTokens: number;
  fetch?: typeof fetch | undefined;
  deadlines?: ModelDeadlines | undefined;
}
