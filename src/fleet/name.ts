/** What a node, device, session or person may be called: one level of a topic, so nothing that means something there, and no `__proto__`. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
