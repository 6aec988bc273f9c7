/** Where keys of model providers are kept (A8). */
import { openLocalHub } from '../hub/connect.ts';
import type { Check } from './check.types.ts';

const deadlineMs = 10_000;

export const checkKeys: Check = async ({ condition, environment: { home } }) => {
  if (condition?.kind !== 'running') return [];
  const check = 'model keys';
  try {
    const hub = await openLocalHub(home);
    const { kept, where, locked } = await hub.api.modelKeyPlace({}, { timeoutMs: deadlineMs });
    hub.close();
    if (locked.length > 0)
      return [
        {
          check,
          state: 'warning',
          message: `the keyring is locked, and with it the keys of: ${locked.join(', ')}`,
          remedy: 'Log in on the desktop of this machine, or give the keys again: navisai models add',
        },
      ];
    return [
      {
        check,
        state: 'ok',
        message: `new ones are opened by ${kept === 'keyring' ? '' : 'the private file '}${where}`,
      },
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check, state: 'problem', message, remedy: 'navisai logs' }];
  }
};
