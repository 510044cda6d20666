// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @notice Base of every test: forge's machine, comparisons that show the difference, and a fuzzer's targets.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 got, uint256 expected);
    error NotEqualBytes32(string what, bytes32 got, bytes32 expected);
    error NotEqualAddress(string what, address got, address expected);
    error NotAtMost(string what, uint256 got, uint256 most);
    error NotTrue(string what);

    address[] private _targets;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    FuzzSelector[] private _selectors;

    /// @notice Read by forge: the contracts an invariant run calls.
    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// @notice Read by forge: the functions of those contracts an invariant run calls; all when empty.
    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function targetContract(address target) internal {
        _targets.push(target);
    }

    function targetSelector(address target, bytes4[] memory selectors) internal {
        _selectors.push(FuzzSelector(target, selectors));
    }

    function assertEq(uint256 got, uint256 expected, string memory what) internal pure {
        if (got != expected) revert NotEqual(what, got, expected);
    }

    function assertEq(bytes32 got, bytes32 expected, string memory what) internal pure {
        if (got != expected) revert NotEqualBytes32(what, got, expected);
    }

    function assertEq(address got, address expected, string memory what) internal pure {
        if (got != expected) revert NotEqualAddress(what, got, expected);
    }

    function assertLe(uint256 got, uint256 most, string memory what) internal pure {
        if (got > most) revert NotAtMost(what, got, most);
    }

    function assertTrue(bool holds, string memory what) internal pure {
        if (!holds) revert NotTrue(what);
    }

    /// @dev A value in [low, high]: small values and both ends stay, the others are folded.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        unchecked {
            uint256 size = high - low + 1;
            return size == 0 ? value : low + value % size;
        }
    }

    /// @notice Deploys a contract of the product. BUILD names the folder of another build to take its code from, so that these
    /// tests run on what is deployed without being compiled like it.
    function deploy(string memory name, bytes memory arguments) internal returns (address payable) {
        string memory build = vm.envOr("BUILD", "");
        string memory artefact = bytes(build).length == 0
            ? string.concat(name, ".sol:", name)
            : string.concat(build, "/", name, ".sol/", name, ".json");
        return payable(vm.deployCode(artefact, arguments));
    }

    /// @dev An account with a known key.
    function account(string memory name) internal returns (address who, uint256 key) {
        key = uint256(keccak256(bytes(name)));
        key = bound(key, 1, type(uint128).max);
        who = vm.addr(key);
        vm.label(who, name);
    }

    function actor(string memory name) internal returns (address who) {
        (who,) = account(name);
    }
}
