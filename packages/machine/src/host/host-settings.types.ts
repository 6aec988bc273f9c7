/** What every host is told by the hub that starts it, as JSON in one argument; each kind of host adds its own. */

export interface HostSettings {
  hostId: string;
  stateDirectory: string;
  /** Of sockets; short and private. */
  runDirectory: string;
  bootId: string;
  /** Of the code that it runs. */
  buildId: string;
}
