// The contracts' own libraries behind functions that a test can call, on the embedded chain, and all that a Settlement needs around it.

import { decodeFunctionResult, encodeFunctionData, type Address } from 'viem';
import { deploySolidity } from './deploy-solidity.ts';
import { createTestNode } from './embedded-chain.ts';
import { compileSolidity, type Compiled } from './solidity.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {CallRule} from "contracts/src/attribution/lib/CallRule.sol";
import {Merkle} from "contracts/src/attribution/lib/Merkle.sol";
import {PayoutList} from "contracts/src/attribution/lib/PayoutList.sol";
import {PotCodec} from "contracts/src/attribution/lib/PotCodec.sol";
import {RowCodec} from "contracts/src/attribution/lib/RowCodec.sol";
import {SketchDot} from "contracts/src/attribution/lib/SketchDot.sol";
import {SumMerkle} from "contracts/src/attribution/lib/SumMerkle.sol";
import {DatanetRef, DatanetRefs} from "contracts/src/interfaces/DatanetRef.sol";
import {IModelRegistry} from "contracts/src/interfaces/IModelRegistry.sol";

contract Harness {
    function leaf(bytes32 content, uint128 amount) external pure returns (bytes32) { return SumMerkle.leaf(content, amount); }
    function depth(uint256 count) external pure returns (uint256) { return SumMerkle.depth(count); }
    function fold(bytes32 node, uint128 sum, uint256 index, bytes32[] calldata siblings, uint128[] calldata sums)
        external pure returns (bytes32, uint256, uint256) { return SumMerkle.fold(node, sum, index, siblings, sums); }
    function merkle(bytes32[] calldata proof, bytes32 root, bytes32 node) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, node);
    }
    function standard(address who, bytes32 item) external pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(who, item))));
    }
    function root(bytes32[] memory nodes) external pure returns (bytes32) { return Merkle.root(nodes); }
    function rootAt(bytes32 node, uint256 index, uint256 count, bytes32[] calldata path) external pure returns (bytes32) {
        return Merkle.rootAt(node, index, count, path);
    }

    function dot(bytes calldata a, bytes calldata b) external pure returns (int256) { return SketchDot.dot(a, b); }
    function influence(RowCodec.Row calldata r) external pure returns (bytes32) { return RowCodec.influenceLeaf(r); }
    function row(bytes32 rowLeaf) external pure returns (bytes32) { return RowCodec.rowNode(rowLeaf); }
    function holder(address account, bytes32 rowsRoot) external pure returns (bytes32) {
        return RowCodec.holderContent(account, rowsRoot);
    }
    function receipt(bytes32 hash, bytes32 vectorHash) external pure returns (bytes32) {
        return RowCodec.receiptContent(hash, vectorHash);
    }
    function weightOf(bytes calldata vector, RowCodec.Row calldata r, uint40 threshold) external pure returns (uint256) {
        return CallRule.weight(RowCodec.dot(vector, r), r.scale, threshold);
    }

    function terms(uint256 count, uint256 time, uint256 keep, uint256 pool) external pure returns (uint256) {
        return PotCodec.packTerms(count, time, keep, pool);
    }
    function add(bytes32 pot, PotCodec.Record memory record) external pure returns (bytes32) {
        return PotCodec.add(pot, record);
    }
    function unroll(bytes32 pot, PotCodec.Record[] calldata records) external pure returns (uint256, uint256, uint256, uint256) {
        (uint256 pool, uint256 keep) = PotCodec.unroll(pot, records);
        return (pool, keep, PotCodec.recordsOf(pot), PotCodec.sinceOf(pot));
    }
    function lines(bytes32 chain, PotCodec.PaidLine[] calldata list) external pure returns (bool) {
        PotCodec.checkLines(chain, list);
        return true;
    }

    function list(uint256[] calldata words, uint256 pool, address ledger) external pure returns (bytes32, uint256) {
        return PayoutList.check(words, pool, ledger);
    }
    function listed(uint256 amount, uint256 pool) external pure returns (bool) { return PayoutList.isListed(amount, pool); }
    function payout(address account, uint96 amount) external pure returns (uint256) { return PayoutList.pack(account, amount); }

    function entry(address a, uint256 r, uint256 c, uint256 w) external pure returns (uint256) { return CallRule.pack(a, r, c, w); }
    function callPool(uint256 cost, uint256 pool, uint256 gross) external pure returns (uint256) {
        return CallRule.callPool(cost, pool, gross);
    }
    function part(uint256[] calldata entries, address account, uint256 pool) external pure returns (uint256) {
        return CallRule.partOf(entries, account, pool);
    }
    function omitted(uint256[] calldata entries, uint256 w, uint256 r, uint256 c) external pure returns (bool) {
        return CallRule.isOmitted(entries, w, r, c);
    }

    function ref(uint64 d, uint32 v, uint16 w) external pure returns (DatanetRef) { return DatanetRefs.pack(d, v, w); }
    function lineage(uint256 parent, DatanetRef[] memory refs) external pure returns (bytes32) {
        return DatanetRefs.lineage(parent, refs);
    }
}

/// Authority, token, models, influence and ledger of a settlement: all that it calls.
contract World {
    IModelRegistry.Terms private terms;
    bytes32 private lineage;
    function setTerms(uint16 dev, uint16 data, uint16 node, bool isAlone) external {
        terms = IModelRegistry.Terms(address(this), dev, data, node, 0);
        lineage = isAlone ? DatanetRefs.EMPTY_LINEAGE : bytes32("lineage");
    }
    function bookOf(uint256, uint32) external view returns (IModelRegistry.Terms memory, bytes32) { return (terms, lineage); }
    function priceOf(uint256) external pure returns (uint128, uint128) { return (0, 0); }
    function canCall(address, address, bytes4) external pure returns (bool, uint32) { return (true, 0); }
    function transferFrom(address, address, uint256) external pure returns (bool) { return true; }
}
`;

export interface Reference {
  chain: ReturnType<typeof createTestNode>;
  world: Compiled;
  /** Calls a function of the harness. */
  ask<T>(functionName: string, ...args: unknown[]): Promise<T>;
}

export async function deployReference(): Promise<Reference> {
  const chain = createTestNode();
  const contracts = compileSolidity(SOURCE);
  const { abi } = contracts['Harness']!;
  const to: Address = await deploySolidity(chain, contracts['Harness']!);
  return {
    chain,
    world: contracts['World']!,
    async ask<T>(functionName: string, ...args: unknown[]) {
      const { data } = await chain.reader.call({ to, data: encodeFunctionData({ abi, functionName, args }) });
      return decodeFunctionResult({ abi, functionName, data: data! }) as T;
    },
  };
}
