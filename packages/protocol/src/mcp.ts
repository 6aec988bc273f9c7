/** The hub's MCP server as its clients address it (I20). */

/** Tools that the MCP server of the hub offers. */
export const mcpToolNames = ['terminal', 'filesystem', 'nodes'] as const;

/** Path of the hub's MCP server over streamable HTTP. */
export const mcpPath = '/mcp';
/** Names the session of a call that is signed by a device; default: the person's default session. */
export const mcpSessionHeader = 'navis-session';
/** A bearer token: its id, then 128 bits or more. */
export const mcpTokenPattern = /^navismcp\.(x_[0-9a-z]{4,40})\.([A-Za-z0-9_-]{32,64})$/;
