/** Hosts speak of errors without the whole contract; users of terminals get NavisErrors. */
import { NavisError } from '@navisai/protocol';
import { HostError } from '../host-error.ts';

export const asNavisError = async <Value>(work: Promise<Value>): Promise<Value> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const { code, message, details } = error;
    throw new NavisError(code, message, { ...(details === undefined ? {} : { details }), cause: error });
  }
};
