// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {GuardianLimits} from "./GuardianLimits.sol";

/// @title A pause for entries only
/// @notice The heir puts `whenNotPaused` on the functions that bring money or records in, and on nothing else. A pause ends by
///         itself after seven days, can be repeated 30 days after the last one began, and not after two years.
/// @dev `pause` belongs to `Roles.PAUSER`, `unpause` to `Roles.PARAM`: governance can end a pause earlier.
abstract contract EntryPause is AccessManaged {
    /// @notice When the power to pause ends, seconds since 1970.
    uint256 public immutable pauseEnd = block.timestamp + GuardianLimits.TERM;
    /// @notice Entries are closed before this time.
    uint40 public pausedUntil;
    /// @notice The next pause can begin at this time.
    uint40 public nextPause;

    event EntriesPaused(address indexed by, uint256 until);
    event EntriesOpened(address indexed by);

    error EntriesArePaused(uint256 until);
    /// @param from When it is allowed; `pauseEnd` or later means never.
    error PauseNotAllowed(uint256 from);

    modifier whenNotPaused() {
        if (block.timestamp < pausedUntil) revert EntriesArePaused(pausedUntil);
        _;
    }

    /// @notice Closes the entries for seven days.
    function pause() external restricted {
        if (block.timestamp < nextPause || block.timestamp >= pauseEnd) revert PauseNotAllowed(nextPause);
        uint256 until = block.timestamp + GuardianLimits.PAUSE;
        (pausedUntil, nextPause) = (uint40(until), uint40(block.timestamp + GuardianLimits.REST));
        emit EntriesPaused(msg.sender, until);
    }

    /// @notice Opens the entries before the pause ends.
    function unpause() external restricted {
        pausedUntil = 0;
        emit EntriesOpened(msg.sender);
    }

    /// @notice Whether entries are closed now.
    function paused() external view returns (bool) {
        return block.timestamp < pausedUntil;
    }
}
