// The whole app runs in the browser; there is no server that could render it.

export const ssr = false;
export const prerender = false;
