/** What counts right now: the node's own file, narrowed by the hub's overlay, with the real paths of what they name (N12). */
import { realpathSync } from 'node:fs';
import type { Ceiling } from '@navisai/protocol';
import { directoriesOf, isRestricting, normalPath, parseAllowedCommands } from '@navisai/policy';
import type { AllowedCommands, Directory, PolicyRules } from '@navisai/policy';
import { overlaySource } from '../guard.ts';
import { runDirectoryFor } from '../host/run-directory.ts';
import type { MachineOptions } from '../machine-options.types.ts';
import { withRealPaths, writableOf } from '../sandbox/links.ts';
import { everythingOf, machinePlaces, systemPlaces } from '../sandbox/system-mounts.ts';
import { createOverlayFile } from './overlay-file.ts';
import type { OverlayFile } from './overlay-file.ts';
import { createPolicyFile } from './policy-file.ts';
import type { PolicyFile } from './policy-file.ts';

export interface ResolvedLayers {
  ceiling: Ceiling | null;
  overlay: Ceiling | null;
  everything: Directory[];
  /** Where any command may have left a link. */
  writable: string[];
}

export class EffectivePolicy {
  readonly home: string;
  readonly ceilingFile: string | undefined;
  /** What no command may reach with a ceiling; the first two are directories of this machine's own. */
  readonly hiddenPaths: readonly string[];
  /** The same without the code of the program, which an agent may read (A7). */
  readonly ownPaths: readonly string[];
  readonly #file: PolicyFile;
  readonly #overlays: OverlayFile;
  readonly #allowedCommands: AllowedCommands;
  #overlay: Ceiling | null = null;
  #lastReplacement: Promise<void> = Promise.resolve();

  constructor(options: MachineOptions) {
    const { stateDirectory, runtimeDirectory, home, ceilingFile, allowedCommands } = options;
    this.home = home;
    this.ceilingFile = ceilingFile;
    const own = [stateDirectory, runDirectoryFor(stateDirectory, runtimeDirectory), ...(options.hiddenPaths ?? [])];
    const all = ceilingFile === undefined ? own : [...own, ceilingFile];
    this.ownPaths = all.map((path) => normalPath(path, home));
    this.hiddenPaths = [...this.ownPaths, ...(options.programPaths ?? []).map((path) => normalPath(path, home))];
    this.#file = createPolicyFile(ceilingFile);
    this.#overlays = createOverlayFile(stateDirectory);
    this.#allowedCommands = parseAllowedCommands(allowedCommands);
  }

  /** Throws POLICY_DENIED when the file is broken, as everything here that reads it. */
  get ceiling(): Ceiling | null {
    return this.#file.read();
  }

  get overlay(): Ceiling | null {
    return this.#overlay;
  }

  get isRestricted(): boolean {
    return isRestricting(this.ceiling) || isRestricting(this.#overlay);
  }

  loadOverlay(): void {
    this.#overlay = this.#overlays.load();
  }

  /** Counts only when `check` accepts it and it was kept; one after the other, so that a failure brings back the right one. */
  replaceOverlay(overlay: Ceiling | null, check: () => Promise<void>): Promise<void> {
    const replaced = this.#lastReplacement.then(() => this.#replaceOverlay(overlay, check));
    this.#lastReplacement = replaced.catch(() => undefined);
    return replaced;
  }

  async #replaceOverlay(overlay: Ceiling | null, check: () => Promise<void>): Promise<void> {
    const before = this.#overlay;
    this.#overlay = overlay;
    try {
      await check();
      this.#overlays.save(overlay);
    } catch (error) {
      this.#overlay = before;
      throw error;
    }
  }

  resolved(): ResolvedLayers {
    const { ceiling, home } = this;
    const everything = everythingOf(home);
    const writable = writableOf((ceiling === null ? null : directoriesOf(ceiling, home)) ?? everything);
    const real = (layer: Ceiling | null): Ceiling | null => layer && withRealPaths(layer, { home, writable });
    return { ceiling: real(ceiling), overlay: real(this.#overlay), everything, writable };
  }

  rules(): PolicyRules {
    const { home } = this;
    const unlimited = { allowedCommands: this.#allowedCommands, home };
    if (this.ceiling === null && this.#overlay === null) return unlimited;
    const { ceiling, overlay } = this.resolved();
    const layers = [
      ...(ceiling === null ? [] : [{ ceiling, source: this.ceilingFile ?? '' }]),
      ...(overlay === null ? [] : [{ ceiling: overlay, source: overlaySource }]),
    ];
    if (!this.isRestricted) return { ...unlimited, layers };
    const hidden = [...this.hiddenPaths, ...this.hiddenPaths.map(realPathOf), ...machinePlaces];
    return { ...unlimited, layers, protectedPaths: { hidden, readOnly: systemPlaces } };
  }
}

/** The path itself when nothing lies there. */
export const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
