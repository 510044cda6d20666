// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotesSum} from "../interfaces/IVotesSum.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {GuardianVeto} from "./GuardianVeto.sol";

/// @title OpenGovernor
/// @notice Who holds 1,000,000 votes (0.1 % of the supply) proposes. After one day of delay five days of voting follow, and
///         a quorum of 20 % of the supply decides by simple majority. A quorum reached late extends the vote to one full
///         day after it. What passed waits in the Timelock. The guardian has a few vetoes, see `GuardianVeto`.
/// @dev The largest party of `Genesis` has 18.29 % of the supply, so no party alone reaches the quorum, wherever it moves them. The
///      parties whose tokens vest delegate them from the first day, 33.29 %, so that together they reach it.
contract OpenGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorTimelockControl,
    GuardianVeto
{
    /// @notice No proposal and no burning of tokens brings the quorum below this: more than any one party of `Genesis` got.
    uint256 public constant LEAST_QUORUM = 190_000_000e18;

    /// @param votes Counts OPEN and sOPEN.
    /// @param timelock Executes; this contract must be its proposer and canceller.
    /// @param manager The AccessManager.
    /// @param guardian May veto; zero for none.
    constructor(IVotesSum votes, TimelockController timelock, address manager, address guardian)
        Governor("OpenGovernor")
        GovernorSettings(1 days, 5 days, 1_000_000e18)
        GovernorVotes(IVotes(address(votes)))
        GovernorVotesQuorumFraction(20)
        GovernorPreventLateQuorum(1 days)
        GovernorTimelockControl(timelock)
        GuardianVeto(manager, guardian)
    {}

    /// @notice Votes for and abstaining that a proposal needs, as counted at `timepoint`.
    function quorum(uint256 timepoint) public view override(Governor, GovernorVotesQuorumFraction) returns (uint256) {
        return Math.max(super.quorum(timepoint), LEAST_QUORUM);
    }

    // The following overrides only resolve multiple inheritance.

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function proposalDeadline(uint256 proposalId)
        public
        view
        override(Governor, GovernorPreventLateQuorum)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
