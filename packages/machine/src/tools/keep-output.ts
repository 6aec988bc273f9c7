/** Writes the output of a call that ran in a terminal to where the outputs of calls are kept (T3). */
import { maxInlineOutputBytes } from '@navisai/protocol';
import { diskRefusal } from '../disk-words.ts';
import { CallRecordWriter } from '../run/call-record.ts';
import { callsDirectoryOf } from '../run/host-files.ts';
import { RecordPool } from '../run/record-pool.ts';
import { keptOf, OutputFileWriter, outputLimits } from '../run/output-file.ts';
import type { KeepRequest, OutputKeeper } from './output-keeper.types.ts';

export const createOutputKeeper = (stateDirectory: string): OutputKeeper => ({
  async keep(request) {
    try {
      await writeCall(callsDirectoryOf(stateDirectory), request);
      return null;
    } catch (error) {
      return `The whole output could not be kept because ${diskRefusal(error)}.`;
    }
  },
});

const writeCall = async (callsDirectory: string, request: KeepRequest): Promise<void> => {
  const { callId, sessionId, command, totalBytes } = request;
  const now = new Date().toISOString();
  const facts = {
    callId,
    sessionId,
    file: '',
    args: [command],
    workingDirectory: '',
    timeoutMs: 0,
    startedAt: now,
    hostId: '',
    bootId: '',
  };
  // An empty pool: these records are few and nobody waits for them.
  const record = CallRecordWriter.create({ records: new RecordPool(callsDirectory), callsDirectory, facts });
  const output = new OutputFileWriter(record.basePath, 'stdout', outputLimits);
  try {
    let written = 0;
    while (written < totalBytes) {
      const bytes = await request.read(written, maxInlineOutputBytes);
      if (bytes.length === 0) break;
      await output.write(written, Buffer.from(bytes));
      written += bytes.length;
    }
    const stderr = { totalBytes: 0, headBytes: 0, tailFrom: 0 };
    record.writeResult({
      end: { kind: 'ended', ...request.end },
      endedAt: now,
      stdout: keptOf(written, outputLimits),
      stderr,
      warnings: [],
    });
  } finally {
    await output.close();
    record.close();
  }
};
