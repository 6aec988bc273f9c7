/** Why the bridge did not start, and the exit code that belongs to it (the same as in the error table of the product). */

export const exitCodes = { usage: 2, notAllowed: 4, conflict: 6 } as const;

export class BridgeError extends Error {
  readonly exitCode: number;

  constructor(reason: keyof typeof exitCodes, message: string) {
    super(message);
    this.name = 'BridgeError';
    this.exitCode = exitCodes[reason];
  }
}
