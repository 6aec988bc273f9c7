/** Reads a request to the scripted model server into one shape for every provider. */
import type { IncomingMessage } from 'node:http';
import type { ModelProviderKind } from '@navisai/protocol';
import type { ModelServerRequest } from './model-server.types.ts';

type Json = Record<string, unknown>;
type Message = ModelServerRequest['messages'][number];

export const readModelRequest = async (
  kind: ModelProviderKind,
  request: IncomingMessage,
): Promise<ModelServerRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? null : JSON.parse(text);
  const path = request.url ?? '';
  const messages = [...systemOf(body), ...listOf(body, 'messages', 'input', 'contents').map(messageOf)];
  return {
    kind,
    method: request.method ?? '',
    path,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body,
    text,
    model: kind === 'google' ? (/models\/([^:/?]+)/.exec(path)?.[1] ?? '') : String(objectOf(body)['model'] ?? ''),
    messages,
    said: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    tools: listOf(body, 'tools').flatMap(toolNames),
  };
};

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

const listOf = (value: unknown, ...names: string[]): unknown[] =>
  names.map((name) => objectOf(value)[name]).find((found) => Array.isArray(found)) ?? [];

/** The system prompt of those who keep it beside the messages. */
const systemOf = (body: unknown): Message[] => {
  const { system, systemInstruction, instructions } = objectOf(body);
  const text = wordsOf([system, systemInstruction, instructions]);
  return text === '' ? [] : [{ role: 'system', text }];
};

const roles: Record<string, Message['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  model: 'assistant',
  tool: 'tool',
};

const messageOf = (given: unknown): Message => {
  const message = objectOf(given);
  const parts = [message, ...listOf(message, 'content', 'parts').map(objectOf)];
  const isResult = parts.some(
    ({ type, functionResponse }) =>
      type === 'tool_result' || type === 'function_call_output' || functionResponse !== undefined,
  );
  if (isResult) return { role: 'tool', text: wordsOf(message) };
  return { role: roles[String(message['role'])] ?? 'assistant', text: wordsOf(message) };
};

const wordNames = ['text', 'content', 'parts', 'output', 'functionResponse', 'response', 'result'];

/** Every word that a model would read of a message, in order. */
const wordsOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return value
      .map(wordsOf)
      .filter((words) => words !== '')
      .join('\n');
  }
  const object = objectOf(value);
  return wordsOf(wordNames.map((name) => object[name] ?? []));
};

const toolNames = (given: unknown): string[] => {
  const tool = objectOf(given);
  const declarations = listOf(tool, 'functionDeclarations');
  if (declarations.length > 0) return declarations.flatMap(toolNames);
  return [String(tool['name'] ?? objectOf(tool['function'])['name'] ?? '')];
};
