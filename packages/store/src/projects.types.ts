/** The port of projects as nodes told of them (I18). */
import type { Project } from '@navisai/protocol';

export interface ProjectReader {
  get(id: string): Promise<Project | undefined>;
  /** By node and path. */
  list(request?: { nodeId?: string | undefined }): Promise<Project[]>;
}

export interface ProjectWriter extends ProjectReader {
  /** Takes the place of what was known of it; when it was found first stays. */
  put(project: Project): Promise<void>;
  remove(id: string): Promise<boolean>;
}
