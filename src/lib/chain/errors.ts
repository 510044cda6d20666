// Errors of the chain rooms.

import { PayableError } from '#lib/core/errors.ts';

/** JSON-RPC error codes used here; viem and wagmi decide by them whether to retry. */
export const RPC_CODES = {
  reverted: 3,
  refused: -32000,
  rejectedTransaction: -32003,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  disconnected: 4900,
} as const;

/** An error response of the chain: callers receive `rpcCode`, `message` and `data` over JSON-RPC. */
export class RpcFailure extends PayableError {
  readonly rpcCode: number;
  readonly data: `0x${string}` | undefined;

  constructor(rpcCode: number, message: string, data?: `0x${string}`) {
    super('chain/rpc', message);
    this.rpcCode = rpcCode;
    this.data = data;
  }
}

export const invalidParams = (what: string): RpcFailure => new RpcFailure(RPC_CODES.invalidParams, what);
export const rejected = (why: string): RpcFailure => new RpcFailure(RPC_CODES.rejectedTransaction, why);
export const refused = (why: string): RpcFailure => new RpcFailure(RPC_CODES.refused, why);

/** A state, genesis or archive file that is damaged or inconsistent. */
export class BadChainFileError extends PayableError {
  constructor(file: string, what: string, cause?: unknown) {
    super('chain/bad-file', `${file}: ${what}.`, {
      hint: 'Take a whole copy of the file, made by this version of the app.',
      cause,
    });
  }
}

/** The stored chain has another genesis than the one that the app ships now. */
export class OtherGenesisError extends PayableError {
  constructor(kept: string, shipped: string) {
    super('chain/other-genesis', `The kept sandbox chain stands on genesis ${kept}, this app ships ${shipped}.`, {
      hint: 'Export the old chain if you want to keep it, then reset the sandbox.',
    });
  }
}

/** Stored blocks do not replay to the recorded blocks. */
export class ReplayError extends PayableError {
  constructor(number: number, what: string, cause?: unknown) {
    super('chain/replay', `Block ${number} of the kept sandbox chain cannot be trusted: ${what}.`, {
      hint: 'Import an earlier export, or reset the sandbox.',
      cause,
    });
  }
}

const isFull = (cause: unknown): boolean => cause instanceof Error && /quota/i.test(`${cause.name} ${cause.message}`);

/** The browser refused to store transactions or indexed rows. The chain itself is not affected. */
export class RecordsStorageError extends PayableError {
  constructor(cause: unknown) {
    const full = isFull(cause);
    super(
      full ? 'chain/records-full' : 'chain/records',
      full
        ? 'This browser has no room left to note what happens on the chain.'
        : 'This browser could not note what happens on the chain.',
      {
        hint: full
          ? 'Free some space. What is on the chain stays; look there before you send anything again.'
          : 'Private windows often refuse storage. What is on the chain stays.',
        cause,
      },
    );
  }
}

/** The browser refused to store a block. Nothing was changed. */
export class ChainStorageError extends PayableError {
  constructor(cause: unknown) {
    const full = isFull(cause);
    super(
      full ? 'chain/storage-full' : 'chain/storage',
      full
        ? 'There is no room left to keep this block; the transaction was not made.'
        : 'This block could not be kept; the transaction was not made.',
      {
        hint: full ? 'Free some space and send it again.' : 'Private windows often refuse storage. Send it again.',
        cause,
      },
    );
  }
}

/** The worker that runs the chain ended before it answered. */
export class ChainGoneError extends PayableError {
  constructor(cause?: unknown) {
    super('chain/gone', 'The chain stopped before it answered.', {
      hint: 'It starts again by itself; see whether your change was made, then try again.',
      cause,
    });
  }
}

/** The browser lacks a feature that the chain inside the app needs. */
export class NoChainHomeError extends PayableError {
  constructor(what: string) {
    super('chain/no-home', `The sandbox chain cannot run here: ${what}.`, {
      hint: 'Open the app over https or from localhost, in a browser of the last years.',
    });
  }
}

/** The description of an L2 is not valid. */
export class ChainConfigError extends PayableError {
  constructor(field: string, what: string) {
    super('chain/config', `Chain configuration: "${field}" ${what}.`, {
      hint: 'See docs/guides/run-an-l2.md for every field, and l2/ for examples.',
    });
  }
}

/** The chain lacks the CREATE2 deployer. */
export class MissingDeployerError extends PayableError {
  constructor(address: string) {
    super('chain/no-deployer', `This chain has no deterministic deployer at ${address}.`, {
      hint: 'Send its well-known creation transaction to this chain first.',
    });
  }
}

/** A transaction of a deployment failed. */
export class DeployFailedError extends PayableError {
  constructor(what: string, hash: string) {
    super('chain/deploy-failed', `Deploying stopped at ${what}: transaction ${hash} failed.`, {
      hint: 'Run it again: what is deployed already stays and is not sent twice.',
    });
  }
}

/** Only the founder named in the plan can wire the roles. */
export class NotTheFounderError extends PayableError {
  constructor(given: string, founder: string) {
    super('chain/not-the-founder', `The wallet is ${given}, the plan's founder is ${founder}.`, {
      hint: "Connect the founder's wallet, or plan the deployment for this one.",
    });
  }
}
