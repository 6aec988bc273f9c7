/** Talks to agents of the Agent Client Protocol on the machine where they run (I19). */
export {};
