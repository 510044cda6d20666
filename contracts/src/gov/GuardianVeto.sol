// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {GuardianLimits} from "./GuardianLimits.sol";
import {Roles} from "./Roles.sol";

/// @title The guardian's veto
/// @notice A veto cancels a proposal once: the same calls, proposed again, cannot be vetoed again. There are eight vetoes in all, at
///         most one in 30 days, and none after two years. A proposal that only replaces or removes the guardian cannot be vetoed.
abstract contract GuardianVeto is Governor {
    /// @notice Where the guardian's role over other contracts is kept.
    address public immutable manager;
    /// @notice When the power to veto ends, seconds since 1970.
    uint256 public immutable vetoEnd = block.timestamp + GuardianLimits.TERM;
    /// @notice Who may veto; zero for none.
    address public guardian;
    /// @notice Vetoes so far.
    uint8 public vetoes;
    /// @notice The next veto is allowed at this time.
    uint40 public nextVeto;
    /// @notice Whether these calls, by keccak256(abi.encode(targets, values, calldatas)), were vetoed before.
    mapping(bytes32 calls => bool) public wasVetoed;

    event GuardianSet(address indexed guardian);
    event Vetoed(uint256 indexed proposalId, uint256 left);

    error NotTheGuardian(address caller);
    error NoVetoLeft();
    error VetoNotAllowed(uint256 from);
    error VetoedBefore(bytes32 calls);
    error AboutTheGuardian();

    constructor(address manager_, address guardian_) {
        (manager, guardian) = (manager_, guardian_);
        emit GuardianSet(guardian_);
    }

    /// @notice Cancels a proposal that was not executed. The guardian.
    function veto(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata calldatas,
        bytes32 descriptionHash
    ) external returns (uint256 proposalId) {
        if (msg.sender != guardian) revert NotTheGuardian(msg.sender);
        if (vetoes == GuardianLimits.VETOES || block.timestamp >= vetoEnd) revert NoVetoLeft();
        if (block.timestamp < nextVeto) revert VetoNotAllowed(nextVeto);
        if (isAboutTheGuardian(targets, calldatas)) revert AboutTheGuardian();
        bytes32 calls = keccak256(abi.encode(targets, values, calldatas));
        if (wasVetoed[calls]) revert VetoedBefore(calls);
        wasVetoed[calls] = true;
        nextVeto = uint40(block.timestamp + GuardianLimits.REST);
        proposalId = _cancel(targets, values, calldatas, descriptionHash);
        emit Vetoed(proposalId, GuardianLimits.VETOES - ++vetoes);
    }

    /// @notice Replaces or removes the guardian here. Its role over other contracts is the AccessManager's to revoke.
    function setGuardian(address guardian_) external onlyGovernance {
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    /// @notice Whether every call replaces or removes the guardian: `setGuardian` here, or the role `PAUSER` at the AccessManager.
    function isAboutTheGuardian(address[] calldata targets, bytes[] calldata calldatas) public view returns (bool) {
        for (uint256 i; i < targets.length; ++i) {
            bytes4 selector = bytes4(calldatas[i]);
            bool isHere = targets[i] == address(this) && selector == this.setGuardian.selector;
            bool isRole = targets[i] == manager
                && (selector == IAccessManager.grantRole.selector || selector == IAccessManager.revokeRole.selector);
            if (!isHere && !(isRole && _firstWord(calldatas[i]) == Roles.PAUSER)) return false;
        }
        return true;
    }

    /// @dev The first argument of a call; zero when there is none.
    function _firstWord(bytes calldata data) private pure returns (uint256) {
        return data.length < 36 ? 0 : uint256(bytes32(data[4:36]));
    }
}
