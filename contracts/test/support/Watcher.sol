// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {GameWorld} from "./GameWorld.sol";

/// @notice A challenger that computes the pot again and follows the false number down, against a proposer who answers as long as
///         anything that it claims is accepted.
abstract contract Watcher is GameWorld {
    /// @notice Asks about an account and plays until the game is over.
    function watchToTheEnd(address who) internal {
        challenge(who);
        while (!isOver) {
            if (!court.gameOf(potId, game).proposersTurn) watch();
            else if (canAnswer()) answer();
            else timeout();
        }
    }

    function firstDifference() internal view returns (address) {
        for (uint256 i; i <= HOLDERS; ++i) {
            (uint256 is_, uint256 should) = (partOfPot(holder(i), false), partOfPot(holder(i), true));
            bool isListed = is_ * 1024 >= poolOfPot && is_ != 0;
            bool shouldBe = should * 1024 >= poolOfPot && should != 0;
            if (isListed != shouldBe || (isListed && is_ != should)) return holder(i);
        }
        return address(0);
    }

    /// @dev The liar answers as long as anything it can say is accepted: its own numbers and entries add up.
    function canAnswer() internal view returns (bool) {
        if (turn.level != IAttributionCourt.Level.Entry) return true;
        uint256 entry = uint256(turn.said);
        uint256 row = CallRule.rowOf(entry);
        return CallRule.accountOf(entry) == rows[row].contributor
            && CallRule.weightOf(entry) == weightOf(redemptions[atR][atL].paid[atC].vector, row);
    }

    /// @dev Follows the false number down; at the call it asks for the false entry, or shows the row that is missing.
    function watch() internal {
        if (turn.level <= IAttributionCourt.Level.Range) {
            for (uint256 i; i < numbers.length; ++i) {
                if (numbers[i] != truthOf(i)) return pick(i);
            }
            revert NotTrue("one of the numbers is false");
        }
        Paid storage paid = redemptions[atR][atL].paid[atC];
        for (uint256 i; i < entries.length; ++i) {
            uint256 row = CallRule.rowOf(entries[i]);
            bool isRow = CallRule.accountOf(entries[i]) == rows[row].contributor
                && CallRule.weightOf(entries[i]) == weightOf(paid.vector, row);
            if (!isRow) return pickEntry(i);
        }
        for (uint256 i; i < paid.truth.length; ++i) {
            bool isThere;
            for (uint256 j; j < entries.length; ++j) {
                if (entries[j] == paid.truth[i]) isThere = true;
            }
            if (!isThere) return omit(CallRule.rowOf(paid.truth[i]));
        }
        revert NotTrue("an entry is missing");
    }

    function truthOf(uint256 i) internal view returns (uint256) {
        if (turn.level == IAttributionCourt.Level.Redemptions) return partOfRedemption(turn.account, i, true);
        if (turn.level == IAttributionCourt.Level.Lines) return partOfLine(turn.account, atR, i, true);
        return partOfCall(turn.account, atR, atL, i, true);
    }
}
