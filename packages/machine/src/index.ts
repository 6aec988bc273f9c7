/** Everything that runs on a computer: terminals, one-shot commands, and the tools over them. */
export { verifySignature } from './authority/verify-signature.ts';
export { createMachine } from './create-machine.ts';
export { currentLoad, describePlatform } from './describe-machine.ts';
export { garbageCollector } from './host/collect-garbage.ts';
export type { MachineOptions } from './machine-options.types.ts';
export type {
  AttachRequest,
  CallOutputSink,
  FileReadRequest,
  FileReadResult,
  FileWriteRequest,
  Machine,
  MachineEvent,
  ToolCallRequest,
  ToolEvent,
  ViewerSink,
} from './machine.types.ts';
export type { Program } from './guard.types.ts';
export { maskChild } from './mask/mask-child.ts';
export { escapeForDisplay, shortForDisplay } from './plain-text/escape-for-display.ts';
export { readableText } from './plain-text/readable-text.ts';
export type { ExitState, OutputChunk, OutputSink, OutputSubscription, ScreenSnapshot } from './pty-hosts.types.ts';
export { fileDiff } from './tools/filesystem/file-diff.ts';
export { sandboxKind } from './sandbox/bubblewrap.ts';
