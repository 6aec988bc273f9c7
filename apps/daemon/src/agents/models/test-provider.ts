/** Asks a model for one word, to see that it answers, and how soon. */
import { type AgentModel, createProviderModel, type ModelError, type ProviderSettings } from '@navisai/agent';

/** A local model may have to be loaded first. */
const testDeadlineMs = 60_000;
/** Enough for models that think before each word. */
const maxOutputTokens = 512;

export interface ModelTest {
  ok: boolean;
  /** To the first token. */
  latencyMs: number | null;
  error: Pick<ModelError, 'code' | 'message'> | null;
}

export interface ModelTestRequest {
  provider: ProviderSettings;
  model: string;
  fetch?: typeof fetch | undefined;
}

/** Never rejects. */
export const testModel = async ({ provider, model, fetch }: ModelTestRequest): Promise<ModelTest> => {
  const deadlines = { firstPieceMs: testDeadlineMs, nextPieceMs: testDeadlineMs };
  return askOnce(createProviderModel({ provider, model, contextTokens: 4096, fetch, deadlines }));
};

const askOnce = async (model: AgentModel): Promise<ModelTest> => {
  const started = performance.now();
  let latencyMs: number | null = null;
  const messages = [{ role: 'user' as const, text: 'Answer with the one word: ready' }];
  const signal = AbortSignal.timeout(testDeadlineMs);
  for await (const event of model.stream({ system: '', messages, tools: [], maxOutputTokens, signal })) {
    if (event.type === 'error') return { ok: false, latencyMs, error: describe(event.error, signal) };
    latencyMs ??= Math.round(performance.now() - started);
    if (event.type === 'end') break;
  }
  return { ok: true, latencyMs, error: null };
};

const describe = ({ code, message }: ModelError, { aborted }: AbortSignal): ModelTest['error'] =>
  aborted ? { code: 'UNREACHABLE', message: `No answer within ${testDeadlineMs / 1000} s.` } : { code, message };
