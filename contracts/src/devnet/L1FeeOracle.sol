// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LibZip} from "solady/utils/LibZip.sol";

/// @title The OP-Stack GasPriceOracle for chains that have no layer below
/// @notice Lies at 0x420000000000000000000000000000000000000F on the embedded chain and on a local devnet, so that fees are
/// estimated there by the same calls as on an OP-Stack chain. Prices are assumptions, fixed in the code: it has no storage,
/// and its runtime code may be put in place as it is. Nobody is charged by it.
/// @dev Fjord: size = max(100, 0.8365 * FastLZ(tx) - 42.5856) bytes; fee = size * (16 * baseFeeScalar * l1BaseFee +
/// blobBaseFeeScalar * blobBaseFee) / 1e12, rounded down. Isthmus adds gas * operatorFeeScalar / 1e6 + operatorFeeConstant.
contract L1FeeOracle {
    uint256 public constant decimals = 6;
    uint256 public constant l1BaseFee = 1 gwei;
    uint256 public constant blobBaseFee = 0.01 gwei;
    uint32 public constant baseFeeScalar = 5227;
    uint32 public constant blobBaseFeeScalar = 1_014_213;
    uint32 public constant operatorFeeScalar = 0;
    uint64 public constant operatorFeeConstant = 0;
    bool public constant isEcotone = true;
    bool public constant isFjord = true;
    bool public constant isIsthmus = true;
    string public constant version = "1.4.0";

    /// @dev What a signature adds to an unsigned transaction.
    uint256 private constant SIGNATURE_BYTES = 68;
    uint256 private constant LEAST_SIZE_E6 = 100e6;
    uint256 private constant INTERCEPT_E6 = 42_585_600;
    uint256 private constant SLOPE_E6 = 836_500;

    /// @notice The fee in wei of an unsigned, serialised transaction.
    function getL1Fee(bytes calldata unsignedTx) external pure returns (uint256) {
        return _fee(LibZip.flzCompress(unsignedTx).length + SIGNATURE_BYTES);
    }

    /// @notice A bound of the fee in wei for any unsigned transaction of this many bytes.
    function getL1FeeUpperBound(uint256 unsignedTxSize) external pure returns (uint256) {
        uint256 size = unsignedTxSize + SIGNATURE_BYTES;
        return _fee(size + size / 255 + 16);
    }

    /// @notice Bytes of layer one, times 16, that a transaction is charged for.
    function getL1GasUsed(bytes calldata unsignedTx) external pure returns (uint256) {
        return _sizeE6(LibZip.flzCompress(unsignedTx).length + SIGNATURE_BYTES) * 16 / 1e6;
    }

    /// @notice The operator's fee in wei for an execution.
    function getOperatorFee(uint256 gasUsed) external pure returns (uint256) {
        return gasUsed * operatorFeeScalar / 1e6 + operatorFeeConstant;
    }

    /// @notice Base fee of the chain itself, wei per gas.
    function gasPrice() external view returns (uint256) {
        return block.basefee;
    }

    /// @notice Base fee of the chain itself, wei per gas.
    function baseFee() external view returns (uint256) {
        return block.basefee;
    }

    function _fee(uint256 compressed) private pure returns (uint256) {
        uint256 scaled = uint256(baseFeeScalar) * 16 * l1BaseFee + uint256(blobBaseFeeScalar) * blobBaseFee;
        return _sizeE6(compressed) * scaled / 1e12;
    }

    function _sizeE6(uint256 compressed) private pure returns (uint256) {
        uint256 scaled = SLOPE_E6 * compressed;
        return scaled < LEAST_SIZE_E6 + INTERCEPT_E6 ? LEAST_SIZE_E6 : scaled - INTERCEPT_E6;
    }
}
