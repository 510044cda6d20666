// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {PotWorld} from "./PotWorld.sol";
import {SumTree} from "./SumTree.sol";
import {Tree} from "./Tree.sol";
import {Vm} from "./Vm.sol";

/// @notice A proposer who answers by what it claims, and a challenger; both know the game from the court's events alone.
abstract contract GameWorld is PotWorld {
    using SumTree for SumTree.Tree;

    address internal challenger = actor("challenger");
    IAttributionCourt.Meta internal meta;
    IAttributionCourt.Turn internal turn;
    uint256[] internal words;
    uint256 internal game;
    /// @dev Numbers or entries of the last answer, as the event had them.
    uint96[] internal numbers;
    uint256[] internal entries;
    /// @dev Where the game stands: redemption, line, call.
    uint256 internal atR;
    uint256 internal atL;
    uint256 internal atC;
    bool internal isOver;

    function propose(uint256[] memory list) internal {
        words = list;
        uint256 bond = poolOfPot + poolOfPot / 4;
        uint256 fee = 2 * court.answerFee();
        give(node, bond);
        vm.deal(node, node.balance + fee);
        vm.recordLogs();
        vm.startPrank(node);
        open.approve(address(court), bond);
        court.propose{value: fee}(potId, records, list, "receipts");
        vm.stopPrank();
        readProposal();
    }

    function readProposal() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IAttributionCourt.Proposed.selector) {
                (meta,,) = abi.decode(logs[i].data, (IAttributionCourt.Meta, uint256[], bytes32));
            }
        }
    }

    function stake() internal view returns (uint256) {
        return (poolOfPot + 999) / 1000;
    }

    function placeOf(address who) internal view returns (IAttributionCourt.Place memory place) {
        bytes32[] memory leaves = new bytes32[](words.length);
        uint256 index;
        for (uint256 i; i < words.length; ++i) {
            leaves[i] = keccak256(abi.encodePacked(bytes1(0x03), words[i]));
            if (address(uint160(words[i] >> 96)) < who) index = i + 1;
        }
        place.index = index;
        if (index < words.length && address(uint160(words[index] >> 96)) == who) {
            (place.isListed, place.amount) = (true, uint96(words[index]));
            place.path = Tree.path(leaves, index);
            return place;
        }
        if (index != 0) (place.left, place.leftPath) = (words[index - 1], Tree.path(leaves, index - 1));
        if (index != words.length) (place.right, place.rightPath) = (words[index], Tree.path(leaves, index));
    }

    function challenge(address who) internal {
        uint256 fee = court.answerFee();
        give(challenger, stake());
        vm.deal(challenger, challenger.balance + fee);
        vm.recordLogs();
        vm.startPrank(challenger);
        open.approve(address(court), stake());
        game = court.challenge{value: fee}(meta, who, placeOf(who));
        vm.stopPrank();
        isOver = false;
        follow();
    }

    /// @dev Takes turn, numbers and entries from the events of the last call.
    function follow() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(court)) continue;
            bytes32 topic = logs[i].topics[0];
            if (topic == IAttributionCourt.Stepped.selector) {
                turn = abi.decode(logs[i].data, (IAttributionCourt.Turn));
            } else if (topic == IAttributionCourt.Answered.selector) {
                numbers = unpacked(abi.decode(logs[i].data, (bytes)));
            } else if (topic == IAttributionCourt.CallOpened.selector) {
                (entries,) = abi.decode(logs[i].data, (uint256[], bytes));
            } else if (topic == IAttributionCourt.GameLost.selector || topic == IAttributionCourt.Convicted.selector) {
                isOver = true;
            }
        }
    }

    function move() internal view returns (IAttributionCourt.Move memory) {
        return IAttributionCourt.Move(game, meta, turn);
    }

    /// @dev Numbers of 12 bytes each, as an answer has them.
    function packed(uint96[] memory list) internal pure returns (bytes memory all) {
        for (uint256 i; i < list.length; ++i) {
            all = bytes.concat(all, bytes12(list[i]));
        }
    }

    function unpacked(bytes memory all) private pure returns (uint96[] memory list) {
        list = new uint96[](all.length / 12);
        for (uint256 i; i < all.length; ++i) {
            list[i / 12] = list[i / 12] << 8 | uint8(all[i]);
        }
    }

    // --- the proposer

    function answer() internal {
        vm.recordLogs();
        IAttributionCourt.Level level = turn.level;
        if (level == IAttributionCourt.Level.Redemptions) answerRedemptions();
        else if (level == IAttributionCourt.Level.Lines) answerLines();
        else if (level == IAttributionCourt.Level.Calls) answerCalls();
        else if (level == IAttributionCourt.Level.Range) answerRange();
        else if (level == IAttributionCourt.Level.Call) openCall();
        else if (level == IAttributionCourt.Level.Row) showRow();
        else showEntry();
        follow();
    }

    function answerRedemptions() private {
        uint96[] memory said = new uint96[](records.length);
        for (uint256 i; i < said.length; ++i) {
            said[i] = uint96(partOfRedemption(turn.account, i, false));
        }
        vm.prank(node);
        court.answerRedemptions(move(), packed(said));
    }

    function answerLines() private {
        atR = turn.lo;
        uint96[] memory said = new uint96[](redemptions[atR].length);
        for (uint256 i; i < said.length; ++i) {
            said[i] = uint96(partOfLine(turn.account, atR, i, false));
        }
        vm.prank(node);
        court.answerLines(move(), records, packed(said));
    }

    function linesOf(uint256 r) internal view returns (PotCodec.PaidLine[] memory lines) {
        lines = new PotCodec.PaidLine[](redemptions[r].length);
        for (uint256 i; i < lines.length; ++i) {
            PaidLine storage one_ = redemptions[r][i];
            lines[i] = PotCodec.PaidLine(one_.receipts, uint256(one_.amount) << 32 | one_.calls);
        }
    }

    function answerCalls() private {
        atL = turn.lo;
        uint256 count = redemptions[atR][atL].calls;
        uint256 step = count <= 256 ? 1 : (count + 255) / 256;
        uint96[] memory said = new uint96[]((count + step - 1) / step);
        for (uint256 i; i < count; ++i) {
            said[i / step] += partIn(i);
        }
        vm.prank(node);
        court.answerCalls(move(), linesOf(atR), packed(said));
    }

    function answerRange() private {
        uint96[] memory said = new uint96[](turn.count);
        for (uint256 i; i < said.length; ++i) {
            said[i] = partIn(turn.lo + i);
        }
        vm.prank(node);
        court.answerRange(move(), packed(said));
    }

    function partIn(uint256 call) private view returns (uint96) {
        if (call >= redemptions[atR][atL].paid.length) return 0;
        return uint96(partOfCall(turn.account, atR, atL, call, false));
    }

    function leafOf(uint256 call) internal view returns (IAttributionCourt.CallLeaf memory leaf) {
        PaidLine storage one_ = redemptions[atR][atL];
        SumTree.Path memory path = receiptsOf(one_).path(call);
        (leaf.siblings, leaf.sums) = (path.siblings, path.sums);
        if (call >= one_.paid.length) {
            leaf.isEmpty = true;
            return leaf;
        }
        Paid storage paid = one_.paid[call];
        (leaf.receipt, leaf.vectorHash, leaf.cost) = (paid.receipt, paid.vectorHash, paid.cost);
    }

    function openCall() private {
        atC = turn.lo;
        IAttributionCourt.CallLeaf memory leaf = leafOf(atC);
        if (leaf.isEmpty) {
            vm.prank(node);
            return court.openCall(move(), leaf, "", new uint256[](0));
        }
        Paid storage paid = redemptions[atR][atL].paid[atC];
        vm.prank(node);
        court.openCall(move(), leaf, paid.vector, paid.claimed);
    }

    function showEntry() private {
        uint256 row = CallRule.rowOf(uint256(turn.said));
        bytes memory shown = abi.encode(shownRow(row));
        vm.prank(node);
        court.showEntry(move(), redemptions[atR][atL].paid[atC].vector, shown);
    }

    function showRow() private {
        bytes memory shown = abi.encode(shownRow(turn.lo));
        vm.prank(node);
        court.showRow(move(), shown);
    }

    // --- the challenger

    function pick(uint256 index) internal {
        vm.recordLogs();
        vm.prank(challenger);
        court.pick(move(), packed(numbers), index);
        follow();
    }

    function pickEntry(uint256 index) internal {
        vm.recordLogs();
        vm.prank(challenger);
        court.pickEntry(move(), entries, index);
        follow();
    }

    function omit(uint256 row) internal {
        vm.recordLogs();
        vm.prank(challenger);
        court.omitted(move(), entries, redemptions[atR][atL].paid[atC].vector, row, abi.encode(shownRow(row)));
        follow();
    }

    function timeout() internal {
        vm.warp(vm.getBlockTimestamp() + court.clock() + 1);
        vm.recordLogs();
        court.timeout(move());
        follow();
    }
}
