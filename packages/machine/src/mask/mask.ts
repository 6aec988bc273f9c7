/** Keeps what agents start away from Navis's own state: programs by a sandbox, files by their real path (A7). */
import { errorTable, NavisError } from '@navisai/protocol';
import { contains } from '@navisai/policy';
import type { Program } from '../guard.types.ts';
import type { ToolCallRequest } from '../machine.types.ts';
import type { Bubblewrap, findBubblewrap } from '../sandbox/bubblewrap.ts';
import { isMasked, maskArguments, masked } from '../sandbox/masked.ts';
import { machinePlaces } from '../sandbox/system-mounts.ts';
import { maskPlaces } from './mask-places.ts';
import type { MaskPlaces, MaskRequest } from './mask-places.ts';

export interface MaskParts extends MaskRequest {
  /** The folder of commands for open shells; made on first use. */
  scriptFolder(): Promise<string>;
  findSandbox: typeof findBubblewrap;
}

type Asking = Pick<ToolCallRequest, 'origin' | 'isUnmasked' | 'sessionId'>;

/** Where nothing can hold a program it is tried again after this time: somebody may install it. */
const retryMs = 60_000;
/** What is hidden changes rarely, and paths are judged by the thousand within one call. */
const placesForMs = 1000;
/** Named overflow: the oldest session is told again. */
const maxToldSessions = 1000;

interface CurrentPlaces {
  places: MaskPlaces;
  mounts: readonly string[];
  at: number;
}

export class Mask {
  readonly #parts: MaskParts;
  #found: Promise<Bubblewrap | { reason: string }> | undefined;
  #foundAt = 0;
  #isMissing = false;
  #looked: CurrentPlaces | undefined;
  readonly #told = new Set<string>();

  constructor(parts: MaskParts) {
    this.#parts = parts;
  }

  /** The program itself where nothing here can hold it. */
  async confine(program: Program): Promise<Program> {
    const bubblewrap = await this.#bubblewrap();
    if (!('path' in bubblewrap)) return program;
    const scriptFolder = await this.#parts.scriptFolder();
    const { places, mounts } = this.#current();
    if (places.hidden.some((path) => contains(path, program.workingDirectory)))
      throw denied(program.workingDirectory, hiddenReason);
    return masked({ bubblewrap, mounts, scriptFolder, program });
  }

  /** Throws POLICY_DENIED; the path is absolute and free of links. */
  allowPath({ realPath, access }: { realPath: string; access: 'read' | 'write' }): void {
    const { hidden, readOnly, writable, kept, devices } = this.#current().places;
    const holds = (places: readonly string[]): boolean => places.some((place) => contains(place, realPath));
    if (holds(hidden)) throw denied(realPath, hiddenReason);
    const shown = [...kept.map(({ target }) => target), ...devices, ...(access === 'read' ? kernelFacts : [])];
    if (holds(machinePlaces) && !holds(shown)) throw denied(realPath, 'shows or leads to what runs outside');
    if (access === 'read') return;
    if (hidden.some((place) => contains(realPath, place))) throw denied(realPath, 'holds what belongs to Navis itself');
    if (holds(readOnly) && !holds(writable.filter((path) => readOnly.some((outer) => contains(outer, path)))))
      throw denied(realPath, 'is executed outside, by Navis, the system or at a login');
  }

  /** Throws POLICY_DENIED when an agent's input would be executed by what was started outside of the mask. */
  allowInput(started: Pick<Program, 'file' | 'args'> & { labels: Record<string, string> }, asking: Asking): void {
    if (!isAgents(asking) || isMasked(started)) return;
    // Where nothing can be masked, an agent's own terminals are no worse than its commands.
    if (this.#isMissing && started.labels['origin'] === 'agent') return;
    throw new NavisError(
      'POLICY_DENIED',
      'This terminal was opened by a person, or with more rights than a call of an agent has. Open a terminal of your own, or ask the person to let this call run unmasked. Nothing was typed.',
    );
  }

  /** What an agent's session is told once where nothing here can mask what it starts. */
  async warningFor({ sessionId, ...asking }: Asking): Promise<string | null> {
    if (!isAgents({ sessionId, ...asking }) || this.#told.has(sessionId)) return null;
    const found = await this.#bubblewrap();
    if ('path' in found) return null;
    this.#told.add(sessionId);
    for (const oldest of this.#told) if (this.#told.size > maxToldSessions) this.#told.delete(oldest);
    return `Nothing on this machine hides Navis's own state from what agents start: ${found.reason}`;
  }

  async #bubblewrap(): Promise<Bubblewrap | { reason: string }> {
    if (this.#isMissing && performance.now() - this.#foundAt > retryMs) this.#found = undefined;
    this.#found ??= this.#look();
    return this.#found;
  }

  async #look(): Promise<Bubblewrap | { reason: string }> {
    const found = await this.#parts.findSandbox();
    this.#foundAt = performance.now();
    this.#isMissing = !('path' in found);
    return found;
  }

  #current(): CurrentPlaces {
    const at = performance.now();
    if (this.#looked === undefined || at - this.#looked.at > placesForMs) {
      const places = maskPlaces(this.#parts);
      this.#looked = { places, mounts: maskArguments(places), at };
    }
    return this.#looked;
  }
}

/** Everything no person asked for, unless one let it run unmasked. */
export const isAgents = ({ origin, isUnmasked }: Asking): boolean => origin === 'agent' && isUnmasked !== true;

/** Of the machine as a whole, and of no process. */
const kernelFacts =
  'sys cpuinfo meminfo version loadavg uptime stat filesystems modules partitions diskstats vmstat swaps'
    .split(' ')
    .map((name) => `/proc/${name}`);

const hiddenReason = 'belongs to Navis itself, or opens a way around its limits';

const denied = (path: string, why: string): NavisError =>
  new NavisError(
    'POLICY_DENIED',
    `${path} ${why}: nothing that an agent starts may use it so. A person can let one call run unmasked. ${errorTable.POLICY_DENIED.message}`,
  );
