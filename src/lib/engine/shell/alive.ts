// What the engine's worker says once it holds the lock that carries its name.

export const ALIVE = 'engine-alive';
