// Types the app shares with the framework.

declare global {
  namespace App {
    interface Error {
      message: string;
      code?: string;
      hint?: string | undefined;
    }
  }
}

export {};
