/** The machine that the hub runs on, with the hub's settings. */
import type { Machine } from '@navisai/machine';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../settings/config.ts';

export const openMachine = async (config: Config, log: FastifyBaseLogger): Promise<Machine> => {
  const { createMachine } = await import('@navisai/machine');
  return createMachine({ home: config.home, log });
};
