/** Sends one encrypted message to one push service: no redirects, nothing near the hub, in bounded time (A2). */
import { request } from 'node:https';
import type { PushSubscriptionInfo } from '@navisai/protocol';
import { type AddressRule, checkEndpoint, guardedLookup } from './push-address.ts';
import type { VapidKey } from './vapid-key.ts';

export interface PushDelivery {
  subscription: PushSubscriptionInfo;
  /** JSON. */
  payload: string;
  /** How long the service may keep it. */
  ttlSeconds: number;
  /** The service replaces what it still keeps of the same topic. */
  topic: string;
}

/** `gone`: the browser wants no more. `failed`: perhaps later. `refused`: never. */
export type PushOutcome =
  { kind: 'sent' } | { kind: 'gone' } | { kind: 'failed'; reason: string } | { kind: 'refused'; reason: string };

export interface PushSenderParts {
  vapidKey: () => VapidKey;
  isAllowedAddress: AddressRule;
  /** Trusted instead of what the system trusts. */
  ca?: string | undefined;
}

export type PushSender = (delivery: PushDelivery) => Promise<PushOutcome>;

const deadlineMs = 10_000;
/** Of the answer, which nobody needs. */
const maxAnswerBytes = 64 * 1024;
/** Whom a push service may turn to; it must be an address or a site. */
const subject = 'https://navis.local';

const finalReasons: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'EREFUSED', 'not a subscription']);

/** Never rejects. */
export const createPushSender =
  (parts: PushSenderParts): PushSender =>
  async (delivery) => {
    try {
      return outcomeOf(await send(parts, delivery));
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not a subscription';
      return { kind: finalReasons.has(reason) ? 'refused' : 'failed', reason };
    }
  };

const send = async (parts: PushSenderParts, delivery: PushDelivery): Promise<number> => {
  const { subscription, payload, ttlSeconds, topic } = delivery;
  const url = checkEndpoint(subscription.endpoint, parts.isAllowedAddress);
  // Most hubs never need it, and it loads fifty modules.
  const { default: webPush } = await import('web-push');
  const { headers, body } = webPush.generateRequestDetails(subscription, payload, {
    vapidDetails: { subject, ...parts.vapidKey() },
    TTL: Math.max(0, Math.floor(ttlSeconds)),
    urgency: 'high',
    topic,
    contentEncoding: 'aes128gcm',
  });
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      headers,
      agent: false,
      lookup: guardedLookup(parts.isAllowedAddress),
      signal: AbortSignal.timeout(deadlineMs),
      ca: parts.ca,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) outgoing.destroy();
      });
      answer.on('error', () => undefined);
      resolve(answer.statusCode ?? 0);
    });
    outgoing.end(body);
  });
};

const outcomeOf = (status: number): PushOutcome => {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  const reason = `status ${status}`;
  return status === 429 || status >= 500 ? { kind: 'failed', reason } : { kind: 'refused', reason };
};
