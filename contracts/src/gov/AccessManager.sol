// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// OpenZeppelin's contract, compiled here with the settings of all deployed contracts.
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
