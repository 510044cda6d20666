// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";

/// @title A stream of rewards over shares that change
/// @notice Added rewards flow for seven days, each second divided by the shares of that second. While there is no share
///         the stream stands still and loses nothing.
/// @dev The heir settles an account with its old share before that share changes. All divisions round down: the rate
///      (dust of less than one wei per second) and each account's part stay in the contract, unclaimable.
abstract contract RewardStream {
    /// @notice How long an addition flows, in seconds.
    uint256 public constant STREAM = 7 days;

    /// @dev Fine enough that one wei a second shared by the whole supply is still counted.
    uint256 private constant SCALE = 1e36;

    /// @notice Wei per second that flow until `streamEndsAt`.
    uint128 public rewardRate;
    uint64 public streamEndsAt;
    uint64 private _countedAt;
    /// @notice Wei x 1e36 that one wei of share has earned since the beginning.
    uint256 public accPerShare;

    mapping(address account => uint256 accPerShare) private _counted;
    mapping(address account => uint256 wei_) private _owed;

    /// @dev All shares there are.
    function _shares() internal view virtual returns (uint256);

    /// @dev Counts what `account` earned with `share` up to now. Before the share changes.
    function _settle(address account, uint256 share) internal {
        _count();
        uint256 acc = accPerShare;
        uint256 earned = acc - _counted[account];
        if (earned == 0) return;
        _owed[account] += share * earned / SCALE;
        _counted[account] = acc;
    }

    function _takeOwed(address account) internal returns (uint256 amount) {
        amount = _owed[account];
        _owed[account] = 0;
    }

    /// @dev Refuses an addition that would slow the stream down; otherwise anyone could stretch it with one wei.
    function _addToStream(uint256 amount) internal {
        _count();
        uint256 left = streamEndsAt > block.timestamp ? streamEndsAt - block.timestamp : 0;
        uint256 rate = (rewardRate * left + amount) / STREAM;
        uint256 least = left == 0 ? 1 : rewardRate;
        if (rate < least) revert INodeRegistry.RewardTooSmall(rate, least);
        (rewardRate, streamEndsAt, _countedAt) =
        (uint128(rate), uint64(block.timestamp + STREAM), uint64(block.timestamp));
        emit INodeRegistry.RewardAdded(msg.sender, amount, rate, streamEndsAt);
    }

    function _owedNow(address account, uint256 share) internal view returns (uint256) {
        (uint256 acc,) = _now();
        return _owed[account] + share * (acc - _counted[account]) / SCALE;
    }

    function _count() private {
        (uint256 acc, uint64 endsAt) = _now();
        // While nothing flows, nothing changes, and no write is needed.
        if (streamEndsAt <= _countedAt) return;
        (accPerShare, streamEndsAt, _countedAt) = (acc, endsAt, uint64(block.timestamp));
    }

    function _now() private view returns (uint256 acc, uint64 endsAt) {
        (acc, endsAt) = (accPerShare, streamEndsAt);
        uint64 since = _countedAt;
        if (endsAt <= since) return (acc, endsAt);
        uint256 shares = _shares();
        if (shares == 0) return (acc, endsAt + uint64(block.timestamp) - since);
        uint256 until = block.timestamp < endsAt ? block.timestamp : endsAt;
        acc += (until - since) * rewardRate * SCALE / shares;
    }
}
