/** Who looks at which terminal and who of them controls it: at most one (architecture, idea 2; A8). */
import { NavisError } from '@navisai/protocol';
import type { TerminalInfo } from '@navisai/protocol';

export type Controller = NonNullable<TerminalInfo['controller']>;

export interface Viewer {
  readonly viewerId: string;
  readonly deviceId: string;
  readonly deviceName: string;
  /** Told at every change, also of its own making. */
  onControl(controller: Controller | null): void;
  /** The terminal's size as the machine tells it, at about `offset`. */
  onSize(size: { columns: number; rows: number }, offset: number): void;
  onClosed(reason: string): void;
}

export interface TerminalViewersOptions {
  setQueryResponder: (terminalId: string, responder: 'screen' | 'viewer') => void;
  /** The controller or the number of viewers of a terminal changed. */
  onChange: (terminalId: string) => void;
}

interface Watched {
  viewers: Map<string, Viewer>;
  controller: Viewer | null;
}

export class TerminalViewers {
  readonly #options: TerminalViewersOptions;
  readonly #terminals = new Map<string, Watched>();

  constructor(options: TerminalViewersOptions) {
    this.#options = options;
  }

  add(terminalId: string, viewer: Viewer): void {
    const watched = this.#terminals.get(terminalId) ?? { viewers: new Map(), controller: null };
    this.#terminals.set(terminalId, watched);
    watched.viewers.set(viewer.viewerId, viewer);
    this.#options.onChange(terminalId);
  }

  /** A viewer that leaves leaves control, too. */
  remove(terminalId: string, viewerId: string): void {
    const watched = this.#terminals.get(terminalId);
    if (watched === undefined || !watched.viewers.delete(viewerId)) return;
    if (watched.viewers.size === 0) this.#terminals.delete(terminalId);
    if (watched.controller?.viewerId === viewerId) this.#give(terminalId, watched, null);
    else this.#options.onChange(terminalId);
  }

  /** With `ifFree`, does nothing while another viewer is in control. */
  take(terminalId: string, request: { viewerId: string; ifFree: boolean }): void {
    const watched = this.#terminals.get(terminalId);
    const viewer = watched?.viewers.get(request.viewerId);
    if (watched === undefined || viewer === undefined) throw new NavisError('NOT_FOUND', 'Subscribe first.');
    const isAnothers = watched.controller !== null && watched.controller.viewerId !== viewer.viewerId;
    if (watched.controller === viewer || (isAnothers && request.ifFree)) viewer.onControl(describe(watched.controller));
    else this.#give(terminalId, watched, viewer);
  }

  release(terminalId: string, viewerId: string): void {
    const watched = this.#terminals.get(terminalId);
    if (watched?.controller?.viewerId === viewerId) this.#give(terminalId, watched, null);
  }

  /** Throws CONTROL_REQUIRED unless this viewer is in control. */
  requireControl(terminalId: string, viewerId: string): void {
    const controller = this.controllerOf(terminalId);
    if (controller === null) throw new NavisError('CONTROL_REQUIRED', 'Take control of this terminal first.');
    if (controller.viewerId !== viewerId) throw new NavisError('CONTROL_REQUIRED');
  }

  controllerOf(terminalId: string): Controller | null {
    return describe(this.#terminals.get(terminalId)?.controller ?? null);
  }

  viewersOf(terminalId: string): Viewer[] {
    return [...(this.#terminals.get(terminalId)?.viewers.values() ?? [])];
  }

  countOf(terminalId: string): number {
    return this.#terminals.get(terminalId)?.viewers.size ?? 0;
  }

  #give(terminalId: string, watched: Watched, to: Viewer | null): void {
    const hadController = watched.controller !== null;
    watched.controller = to;
    // A program's question must have exactly one answer (A8): the controlling viewer's, else the hub's own screen's.
    if (hadController !== (to !== null)) this.#options.setQueryResponder(terminalId, to === null ? 'screen' : 'viewer');
    for (const viewer of watched.viewers.values()) viewer.onControl(describe(to));
    this.#options.onChange(terminalId);
  }
}

const describe = (viewer: Viewer | null): Controller | null =>
  viewer === null ? null : { deviceId: viewer.deviceId, name: viewer.deviceName, viewerId: viewer.viewerId };
