// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DatanetRef, DatanetRefs} from "../interfaces/DatanetRef.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Rounding} from "../lib/Rounding.sol";
import {RowCodec} from "./lib/RowCodec.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";

/// @title Flat money: from lineages to Datanet versions to holders
abstract contract FlatStream is IAttributionLedger, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using DatanetRefs for DatanetRef;

    uint256 private constant ROYALTY_PARTS = 10;

    IERC20 public immutable open;
    IModelRegistry public immutable models;
    IDatanetRegistry public immutable datanets;
    ISettlement public settlement;

    /// @inheritdoc IAttributionLedger
    mapping(bytes32 lineage => uint256) public flat;
    /// @inheritdoc IAttributionLedger
    mapping(uint256 datanet => mapping(uint32 version => uint256)) public income;
    /// @dev By place in the shares, `1 << depth | index`: an account may hold several.
    mapping(uint256 datanet => mapping(uint32 version => mapping(uint256 place => uint256))) private _taken;
    /// @inheritdoc IAttributionLedger
    mapping(address account => uint256) public credit;

    constructor(IERC20 open_, IModelRegistry models_, IDatanetRegistry datanets_) {
        (open, models, datanets) = (open_, models_, datanets_);
    }

    /// @inheritdoc IAttributionLedger
    function giveFlat(uint64 version, uint256 amount) external nonReentrant {
        bytes32 lineage = _lineageOf(version);
        if (lineage == 0 || lineage == DatanetRefs.EMPTY_LINEAGE) revert NoLineage(version);
        flat[lineage] += amount;
        emit FlatGiven(lineage, msg.sender, amount);
        open.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IAttributionLedger
    function spread(uint96 parent, DatanetRef[] calldata refs) external nonReentrant {
        bytes32 lineage = DatanetRefs.lineage(parent, refs);
        uint256 amount = settlement.drawFlat(lineage) + flat[lineage];
        if (amount == 0 || lineage == DatanetRefs.EMPTY_LINEAGE) revert NothingToSpread(lineage);
        uint256 up = refs.length == 0 ? amount : parent == 0 ? 0 : amount / ROYALTY_PARTS;
        uint256 used = _spreadOver(refs, amount - up);
        uint256 left = amount - up - used;
        flat[lineage] = left;
        if (up != 0) _payUp(parent, up);
        emit Spread(lineage, up, used, left);
    }

    /// @inheritdoc IAttributionLedger
    function claimFlat(uint256 datanet, uint32 version, Holder calldata holder) external nonReentrant {
        (address account, uint48 rows) = (holder.account, holder.rows);
        bytes32 leaf = SumMerkle.leaf(RowCodec.holderContent(account, holder.rowsRoot), rows);
        (bytes32 top, uint256 all,) = SumMerkle.fold(leaf, rows, holder.place, holder.siblings, holder.sums);
        if (top != datanets.versionOf(datanet, version).sharesRoot) revert NotAHolder(account);
        uint256 place = 1 << holder.siblings.length | holder.place;
        uint256 taken = _taken[datanet][version][place];
        uint256 due = all == 0 ? 0 : Rounding.portionDown(income[datanet][version], rows, all);
        if (due <= taken) revert NothingToClaim(account);
        _taken[datanet][version][place] = due;
        emit FlatClaimed(datanet, version, account, due - taken);
        bool canReceive = account != address(0) && account != address(this);
        open.safeTransfer(canReceive ? account : IERC721(address(datanets)).ownerOf(datanet), due - taken);
    }

    /// @inheritdoc IAttributionLedger
    function withdraw(address account) external nonReentrant returns (uint256 amount) {
        amount = credit[account];
        if (amount == 0) revert NothingToWithdraw(account);
        credit[account] = 0;
        emit Withdrawn(account, amount);
        open.safeTransfer(account, amount);
    }

    function _wireSettlement(address settlement_) internal {
        settlement = ISettlement(settlement_);
    }

    function _addFlat(bytes32 lineage, uint256 amount) internal {
        flat[lineage] += amount;
    }

    function _lineageOf(uint64 version) internal view returns (bytes32) {
        return models.lineageOf(version >> 32, uint32(version));
    }

    /// @dev Gives each reference its part of `amount`; returns what was given.
    function _spreadOver(DatanetRef[] calldata refs, uint256 amount) private returns (uint256 used) {
        uint256 weights;
        for (uint256 i; i < refs.length; ++i) {
            weights += refs[i].weightOf();
        }
        for (uint256 i; i < refs.length; ++i) {
            DatanetRef ref = refs[i];
            (uint256 datanet, uint32 version) = (ref.datanetOf(), ref.versionOf());
            uint256 part = Rounding.portionDown(amount, ref.weightOf(), weights);
            uint256 curators = Rounding.bpsDown(part, datanets.datanetOf(datanet).curatorBps);
            used += part;
            income[datanet][version] += part - curators;
            if (curators != 0) _credit(IERC721(address(datanets)).ownerOf(datanet), curators);
        }
    }

    function _payUp(uint96 parent, uint256 amount) private {
        (uint256 model, uint32 version) = (parent >> 32, uint32(parent));
        bytes32 lineage = models.lineageOf(model, version);
        if (lineage == DatanetRefs.EMPTY_LINEAGE) _credit(models.termsOf(model).payout, amount);
        else flat[lineage] += amount;
    }

    function _credit(address account, uint256 amount) private {
        credit[account] += amount;
        emit Credited(account, amount);
    }
}
