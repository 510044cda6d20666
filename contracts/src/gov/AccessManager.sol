// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// OpenZeppelin's own, compiled here with the settings of everything else that is deployed.
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
