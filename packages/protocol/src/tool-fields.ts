/** Kinds of parameters that several tools have. */
import { z } from 'zod';
import { maxCommandBytes, maxPathLength } from './limits.ts';

export const utf8Length = (text: string): number => new TextEncoder().encode(text).length;
export const withoutNul = (text: string): boolean => !text.includes('\0');

export const seconds = (range: { min: number; max: number }) => {
  const message = `must be a whole number of seconds from ${range.min} to ${range.max}`;
  return z.number({ error: message }).int(message).min(range.min, message).max(range.max, message);
};

/** A text for a shell (T4). */
export const commandSchema = z
  .string()
  .refine((text) => text.trim() !== '', 'must not be empty')
  .refine(withoutNul, 'must not contain a NUL character')
  .refine((text) => utf8Length(text) <= maxCommandBytes, `must be at most ${maxCommandBytes} bytes`);

export const pathSchema = z.string().min(1).max(maxPathLength).refine(withoutNul, 'must not contain a NUL character');
