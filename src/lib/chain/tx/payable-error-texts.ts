// Messages for the errors of this product's contracts. Keys are error declarations in Solidity; `{name:as}` in a text is an
// argument, formatted by `format-error.ts`. Contracts that share an error share its text.

export const PAYABLE_ERROR_TEXTS: Readonly<Record<string, string>> = {
  // Token, stake
  'NoParty()': 'A party of the first distribution is missing.',
  'NotTheWholeSupply(uint256 held, uint256 supply)':
    'The first distribution needs all {supply:open}; it holds {held:open}: it was made already, or the token is another.',
  'NotTransferable()': 'Votes of stake stay with their staker.',
  'PastSupplyNotKept()': 'Past supplies of staked votes are not kept; ask for those of OPEN.',
  'NotTheRegistry(address caller)': 'Only the registry of nodes makes votes of stake, not {caller}.',
  'AmountZero()': 'The amount is zero.',
  'StakeTooSmall(uint256 stake, uint256 least)': 'A stake of {stake:open} would remain; a node needs {least:open}.',
  'MoreThanStaked(uint256 asked, uint256 staked)': '{asked:open} were asked for; {staked:open} are staked.',
  'NothingToExit()': 'Nothing is on its way out. Request an exit first.',
  'TooEarly(uint256 exitAt)': 'The stake can be taken from {exitAt:time} on.',
  'PeerIdZero()': 'The peer id of the node is missing.',
  'MinStakeOutOfBounds()': 'A least stake above 100,000 OPEN is not allowed.',
  'NotANode(address node)': '{node} has not the stake of a node, so its work is not counted.',
  'NothingToCount(address node)': 'All work of {node} is counted already.',
  // Datanets
  'NotDatanetOwner(uint256 id, address caller)': '{caller} does not own Datanet {id}.',
  'NotCurator(uint256 id, address caller)': '{caller} is not a curator of Datanet {id}.',
  'NotContributor(address caller)': '{caller} did not make this contribution.',
  'UnknownDatanet(uint256 id)': 'There is no Datanet {id}.',
  'UnknownVersion(uint256 id, uint32 version)': 'Datanet {id} has no version {version}.',
  'UnknownLicence(uint32 licence)': 'There is no licence {licence}.',
  'LicenceExists(uint32 licence)': 'This licence is in the table already, as number {licence}.',
  'LicenceForbids(uint32 licence, uint32 wanted)':
    'Licence {licence} does not allow what licence {wanted} would give to others.',
  'OtherLicence(uint32 licence, uint32 expected)':
    'The contribution is under licence {licence}, the Datanet under {expected}.',
  'Closed(uint256 id)': 'Datanet {id} takes contributions from its curators only.',
  'StakeTooSmall(address contributor, uint256 staked, uint256 needed)':
    '{contributor} has {staked:open} staked; contributing here asks for {needed:open}.',
  'BadState(uint32 contribution, uint8 state)':
    'Contribution {contribution} is {state:contribution}; this is not open to it.',
  'BadBatchState(bytes32 root, uint8 state)': 'Batch {root} is {state:contribution}; this is not open to it.',
  'ReasonMissing(uint256 index)': 'A rejection needs a reason; the one at place {index} has none.',
  'LengthsDiffer(uint256 contributions, uint256 reasons)':
    '{contributions} contributions and {reasons} reasons do not go together.',
  'TooMany(uint256 count)': '{count} are too many.',
  'AppealNotDue(uint32 contribution, uint256 dueAt)':
    'Contribution {contribution}: the time for this appeal is not now; the mark is {dueAt:time}.',
  'RootEmpty()': 'A root is missing.',
  'RowsMissing()': 'There are no rows.',
  'NotLatest(uint32 parent, uint32 latest)':
    'The new version builds on version {parent}, but {latest} is the latest. Build on that one.',
  'BadShare(uint16 bps)': '{bps:bps} is not a possible share of the curators.',
  'SignatureExpired(uint256 deadline)': 'The signature counted until {deadline:time}. Sign again.',
  'BadSignature(address contributor)': 'The contribution was not signed by {contributor}, or was used already.',
  'NonceUsed(address contributor, uint256 nonce)':
    'This offer of {contributor} was brought already, or its contributor revoked it.',
  'NoBatches(uint256 id)': 'Datanet {id} asks for stake, so each contribution comes by itself.',
  'WithdrawalsNotKnown(uint64 known, uint64 least, uint64 all)':
    'The version considers {known} withdrawals; of {all}, at least {least} are due. Build it again.',
  'BadProof(bytes32 item)': '{item} is not in the batch.',
  'AlreadyWithdrawn(bytes32 item)': '{item} was withdrawn already.',
  // Models
  'NotModelOwner(uint256 id, address caller)': '{caller} does not own model {id}.',
  'UnknownBase(uint32 base)': 'There is no base model {base}.',
  'BaseExists(uint32 base)': 'This base model is known already, as number {base}.',
  'UnknownModelVersion(uint256 id, uint32 version)': 'Model {id} has no version {version}.',
  'BadTerms(uint256 sumBps)': 'The shares add up to {sumBps:bps}, not to 100 %.',
  'PayoutMissing()': 'There is no account that receives the part of the developer.',
  'DataShareTooSmall(uint16 dataBps)':
    'A model that cites Datanets or continues another gives 10 % or more to contributors, not {dataBps:bps}.',
  'TooManyRefs(uint256 count)': '{count} cited Datanets are too many: 16 fit.',
  'RefsNotAscending(uint256 index)': 'Cited Datanets must ascend; the one at place {index} does not.',
  'WeightMissing(uint256 index)': 'The cited Datanet at place {index} has no weight.',
  'OtherBase(uint32 base, uint32 parentBase)': 'The model stands on base {base}, its parent on {parentBase}.',
  'FieldMissing()': 'A field of the version or base is missing.',
  'OtherLineage(bytes32 adapter, uint64 first)':
    'The files of this adapter were released as {first:version}. Cite what that version cites, or continue it.',
  'AlreadyDeprecated(uint256 id, uint32 version)': 'Model {id} version {version} is deprecated already.',
  // Settlement
  'ZeroAmount()': 'The amount is zero.',
  'ZeroAddress()': 'An address is missing.',
  'ChannelExists(address payer, address node, address signer)':
    'A channel from {payer} to {node} with the session key {signer} exists already. Take a new session key.',
  'UnknownChannel(address payer, address node, address signer)':
    'There is no channel from {payer} to {node} with the session key {signer}: the voucher was signed by another key, or for another chain or node.',
  'ChannelIsClosed(address payer, address node, address signer)':
    'The channel from {payer} to {node} with the session key {signer} is closed.',
  'ChannelClosing(uint64 closeAt)': 'The channel is about to close, at {closeAt:time}; nothing can be added.',
  'NotClosable(uint64 closeAt)': 'The channel can be closed from {closeAt:time} on, once its closing was announced.',
  'NotNodeOrRelayer(address node, address caller)': '{caller} may not redeem for {node}.',
  'WrongBase(address payer, uint96 base, uint96 redeemed)':
    'A voucher of {payer} was signed on top of {base:open}, but {redeemed:open} are redeemed: it is old, or was used.',
  'DepositExceeded(address payer, uint256 amount, uint256 left)':
    'A voucher of {payer} is for {amount:open}; {left:open} are left in the channel.',
  'NothingToRedeem()': 'There is no voucher to redeem.',
  'Underpaid(uint256 amount, uint256 perCall)': '{amount:open} is less than the price of a call, {perCall:open}.',
  'BadPayerSignature(address payer)': 'This was not signed by {payer}.',
  'NothingToWithdraw(address account)': '{account} has no credit to withdraw.',
  'FeeOutOfBounds(uint16 feeBps)': 'A protocol fee of {feeBps:bps} is outside the bounds of 0.5 % and 10 %.',
  'TooManyLines(uint64 version)':
    'There are more than 256 lines for {version:version} in one redemption; redeem fewer vouchers at once.',
  'TooManyCalls(uint256 calls)': 'A line for {calls} calls is too long: 65,536 fit.',
  'NotAReceiver(address account)': '{account} is a contract in which the money would be lost; name another receiver.',
  'NotClosing(address payer, address node, address signer)':
    'No closing of the channel from {payer} to {node} with the session key {signer} was announced.',
  'NoPot(address node, uint64 version)':
    'The node {node} has no pot for {version:version}: nothing was redeemed there that influence shares.',
  'SealNotDue(uint256 due)': 'Only the node may seal this pot before {due:time}.',
  'NotLedger(address caller)': 'Only the ledger of attributions may take this, not {caller}.',
  'NothingToSplit(address payTo)': 'Nothing lies at {payTo}.',
  'NotFactory(address caller)': 'Only the contract that made this address may pay from it, not {caller}.',
  // Committed influence
  'NotModelOwner(uint64 version, address caller)': '{caller} does not own the model of {version:version}.',
  'UnknownVersion(uint64 version)': 'There is no {version:version}.',
  'TooManyRows(uint256 rows)': 'An influence tree of {rows} rows is too large: 1,048,576 fit.',
  'RhoTooLarge(uint16 rhoBps)': 'Influence may decide 80 % of the contributors’ part at most, not {rhoBps:bps}.',
  'AlreadyCommitted(uint64 version)': 'The influence of {version:version} is committed already.',
  'NoCommitment(uint64 version)':
    'There is no influence of {version:version} in force: none was committed, or it is void.',
  'DemandOpen(uint64 version, uint256 index)': 'Row {index} of {version:version} is demanded already.',
  'NoDemand(uint64 version, uint256 index)': 'Row {index} of {version:version} is not demanded.',
  'DemandOver(uint256 due)': 'The row had to be shown until {due:time}.',
  'DemandNotOver(uint256 due)': 'The row may still be shown until {due:time}.',
  'NotARow()': 'What is shown is no row.',
  'NoOrigin()': 'The row is not one that its contributor has in a Datanet version that the model cites.',
  'SamePlace(uint256 index)': 'Both places are {index}; a row stands twice only at two places.',
  'OtherRows()': 'The two places hold different rows.',
  'WrongVector(uint256 length)': 'A vector of {length} bytes is none of a row or a call.',
  'FeeTooSmall(uint256 paid, uint256 least)':
    '{paid:eth} were sent; the fee is {least:eth} at the present price of gas.',
  'PostFeeOutOfBounds(uint256 postFee)': 'A fee of {postFee:eth} is outside the bounds of 0.000001 ETH and 0.1 ETH.',
  // Contributors' money
  'AlreadyWired()': 'The ledger knows its Settlement and its court already.',
  'NotSettlement(address caller)': 'Only the Settlement hands over pots, not {caller}.',
  'NotCourt(address caller)': '{caller} is not the court of this pot.',
  'NotSealed(uint256 id)': 'Pot {id} is not sealed, or its money is paid out already.',
  'OtherDraft(uint256 id)': 'This is not the list that was checked for pot {id}.',
  'NotDue(uint256 due)': 'Without its court the pot becomes flat from {due:time} on.',
  'NotInList(uint256 id, address account)':
    'The proof does not show this amount for {account} in the list of pot {id}.',
  'NoLineage(uint64 version)': 'There is no {version:version} with sources that could be paid.',
  'NotAHolder(address account)':
    'The proof does not show these rows for {account} in the shares of the Datanet version.',
  'NothingToSpread(bytes32 lineage)': 'These sources have collected nothing to spread: {lineage}.',
  'OtherRecords(bytes32 pot)': 'The records do not make up the pot {pot}.',
  'NotAscending(uint256 index)': 'Accounts of a list must ascend; the one at place {index} does not.',
  'NotPayable(address account)': '{account} can receive nothing and must not be in a list.',
  'NotListed(address account, uint256 amount)':
    'A list has 1 to 1,024 accounts, each with a 1,024th of the pool or more; {account} with {amount:open} does not fit.',
  'MoreThanThePool(uint256 total, uint256 pool)': 'The list pays {total:open}; the pool is {pool:open}.',
  // The court
  'MayNotPropose(address caller, uint256 due)':
    '{caller} may propose the shares of this pot from {due:time} on; its node may before.',
  'AlreadyProposed(uint256 id)': 'The shares of pot {id} are proposed already.',
  'NotProposed(uint256 id)': 'Nothing is proposed for pot {id}.',
  'OtherMeta(uint256 id)': 'This is not the proposal that is pending for pot {id}.',
  'OtherTurn(uint256 game)': 'Game {game} is in another state; read its last move.',
  'WindowOver()': 'The time to question the proposal is over.',
  'WindowNotOver()': 'The proposal can still be questioned.',
  'GamesLive(uint256 games)': 'Questions are not answered to their end yet: {games}.',
  'NotYourTurn(address caller)': 'It is not the turn of {caller}.',
  'OutOfTime()': 'The time of this side is used up.',
  'NotOutOfTime()': 'The side whose turn it is has time left.',
  'WrongLevel(uint8 level)': 'This move does not fit the question, which is at level {level}.',
  'NotYourAccount(address account)': 'The list pays {account} nothing that can be asked about there.',
  'NotAtThatPlace(address account)': '{account} does not stand at that place of the list.',
  'WrongCount(uint256 numbers, uint256 expected)': 'The answer has {numbers} numbers; {expected} are due.',
  'DoNotAddUp(uint256 sum, uint256 expected)': 'The numbers add up to {sum:open}, not to {expected:open}.',
  'IsListed(uint256 amount)': 'An account with {amount:open} belongs in the list.',
  'OtherNumbers()': 'These are not the numbers or entries of the last answer.',
  'OutsideRange(uint256 index, uint256 count)': 'Place {index} is outside the {count} that there are.',
  'NotTheCall()': 'This is not the call that was asked about.',
  'NotTheEntry()': 'The row does not give the entry that was asked about.',
  'NothingOmitted()': 'The row does not belong in the entries: nothing is omitted.',
  'RowAskedBefore()': 'A row was asked for in this game already; that is possible once.',
  'NoVerdict(uint256 id, uint32 round)': 'Round {round} of pot {id} has no verdict.',
  'NotFlatYet()': 'The pot cannot become flat yet.',
  'HoldNotAllowed(uint256 from)':
    'The clocks can be held again from {from:time} on, or the power to hold them has ended.',
  'BrokenNumber(uint256 length)': 'The answer has {length} bytes; numbers have 12 bytes each.',
  // The guardian
  'EntriesArePaused(uint256 until)':
    'The guardian has paused new entries until {until:time}. What leads out still works.',
  'PauseNotAllowed(uint256 from)': 'A pause is possible again from {from:time} on, or the power to pause has ended.',
  'NotTheGuardian(address caller)': 'Only the guardian vetoes; {caller} is not it.',
  'NoVetoLeft()': 'All vetoes are used, or the power to veto has ended.',
  'VetoNotAllowed(uint256 from)': 'The next veto is possible from {from:time} on.',
  'VetoedBefore(bytes32 calls)': 'The same calls were vetoed before. A second veto is not possible.',
  'AboutTheGuardian()': 'A proposal that only replaces or removes the guardian cannot be vetoed.',
  'SilentHolder(address account)': 'The OPEN of {account} does not vote: it is the treasury or the liquidity.',
  'OtherLines(bytes32 lines)': 'The lines do not make up the record {lines}.',
  'ClustersNotAscending(uint256 index)': 'Entries must be in order; the one at place {index} is not.',
  'TooManyEntries(uint256 count)': 'A call has 64 entries at most, not {count}.',
  // Paths and sums
  'NothingToClaim(address account)': '{account} has claimed everything already.',
  'SumTooLarge(uint256 sum)': 'A sum of the proof is too large: {sum}.',
  'UnequalLengths(uint256 siblings, uint256 sums)': 'The proof has {siblings} hashes but {sums} sums.',
  'IndexOutsideTree(uint256 index, uint256 size)': 'Place {index} lies outside the tree.',
  'NotInInfluence(uint256 index)': 'The row at place {index} is not in the committed influence of the model.',
  'NotTheVector()': 'This is not the vector that the receipt has committed.',
  'WrongDepth(uint256 depth, uint256 expected)': 'The proof has {depth} steps; this tree asks for {expected}.',
  // Quests and seasons
  'BadQuest()': 'The terms of the quest contradict each other.',
  'UnknownQuest(uint256 quest)': 'There is no quest {quest}.',
  'NotRunning(uint256 from, uint256 to)': 'The quest gives points from {from:time} to {to:time} only.',
  'TooManyPoints(uint256 points, uint256 most)': '{points} points are more than the {most} of one award.',
  'CapReached(uint256 quest, uint256 cap)': 'Quest {quest} has given all its {cap} points.',
  'NonceUsed(uint256 nonce)': 'The award with number {nonce} was booked already.',
  'Expired(uint256 deadline)': 'The award counted until {deadline:time}.',
  'NotAnIssuer(address signer)': '{signer} may not award points.',
  'WrongWay(uint256 quest)': 'Quest {quest} is awarded by an issuer, or checked by itself: take the other way.',
  'NotDone(address who, uint256 quest)': '{who} has not done quest {quest} yet.',
  'AlreadyDone(address who, uint256 quest)': '{who} has the points of quest {quest} already.',
  'AlreadyPublished(uint256 season)': 'The rewards of season {season} are published already.',
  'RootZero()': 'The root is missing.',
  'NotFunded(uint256 needed, uint256 held)': '{needed:open} are promised; the contract holds {held:open}.',
  'AlreadyClaimed(uint256 season, address account)': '{account} has claimed its part of season {season} already.',
  'NotInTheTree(uint256 season, address account)':
    'The proof does not show this amount for {account} in season {season}.',
  // Commitments
  'HashMissing()': 'The hash of what is committed is missing.',
};
