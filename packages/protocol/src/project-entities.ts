/** Projects on nodes, as they are found and looked at (I18). */
import { z } from 'zod';
import { nodeIdSchema, projectIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

/** A node has at most so many; further ones are not told. */
export const maxProjects = 500;
/** Of the text of a diff; the rest is left out, and that is told. */
export const maxProjectDiffBytes = 256 * 1024;
export const maxChangedFiles = 1000;

const count = z.number().int().min(0);
const names = z.array(z.string().min(1).max(64)).max(50);
const path = z.string().min(1).max(4096);

export const gitSummarySchema = z.object({
  /** `null` when the head is detached. */
  branch: z.string().max(1000).nullable(),
  /** Short; `null` before the first commit. */
  commit: z.string().max(64).nullable(),
  upstream: z.string().max(1000).nullable(),
  ahead: count,
  behind: count,
  /** Files by what is true of them; one may be staged and changed. */
  staged: count,
  changed: count,
  untracked: count,
  conflicts: count,
  /** Lines against the last commit, untracked files left out. */
  insertions: count,
  deletions: count,
});
export type GitSummary = z.infer<typeof gitSummarySchema>;

/** What a machine tells of one of its projects. */
export const projectFactsSchema = z.object({
  /** Without links. */
  path,
  name: z.string().min(1).max(255),
  languages: names,
  frameworks: names,
  /** `null`: no repository, or Git is not installed there or does not answer. */
  git: gitSummarySchema.nullable(),
});
export type ProjectFacts = z.infer<typeof projectFactsSchema>;

export const projectSchema = projectFactsSchema.extend({
  id: projectIdSchema,
  nodeId: nodeIdSchema,
  foundAt: timestampSchema,
  /** When its node last told of it. */
  checkedAt: timestampSchema,
});
export type Project = z.infer<typeof projectSchema>;

export const changedFileSchema = z.object({
  path: z.string().max(4096),
  /** As Git tells them: of the index and of the working tree; `?` is untracked, `u` a conflict. */
  index: z.string().max(1),
  tree: z.string().max(1),
});

/** One project with what Git tells of its changes. */
export const projectDetailSchema = projectFactsSchema.extend({
  files: z.array(changedFileSchema).max(maxChangedFiles),
  /** Against the last commit, in Git's own form; untracked files are only named. */
  diff: z.string(),
  isTruncated: z.boolean(),
});
export type ProjectDetail = z.infer<typeof projectDetailSchema>;

/** One slice of a search: those found in it, and whether more will come. */
export const projectScanSchema = z.object({
  /** To be given to go on. */
  scan: z.string().min(1).max(64),
  projects: z.array(projectFactsSchema).max(maxProjects),
  /** Directories so far. */
  visited: count,
  isDone: z.boolean(),
  /** A bound was reached: there may be more than was told. */
  isPartial: z.boolean(),
});
export type ProjectScan = z.infer<typeof projectScanSchema>;

export const projectChanges = ['found', 'changed', 'removed'] as const;

export const projectUpdateSchema = z.object({ change: z.enum(projectChanges), project: projectSchema });

export const discoveryProgressSchema = z.object({
  nodeId: nodeIdSchema,
  state: z.enum(['scanning', 'done', 'failed']),
  visited: count,
  found: count,
  /** Why it failed, or that not all was looked at. */
  reason: z.string().max(1000).optional(),
});
export type DiscoveryProgress = z.infer<typeof discoveryProgressSchema>;
