// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DataCommitments} from "../../src/da/DataCommitments.sol";
import {Test} from "../support/Test.sol";

contract DataCommitmentsTest is Test {
    DataCommitments private commitments = DataCommitments(deploy("DataCommitments", ""));

    function test_PostsWhoWhatAndWhere() public {
        vm.expectEmit(address(commitments));
        emit DataCommitments.Posted(address(this), "receipts", "hash", hex"010001");
        commitments.post("receipts", "hash", hex"010001");
    }

    function test_RefusesNothing() public {
        vm.expectRevert(DataCommitments.HashMissing.selector);
        commitments.post("receipts", 0, "");
    }
}
