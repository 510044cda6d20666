// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title A pause for entries only
/// @notice The heir puts `whenNotPaused` on the functions that bring money or records in, and on nothing else.
/// @dev `pause` belongs to `Roles.PAUSER`, `unpause` to `Roles.PARAM`: a guardian can halt, only governance resumes.
abstract contract EntryPause is AccessManaged, Pausable {
    /// @notice Closes the entries.
    function pause() external restricted {
        _pause();
    }

    /// @notice Opens the entries again.
    function unpause() external restricted {
        _unpause();
    }
}
