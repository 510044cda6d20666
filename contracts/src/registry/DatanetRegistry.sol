// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {DatanetBook} from "./DatanetBook.sol";

/// @title Contributions and their review
contract DatanetRegistry is DatanetBook, EIP712 {
    using BitMaps for BitMaps.BitMap;

    bytes32 private constant CONTRIBUTION_TYPEHASH = keccak256(
        "Contribution(uint256 datanet,address contributor,bytes32 content,uint24 rows,bytes32 rowsRoot,uint32 licence,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant CURATORS_TIME = 3 days;
    uint256 private constant MOST_JUDGED = 256;
    uint256 private constant WHOLE_OPEN = 1e18;
    /// @dev Batches fill at most half of the count. Filling the rest one by one is too expensive, so it never overflows.
    uint256 private constant MOST_IN_BATCHES = type(uint32).max / 2;

    /// @notice The token whose balance counts as stake.
    IERC20 public immutable stakedOpen;

    mapping(uint256 id => mapping(uint32 contribution => Contribution)) private _contributions;
    mapping(uint256 id => mapping(address sender => mapping(bytes32 root => Batch))) private _batches;
    mapping(address contributor => BitMaps.BitMap) private _usedNonces;
    /// @inheritdoc IDatanetRegistry
    mapping(bytes32 key => bool) public isItemWithdrawn;

    constructor(address authority, IERC20 stakedOpen_) DatanetBook(authority) EIP712("DatanetRegistry", "1") {
        stakedOpen = stakedOpen_;
    }

    /// @inheritdoc IDatanetRegistry
    function contribute(uint256 id, bytes32 content, uint24 rows, bytes32 rowsRoot) external returns (uint32) {
        return _contribute(id, msg.sender, content, rows, rowsRoot);
    }

    /// @inheritdoc IDatanetRegistry
    function contributeBySig(SignedContribution calldata signed, bytes calldata signature) external returns (uint32) {
        if (block.timestamp > signed.deadline) revert SignatureExpired(signed.deadline);
        uint32 licence = _datanets[signed.datanet].licence;
        if (signed.licence != licence) revert OtherLicence(signed.licence, licence);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CONTRIBUTION_TYPEHASH, signed)));
        if (!SignatureChecker.isValidSignatureNowCalldata(signed.contributor, digest, signature)) {
            revert BadSignature(signed.contributor);
        }
        _useNonce(signed.contributor, signed.nonce);
        return _contribute(signed.datanet, signed.contributor, signed.content, signed.rows, signed.rowsRoot);
    }

    /// @inheritdoc IDatanetRegistry
    function revokeOffer(uint256 nonce) external {
        _useNonce(msg.sender, nonce);
        emit OfferRevoked(msg.sender, nonce);
    }

    /// @inheritdoc IDatanetRegistry
    function contributeBatch(uint256 id, bytes32 root, uint32 count) external {
        _checkMayContribute(id, msg.sender);
        if (_datanets[id].minStakeOpen != 0) revert NoBatches(id);
        if (root == 0) revert RootEmpty();
        if (count == 0) revert RowsMissing();
        Batch storage batch = _batches[id][msg.sender][root];
        if (batch.state != State.None) revert BadBatchState(root, batch.state);
        (batch.time, batch.count, batch.state) = (uint40(block.timestamp), count, State.Pending);
        emit BatchContributed(id, root, msg.sender, count);
    }

    /// @inheritdoc IDatanetRegistry
    function judge(uint256 id, uint32[] calldata contributions, uint256 acceptBits, bytes32[] calldata reasons)
        external
        onlyCurator(id)
    {
        uint256 count = contributions.length;
        if (count > MOST_JUDGED) revert TooMany(count);
        if (count != reasons.length) revert LengthsDiffer(count, reasons.length);
        mapping(uint32 => Contribution) storage all = _contributions[id];
        uint256 pending = _datanets[id].pending;
        uint256 accepted = _datanets[id].accepted;
        for (uint256 i; i < count; ++i) {
            (uint32 number, bytes32 reason) = (contributions[i], reasons[i]);
            Contribution storage contribution = all[number];
            State state = contribution.state;
            if (state == State.Pending) --pending;
            else if (state != State.Appealed || (acceptBits >> i) & 1 == 0) revert BadState(number, state);
            if ((acceptBits >> i) & 1 == 1) {
                ++accepted;
                contribution.state = State.Accepted;
                emit Accepted(id, number, reason);
            } else {
                if (reason == 0) revert ReasonMissing(i);
                contribution.state = State.Rejected;
                emit Rejected(id, number, reason);
            }
        }
        _datanets[id].pending = uint32(pending);
        _datanets[id].accepted = uint32(accepted);
    }

    /// @inheritdoc IDatanetRegistry
    function judgeBatch(uint256 id, address sender, bytes32 root, uint32 accepted, bytes32 decisions)
        external
        onlyCurator(id)
    {
        Batch storage batch = _batches[id][sender][root];
        if (batch.state != State.Pending) revert BadBatchState(root, batch.state);
        uint256 sum = uint256(_datanets[id].accepted) + accepted;
        if (accepted > batch.count || sum > MOST_IN_BATCHES) revert TooMany(accepted);
        if (accepted < batch.count && decisions == 0) revert ReasonMissing(0);
        batch.state = accepted == 0 ? State.Rejected : State.Accepted;
        _datanets[id].accepted = uint32(sum);
        emit BatchJudged(id, root, sender, msg.sender, accepted, decisions);
    }

    /// @inheritdoc IDatanetRegistry
    function appeal(uint256 id, uint32 number, bytes32 reason) external {
        Contribution storage contribution = _ownContribution(id, number);
        if (contribution.state != State.Rejected) revert BadState(number, contribution.state);
        if (reason == 0) revert ReasonMissing(0);
        contribution.state = State.Appealed;
        contribution.time = uint40(block.timestamp);
        emit Appealed(id, number, reason);
    }

    /// @inheritdoc IDatanetRegistry
    function decideAppeal(uint256 id, uint32 number, bool accept, bytes32 reason) external restricted {
        Contribution storage contribution = _contributions[id][number];
        if (contribution.state != State.Appealed) revert BadState(number, contribution.state);
        if (block.timestamp < contribution.time + CURATORS_TIME) {
            revert AppealNotDue(number, contribution.time + CURATORS_TIME);
        }
        contribution.state = accept ? State.Accepted : State.Dismissed;
        if (accept) ++_datanets[id].accepted;
        emit AppealDecided(id, number, accept, reason);
    }

    /// @inheritdoc IDatanetRegistry
    function withdraw(uint256 id, uint32 number) external {
        Contribution storage contribution = _ownContribution(id, number);
        State state = contribution.state;
        if (state == State.Pending) --_datanets[id].pending;
        else if (state == State.Accepted) --_datanets[id].accepted;
        else if (state == State.Dismissed || state == State.Withdrawn) revert BadState(number, state);
        contribution.state = State.Withdrawn;
        _countWithdrawal(id);
        emit ContributionWithdrawn(id, number);
    }

    /// @inheritdoc IDatanetRegistry
    function withdrawFromBatch(uint256 id, bytes32 root, bytes32 item, bytes32[] calldata proof) external {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(msg.sender, item))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert BadProof(item);
        bytes32 key = keccak256(abi.encode(id, root, msg.sender, item));
        if (isItemWithdrawn[key]) revert AlreadyWithdrawn(item);
        isItemWithdrawn[key] = true;
        _countWithdrawal(id);
        emit BatchItemWithdrawn(id, root, msg.sender, item);
    }

    /// @inheritdoc IDatanetRegistry
    function isNonceUsed(address contributor, uint256 nonce) external view returns (bool) {
        return _usedNonces[contributor].get(nonce);
    }

    /// @inheritdoc IDatanetRegistry
    function contributionOf(uint256 id, uint32 number) external view returns (Contribution memory) {
        return _contributions[id][number];
    }

    /// @inheritdoc IDatanetRegistry
    function batchOf(uint256 id, address sender, bytes32 root) external view returns (Batch memory) {
        return _batches[id][sender][root];
    }

    function _contribute(uint256 id, address who, bytes32 content, uint24 rows, bytes32 rowsRoot)
        private
        returns (uint32 number)
    {
        _checkMayContribute(id, who);
        if (content == 0 || rowsRoot == 0) revert RootEmpty();
        if (rows == 0) revert RowsMissing();
        number = ++_datanets[id].contributions;
        ++_datanets[id].pending;
        _contributions[id][number] = Contribution(who, uint40(block.timestamp), rows, State.Pending, content);
        emit Contributed(id, number, who, content, rows, rowsRoot);
    }

    function _useNonce(address contributor, uint256 nonce) private {
        if (_usedNonces[contributor].get(nonce)) revert NonceUsed(contributor, nonce);
        _usedNonces[contributor].set(nonce);
    }

    function _ownContribution(uint256 id, uint32 number) private view returns (Contribution storage contribution) {
        contribution = _contributions[id][number];
        if (contribution.who != msg.sender) revert NotContributor(msg.sender);
    }

    function _checkMayContribute(uint256 id, address who) private view {
        Datanet storage datanet = _datanets[id];
        if (datanet.createdAt == 0) revert UnknownDatanet(id);
        if (!datanet.open && !isCurator(id, who)) revert Closed(id);
        uint256 needed = uint256(datanet.minStakeOpen) * WHOLE_OPEN;
        if (needed == 0) return;
        uint256 staked = stakedOpen.balanceOf(who);
        if (staked < needed) revert StakeTooSmall(who, staked, needed);
    }
}
