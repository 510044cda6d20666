// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {IAttributionCourt} from "../../src/interfaces/IAttributionCourt.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {GameWorld} from "../support/GameWorld.sol";
import {SumTree} from "../support/SumTree.sol";
import {Test} from "../support/Test.sol";
import {Tree} from "../support/Tree.sol";

/// @notice One node's pots one after the other, over calls that list 64 clusters, with true and false lists, games in any order, and
///         every exit at any time. A proposer of a true list answers in time. The run fails when an exit reverts.
contract PotHandler is GameWorld {
    using SumTree for SumTree.Tree;

    /// @dev A game with all that its next move needs.
    struct Live {
        uint256 game;
        IAttributionCourt.Turn turn;
        uint96[] numbers;
        uint256[] entries;
        uint256 atR;
        uint256 atL;
        uint256 atC;
    }

    struct Listed {
        uint256 id;
        bytes32 root;
        uint256[] words;
        bool[] isClaimed;
    }

    Live[] private live;
    /// @dev Games that were live when their proposal was convicted, and that proposal.
    Live[] private ended;
    IAttributionCourt.Meta private endedMeta;
    Listed[] private final_;
    bool private isPending;
    bool private isTrue;
    uint256 public finals;
    uint256 public convictions;
    /// @dev Of proposers of true lists.
    uint256 public falseConvictions;
    /// @dev Pool's worth of the bonds of convicted proposals.
    uint256 public burnt;
    /// @dev Influence money by the formula of the split, and by the pots that were final or flat.
    uint256 public pooled;
    uint256 public potted;
    uint256 private supply;

    constructor() {
        useFullLists();
        deployPots();
        supply = open.totalSupply();
    }

    // --- collecting

    function redeemSome(uint256 seed) external {
        if (potId != 0 || records.length == 3) return;
        uint256[] memory counts = new uint256[](1);
        counts[0] = 1 + seed % 2;
        redeemCalls(seed, counts);
        uint256 gross = redemptions[redemptions.length - 1][0].amount;
        uint256 data = (gross - gross * settlement.feeBps() / 10_000) * 2000 / 10_000;
        pooled += data * RHO / 10_000;
    }

    function invoke(uint96 amount) external {
        amount = uint96(bound(amount, 1, 1e18));
        address caller = rich("caller", amount, address(settlement));
        vm.prank(caller);
        settlement.invoke(uint32(model), 1, node, amount, "call");
    }

    function seal() external {
        if (potId == 0 && records.length != 0) sealPot();
    }

    // --- proposing and asking

    function proposeAny(bool honest) external {
        if (potId == 0 || isPending) return;
        (isPending, isTrue) = (true, honest);
        uint256[] memory list = listOf(true);
        if (!honest) {
            list = new uint256[](1);
            list[0] = PayoutList.pack(actor("thief"), uint96(poolOfPot));
        }
        propose(list);
    }

    function ask(uint256 seed) external {
        if (!isPending || live.length == 4) return;
        if (vm.getBlockTimestamp() >= court.docketOf(potId).begunAt + 48 hours) return;
        challenge(seed % 3 == 0 ? actor("thief") : holder(seed % (HOLDERS + 1)));
        live.push();
        store(live.length - 1);
    }

    function step(uint256 seed) external {
        if (live.length == 0) return;
        uint256 which = (seed >> 128) % live.length;
        restore(which);
        IAttributionCourt.Game memory now_ = court.gameOf(potId, game);
        if (now_.proposersTurn) {
            // A liar has nothing to say that would be accepted.
            if (!isTrue) return;
            answer();
        } else if (vm.getBlockTimestamp() - now_.movedAt + now_.usedChallenger > court.clock()) {
            return;
        } else if (turn.level <= IAttributionCourt.Level.Range) {
            if (numbers.length == 0) return;
            pick(seed % numbers.length);
        } else if (seed % 5 == 0 && !turn.isRowAsked) {
            askForARow(seed % rowCount);
        } else if (entries.length != 0) {
            pickEntry(seed % entries.length);
        }
        if (isOver) end(which);
        else store(which);
    }

    function askForARow(uint256 row) private {
        vm.recordLogs();
        vm.prank(challenger);
        court.pickRow(move(), row);
        follow();
    }

    function restore(uint256 which) private {
        Live storage one_ = live[which];
        (game, turn, numbers, entries) = (one_.game, one_.turn, one_.numbers, one_.entries);
        (atR, atL, atC, isOver) = (one_.atR, one_.atL, one_.atC, false);
    }

    function store(uint256 which) private {
        Live storage one_ = live[which];
        (one_.game, one_.turn, one_.numbers, one_.entries) = (game, turn, numbers, entries);
        (one_.atR, one_.atL, one_.atC) = (atR, atL, atC);
    }

    function end(uint256 which) private {
        live[which] = live[live.length - 1];
        live.pop();
    }

    function letTimeRunOut(uint256 seed) external {
        if (live.length == 0 || seed % 4 != 0) return;
        answerAll();
        // A hold stops clocks.
        vm.warp(vm.getBlockTimestamp() + 72 hours);
        while (live.length != 0) {
            restore(0);
            timeout();
            if (court.docketOf(potId).meta == 0) return convicted();
            end(0);
        }
    }

    /// @dev A proposer of a true list answers before time passes.
    function answerAll() private {
        for (uint256 i = live.length; isTrue && i > 0; --i) {
            restore(i - 1);
            if (!court.gameOf(potId, game).proposersTurn) continue;
            answer();
            if (isOver) end(i - 1);
            else store(i - 1);
        }
    }

    function convicted() private {
        ++convictions;
        if (isTrue) ++falseConvictions;
        burnt += poolOfPot;
        collectEnded();
        (isPending, endedMeta) = (false, meta);
        for (uint256 i; i < live.length; ++i) {
            ended.push(live[i]);
        }
        delete live;
    }

    function hold() external {
        if (court.heldAt() != 0 || vm.getBlockTimestamp() >= court.holdEnd()) return;
        vm.prank(guardian);
        court.hold();
    }

    function wait(uint256 seconds_) external {
        answerAll();
        vm.warp(vm.getBlockTimestamp() + bound(seconds_, 1, 1 days));
    }

    // --- ends and exits

    /// @param isWatched Whether someone computes the pot again in time. Without, a lie becomes final, of its own pot.
    function finish(bool isWatched) external {
        if (!isPending || live.length != 0) return;
        if (!isTrue && isWatched && vm.getBlockTimestamp() < court.docketOf(potId).begunAt + 48 hours) {
            challenge(actor("thief"));
            live.push();
            store(0);
            vm.warp(vm.getBlockTimestamp() + 72 hours);
            timeout();
            return convicted();
        }
        vm.warp(vm.getBlockTimestamp() + 48 hours + 72 hours);
        uint256 had = open.balanceOf(node);
        court.finalize(meta);
        assertLe(had + poolOfPot + poolOfPot / 4, open.balanceOf(node), "the bond is back");
        assertEq(meta.draft.pool, poolOfPot, "a list pays at most what was booked for the pot");
        final_.push(Listed(potId, meta.draft.root, words, new bool[](words.length)));
        ++finals;
        next();
    }

    function flatten() external {
        if (potId == 0 || isPending) return;
        vm.warp(vm.getBlockTimestamp() + 14 days);
        court.flatten(potId, records);
        next();
    }

    function next() private {
        potted += poolOfPot;
        (isPending, potId) = (false, 0);
        delete records;
        delete redemptions;
    }

    function collectEnded() public {
        for (uint256 i; i < ended.length; ++i) {
            court.collect(IAttributionCourt.Move(ended[i].game, endedMeta, ended[i].turn));
        }
        delete ended;
    }

    function claim(uint256 seed) external {
        if (final_.length == 0) return;
        Listed storage list = final_[seed % final_.length];
        if (list.words.length == 0) return;
        uint256 at = (seed >> 128) % list.words.length;
        if (list.isClaimed[at]) return;
        bytes32[] memory leaves = new bytes32[](list.words.length);
        for (uint256 i; i < leaves.length; ++i) {
            leaves[i] = PayoutList.leaf(list.words[i]);
        }
        IAttributionLedger.Claim[] memory one_ = new IAttributionLedger.Claim[](1);
        one_[0] = IAttributionLedger.Claim(list.id, at, uint96(list.words[at]), Tree.path(leaves, at));
        ledger.claimMany(PayoutList.accountOf(list.words[at]), one_);
        list.isClaimed[at] = true;
    }

    function spread() external {
        bytes32 lineage = models.lineageOf(model, 1);
        if (settlement.flat(lineage) + ledger.flat(lineage) != 0) ledger.spread(0, refs());
        if (ledger.credit(curator) != 0) ledger.withdraw(curator);
    }

    function claimFlat(uint256 seed) external {
        uint256 who = seed % HOLDERS;
        bytes32[] memory own = rowsOf(who);
        uint256 due = ledger.income(datanet, 2) * own.length / rowCount;
        if (due <= taken[who]) return;
        SumTree.Path memory path = shares().path(who);
        ledger.claimFlat(
            datanet,
            2,
            IAttributionLedger.Holder(holder(who), Tree.root(own), uint48(own.length), who, path.siblings, path.sums)
        );
        taken[who] = due;
    }

    uint256[4] private taken;

    // --- what must be there

    function ledgerOwes() external view returns (uint256 sum) {
        bytes32 lineage = models.lineageOf(model, 1);
        for (uint256 i; i < records.length; ++i) {
            sum += uint96(records[i].terms) + uint96(records[i].terms >> 96);
        }
        for (uint256 i; i < final_.length; ++i) {
            for (uint256 j; j < final_[i].words.length; ++j) {
                if (!final_[i].isClaimed[j]) sum += uint96(final_[i].words[j]);
            }
        }
        sum += settlement.flat(lineage) + ledger.flat(lineage) + ledger.income(datanet, 2) + ledger.credit(curator);
        for (uint256 i; i < HOLDERS; ++i) {
            sum -= taken[i];
        }
    }

    function ledgerHas() external view returns (uint256) {
        return open.balanceOf(address(ledger)) + settlement.owed();
    }

    function checkProperties() external view {
        for (uint256 i; i < final_.length; ++i) {
            assertEq(ledger.rootOf(final_[i].id), final_[i].root, "a list that is final never moves");
        }
        uint256 inRecords;
        for (uint256 i; i < records.length; ++i) {
            inRecords += uint96(records[i].terms);
        }
        assertEq(inRecords, pooled - potted, "records have what the split booked, to the wei");
        assertEq(falseConvictions, 0, "a proposer of a true list is never convicted");
        assertEq(supply - open.totalSupply(), burnt, "a conviction burns the pool's worth, and nothing else burns");
        if (!isPending) return;
        assertEq(meta.values.threshold, THRESHOLD, "the threshold is the commitment's");
        assertEq(meta.values.rows, rowCount, "so are the rows");
    }

    function courtOwes() external view returns (uint256 sum, uint256 native) {
        if (isPending) (sum, native) = (poolOfPot + poolOfPot / 4, meta.deposit);
        for (uint256 i; i < live.length; ++i) {
            (sum, native) = (sum + stake(), native + live[i].turn.fee);
        }
        IAttributionCourt.Verdict memory verdict = court.verdictOf(endedMeta.id, endedMeta.round);
        uint256 each = (uint256(endedMeta.draft.pool) + 999) / 1000 + verdict.share;
        for (uint256 i; i < ended.length; ++i) {
            (sum, native) = (sum + each, native + ended[i].turn.fee + verdict.nativeShare);
        }
        native += court.nativeCredit(node) + court.nativeCredit(challenger) + court.nativeCredit(treasury);
    }

    function courtHas() external view returns (uint256, uint256) {
        return (open.balanceOf(address(court)), address(court).balance);
    }
}

contract AttributionInvariants is Test {
    PotHandler private handler;

    function setUp() public {
        handler = new PotHandler();
        targetContract(address(handler));
        bytes4[] memory actions = new bytes4[](15);
        actions[0] = handler.redeemSome.selector;
        actions[1] = handler.invoke.selector;
        actions[2] = handler.seal.selector;
        actions[3] = handler.proposeAny.selector;
        actions[4] = handler.ask.selector;
        actions[5] = handler.step.selector;
        actions[6] = handler.letTimeRunOut.selector;
        actions[7] = handler.hold.selector;
        actions[8] = handler.wait.selector;
        actions[9] = handler.finish.selector;
        actions[10] = handler.flatten.selector;
        actions[11] = handler.collectEnded.selector;
        actions[12] = handler.claim.selector;
        actions[13] = handler.spread.selector;
        actions[14] = handler.claimFlat.selector;
        targetSelector(address(handler), actions);
    }

    /// @dev The actions reach every end, so that the random runs do, too.
    function test_TheActionsReachFinalConvictedAndFlat() public {
        for (uint256 round; round < 3; ++round) {
            handler.redeemSome(round + 1);
            handler.redeemSome(round + 7);
            handler.invoke(5e17);
            handler.seal();
            invariant_MoneyIsThereAndTrueListsStand();
            bool honest = round == 0;
            handler.proposeAny(honest);
            handler.ask(1);
            for (uint256 i; honest && i < 12; ++i) {
                handler.step(0);
                invariant_MoneyIsThereAndTrueListsStand();
            }
            if (!honest) {
                handler.ask(2);
                handler.letTimeRunOut(0);
                invariant_MoneyIsThereAndTrueListsStand();
            }
            // A call without entries leaves the challenger nothing to pick.
            else {
                handler.letTimeRunOut(0);
            }
            if (round == 1) handler.proposeAny(true);
            if (round < 2) handler.finish(true);
            else handler.flatten();
            handler.spread();
            for (uint256 i; i < 4; ++i) {
                handler.claim(i << 128);
                handler.claimFlat(i);
            }
            handler.collectEnded();
            invariant_MoneyIsThereAndTrueListsStand();
        }
        assertEq(handler.finals(), 2, "final");
        assertEq(handler.convictions(), 2, "convicted");
    }

    /// @dev One function: a second one would play all runs again.
    /// forge-config: default.invariant.runs = 24
    /// forge-config: nightly.invariant.runs = 1000
    function invariant_MoneyIsThereAndTrueListsStand() public view {
        assertEq(handler.ledgerHas(), handler.ledgerOwes(), "pots, lists, flat, income, credit");
        (uint256 sum, uint256 native) = handler.courtOwes();
        (uint256 held, uint256 heldNative) = handler.courtHas();
        assertEq(held, sum, "bonds, stakes and shares");
        assertEq(heldNative, native, "fees, deposits and credits");
        handler.checkProperties();
    }
}
