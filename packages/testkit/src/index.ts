/** What tests of every room start and break: hubs, devices, recorders, faults, leaks. */
export * from './fault-proxy.ts';
export * from './host-client.ts';
export * from './hub-process.ts';
export * from './model-server.ts';
export * from './open-terminal.ts';
export * from './pair-device.ts';
export * from './process-marks.ts';
export * from './programs.ts';
export * from './terminal-recorder.ts';
export * from './test-home.ts';
export * from './test-hub.ts';
export * from './test-node.ts';
export * from './until.ts';
