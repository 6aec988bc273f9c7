/** How a run ended, in a sentence; nothing for one that simply finished. */
import type { EndItem } from '@navisai/client';

export interface EndWords {
  tone: 'calm' | 'warn' | 'bad';
  text: string;
  /** The way out leads over the models. */
  isAboutModel: boolean;
}

const modelErrors = new Set(['AUTHENTICATION', 'NO_MODEL', 'RATE_LIMIT', 'UNREACHABLE', 'OVERLOADED', 'REFUSED']);

export const endWords = ({ reason, error }: EndItem): EndWords | undefined => {
  const isAboutModel = error !== null && modelErrors.has(error.code);
  switch (reason) {
    case 'completed':
      return error === null ? undefined : { tone: 'bad', text: 'Something went wrong.', isAboutModel };
    case 'stopped':
      return { tone: 'calm', text: 'Stopped.', isAboutModel };
    case 'interrupted':
      return { tone: 'warn', text: 'Interrupted in the middle. What was done is kept.', isAboutModel };
    case 'budget':
      return { tone: 'warn', text: 'The limit of this run is reached.', isAboutModel };
    case 'failed':
    case null:
      return error?.code === 'NO_MODEL'
        ? { tone: 'warn', text: 'No model is set up yet.', isAboutModel }
        : { tone: 'bad', text: 'The agent could not go on.', isAboutModel };
  }
};
