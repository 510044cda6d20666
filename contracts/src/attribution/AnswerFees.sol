// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title What answering is paid, and native money on demand
/// @notice answer fee = 1,000,000 gas * 4 * base fee + post fee. The post fee covers what a rollup pays for data; governance sets
///         it within bounds.
abstract contract AnswerFees is AccessManaged, ReentrancyGuardTransient {
    uint256 private constant PRICED_GAS = 4_000_000;
    uint256 public constant LEAST_POST_FEE = 1e12;
    uint256 public constant MOST_POST_FEE = 1e17;

    /// @notice Part of the answer fee that does not follow the base fee, wei.
    uint256 public postFee = 1e14;
    /// @notice Native money that an account may withdraw, wei.
    mapping(address account => uint256) public nativeCredit;

    event PostFeeSet(uint256 postFee);
    event NativeWithdrawn(address indexed account, uint256 amount);

    error PostFeeOutOfBounds(uint256 postFee);
    error FeeTooSmall(uint256 paid, uint256 least);
    error NothingToWithdraw(address account);

    /// @notice Sets the fixed part, between `LEAST_POST_FEE` and `MOST_POST_FEE`. `Roles.PARAM`.
    function setPostFee(uint256 postFee_) external restricted {
        if (postFee_ < LEAST_POST_FEE || postFee_ > MOST_POST_FEE) revert PostFeeOutOfBounds(postFee_);
        postFee = postFee_;
        emit PostFeeSet(postFee_);
    }

    /// @notice Pays the caller's native credit.
    function withdrawNative() external nonReentrant returns (uint256 amount) {
        amount = nativeCredit[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        nativeCredit[msg.sender] = 0;
        emit NativeWithdrawn(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @notice What an answer is paid at the present base fee, wei.
    function answerFee() public view returns (uint256) {
        return PRICED_GAS * block.basefee + postFee;
    }

    /// @dev The value of the call, at least `times` answer fees. More is kept with it and comes back with it.
    function _takeFee(uint256 times) internal view returns (uint96) {
        uint256 least = times * answerFee();
        if (msg.value < least || msg.value > type(uint96).max) revert FeeTooSmall(msg.value, least);
        return uint96(msg.value);
    }
}
