/** `npm run bench [-- row …]`: measures Navis and its peers side by side in one run. */
import { printResult, writeResults } from './report.ts';
import type { RowResult } from './report.ts';
import type { BenchRow } from './row.types.ts';
import { rows } from './rows/index.ts';
import { setup as buildTestPrograms } from '../scripts/builds/test-set-up.ts';

const minimumRounds = 5;

const runRow = async (row: BenchRow): Promise<RowResult> => {
  try {
    const figures = await row.run({ rounds: minimumRounds, log: (line) => process.stdout.write(`  … ${line}\n`) });
    return { id: row.id, what: row.what, figures };
  } catch (error) {
    return { id: row.id, what: row.what, figures: [], error: error instanceof Error ? error.message : String(error) };
  }
};

const main = async (): Promise<void> => {
  const wanted = process.argv.slice(2).map((argument) => argument.toUpperCase());
  const unknown = wanted.filter((id) => !rows.some((row) => row.id === id));
  if (unknown.length > 0) {
    process.stderr.write(`There is no bench row ${unknown.join(', ')}. Rows: ${rows.map((row) => row.id).join(' ')}\n`);
    process.exitCode = 2;
    return;
  }
  await buildTestPrograms();
  const results: RowResult[] = [];
  for (const row of rows) {
    if (wanted.length > 0 && !wanted.includes(row.id)) continue;
    const result = await runRow(row);
    printResult(result);
    results.push(result);
  }
  process.stdout.write(`\nWritten to ${writeResults(results)}\n`);
  if (results.some((result) => result.error !== undefined)) process.exitCode = 1;
};

await main();
