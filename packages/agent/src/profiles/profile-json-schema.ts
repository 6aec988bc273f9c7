/** The published JSON schema of `profile.json` (P1). */
import { profileSchema } from '@navisai/protocol';
import { z } from 'zod';

export const profileJsonSchema = (): Record<string, unknown> => {
  const schema = z.toJSONSchema(profileSchema, { io: 'input' });
  return {
    $schema: schema.$schema,
    title: 'A profile of an agent of Navis',
    description: 'profile.json, beside system_prompt.txt in a folder of the profile’s id.',
    ...schema,
    properties: { $schema: { type: 'string' }, ...schema.properties },
  };
};
