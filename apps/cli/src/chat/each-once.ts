/** Events for a program that joins texts by itself: live pieces as they come, of what is kept only what was not told (A3). */
import { emptyText, layPiece, type PiecedText } from '@navisai/client';
import type { HubEvent } from '@navisai/protocol';

export class EachOnce {
  /** By stream, by part. */
  readonly #streams = new Map<string, Map<string, PiecedText>>();

  /** `undefined`: it was told, or it comes with what is missing before it. */
  take(event: HubEvent): HubEvent | undefined {
    if (event.type === 'stream_end') this.#streams.delete(event.data.streamId);
    return event.type === 'stream_delta' ? this.#fresh(event) : event;
  }

  #fresh(event: Extract<HubEvent, { type: 'stream_delta' }>): HubEvent | undefined {
    const { streamId, part, kind } = event.data;
    const parts = this.#streams.get(streamId) ?? new Map<string, PiecedText>();
    this.#streams.set(streamId, parts);
    const key = `${part} ${kind}`;
    const before = parts.get(key);
    const after = layPiece(before ?? emptyText, event.data);
    parts.set(key, after);
    const offset = before?.text.length ?? 0;
    const text = after.text.slice(offset);
    // A result may be empty, and is told.
    if (text === '' && (before !== undefined || event.data.text !== '')) return undefined;
    return { ...event, data: { ...event.data, offset, text } };
  }
}
