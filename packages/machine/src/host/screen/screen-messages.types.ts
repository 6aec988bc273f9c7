/** What the host and its screen worker tell each other. */
import type { ScreenState } from './headless-screen.ts';

export type ScreenAnswer = { kind: 'state'; state: ScreenState } | { kind: 'lines'; lines: string[] };

export interface ScreenQuestion {
  request: number;
  /** Answered once everything before it is parsed, or … */
  target: number;
  /** … after this long, as far as the screen is then. */
  patienceMs: number;
  ask: { kind: 'state'; scrollback: number } | { kind: 'lines'; count: number };
}

export type ToScreenWorker =
  /** Begins a screen: from its checkpoint in `directory`, else blank. Answered with its `position`. */
  | { type: 'open'; id: string; directory: string; columns: number; rows: number }
  | { type: 'bytes'; id: string; offset: number; bytes: Uint8Array<ArrayBuffer>; answers: boolean }
  | { type: 'resize'; id: string; columns: number; rows: number }
  | ({ type: 'question'; id: string } & ScreenQuestion)
  /** Writes the checkpoint and forgets the screen; answered with `closed`. */
  | { type: 'rest'; id: string }
  /** Forgets the screen and writes nothing. */
  | { type: 'forget'; id: string };

export type FromScreenWorker =
  /** Ready for bytes from `offset` on. */
  | { type: 'position'; id: string; offset: number }
  | { type: 'reply'; id: string; text: string }
  | { type: 'title'; id: string; title: string }
  | { type: 'answer'; request: number; answer: ScreenAnswer; parsedOffset: number }
  /** The screen is not in memory; it opens again from its checkpoint. */
  | { type: 'closed'; id: string };
