/** The facts about processes that tree search, idle detection and terminals need. */

/** A process that cannot be confused with a later one of the same PID. */
export interface ProcessReference {
  pid: number;
  /** As the kernel tells it; only ever compared for equality. */
  startTime: string;
}

export interface ProcessInfo extends ProcessReference {
  parentPid: number;
  processGroup: number;
  /** The PID of the session's leader; 0 where the platform does not tell. */
  session: number;
  /** Foreground process group of the controlling terminal; -1 without one. */
  foregroundGroup: number;
  hasTerminal: boolean;
  /** A zombie: it runs nothing and takes no signal. */
  isDead: boolean;
  /** Used by it and by the children it has waited for. */
  cpuMs: number;
}

export interface ListedProcess extends ProcessInfo {
  /** Its environment at exec holds a marker that was asked for. False when the environment may not be read. */
  carriesMarker: boolean;
}

/** Never throws for a process that is gone: the answer is `null`. */
export interface ProcessTable {
  /** A marker is a whole `NAME=value` entry of the environment. */
  list(markers?: string | readonly string[]): Promise<ListedProcess[]>;
  info(pid: number): Promise<ProcessInfo | null>;
  cwd(pid: number): Promise<string | null>;
  /** The program's short name, as `ps` shows it. */
  program(pid: number): Promise<string | null>;
  /** True for a shell at its prompt, which ends by a hangup only. */
  ignoresTermination(process: ProcessInfo): Promise<boolean>;
}
