/** What the hub knows of the places on a machine: only its own home directory. */
import type { Place } from '@navisai/policy';
import { mainNodeId } from '@navisai/protocol';

/** Stands for a home directory that only the node knows; the node judges again with its own. */
const unknownHome = '/~';

export const placeOfNode = (nodeId: string, home: string): Place => ({
  home: nodeId === mainNodeId ? home : unknownHome,
});

/** As a person knows it. */
export const shownDirectory = (directory: string | null): string | null =>
  directory === unknownHome || directory?.startsWith(`${unknownHome}/`) === true ? directory.slice(1) : directory;
