// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotesSum} from "../interfaces/IVotesSum.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";

/// @title VotesSum
/// @dev No vote counts twice: the NodeRegistry holds staked OPEN and does not delegate it; sOPEN carries its votes.
contract VotesSum is IVotesSum {
    ERC20Votes public immutable open;
    ERC20Votes public immutable staked;

    constructor(ERC20Votes open_, ERC20Votes staked_) {
        (open, staked) = (open_, staked_);
    }

    /// @inheritdoc IVotesSum
    function getVotes(address account) external view returns (uint256) {
        return open.getVotes(account) + staked.getVotes(account);
    }

    /// @inheritdoc IVotesSum
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        return open.getPastVotes(account, timepoint) + staked.getPastVotes(account, timepoint);
    }

    /// @inheritdoc IVotesSum
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) {
        return open.getPastTotalSupply(timepoint);
    }

    /// @inheritdoc IERC6372
    function clock() external view returns (uint48) {
        return open.clock();
    }

    /// @inheritdoc IERC6372
    function CLOCK_MODE() external view returns (string memory) {
        return open.CLOCK_MODE();
    }
}
