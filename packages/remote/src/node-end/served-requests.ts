/** What a hub asks once: each name of a request and how this machine answers it. */
import { encodeFrameWithBytes, NavisError, toErrorBody } from '@navisai/protocol';
import type { Ceiling, HubFrameOf, NodeAnswer, NodeAsk, NodeAskName } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { Machine } from '@navisai/machine';

type AskOf<Name extends NodeAskName> = Extract<NodeAsk, { name: Name }>;

export interface RequestParts {
  machine: Machine;
  onOverlay(overlay: Ceiling | null): void;
}

const answers: {
  [Name in NodeAskName]: (
    parts: RequestParts,
    ask: AskOf<Name>,
    bytes: Uint8Array,
  ) => Promise<{ value: NodeAnswer<Name>; bytes?: Uint8Array }>;
} = {
  signalCall: async ({ machine }, { sessionId, callId, signal }) => {
    await machine.signalCall({ sessionId, callId, signal: signal as NodeJS.Signals });
    return { value: null };
  },
  input: async ({ machine }, { terminalId }, bytes) => ({ value: await machine.input(terminalId, bytes) }),
  resize: async ({ machine }, { terminalId, columns, rows }) => {
    await machine.resize(terminalId, { columns, rows });
    return { value: null };
  },
  readOutput: async ({ machine }, { sessionId, callId, from, maxBytes }) => {
    const { bytes, ...value } = await machine.readOutput({ sessionId, callId, from, maxBytes });
    return { value, bytes };
  },
  readHistory: async ({ machine }, { terminalId, from, maxBytes }) => {
    const { bytes, ...value } = await machine.readHistory({ terminalId, from, maxBytes });
    return { value, bytes };
  },
  closeSession: async ({ machine }, { sessionId, reason }) => {
    await machine.closeSession(sessionId, reason);
    return { value: null };
  },
  policy: async ({ machine }) => ({ value: await machine.policy() }),
  setOverlay: async ({ machine, onOverlay }, { overlay }) => {
    await machine.setOverlay(overlay);
    onOverlay(overlay);
    return { value: null };
  },
  explain: async ({ machine }, { question, userId, origin }) => ({
    value: await machine.explain({ ...question, userId, origin }),
  }),
  readFile: async ({ machine }, { sessionId, userId, origin, path, from, maxBytes }) => {
    const { bytes, ...value } = await machine.readFile({ sessionId, userId, origin, path, from, maxBytes });
    return { value, bytes };
  },
  writeFile: async ({ machine }, piece, bytes) => ({ value: await machine.writeFile({ ...piece, bytes }) }),
  discoverProjects: async ({ machine }, { scan }) => ({ value: await machine.discoverProjects(scan) }),
  project: async ({ machine }, { path }) => ({ value: await machine.project(path) }),
};

/** The encoded response; never rejects. */
export const answerRequest = async (
  parts: RequestParts,
  { id, ask }: HubFrameOf<'request'>,
  bytes: Uint8Array,
): Promise<Frame> => {
  try {
    // The answer is chosen by the question's own name, which the compiler cannot follow.
    const answer = answers[ask.name] as (
      parts: RequestParts,
      ask: NodeAsk,
      bytes: Uint8Array,
    ) => Promise<{ value: unknown; bytes?: Uint8Array }>;
    const { value, bytes: data } = await answer(parts, ask, bytes);
    if (data !== undefined) return encodeFrameWithBytes({ type: 'response', id, value }, data);
    return JSON.stringify({ type: 'response', id, value });
  } catch (error) {
    return refuseRequest(id, error);
  }
};

export const refuseRequest = (id: number, error: unknown): Frame => {
  const { message, ...body } = toErrorBody(error);
  return JSON.stringify({ type: 'response', id, error: { ...body, message: message.slice(0, 10_000) } });
};

export const tooManyRequests = (): NavisError => new NavisError('RATE_LIMITED', 'Too many requests are under way.');
