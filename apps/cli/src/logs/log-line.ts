/** One line of the hub's log (JSON) as a person reads it. */
import type { Output } from '../output/output.ts';
import { printable, toJson } from '../output/printable.ts';

type Colors = Output['colors'];

/** Time, level, message, then the other fields as they are; what is no JSON is shown as it is. */
export const formatLogLine = (line: string, colors: Colors): string => {
  const entry = parse(line);
  if (entry === undefined) return printable(line, 10_000);
  const { time, level, msg, ...fields } = entry;
  const rest = Object.entries(fields).map(([name, value]) => `${printable(name, 60)}=${valueText(value)}`);
  const words = [
    colors.dim(typeof time === 'string' ? printable(time, 40) : '-'),
    levelText(String(level), colors),
    printable(typeof msg === 'string' ? msg : '', 10_000),
    colors.dim(rest.join(' ')),
  ];
  return words.join(' ').trimEnd();
};

const levelText = (level: string, colors: Colors): string => {
  const text = printable(level, 10).padEnd(5);
  if (level === 'error' || level === 'fatal') return colors.red(text);
  return level === 'warn' ? colors.yellow(text) : text;
};

const valueText = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? printable(value, 10_000) : toJson(value);

const parse = (line: string): Record<string, unknown> | undefined => {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? (entry as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
