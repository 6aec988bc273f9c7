/** What is told of recalls: the event, and when it is worth an alarm (A5). */
import type { Recall, RecallRun, RecallUpdate } from '@navisai/protocol';
import { hubStream, type NewEvent } from '@navisai/store';

/** Without the task: an event is told to everyone who follows the hub, again and again. */
export const recallEvent = (change: RecallUpdate['change'], recall: Recall, run: RecallRun | null = null): NewEvent => {
  const { task: _, ...told } = recall;
  return { stream: hubStream, type: 'recall.updated', data: { change, recall: told, run } };
};

/** A run that was left out as its person wanted is none, unless there will be no other. */
export const isAlarming = ({ notify, nextAt }: Recall, { state }: RecallRun): boolean => {
  if (notify === 'never' || state === 'running') return false;
  if (notify === 'always' || state === 'failed' || state === 'interrupted') return true;
  return state === 'missed' && nextAt === null;
};
