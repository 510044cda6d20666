// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallRule} from "../../src/attribution/lib/CallRule.sol";
import {PayoutList} from "../../src/attribution/lib/PayoutList.sol";
import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {RowCodec} from "../../src/attribution/lib/RowCodec.sol";
import {IInfluenceBook} from "../../src/interfaces/IInfluenceBook.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {MarketDeployed} from "./MarketDeployed.sol";
import {SumTree} from "./SumTree.sol";
import {Tree} from "./Tree.sol";
import {Vm} from "./Vm.sol";

/// @notice A model with committed influence over real rows, paid calls, and what each account gets of a pot: computed here a second
///         time, call by call.
/// @dev `truth` are the entries of a call by the rule; `claimed` is what a proposer says they are.
abstract contract PotWorld is MarketDeployed {
    using SumTree for SumTree.Tree;

    struct Paid {
        bytes32 receipt;
        bytes32 vectorHash;
        uint96 cost;
        bytes vector;
        uint256[] truth;
        uint256[] claimed;
    }

    struct PaidLine {
        uint96 amount;
        uint32 calls;
        bytes32 receipts;
        Paid[] paid;
    }

    uint16 internal constant RHO = 8000;
    uint40 internal constant THRESHOLD = 2_000;
    uint256 internal constant HOLDERS = 4;
    uint96 internal constant CALL_COST = 1e16;

    /// @dev Rows, and the clusters that they are spread over. A heir may change them before `deployPots`.
    uint256 internal rowCount = 9;
    uint256 internal clusterCount = 5;
    /// @dev Bits that components may have: without the signs all products are positive, and all rows have weight.
    uint256 internal vectorBits = type(uint256).max;
    RowCodec.Row[] internal rows;
    PaidLine[][] internal redemptions;
    PotCodec.Record[] internal records;
    uint64 internal version;
    uint256 internal potId;
    uint256 internal poolOfPot;
    address internal payer;
    uint256 internal payerKey;
    uint96 internal base;
    /// @dev Calls that a line counts beyond the leaves of its tree.
    uint256 internal callsWithoutReceipt;
    uint256 private _made;

    function deployPots() internal {
        deployMarket();
        makeRows();
        vm.prank(curator);
        datanets.publish(datanet, "manifest 2", "rows 2", shares().root(), uint48(rowCount), 1, 0);
        vm.prank(maker);
        model = models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, release(0, refs()));
        version = firstOf(model);
        commitInfluence();
        vm.warp(vm.getBlockTimestamp() + 5 days);
        (payer,, payerKey) = channel("payer", 1_000_000e18);
    }

    function holder(uint256 i) internal pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function refs() internal view returns (DatanetRef[] memory list) {
        list = new DatanetRef[](1);
        list[0] = DatanetRefs.pack(uint64(datanet), 2, 1);
    }

    function makeRows() private {
        for (uint256 i; i < rowCount; ++i) {
            rows.push(
                RowCodec.Row({
                    rowLeaf: sha256(abi.encode("row", i)),
                    cluster: uint32(100 + i * 7 % clusterCount),
                    contributor: holder(i % HOLDERS),
                    datanet: uint64(datanet),
                    version: 2,
                    scale: uint16(1 + i),
                    vector: vectorOf(i)
                })
            );
        }
    }

    function vectorOf(uint256 seed) internal view returns (bytes memory) {
        bytes32[8] memory words;
        for (uint256 i; i < 8; ++i) {
            words[i] = keccak256(abi.encode("vector", seed, i)) & bytes32(vectorBits);
        }
        return abi.encodePacked(words);
    }

    function commitInfluence() private {
        bytes32 root = Tree.root(influenceLeaves());
        uint256 fee = 2 * influences.answerFee();
        vm.deal(maker, fee);
        vm.prank(maker);
        influences.commitInfluence{value: fee}(version, "artefact", root, uint24(rowCount), THRESHOLD, RHO);
    }

    /// @notice More clusters with weight than a call lists, some of two rows.
    function useFullLists() internal {
        (rowCount, clusterCount) = (70, 67);
        vectorBits = type(uint256).max / 255 * 127;
    }

    // --- what rows come from

    function influenceLeaves() internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](rowCount);
        for (uint256 i; i < rowCount; ++i) {
            RowCodec.Row memory r = rows[i];
            leaves[i] = keccak256(
                abi.encodePacked(
                    bytes1(0x05),
                    r.rowLeaf,
                    r.cluster,
                    r.contributor,
                    r.datanet,
                    r.version,
                    r.scale,
                    keccak256(r.vector)
                )
            );
        }
    }

    function rowsOf(uint256 who) internal view returns (bytes32[] memory leaves) {
        uint256 count = (rowCount - 1 - who) / HOLDERS + 1;
        leaves = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            leaves[i] = keccak256(abi.encodePacked(bytes1(0x04), rows[who + i * HOLDERS].rowLeaf));
        }
    }

    function shares() internal view returns (SumTree.Tree memory) {
        bytes32[] memory contents = new bytes32[](HOLDERS);
        uint256[] memory counts = new uint256[](HOLDERS);
        for (uint256 i; i < HOLDERS; ++i) {
            bytes32[] memory own = rowsOf(i);
            contents[i] = keccak256(abi.encodePacked(bytes1(0x07), holder(i), Tree.root(own)));
            counts[i] = own.length;
        }
        return SumTree.build(contents, counts);
    }

    function shownRow(uint256 index) internal view returns (IInfluenceBook.ShownRow memory shown) {
        uint256 who = index % HOLDERS;
        shown.row = rows[index];
        shown.path = Tree.path(influenceLeaves(), index);
        SumTree.Path memory share = shares().path(who);
        bytes32[] memory own = rowsOf(who);
        shown.origin = IInfluenceBook.Origin({
            parent: 0,
            refs: refs(),
            ref: 0,
            rowsRoot: Tree.root(own),
            rows: uint48(own.length),
            index: index / HOLDERS,
            path: Tree.path(own, index / HOLDERS),
            place: who,
            siblings: share.siblings,
            sums: share.sums
        });
    }

    // --- paid calls

    /// @notice Makes a redemption of `counts.length` lines with so many calls each; about every eighth call has no influence.
    function redeemCalls(uint256 seed, uint256[] memory counts) internal {
        redemptions.push();
        PaidLine[] storage made = redemptions[redemptions.length - 1];
        for (uint256 i; i < counts.length; ++i) {
            made.push();
            PaidLine storage one_ = made[i];
            for (uint256 call; call < counts[i]; ++call) {
                addCall(one_, uint256(keccak256(abi.encode(seed, i, call))));
            }
            finishLine(one_);
        }
        redeemLast();
    }

    /// @notice Redeems the last redemption as it stands.
    function redeemLast() internal {
        PaidLine[] storage made = redemptions[redemptions.length - 1];
        ISettlement.Line[] memory lines = new ISettlement.Line[](made.length);
        uint96 sum;
        for (uint256 i; i < lines.length; ++i) {
            PaidLine storage one_ = made[i];
            lines[i] = ISettlement.Line(uint32(model), 1, one_.amount, one_.calls, one_.receipts);
            sum += one_.amount;
        }
        ISettlement.Voucher memory only = signed(payerKey, node, ISettlement.Voucher(payer, base, lines, 0, 0));
        base += sum;
        vm.recordLogs();
        redeem(only);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == ISettlement.Booked.selector) {
                records.push(abi.decode(logs[i].data, (PotCodec.Record)));
            }
        }
    }

    function addCall(PaidLine storage one_, uint256 random) internal {
        one_.paid.push();
        Paid storage paid = one_.paid[one_.paid.length - 1];
        paid.receipt = keccak256(abi.encode("receipt", _made++));
        paid.cost = uint96(1 + random % CALL_COST);
        if (random >> 128 & 7 == 0) return;
        paid.vector = abi.encodePacked(bytes2(0x3c00), vectorOf(random));
        paid.vectorHash = keccak256(paid.vector);
        paid.truth = paid.claimed = entriesFor(paid.vector);
    }

    function finishLine(PaidLine storage one_) internal {
        SumTree.Tree memory tree = receiptsOf(one_);
        (one_.receipts, one_.calls) = (tree.root(), uint32(one_.paid.length + callsWithoutReceipt));
        one_.amount = uint96(tree.total());
    }

    function receiptsOf(PaidLine storage one_) internal view returns (SumTree.Tree memory) {
        uint256 count = one_.paid.length;
        bytes32[] memory contents = new bytes32[](count);
        uint256[] memory costs = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            Paid storage paid = one_.paid[i];
            contents[i] = keccak256(abi.encodePacked(bytes1(0x06), paid.receipt, paid.vectorHash));
            costs[i] = paid.cost;
        }
        return SumTree.build(contents, costs);
    }

    function weightOf(bytes memory vector, uint256 row) internal view returns (uint256) {
        bytes memory of_ = rows[row].vector;
        int256 sum;
        for (uint256 i; i < 256; ++i) {
            sum += int256(int8(uint8(vector[i + 2]))) * int8(uint8(of_[i]));
        }
        sum = sum * int256(uint256(rows[row].scale)) - int256(uint256(THRESHOLD));
        return sum > 0 ? uint256(sum) : 0;
    }

    function entriesFor(bytes memory vector) internal view returns (uint256[] memory entries) {
        uint256[] memory weights = new uint256[](rowCount);
        uint256[] memory clusters = new uint256[](rowCount);
        for (uint256 i; i < rowCount; ++i) {
            (weights[i], clusters[i]) = (weightOf(vector, i), rows[i].cluster);
        }
        entries = Tree.topEntries(weights, clusters);
        for (uint256 i; i < entries.length; ++i) {
            entries[i] |= uint256(uint160(rows[CallRule.rowOf(entries[i])].contributor)) << 96;
        }
    }

    // --- what accounts get

    function partOfCall(address who, uint256 r, uint256 l, uint256 c, bool isTrue)
        internal
        view
        returns (uint256 part)
    {
        Paid storage paid = redemptions[r][l].paid[c];
        uint256[] memory entries = isTrue ? paid.truth : paid.claimed;
        uint256 pool = uint256(paid.cost) * uint96(records[r].terms) / records[r].gross;
        uint256 sum;
        for (uint256 i; i < entries.length; ++i) {
            sum += uint40(entries[i]);
        }
        for (uint256 i; i < entries.length; ++i) {
            if (address(uint160(entries[i] >> 96)) == who) part += pool * uint40(entries[i]) / sum;
        }
    }

    function partOfLine(address who, uint256 r, uint256 l, bool isTrue) internal view returns (uint256 part) {
        for (uint256 c; c < redemptions[r][l].paid.length; ++c) {
            part += partOfCall(who, r, l, c, isTrue);
        }
    }

    function partOfRedemption(address who, uint256 r, bool isTrue) internal view returns (uint256 part) {
        for (uint256 l; l < redemptions[r].length; ++l) {
            part += partOfLine(who, r, l, isTrue);
        }
    }

    function partOfPot(address who, bool isTrue) internal view returns (uint256 part) {
        for (uint256 r; r < redemptions.length; ++r) {
            part += partOfRedemption(who, r, isTrue);
        }
    }

    /// @notice The list of the pot: accounts ascend, below a 1,024th left out. `stranger` may have claimed parts too.
    function listOf(bool isTrue) internal view returns (uint256[] memory words) {
        words = new uint256[](HOLDERS + 1);
        uint256 count;
        for (uint256 i; i <= HOLDERS; ++i) {
            uint256 amount = partOfPot(holder(i), isTrue);
            if (amount != 0 && amount * 1024 >= poolOfPot) words[count++] = PayoutList.pack(holder(i), uint96(amount));
        }
        assembly {
            mstore(words, count)
        }
    }

    function sealPot() internal {
        vm.prank(node);
        potId = settlement.seal(node, version);
        poolOfPot = 0;
        for (uint256 i; i < records.length; ++i) {
            poolOfPot += uint96(records[i].terms);
        }
    }
}
