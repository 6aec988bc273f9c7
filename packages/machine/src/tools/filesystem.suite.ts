/** The behaviour of the tool `filesystem`, the same for every target that executes it (N4). */
import { fileChangesSuite } from './suites/file-changes.suite.ts';
import { fileReadsSuite } from './suites/file-reads.suite.ts';
import { fileTransferSuite } from './suites/file-transfer.suite.ts';
import { fileTreesSuite } from './suites/file-trees.suite.ts';
import type { MakeTarget } from './terminal-target.fixture.ts';
import { toolSuite } from './tool.suite.ts';

export const filesystemSuite = (makeTarget: MakeTarget): void =>
  toolSuite('filesystem', makeTarget, [fileReadsSuite, fileChangesSuite, fileTreesSuite, fileTransferSuite]);
