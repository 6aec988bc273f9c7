/** Events and client messages that a peer may send are parsed or skipped, never thrown at the reader (I8, I9). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientMessageSchema } from './client-messages.ts';
import { NavisError, errorTable, toErrorBody } from './errors.ts';
import { readHubEvent } from './event-reading.ts';
import { parseHubEvent } from './events.ts';
import { sessionIdSchema } from './ids.ts';
import { newId } from './new-id.ts';

const timestamp = '2026-01-02T03:04:05.678Z';

test('I8: a known event is typed, an unknown type or wrong data is skipped', () => {
  const event = { type: 'terminal.skipped', data: { terminalId: newId('terminal'), from: 1, to: 5 }, timestamp };
  expect(parseHubEvent(event)).toEqual(event);
  expect(parseHubEvent({ ...event, type: 'future.event' })).toBeUndefined();
  expect(parseHubEvent({ ...event, type: 'constructor' })).toBeUndefined();
  expect(parseHubEvent({ ...event, data: { from: -1 } })).toBeUndefined();
});

test('I8: a browser takes any event of a known type as the hub says it, and skips everything else', () => {
  const event = { type: 'terminal.skipped', data: { terminalId: newId('terminal'), from: 1, to: 5 }, timestamp };
  expect(readHubEvent(event)).toBe(event);
  const others = [
    { ...event, type: 'future.event' },
    { ...event, type: 'constructor' },
    { ...event, data: null },
  ];
  for (const other of [...others, { type: event.type, timestamp }, { ...event, timestamp: 0 }, null, 'live', []])
    expect(readHubEvent(other)).toBeUndefined();
});

test('I9: any JSON value is judged without throwing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseHubEvent(value);
      readHubEvent(value);
      clientMessageSchema.safeParse(value);
    }),
  );
});

test('I8: ids of one kind fit that kind only', () => {
  expect(sessionIdSchema.safeParse(newId('session')).success).toBe(true);
  expect(sessionIdSchema.safeParse(newId('terminal')).success).toBe(false);
  expect(new Set(Array.from({ length: 1000 }, () => newId('call'))).size).toBe(1000);
});

test('I10: an unexpected error shows neither stack nor path, an expected one its code and field', () => {
  expect(toErrorBody(new Error('ENOENT /root/secret'))).toEqual({
    code: 'INTERNAL',
    message: errorTable.INTERNAL.message,
  });
  expect(toErrorBody(new NavisError('INVALID_REQUEST', 'no', { field: 'title' }))).toEqual({
    code: 'INVALID_REQUEST',
    message: 'no',
    field: 'title',
  });
});
