// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SumMerkle} from "../attribution/lib/SumMerkle.sol";
import {ISeasonRewards} from "../interfaces/ISeasonRewards.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title SeasonRewards
contract SeasonRewards is ISeasonRewards, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for OpenToken;

    OpenToken public immutable open;
    /// @notice Wei of OPEN that are promised and not claimed yet.
    uint256 public owed;

    mapping(uint256 season => bytes32) public rootOf;
    mapping(uint256 season => uint256) public totalOf;
    mapping(uint256 season => mapping(address account => bool)) public claimed;

    constructor(OpenToken open_, address manager) AccessManaged(manager) {
        open = open_;
    }

    /// @inheritdoc ISeasonRewards
    function publish(uint256 season, bytes32 root, uint256 total) external restricted {
        if (rootOf[season] != 0) revert AlreadyPublished(season);
        if (root == 0) revert RootZero();
        uint256 held = open.balanceOf(address(this));
        owed += total;
        if (owed > held) revert NotFunded(owed, held);
        (rootOf[season], totalOf[season]) = (root, total);
        emit SeasonPublished(season, root, total);
    }

    /// @inheritdoc ISeasonRewards
    function claim(
        uint256 season,
        address account,
        uint128 amount,
        uint256 index,
        bytes32[] calldata siblings,
        uint128[] calldata sums
    ) external nonReentrant {
        if (claimed[season][account]) revert AlreadyClaimed(season, account);
        bytes32 content = bytes32(uint256(uint160(account)));
        if (!SumMerkle.verify(rootOf[season], totalOf[season], content, amount, index, siblings, sums)) {
            revert NotInTheTree(season, account);
        }
        claimed[season][account] = true;
        owed -= amount;
        emit Claimed(season, account, amount);
        open.safeTransfer(account, amount);
    }
}
