/** How moments are written on the wire. */
import { z } from 'zod';

/** ISO 8601 in UTC with milliseconds. */
export const timestampSchema = z.iso.datetime({ precision: 3 });
