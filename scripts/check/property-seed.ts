/** Before each unit test file: properties are tried from one seed, so that a check tells of the change and not of luck (034). */
import fc from 'fast-check';

/** Names another seed than the check's own. */
export const seedVariable = 'NAVIS_PROPERTY_SEED';

fc.configureGlobal({ seed: Number(process.env[seedVariable] ?? 1) });
