// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The values that the Court reads from the ModelRegistry and the Settlement, set by a test.
contract Books {
    mapping(uint256 model => mapping(uint32 version => bytes32)) public lineageOf;
    mapping(uint256 epoch => uint256) public epochData;
    mapping(uint256 model => mapping(uint32 version => bytes32)) private _influence;

    function commit(uint256 model, uint32 version, bytes32 influence, bytes32 lineage) external {
        (_influence[model][version], lineageOf[model][version]) = (influence, lineage);
    }

    function setEpochData(uint256 epoch, uint256 amount) external {
        epochData[epoch] = amount;
    }

    function influenceOf(uint256 model, uint32 version) external view returns (bytes32, bytes32, uint16) {
        return (_influence[model][version], "artefact", 8_000);
    }
}
