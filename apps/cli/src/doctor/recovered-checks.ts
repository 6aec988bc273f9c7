/** Terminals whose sessions the store has lost, as after it was put back to an older backup: they go on, and are shown again. */
import { openLocalHub } from '../hub/connect.ts';
import type { Check } from './check.types.ts';

/** As the hub names what it makes again. */
const recoveredTitle = 'Recovered terminals';
const newest = 500;

export const checkRecovered: Check = async ({ condition, environment: { home } }) => {
  if (condition?.kind !== 'running') return [];
  try {
    const hub = await openLocalHub(home);
    const { sessions } = await hub.api.sessions({ query: { limit: newest } });
    hub.close();
    const recovered = sessions.filter(({ title }) => title.startsWith(recoveredTitle));
    return recovered
      .filter(({ terminals }) => terminals.length > 0)
      .map(({ id, title, terminals }) => ({
        check: 'recovered',
        state: 'warning',
        message: `${title}, of a session that the store had lost: ${terminals.map(({ name }) => name).join(', ')}`,
        remedy: `They go on. To keep the session: navisai sessions rename ${id} TITLE; to end one: navisai terminal close NAME --session ${id}`,
      }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check: 'recovered', state: 'problem', message, remedy: 'navisai logs' }];
  }
};
