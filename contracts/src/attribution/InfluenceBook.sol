// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {DatanetRef, DatanetRefs} from "../interfaces/DatanetRef.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {IInfluenceBook} from "../interfaces/IInfluenceBook.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {AnswerFees} from "./AnswerFees.sol";
import {CallRule} from "./lib/CallRule.sol";
import {Merkle} from "./lib/Merkle.sol";
import {RowCodec} from "./lib/RowCodec.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";

/// @title InfluenceBook
/// @dev Times follow from the window in which a proposal can be questioned: notice 2.5 windows, time to show a row 1.5.
contract InfluenceBook is IInfluenceBook, AnswerFees {
    using DatanetRefs for DatanetRef;

    uint256 private constant MOST_ROWS = 1 << 20;
    uint16 private constant MOST_RHO_BPS = 8000;

    IModelRegistry public immutable models;
    IDatanetRegistry public immutable datanets;
    /// @notice Seconds from a commitment until it is in force.
    uint256 public immutable notice;
    /// @notice Seconds to show a demanded row.
    uint256 public immutable showTime;

    mapping(uint64 version => Commitment) private _commitments;
    mapping(uint64 version => mapping(uint256 index => Demand)) private _demands;

    constructor(address authority, IModelRegistry models_, IDatanetRegistry datanets_, uint256 window)
        AccessManaged(authority)
    {
        (models, datanets) = (models_, datanets_);
        (notice, showTime) = (window * 5 / 2, window * 3 / 2);
    }

    /// @inheritdoc IInfluenceBook
    function commitInfluence(
        uint64 version,
        bytes32 artefact,
        bytes32 root,
        uint24 rows,
        uint40 threshold,
        uint16 rhoBps
    ) external payable {
        if (IERC721(address(models)).ownerOf(version >> 32) != msg.sender) {
            revert NotModelOwner(version, msg.sender);
        }
        if (_lineageOf(version) == 0) revert UnknownVersion(version);
        if (artefact == 0 || root == 0 || rows == 0) revert FieldMissing();
        if (rows > MOST_ROWS) revert TooManyRows(rows);
        if (rhoBps > MOST_RHO_BPS) revert RhoTooLarge(rhoBps);
        if (_commitments[version].root != 0) revert AlreadyCommitted(version);
        uint96 deposit = _takeFee(2);
        _commitments[version] =
            Commitment(root, artefact, rows, threshold, rhoBps, uint40(block.timestamp), false, deposit);
        emit InfluenceCommitted(version, artefact, root, rows, threshold, rhoBps, deposit);
    }

    /// @inheritdoc IInfluenceBook
    function demandRow(uint64 version, uint256 index) external payable {
        Commitment storage commitment = _live(version);
        if (index >= commitment.rows) revert NotInInfluence(index);
        if (_demands[version][index].due != 0) revert DemandOpen(version, index);
        uint40 due = uint40(block.timestamp + showTime);
        _demands[version][index] = Demand(msg.sender, _takeFee(1), due);
        emit RowDemanded(version, index, msg.sender, due);
    }

    /// @inheritdoc IInfluenceBook
    function answerDemand(uint64 version, uint256 index, ShownRow calldata shown) external {
        Demand memory demand = _demand(version, index);
        if (block.timestamp > demand.due) revert DemandOver(demand.due);
        _checkPlace(_values(_live(version)), index, shown.row, shown.path);
        _checkOrigin(version, shown.row, shown.origin);
        delete _demands[version][index];
        nativeCredit[msg.sender] += demand.fee;
        emit DemandAnswered(version, index, msg.sender, shown);
    }

    /// @inheritdoc IInfluenceBook
    function endDemand(uint64 version, uint256 index) external {
        Demand memory demand = _demand(version, index);
        Commitment storage commitment = _commitments[version];
        delete _demands[version][index];
        uint256 reward = demand.fee;
        if (!commitment.isVoid) {
            if (block.timestamp <= demand.due) revert DemandNotOver(demand.due);
            reward += _void(version, commitment);
        }
        nativeCredit[demand.demander] += reward;
    }

    /// @inheritdoc IInfluenceBook
    function twice(
        uint64 version,
        uint256 first,
        RowCodec.Row calldata firstRow,
        bytes32[] calldata firstPath,
        uint256 second,
        RowCodec.Row calldata secondRow,
        bytes32[] calldata secondPath
    ) external {
        Commitment storage commitment = _live(version);
        if (first == second) revert SamePlace(first);
        if (firstRow.rowLeaf != secondRow.rowLeaf) revert OtherRows();
        Values memory values = _values(commitment);
        _checkPlace(values, first, firstRow, firstPath);
        _checkPlace(values, second, secondRow, secondPath);
        nativeCredit[msg.sender] += _void(version, commitment);
    }

    /// @inheritdoc IInfluenceBook
    function weigh(uint64 version, Values calldata values, uint256 index, bytes calldata vector, bytes calldata shown)
        external
        view
        returns (uint256 weight, uint256 cluster, address contributor)
    {
        ShownRow calldata found = _open(shown);
        RowCodec.Row calldata row = found.row;
        _checkPlace(values, index, row, found.path);
        _checkOrigin(version, row, found.origin);
        weight = CallRule.weight(RowCodec.dot(vector, row), row.scale, values.threshold);
        return (weight, row.cluster, row.contributor);
    }

    /// @inheritdoc IInfluenceBook
    function checkShown(Values calldata values, uint256 index, bytes calldata shown) external pure {
        ShownRow calldata found = _open(shown);
        _checkPlace(values, index, found.row, found.path);
    }

    /// @inheritdoc IInfluenceBook
    function rhoOf(uint64 version) external view returns (uint256) {
        Commitment storage commitment = _commitments[version];
        if (commitment.isVoid || block.timestamp < commitment.since + notice) return 0;
        return commitment.rhoBps;
    }

    /// @inheritdoc IInfluenceBook
    function valuesOf(uint64 version) external view returns (Values memory) {
        return _values(_live(version));
    }

    /// @inheritdoc IInfluenceBook
    function isVoid(uint64 version) external view returns (bool) {
        return _commitments[version].isVoid;
    }

    /// @inheritdoc IInfluenceBook
    function commitmentOf(uint64 version) external view returns (Commitment memory) {
        return _commitments[version];
    }

    /// @inheritdoc IInfluenceBook
    function demandOf(uint64 version, uint256 index) external view returns (Demand memory) {
        return _demands[version][index];
    }

    /// @dev Reads `abi.encode(ShownRow)` where it lies. What a hostile offset points at is calldata too, and hashed like all else.
    function _open(bytes calldata shown) private pure returns (ShownRow calldata found) {
        if (shown.length < 32) revert NotARow();
        assembly ("memory-safe") {
            found := add(shown.offset, calldataload(shown.offset))
        }
    }

    function _checkPlace(Values memory values, uint256 index, RowCodec.Row calldata row, bytes32[] calldata path)
        private
        pure
    {
        bytes32 top = Merkle.rootAt(RowCodec.influenceLeaf(row), index, values.rows, path);
        if (top != values.root) revert NotInInfluence(index);
    }

    /// @dev Cited by the version, among the rows of its contributor, who has a share of that Datanet version.
    function _checkOrigin(uint64 version, RowCodec.Row calldata row, Origin calldata origin) private view {
        if (DatanetRefs.lineage(origin.parent, origin.refs) != _lineageOf(version)) revert NoOrigin();
        uint256 key = origin.refs[origin.ref].keyOf();
        if (key != (uint256(row.datanet) << 32 | row.version)) revert NoOrigin();
        bytes32 root = Merkle.rootAt(RowCodec.rowNode(row.rowLeaf), origin.index, origin.rows, origin.path);
        if (root != origin.rowsRoot) revert NoOrigin();
        bytes32 holder = SumMerkle.leaf(RowCodec.holderContent(row.contributor, root), origin.rows);
        (bytes32 top,,) = SumMerkle.fold(holder, origin.rows, origin.place, origin.siblings, origin.sums);
        if (top != datanets.versionOf(row.datanet, row.version).sharesRoot) revert NoOrigin();
    }

    /// @dev Ends a commitment and returns its deposit.
    function _void(uint64 version, Commitment storage commitment) private returns (uint256 deposit) {
        deposit = commitment.deposit;
        (commitment.isVoid, commitment.deposit) = (true, 0);
        emit CommitmentVoid(version, msg.sender);
    }

    function _live(uint64 version) private view returns (Commitment storage commitment) {
        commitment = _commitments[version];
        if (commitment.root == 0 || commitment.isVoid) revert NoCommitment(version);
    }

    function _demand(uint64 version, uint256 index) private view returns (Demand memory demand) {
        demand = _demands[version][index];
        if (demand.due == 0) revert NoDemand(version, index);
    }

    function _values(Commitment storage commitment) private view returns (Values memory) {
        return Values(commitment.root, commitment.rows, commitment.threshold);
    }

    function _lineageOf(uint64 version) private view returns (bytes32) {
        return models.lineageOf(version >> 32, uint32(version));
    }
}
