// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../src/gov/Roles.sol";
import {IQuestBoard} from "../../src/interfaces/IQuestBoard.sol";
import {IQuestCheck} from "../../src/interfaces/IQuestCheck.sol";
import {QuestBoard} from "../../src/points/QuestBoard.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";

contract PointsGas is OpenDeployed {
    QuestBoard private board;
    uint256 private issuerKey;
    string private awardee = "alice";

    function setUp() public {
        deployOpen();
        board = QuestBoard(deploy("QuestBoard", abi.encode(address(manager))));
        address issuer;
        (issuer, issuerKey) = account("issuer");
        manager.grantRole(Roles.ISSUER, issuer, 0);
        manager.grantRole(Roles.ISSUER, address(this), 0);
        restrict(address(board), board.addQuest.selector, Roles.ISSUER);
        restrict(address(board), board.awardMany.selector, Roles.ISSUER);
        board.addQuest(IQuestBoard.Quest("meta", 10, 1e9, 0, type(uint40).max, IQuestCheck(address(0))));
    }

    function bySignature(uint256 nonce, string memory name) private {
        IQuestBoard.Award memory a = IQuestBoard.Award(actor(awardee), 0, 10, nonce, vm.getBlockTimestamp());
        bytes32 kind = keccak256("Award(address who,uint256 quest,uint32 points,uint256 nonce,uint256 deadline)");
        bytes32 domain = domainOf();
        bytes32 content = keccak256(abi.encode(kind, a.who, a.quest, a.points, a.nonce, a.deadline));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(issuerKey, keccak256(abi.encodePacked(hex"1901", domain, content)));
        board.award(a, abi.encodePacked(r, s, v));
        vm.snapshotGasLastCall("QuestBoard", name);
    }

    function domainOf() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("QuestBoard"),
                keccak256("1"),
                block.chainid,
                address(board)
            )
        );
    }

    function test_Award() public {
        bySignature(0, "award first, first nonce of 256");
        bySignature(1, "award next");
        awardee = "bob";
        bySignature(2, "award first");
    }

    function test_AwardMany() public {
        IQuestBoard.Award[] memory many = new IQuestBoard.Award[](100);
        for (uint160 i; i < 100; ++i) {
            many[i] = IQuestBoard.Award(address(i + 1), 0, 10, i, 0);
        }
        board.awardMany(many);
        vm.snapshotGasLastCall("QuestBoard", "awardMany, 100 new accounts");
        for (uint160 i; i < 100; ++i) {
            many[i].nonce += 100;
        }
        board.awardMany(many);
        vm.snapshotGasLastCall("QuestBoard", "awardMany, 100 known accounts");
    }
}
