/** Before tests or a bench run: the programs that they start are built. */
import { buildPrograms } from './build-programs.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

export async function setup(): Promise<void> {
  process.env['NAVIS_TEST_PROGRAMS'] = await buildPrograms(root);
}
