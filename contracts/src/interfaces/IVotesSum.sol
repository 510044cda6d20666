// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";

/// @title Votes of OPEN and sOPEN together
/// @notice What a Governor asks of a token of votes, and nothing about delegation: that is done at the tokens themselves.
interface IVotesSum is IERC6372 {
    /// @notice Votes that `account` carries now.
    function getVotes(address account) external view returns (uint256);

    /// @notice Votes that `account` carried at `timepoint`, in seconds since 1970, which must lie in the past.
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256);

    /// @notice All votes there could have been: the supply of OPEN. sOPEN stands for OPEN that is part of it already.
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
}
