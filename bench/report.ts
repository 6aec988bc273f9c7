/** Prints figures as a table of ratios and writes them as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './row.types.ts';

export interface RowResult {
  id: string;
  what: string;
  figures: Figure[];
  error?: string;
}

const number = (value: number): string => {
  if (!Number.isFinite(value)) return 'n/a';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
};

const verdict = (met: boolean | null): string => (met === null ? 'not measured' : met ? 'met' : 'MISSED');

export const printResult = (result: RowResult): void => {
  process.stdout.write(`\n${result.id}  ${result.what}\n`);
  if (result.error !== undefined) process.stdout.write(`  failed: ${result.error}\n`);
  for (const figure of result.figures) {
    const peers = Object.entries(figure.peers).map(
      ([name, value]) => `${name} ${number(value)} (×${number(figure.ours / value)})`,
    );
    process.stdout.write(
      `  ${figure.what}: ours ${number(figure.ours)} ${figure.unit}${peers.length === 0 ? '' : ` | ${peers.join(' | ')}`}\n`,
    );
    process.stdout.write(`    goal: ${figure.goal} -> ${verdict(figure.met)}\n`);
  }
};

/** Returns the path of the file written, below the ignored folder `bench/results`. */
export const writeResults = (results: RowResult[]): string => {
  const directory = join(import.meta.dirname, 'results');
  mkdirSync(directory, { recursive: true });
  const at = new Date().toISOString();
  const machine = {
    platform: platform(),
    arch: arch(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryBytes: totalmem(),
    node: process.version,
  };
  const file = join(directory, `${at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ at, machine, results }, null, 2)}\n`);
  return file;
};
