import type { Plugin } from 'rolldown';
export interface FollowOptions {
  root: string;
  /** Folders that are copied as they are, and their names in the bundle. */
  folders: Readonly<Record<string, string>>;
}
/** Everything lands flat in one folder, so the new address is always `./name`. */
export declare function followSiblings({ root, folders }: FollowOptions): Plugin;
