/** What the kernel tells about processes, behind one small interface for Linux (`/proc`) and macOS (`ps`). */
import { createDarwinProcessTable } from './process-table-darwin.ts';
import { createLinuxProcessTable } from './process-table-linux.ts';
import type { ProcessTable } from './process-table.types.ts';

export const createProcessTable = (platform: NodeJS.Platform = process.platform): ProcessTable =>
  platform === 'darwin' ? createDarwinProcessTable() : createLinuxProcessTable();
