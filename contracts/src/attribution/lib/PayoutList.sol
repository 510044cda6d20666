// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Merkle} from "./Merkle.sol";
import {Tag} from "./Tag.sol";

/// @title Lists of payouts
/// @notice A list is posted whole: words `account << 96 | amount`, accounts strictly ascending. Here are its rule and its root.
library PayoutList {
    /// @dev An account is listed if it gets at least a 1,024th of the pool, so a list has at most this many words.
    uint256 internal constant MOST = 1024;

    error NotAscending(uint256 index);
    error NotPayable(address account);
    error NotListed(address account, uint256 amount);
    error MoreThanThePool(uint256 total, uint256 pool);

    /// @notice Whether an account with this amount belongs in the list of a pot of `pool` wei: amount * 1,024 >= pool.
    function isListed(uint256 amount, uint256 pool) internal pure returns (bool) {
        return amount != 0 && amount * MOST >= pool;
    }

    /// @notice Whether an account can be paid by a list. What others earned is part of the rest of the pot.
    function isPayable(address account, address ledger) internal pure returns (bool) {
        return account != address(0) && account != ledger;
    }

    function pack(address account, uint96 amount) internal pure returns (uint256) {
        return uint256(uint160(account)) << 96 | amount;
    }

    function accountOf(uint256 word) internal pure returns (address) {
        return address(uint160(word >> 96));
    }

    /// @notice The node of a word in the list's tree: keccak256(0x03 | account: 20 bytes | amount: 12 bytes).
    function leaf(uint256 word) internal pure returns (bytes32) {
        return Merkle.leaf(Tag.PAYOUT, bytes32(word));
    }

    /// @notice Checks a list and computes its root (see `Merkle`) and its sum.
    /// @param ledger The contract that pays, which is no payee.
    function check(uint256[] calldata words, uint256 pool, address ledger)
        internal
        pure
        returns (bytes32 root, uint256 total)
    {
        uint256 count = words.length;
        bytes32[] memory nodes = new bytes32[](count);
        uint256 last;
        unchecked {
            // Calldata is too short for a sum of 2^256.
            for (uint256 i; i < count; ++i) {
                uint256 word;
                assembly ("memory-safe") {
                    word := calldataload(add(words.offset, shl(5, i)))
                }
                address account = accountOf(word);
                uint256 amount = uint96(word);
                if (i != 0 && word >> 96 <= last) revert NotAscending(i);
                if (!isPayable(account, ledger)) revert NotPayable(account);
                if (!isListed(amount, pool)) revert NotListed(account, amount);
                last = word >> 96;
                total += amount;
                bytes32 node = leaf(word);
                assembly ("memory-safe") {
                    mstore(add(add(nodes, 32), shl(5, i)), node)
                }
            }
        }
        if (total > pool) revert MoreThanThePool(total, pool);
        root = Merkle.root(nodes);
    }
}
