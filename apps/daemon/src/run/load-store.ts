/** Reads what the hub keeps in memory of its store, and makes store and machine agree. */
import type { HubServices } from '../create-hub.ts';
import { ownerUserId } from '../services/devices.ts';
import { recoveredTitle } from '../services/sessions.ts';
import { type HostDevice, registerHostDevice } from './host-device.ts';
import type { TerminalRecorder } from './terminal-recorder.ts';

/** Rejects NavisError DEGRADED when the store cannot be read. */
export const loadStore = async (
  { devices, enrolments, revocations, pairing, nodes, models, feed, hub, keeper }: HubServices,
  { host, recorder }: { host: HostDevice; recorder: TerminalRecorder },
): Promise<void> => {
  // Before the devices are read: it revokes the host devices whose key was lost.
  try {
    await registerHostDevice(host, feed);
    await enrolments.addMissing(keeper.store, feed);
  } catch (error) {
    hub.log.warn({ err: error }, 'the devices could not be registered');
  }
  await devices.load();
  await revocations.update();
  await pairing.load();
  await nodes.load();
  await models.load();
  recorder.load(await keeper.store.read.terminals.list());
  const forgotten = await nodes.restore(recorder.remoteTerminals());
  for (const nodeId of forgotten) recorder.reconcile(nodeId);
};

/**
 * Every terminal of the hub's own machine has a session that is open: those of a session that was closed are ended (the hub was
 * killed while it closed it), those of a session that the store does not know get it back (the store was lost).
 */
export const reconcileSessions = async ({ hub, sessions }: HubServices): Promise<void> => {
  const { main } = hub.machine;
  const sessionIds = new Set(main.terminals().map(({ sessionId }) => sessionId));
  for (const id of sessionIds) {
    if (await sessions.isOpen(id)) continue;
    const isBack = await sessions.restore({ id, title: recoveredTitle, userId: ownerUserId });
    if (!isBack) await main.closeSession(id, 'The session was closed.');
  }
};
