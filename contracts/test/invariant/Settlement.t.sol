// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Settlement} from "../../src/settle/Settlement.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Test} from "../support/Test.sol";
import {Typed} from "../support/Typed.sol";

/// @notice Payers, nodes and a careless operator in any order. Exits run whether or not entries are paused; the run fails
/// when one reverts. Ghosts count what was signed, paid in and paid out.
contract SettlementHandler is Test {
    struct Session {
        address payer;
        address node;
        address signer;
        uint256 key;
        bool opened;
        uint256 signedMost;
        bytes[] old;
    }

    uint256 private constant SESSIONS = 6;
    Settlement private immutable _settlement;
    OpenToken private immutable _open;
    address private immutable _guardian;
    address private immutable _council;
    Session[6] private _sessions;
    address[] private _accounts;
    uint256 private _models;
    uint256 private _made;
    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public grossSplit;
    uint256 public creditsGiven;
    uint256 public handedOver;
    bytes private _spread;

    constructor(
        Settlement settlement,
        OpenToken open,
        uint256 models,
        address[] memory named,
        address[2] memory roles,
        bytes memory spread_
    ) {
        _spread = spread_;
        (_settlement, _open, _models) = (settlement, open, models);
        (_guardian, _council) = (roles[0], roles[1]);
        for (uint256 i; i < SESSIONS; ++i) {
            _sessions[i].payer = address(uint160(0xA000 + i % 3));
            _sessions[i].node = address(uint160(0xB000 + i % 2));
            renew(_sessions[i]);
            vm.prank(_sessions[i].payer);
            open.approve(address(settlement), type(uint256).max);
        }
        _accounts = named;
        _accounts.push(address(0xB000));
        _accounts.push(address(0xB001));
    }

    function openOrTopUp(uint256 seed, uint96 amount) external {
        Session storage session = _sessions[seed % SESSIONS];
        amount = uint96(bound(amount, 1, 1e24));
        if (session.opened && channelOf(session).closeAt != 0) return;
        if (!session.opened && _settlement.paused()) return;
        _open.transfer(session.payer, amount);
        vm.prank(session.payer);
        if (session.opened) _settlement.topUp(session.node, session.signer, amount);
        else _settlement.open(session.node, session.signer, amount);
        session.opened = true;
        paidIn += amount;
    }

    function redeem(uint256 seed, uint96 first, uint96 second, uint256 models) external {
        Session storage session = _sessions[seed % SESSIONS];
        if (!session.opened) return;
        ISettlement.Channel memory channel = channelOf(session);
        uint256 left = channel.deposit - channel.redeemed;
        if (left == 0) return;
        ISettlement.Line[] memory lines = new ISettlement.Line[](2);
        first = uint96(bound(first, 1, left));
        second = uint96(bound(second, 0, left - first));
        lines[0] = ISettlement.Line(uint32(1 + models % _models), 1, first, uint16(seed), bytes32(seed));
        lines[1] = ISettlement.Line(uint32(1 + (models >> 128) % _models), 1, second, 1, bytes32(seed));
        ISettlement.Voucher memory voucher = ISettlement.Voucher(session.payer, channel.redeemed, lines, 0, 0);
        (voucher.r, voucher.vs) = Typed.sign(session.key, Typed.voucher(address(_settlement), session.node, voucher));
        session.old.push(abi.encode(voucher));
        uint256 cumulative = uint256(channel.redeemed) + first + second;
        if (cumulative > session.signedMost) session.signedMost = cumulative;
        // Some vouchers are kept, to be redeemed later.
        if (seed % 4 == 0) return;
        uint256 before = owedToAll();
        send(session.node, voucher);
        grossSplit += uint256(first) + second;
        creditsGiven += owedToAll() - before;
    }

    /// @dev An old voucher either starts at the current redeemed amount, or is refused.
    function tryOldVoucher(uint256 seed, uint256 which) external {
        Session storage session = _sessions[seed % SESSIONS];
        if (session.old.length == 0) return;
        ISettlement.Voucher memory voucher = abi.decode(session.old[which % session.old.length], (ISettlement.Voucher));
        ISettlement.Voucher[] memory list = new ISettlement.Voucher[](1);
        list[0] = voucher;
        uint256 before = owedToAll();
        vm.prank(session.node);
        try _settlement.redeem(session.node, list) {
            grossSplit += uint256(voucher.lines[0].amount) + voucher.lines[1].amount;
            creditsGiven += owedToAll() - before;
        } catch {}
    }

    function invoke(uint256 seed, uint96 amount) external {
        Session storage session = _sessions[seed % SESSIONS];
        amount = uint96(bound(amount, 1e15, 1e24));
        _open.transfer(session.payer, amount);
        uint256 before = owedToAll();
        vm.prank(session.payer);
        _settlement.invoke(uint32(1 + seed % _models), 1, session.node, amount, bytes32(seed));
        paidIn += amount;
        grossSplit += amount;
        creditsGiven += owedToAll() - before;
    }

    function requestClose(uint256 seed) external {
        Session storage session = _sessions[seed % SESSIONS];
        if (!session.opened || channelOf(session).closeAt != 0) return;
        vm.prank(session.payer);
        _settlement.requestClose(session.node, session.signer);
    }

    function close(uint256 seed) external {
        Session storage session = _sessions[seed % SESSIONS];
        ISettlement.Channel memory channel = channelOf(session);
        if (channel.closeAt == 0) return;
        if (block.timestamp < channel.closeAt) vm.warp(channel.closeAt);
        vm.prank(session.payer);
        _settlement.close(session.node, session.signer);
        paidOut += channel.deposit - channel.redeemed;
        renew(session);
    }

    function withdraw(uint256 seed, bool byOther) external {
        address who = _accounts[seed % _accounts.length];
        if (_settlement.credit(who) == 0) return;
        if (!byOther) vm.prank(who);
        paidOut += byOther ? _settlement.withdrawFor(who) : _settlement.withdraw(who);
    }

    function spread() external {
        uint256 amount = _settlement.owed();
        (bool done,) = address(_settlement.ledger()).call(_spread);
        if (!done) return;
        paidOut += amount;
        handedOver += amount;
    }

    function govern(uint16 feeBps, bool pause) external {
        vm.prank(_council);
        _settlement.setFee(uint16(bound(feeBps, 50, 1000)));
        if (pause == _settlement.paused()) return;
        uint256 time = vm.getBlockTimestamp();
        if (pause && (time < _settlement.nextPause() || time >= _settlement.pauseEnd())) return;
        vm.prank(pause ? _guardian : _council);
        if (pause) _settlement.pause();
        else _settlement.unpause();
    }

    function owedToAll() public view returns (uint256 sum) {
        sum = _settlement.owed();
        for (uint256 i; i < _accounts.length; ++i) {
            sum += _settlement.credit(_accounts[i]);
        }
    }

    /// @notice What live channels still hold.
    function rests() external view returns (uint256 sum) {
        for (uint256 i; i < SESSIONS; ++i) {
            ISettlement.Channel memory channel = channelOf(_sessions[i]);
            sum += channel.deposit - channel.redeemed;
        }
    }

    function checkSigned() external view {
        for (uint256 i; i < SESSIONS; ++i) {
            ISettlement.Channel memory channel = channelOf(_sessions[i]);
            assertLe(channel.redeemed, channel.deposit, "I3: redeemed at most the deposit");
            assertLe(channel.redeemed, _sessions[i].signedMost, "I3: the payer pays at most what the session signed");
        }
    }

    function channelOf(Session storage session) private view returns (ISettlement.Channel memory) {
        return _settlement.channelOf(session.payer, session.node, session.signer);
    }

    function send(address node, ISettlement.Voucher memory voucher) private {
        ISettlement.Voucher[] memory list = new ISettlement.Voucher[](1);
        list[0] = voucher;
        vm.prank(node);
        _settlement.redeem(node, list);
    }

    /// @dev A new session key; vouchers of the old one are kept.
    function renew(Session storage session) private {
        session.key = uint256(keccak256(abi.encode("session", _made++))) >> 1;
        session.signer = vm.addr(session.key);
        session.opened = false;
        session.signedMost = 0;
    }
}

contract SettlementInvariants is MarketDeployed {
    SettlementHandler private handler;

    function setUp() public {
        deployMarket();
        registerModel(CC0, terms(3333, 3333, 3334));
        registerModel(CC0, terms(0, 1000, 9000));
        address[] memory named = new address[](2);
        (named[0], named[1]) = (maker, treasury);
        handler = new SettlementHandler(
            settlement,
            open,
            models.modelCount(),
            named,
            [guardian, council],
            abi.encodeCall(ledger.spread, (0, oneRef()))
        );
        give(address(handler), 50_000_000e18);
        targetContract(address(handler));
        bytes4[] memory actions = new bytes4[](9);
        actions[0] = handler.openOrTopUp.selector;
        actions[1] = handler.redeem.selector;
        actions[2] = handler.tryOldVoucher.selector;
        actions[3] = handler.invoke.selector;
        actions[4] = handler.requestClose.selector;
        actions[5] = handler.close.selector;
        actions[6] = handler.withdraw.selector;
        actions[7] = handler.spread.selector;
        actions[8] = handler.govern.selector;
        targetSelector(address(handler), actions);
    }

    /// @notice I2
    function invariant_CustodyIsWhatIsOwed() public view {
        uint256 held = open.balanceOf(address(settlement.vault()));
        assertEq(held, handler.rests() + handler.owedToAll(), "channels, credits and data");
        assertEq(held, handler.paidIn() - handler.paidOut(), "in less out");
        assertEq(open.balanceOf(address(ledger)), handler.handedOver(), "the ledger has what was handed over");
    }

    /// @notice I3
    function invariant_NobodyPaysMoreThanHeSigned() public view {
        handler.checkSigned();
    }

    /// @notice I4
    function invariant_EverySplitConservesTheGross() public view {
        assertEq(handler.creditsGiven(), handler.grossSplit(), "what was split is what was credited");
    }
}
