// The browser's localStorage, or null where it is blocked.

export function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
