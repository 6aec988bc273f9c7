/** What each message of a client does: one row per type. */
import { NavisError, argumentError, clientMessageSchema, decodeBinaryFrame, maxInputBytes } from '@navisai/protocol';
import type { ClientMessage, ClientMessageOf, ClientMessageType } from '@navisai/protocol';
import type { Connection } from './connection.ts';

type Handlers = {
  [T in ClientMessageType]: (connection: Connection, message: ClientMessageOf<T>) => void | Promise<void>;
};

const handlers: Handlers = {
  subscribe: (connection, { data }) => connection.subscribe(data.id, data.to),
  unsubscribe: (connection, { data }) => connection.unsubscribe(data.id),
  'terminal.input': (connection, { data }) =>
    connection.input(connection.viewOf(data.terminalId), checkedInput(new TextEncoder().encode(data.input))),
  'terminal.resize': async (connection, { data: { terminalId, ...size } }) => {
    connection.requireOperator();
    const { hub, viewers } = connection.shared;
    viewers.requireControl(terminalId, connection.viewOf(terminalId).viewerId);
    await hub.machine.resize(terminalId, size);
  },
  'terminal.ack': (connection, { data }) => connection.viewOf(data.terminalId).acknowledge(data.offset),
  'terminal.control': (connection, { data }) => {
    connection.requireOperator();
    const { viewers } = connection.shared;
    const { viewerId } = connection.viewOf(data.terminalId);
    if (data.action === 'release') viewers.release(data.terminalId, viewerId);
    else viewers.take(data.terminalId, { viewerId, ifFree: data.ifFree === true });
  },
  ping: (connection, { data }) => connection.outlet.tell('pong', { id: data.id }),
};

/** Never throws or rejects: what is wrong is told to the client. */
export const handleText = (connection: Connection, text: string): void => {
  let about: { id?: string | undefined; terminalId?: string | undefined } = {};
  const refuse = (error: unknown): void => connection.refuse(error, about);
  try {
    const message = parseMessage(text);
    about = aboutOf(message);
    const handler = handlers[message.type] as (connection: Connection, message: ClientMessage) => void | Promise<void>;
    const opening = about.terminalId === undefined ? undefined : connection.openingOf(about.terminalId);
    if (opening === undefined) handler(connection, message)?.catch(refuse);
    else opening.then(() => handler(connection, message)).catch(refuse);
  } catch (error) {
    refuse(error);
  }
};

/** Never throws or rejects: what is wrong is told to the client. */
export const handleBytes = (connection: Connection, encoded: Uint8Array): void => {
  try {
    const frame = decodeBinaryFrame(encoded);
    if (frame.kind !== 'input') throw new NavisError('INVALID_REQUEST', 'Only input travels to the hub.');
    const view = connection.viewOfChannel(frame.channel);
    const refuse = (error: unknown): void => connection.refuse(error, { terminalId: view.terminalId });
    try {
      connection.input(view, checkedInput(frame.bytes)).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  } catch (error) {
    connection.refuse(error);
  }
};

const parseMessage = (text: string): ClientMessage => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new NavisError('INVALID_REQUEST', 'The frame is not JSON.', { cause });
  }
  const parsed = clientMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field = 'arguments', message } = argumentError(parsed.error);
  const facts = { field: field === 'arguments' ? '' : field.slice(0, 100), details: idOf(json) };
  const said = message.replace(/^arguments:/, 'frame:').replace(/ Nothing was started\.$/, '');
  throw new NavisError('INVALID_REQUEST', said, facts);
};

/** So that a client knows which of its messages was malformed, when it has an id that can be told. */
const idOf = (json: unknown): { id?: string } => {
  if (typeof json !== 'object' || json === null) return {};
  const candidates = [(json as { id?: unknown }).id, (json as { data?: { id?: unknown } | null }).data?.id];
  const id = candidates.find((candidate) => typeof candidate === 'string' && candidate.length <= 64);
  return typeof id === 'string' ? { id } : {};
};

const aboutOf = (message: ClientMessage): { id?: string | undefined; terminalId?: string | undefined } => {
  const ownId = message.id ?? ('id' in message.data ? message.data.id : undefined);
  return { id: ownId, terminalId: 'terminalId' in message.data ? message.data.terminalId : undefined };
};

const checkedInput = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length > maxInputBytes)
    throw new NavisError('PAYLOAD_TOO_LARGE', `Input is at most ${maxInputBytes} bytes at once.`, { field: 'input' });
  return bytes;
};
