// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC7821} from "@openzeppelin/contracts/account/extensions/draft-ERC7821.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title What an account of one key delegates to (EIP-7702) to send several calls as one
/// @notice Executes ERC-7821 batches, all calls or none, for the account itself and nobody else. It has no storage. An
/// account with code is asked for its signatures by ERC-1271, so this answers for the account's own key.
contract DeviceAccount is ERC7821, IERC1271, ERC721Holder {
    receive() external payable {}

    /// @inheritdoc IERC1271
    /// @dev `hash` is not bound to the account again: who asks binds it, as for an account without code.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address recovered,,) = ECDSA.tryRecoverCalldata(hash, signature);
        return recovered == address(this) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
