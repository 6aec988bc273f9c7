/** The profile of conversations and recalls that name none (P4). */
export const defaultProfileId = 'developer';
