/** Events as a browser reads them: a page trusts the hub that it was loaded from, and schemas would be most of its weight. */
import type { EventType, HubEvent } from './events.ts';

const known: Record<EventType, true> = {
  'daemon.status': true,
  'device.updated': true,
  'node.updated': true,
  'recall.updated': true,
  'project.updated': true,
  'discovery.progress': true,
  'approval.request': true,
  'approval.updated': true,
  'session.update': true,
  subscribed: true,
  live: true,
  unsubscribed: true,
  'terminal.snapshot': true,
  'terminal.output': true,
  'terminal.skipped': true,
  'terminal.control': true,
  'terminal.resized': true,
  'terminal.exit': true,
  tool_started: true,
  tool_call: true,
  message: true,
  stream_start: true,
  stream_delta: true,
  stream_notice: true,
  plan: true,
  stream_end: true,
  'call.output': true,
  'call.end': true,
  pong: true,
  error: true,
};

/** Any event of a known type, or `undefined`; its data is what the hub says it is. `parseHubEvent` checks that too. */
export const readHubEvent = (input: unknown): HubEvent | undefined => {
  const { type, data, timestamp } = (input ?? {}) as Partial<Record<'type' | 'data' | 'timestamp', unknown>>;
  const isEvent =
    typeof type === 'string' && Object.hasOwn(known, type) && typeof data === 'object' && typeof timestamp === 'string';
  return isEvent && data !== null ? (input as HubEvent) : undefined;
};
