// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {EpochWorld} from "./EpochWorld.sol";

/// @notice A challenger before the Court.
abstract contract CourtWorld is EpochWorld {
    address internal challenger = actor("challenger");

    function setUp() public virtual {
        deployEpochs();
    }

    function honest() internal returns (Draft memory d, Sealed memory s) {
        d = draftOf(1, 3);
        s = seal(d);
        propose(s);
    }

    /// @dev Expected before the call that convicts.
    function convicts(Sealed memory s, IAttributionCourt.Kind kind) internal {
        vm.expectEmit(address(court));
        emit IAttributionCourt.Convicted(keccak256(abi.encode(s.p)), kind, challenger);
        vm.prank(challenger);
    }

    function convicted() internal view {
        assertEq(ledger.pendingHash(), 0, "the proposal is gone");
        assertEq(open.balanceOf(challenger), 2_500e18, "half of the bond");
    }

    function noFraud() internal {
        vm.expectRevert(IAttributionCourt.NoFraud.selector);
    }
}
