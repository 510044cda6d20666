// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tag} from "./Tag.sol";

/// @title Pots, records of redemptions, and lines
/// @notice How the influence money of (node, model version) is chained into one word, and unrolled again.
/// @dev A pot is one word: `chain: 25 bytes | records: 2 bytes | since: 5 bytes`, 0 when empty. All integers are big endian.
///
///      lines chain   keccak256(0x08 | lines before: 32 | receipts: 32 | amount << 32 | calls: 32)
///      pot chain     first 25 bytes of keccak256(0x09 | chain before, zeros behind: 32 | lines: 32 | terms: 32 | gross: 32)
library PotCodec {
    /// @notice What one redemption put into a pot.
    /// @param lines Chain over the lines of the version in that redemption, from 0.
    /// @param terms `count: 3 bytes | time: 5 | keep: 12 | pool: 12`: number of lines, seconds since 1970, what proposing is paid
    ///        from, and the influence money.
    /// @param gross What the lines add up to, wei.
    struct Record {
        bytes32 lines;
        uint256 terms;
        uint256 gross;
    }

    /// @notice One line of a record.
    /// @param terms `amount << 32 | calls`.
    struct PaidLine {
        bytes32 receipts;
        uint256 terms;
    }

    /// @dev Bounds, so that a pot can always be passed in one transaction.
    uint256 internal constant MOST_RECORDS = 256;
    uint256 internal constant MOST_LINES = 256;
    uint256 internal constant MOST_CALLS = 65_536;
    uint256 private constant BELOW_CHAIN = (1 << 56) - 1;

    error OtherRecords(bytes32 pot);
    error OtherLines(bytes32 lines);

    function chainOf(bytes32 pot) internal pure returns (bytes32) {
        return bytes32(uint256(pot) & ~BELOW_CHAIN);
    }

    function recordsOf(bytes32 pot) internal pure returns (uint256) {
        return uint16(uint256(pot) >> 40);
    }

    /// @notice Time of the oldest record.
    function sinceOf(bytes32 pot) internal pure returns (uint256) {
        return uint40(uint256(pot));
    }

    function packTerms(uint256 count, uint256 time, uint256 keep, uint256 pool) internal pure returns (uint256) {
        return count << 232 | time << 192 | keep << 96 | pool;
    }

    function countOf(Record calldata record) internal pure returns (uint256) {
        return record.terms >> 232;
    }

    function keepOf(Record calldata record) internal pure returns (uint256) {
        return uint96(record.terms >> 96);
    }

    function poolOf(Record calldata record) internal pure returns (uint256) {
        return uint96(record.terms);
    }

    /// @notice The pot with one more record.
    function add(bytes32 pot, Record memory record) internal pure returns (bytes32) {
        uint256 since = pot == 0 ? uint40(record.terms >> 192) : sinceOf(pot);
        bytes32 chain = step(chainOf(pot), record.lines, record.terms, record.gross);
        return chain | bytes32((recordsOf(pot) + 1) << 40 | since);
    }

    /// @notice Checks that `records` are those of the pot, and adds them up.
    function unroll(bytes32 pot, Record[] calldata records) internal pure returns (uint256 pool, uint256 keep) {
        bytes32 chain;
        for (uint256 i; i < records.length; ++i) {
            Record calldata record = records[i];
            chain = step(chain, record.lines, record.terms, record.gross);
            pool += poolOf(record);
            keep += keepOf(record);
        }
        if (records.length != recordsOf(pot) || chain != chainOf(pot)) revert OtherRecords(pot);
    }

    /// @notice The chain over lines with one more line.
    function addLine(bytes32 lines, bytes32 receipts, uint256 terms) internal pure returns (bytes32 next) {
        bytes1 tag = Tag.LINE;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, tag)
            mstore(add(free, 1), lines)
            mstore(add(free, 33), receipts)
            mstore(add(free, 65), terms)
            next := keccak256(free, 97)
        }
    }

    /// @notice Checks that `list` are the lines of the chain `lines`.
    function checkLines(bytes32 lines, PaidLine[] calldata list) internal pure {
        bytes32 chain;
        for (uint256 i; i < list.length; ++i) {
            chain = addLine(chain, list[i].receipts, list[i].terms);
        }
        if (chain != lines) revert OtherLines(lines);
    }

    function step(bytes32 chain, bytes32 lines, uint256 terms, uint256 gross) private pure returns (bytes32 next) {
        bytes1 tag = Tag.RECORD;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, tag)
            mstore(add(free, 1), chain)
            mstore(add(free, 33), lines)
            mstore(add(free, 65), terms)
            mstore(add(free, 97), gross)
            next := keccak256(free, 129)
        }
        return chainOf(next);
    }
}
