/** Rejects when somebody else keeps the lock for longer than `deadlineMs`. */
export declare function takeLock(path: string, deadlineMs: number): Promise<Disposable>;
